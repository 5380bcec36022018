"""
What every answer carries, and what is noted of every request.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any, NoReturn

import anyio
import attrs
import msgspec
import pytest
from sqlalchemy import column, table, update
from starlette.testclient import TestClient

from calndro.adapters.sql.revision import HEAD, VERSION_TABLE
from calndro.adapters.sql.storage import SqlStorage
from calndro.core import errors
from calndro.core.errors import CalndroError, PortError, StorageError, TooManyError
from calndro.entry.http import HttpTerms, create_app
from calndro.entry.http.envelope import ALWAYS
from calndro.entry.http.logs import JsonLines, PlainLines
from calndro.entry.http.negotiation import preferred
from calndro.entry.http.problems import KINDS, kind_of
from tests.entry.http_site import FIRST, PASSWORD, ROOT, STRANGER, THEY, YOU, Site


if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def site() -> Site:
    """
    A server with one event.
    """
    site = Site()
    site.propose()
    return site


REQUESTS: list[tuple[str, str, str | None, int]] = [
    ("GET", "/", YOU, 200),
    ("POST", "/", YOU, 400),
    ("GET", "/1/", YOU, 200),
    ("HEAD", "/1/", YOU, 200),
    ("OPTIONS", "/1/", None, 204),
    ("GET", "/1", None, 301),
    ("GET", "/1/", None, 401),
    ("GET", "/1/", STRANGER, 403),
    ("GET", "/2/", ROOT, 404),
    ("GET", "/nowhere", None, 404),
    ("PUT", "/1/", YOU, 405),
    ("DELETE", "/1/", ROOT, 204),
    ("GET", "/openapi", None, 200),
    ("GET", "/openapi.json", None, 200),
    ("GET", "/healthz", None, 200),
    ("GET", "/readyz", None, 200),
]


@pytest.mark.parametrize(("method", "path", "who", "status"), REQUESTS)
def test_every_answer_protects(
    site: Site, method: str, path: str, who: str | None, status: int
) -> None:
    """
    Strict CSP, nosniff, no-referrer, no-store and Vary are on every answer; HSTS under https.
    """
    answer = site.ask(method, path, who)

    assert answer.status_code == status
    assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "Strict-Transport-Security" not in answer.headers
    secure = site.ask(method, f"https://calndro.here.net{path}", who)
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_a_secure_public_url_makes_every_answer_secure() -> None:
    """
    Behind a proxy that speaks https, answers ask for https although the server sees none.
    """
    site = Site(public_url="https://dates.example.org")

    assert "Strict-Transport-Security" in site.ask("GET", "/healthz").headers


def test_pages_say_where_their_forms_come_from(site: Site) -> None:
    """
    A page by plain HTTP lets its forms name their origin, to no other site; by https none does.
    """
    browser = {"Accept": "text/html"}
    for path in ("/login/", "/nowhere"):
        plain = site.ask("GET", path, headers=browser)
        assert plain.headers["Referrer-Policy"] == "same-origin"
        secure = site.ask("GET", f"https://calndro.here.net{path}", headers=browser)
        assert secure.headers["Referrer-Policy"] == "no-referrer"


def test_refusals_before_any_address_are_pages_too() -> None:
    """
    A browser that comes by a wrong name or from a page of another site sees a page in words.
    """
    site = Site(allowed_hosts=("calndro.here.net",))
    browser = {"Accept": "text/html", "Cookie": "calndro=x"}
    wrong = site.ask("GET", "/", headers=browser | {"Host": "thar.net"})
    forged = site.ask("POST", "/login/", headers=browser | {"Sec-Fetch-Site": "cross-site"})
    program = site.ask("POST", "/login/", headers={"Sec-Fetch-Site": "cross-site"})

    for answer, status in ((wrong, 400), (forged, 403)):
        assert answer.status_code == status
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "<h1>" in answer.text
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert program.json()["status"] == 403


@pytest.mark.parametrize(
    ("language", "words"), [("en", "a page of another site"), ("de", "einer anderen Website")]
)
def test_a_forged_form_blames_no_account(site: Site, language: str, words: str) -> None:
    """
    The page says where the form came from, that nothing was done, and how to go on.
    """
    browser = {"Accept": "text/html", "Accept-Language": language, "Cookie": "calndro=x"}
    page = site.ask("POST", "/1/answer/", headers=browser | {"Origin": "null"})

    assert page.status_code == 403
    assert words in page.text
    assert not {"account", "Konto"} & set(re.findall(r"\w+", page.text))


@pytest.mark.parametrize("lines", [JsonLines(), PlainLines()])
def test_all_that_is_logged_names_the_request(
    site: Site, caplog: pytest.LogCaptureFixture, lines: logging.Formatter
) -> None:
    """
    Whatever is logged on the way to an answer, in any thread, carries the name of its request.
    """
    said: list[str] = []

    class Told(logging.Handler):
        """
        Keeps lines as they are written.
        """

        def emit(self, record: logging.LogRecord) -> None:
            """
            Write one.
            """
            if not record.name.startswith("http"):
                said.append(lines.format(record))

    def check() -> NoReturn:
        logging.getLogger("calndro.test").warning("in a thread")
        raise OddError

    services = attrs.evolve(site.services, check=check)
    client = TestClient(create_app(services, HttpTerms()), raise_server_exceptions=False)
    handler = Told()
    logging.getLogger().addHandler(handler)
    try:
        with caplog.at_level(logging.INFO):
            answers = [client.get("/readyz", headers={"X-Request-Id": name * 8}) for name in "ab"]
    finally:
        logging.getLogger().removeHandler(handler)

    assert [answer.headers["X-Request-Id"] for answer in answers] == ["a" * 8, "b" * 8]
    for name in ("a" * 8, "b" * 8):
        assert len([line for line in said if name in line]) == len(said) / 2 == 2


class OddError(Exception):
    """
    What nobody foresaw.
    """


def broken(site: Site, error: Exception) -> TestClient:
    """
    Make a client of a server whose storage raises *error*.
    """

    def fail() -> NoReturn:
        raise error

    services = attrs.evolve(site.services, snapshot=fail, unit_of_work=fail, check=fail)
    return TestClient(create_app(services, HttpTerms()), raise_server_exceptions=False)


def test_the_unexpected_is_told_to_nobody(site: Site) -> None:
    """
    An unexpected error is a 500 without its text, and protects like any other answer.
    """
    answer = broken(site, OddError("the secret of the house")).get("/readyz")

    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS


def test_a_database_that_is_away_is_a_503(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """
    StorageError is a 503 with Retry-After that tells nothing of hosts and files; the log does.
    """
    client = broken(site, StorageError("no route to db.here.net"))
    for path in ("/readyz", "/", "/1/"):
        answer = client.get(path, auth=(YOU, PASSWORD))
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "5"
        assert "db.here.net" not in answer.text
        assert caplog.messages[-1] == "something needed is away: no route to db.here.net"
    assert client.get("/healthz").json() == {"status": "ok"}


def test_a_database_of_another_version_is_not_ready(tmp_path: Path) -> None:
    """
    A schema that was led away under a server is a 503 that names it; put back it is ready.
    """
    versions = table(VERSION_TABLE, column("version_num"))
    with SqlStorage(f"sqlite:///{tmp_path / 'team.db'}") as storage:
        client = Site(storage).client
        assert client.get("/readyz").json() == {"status": "ready"}
        told = []
        for version in ("later", HEAD):
            with storage.database.begin(writes=True) as connection:
                connection.execute(update(versions).values(version_num=version))
                connection.commit()
            told.append(client.get("/readyz"))
        with storage.database.begin(writes=True) as connection:
            connection.exec_driver_sql(f"DROP TABLE {VERSION_TABLE}")
            connection.commit()
        none = client.get("/readyz")

    old, new = told
    assert (old.status_code, new.status_code, none.status_code) == (503, 200, 503)
    assert old.headers["Retry-After"] == "5"
    assert (old.json()["found"], old.json()["wanted"]) == ("later", HEAD)
    assert "belongs to a newer calndro" in old.json()["detail"]
    assert none.json()["found"] is None


def test_a_limit_says_when_to_come_again(site: Site) -> None:
    """
    TooManyError is a 429 whose Retry-After is the error's own.
    """
    answer = broken(site, TooManyError("letters", 77)).get("/readyz")

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "77")
    assert answer.json()["retry_after"] == 77


def descendants(kind: type[Exception]) -> list[type[Exception]]:
    """
    Find all classes below one, as far as the tree of errors names them.
    """
    below = [each for each in kind.__subclasses__() if each.__module__ == errors.__name__]
    return [*below, *(deeper for each in below for deeper in descendants(each))]


def test_every_error_has_its_status() -> None:
    """
    The one table has a row for every class of the tree of errors.
    """
    statuses = {kind.__name__: KINDS[kind].status for kind in descendants(CalndroError)}

    assert statuses == {
        "InvalidInputError": 400,
        "RuleError": 400,
        "TooManySlotsError": 400,
        "NotAPartyError": 400,
        "SlotsNotCurrentError": 400,
        "MailStoppedError": 400,
        "KeyReusedError": 409,
        "OneselfError": 400,
        "NotFoundError": 404,
        "GoneError": 410,
        "NotAllowedError": 403,
        "SignInError": 401,
        "TokenError": 401,
        "TokenMissingError": 401,
        "TokenExpiredError": 401,
        "TokenInvalidError": 401,
        "StaleRevisionError": 412,
        "TooManyError": 429,
        "PortError": 503,
        "StorageError": 503,
        "CollisionError": 503,
        "SchemaError": 503,
        "DeliveryError": 503,
    }
    slugs = [kind.slug for kind in KINDS.values()]
    assert len(set(slugs)) == len(slugs)


def test_a_new_error_is_answered_like_its_parent() -> None:
    """
    A class that the table doesn't name has the status of the nearest one that it does.
    """

    class LostError(PortError):
        """
        A new one.
        """

    assert kind_of(LostError()) is KINDS[PortError]


@pytest.mark.parametrize(
    ("hosts", "host", "status"),
    [
        ((), "anything.here.net", 200),
        (("here.net",), "here.net:8000", 200),
        (("here.net",), "HERE.net", 200),
        (("here.net",), "thar.net", 400),
        ((".here.net",), "a.b.here.net", 200),
        ((".here.net",), "ahere.net", 400),
        (("::1", "[::1]"), "[::1]:8000", 200),
    ],
)
def test_only_named_hosts_are_answered(hosts: tuple[str, ...], host: str, status: int) -> None:
    """
    A request to a host name that isn't ours is a 400; a leading dot stands for all below.
    """
    site = Site(allowed_hosts=hosts)

    assert site.ask("GET", "/healthz", headers={"Host": host}).status_code == status


@pytest.mark.parametrize("path", ["/1", "/1/log", "/1/notify", "/api-token-auth"])
def test_a_missing_slash_is_added(site: Site, path: str) -> None:
    """
    Without its last slash an address answers 301 or 308 to the one with it, query kept.
    """
    for method, status in (("GET", 301), ("HEAD", 301), ("POST", 308), ("PATCH", 308)):
        answer = site.ask(method, f"{path}?et=a%20b&x", YOU)
        assert answer.status_code == status
        assert answer.headers["Location"] == f"{path}/?et=a%20b&x"
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/users/%E4%BD%A0@here.net", "/users/%E4%BD%A0@here.net/"),
        ("/users/a%0db@here.net", "/users/a%0Db@here.net/"),
        ("/users/a%3Fb%23c%25d@here.net", "/users/a%3Fb%23c%25d@here.net/"),
        ("/users/o'k+x&y=%5E@here.net", "/users/o'k+x&y=%5E@here.net/"),
        ("/users/a%2Fb@here.net", "/users/a/b@here.net/"),
    ],
)
def test_the_address_with_a_slash_names_the_same(site: Site, path: str, location: str) -> None:
    """
    Whatever an address holds that a header can't, or means otherwise there, is kept encoded.
    """
    answer = site.ask("GET", path, ROOT)

    assert (answer.status_code, answer.headers["Location"]) == (301, location)
    assert site.ask("GET", "/users/a%0ab@here.net", ROOT).status_code == 404


ALLOWED = [
    ("/", "GET, HEAD, OPTIONS, POST"),
    ("/1/", "DELETE, GET, HEAD, OPTIONS, PATCH"),
    ("/1/notify/", "OPTIONS, POST"),
    ("/1/log/", "GET, HEAD, OPTIONS"),
    ("/1/mail/", "OPTIONS, POST"),
    ("/api-token-auth/", "OPTIONS, POST"),
    ("/openapi", "GET, HEAD, OPTIONS"),
    ("/healthz", "GET, HEAD, OPTIONS"),
]


@pytest.mark.parametrize(("path", "allow"), ALLOWED)
def test_a_wrong_method_learns_the_right_ones(site: Site, path: str, allow: str) -> None:
    """
    A wrong method is a 405 with Allow; OPTIONS gives the same list; none of it is logged.
    """
    methods = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"}
    for method in methods - set(allow.split(", ")):
        answer = site.ask(method, path, YOU)
        assert (answer.status_code, answer.headers["Allow"]) == (405, allow)
    assert site.ask("OPTIONS", path).headers["Allow"] == allow


@pytest.mark.parametrize("accept", ["application/xml", "image/*;q=1", "application/json;q=0"])
def test_what_can_not_be_had_is_a_406(site: Site, accept: str) -> None:
    """
    A client that takes nothing we have is told what there is; nothing is logged or done.
    """
    answer = site.ask("GET", "/1/", YOU, headers={"Accept": accept})

    assert answer.status_code == 406
    assert "application/json" in answer.json()["detail"]
    assert len(site.log({"log_url": "/1/log/"})) == 1


@pytest.mark.parametrize(
    ("accept", "best"),
    [
        ("", "a/x"),
        ("*/*", "a/x"),
        ("b/y", "b/y"),
        ("b/*", "b/y"),
        ("a/x;q=0.5, b/y", "b/y"),
        ("a/x;q=0.5, */*;q=0.4", "a/x"),
        ("A/X ; Q=0.9, b/y;q=0.95", "b/y"),
        ("a/x;q=0, */*", "b/y"),
        ("c/z", None),
        ("*/*;q=0", None),
    ],
)
def test_the_most_wanted_type_is_sent(accept: str, best: str | None) -> None:
    """
    Of the types on offer the client gets the one it wants most, the earlier of equals.
    """
    assert preferred(accept, ("a/x", "b/y")) == best


@pytest.mark.parametrize(
    ("method", "path", "sent", "status"),
    [
        ("GET", "/nowhere", {}, 404),
        ("GET", "/1/", {}, 401),
        ("GET", "/2/", {"auth": (ROOT, PASSWORD)}, 404),
        ("GET", "/admin/users/", {"auth": (YOU, PASSWORD)}, 403),
        ("POST", "/login/", {"json": {"username": YOU, "password": "wrong"}}, 401),
        ("POST", "/login/", {"headers": {"Sec-Fetch-Site": "cross-site"}}, 403),
    ],
)
def test_refusals_come_as_what_is_wanted_most(
    site: Site, method: str, path: str, sent: dict[str, Any], status: int
) -> None:
    """
    Who takes a page, but would rather have JSON, gets refusals in JSON as everything else.
    """
    said = sent.get("headers", {})
    for accept, kind in (
        ("application/json, text/html;q=0.5", "application/problem+json"),
        ("text/html, application/json;q=0.5", "text/html; charset=utf-8"),
    ):
        given = sent | {"headers": {**said, "Accept": accept}}
        answer = site.ask(method, path, **given)
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, kind)


def test_wishes_in_two_lines_are_one(site: Site) -> None:
    """
    What is accepted may stand in several lines, which count as if it stood in one.
    """
    wishes = [
        ("Accept", "application/json;q=0.5"),
        ("Accept", "text/html"),
        ("Accept-Language", "en;q=0.5"),
        ("Accept-Language", "de"),
    ]
    answer = site.ask("GET", "/1/", YOU, headers=wishes)

    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.headers["Content-Language"] == "de"
    kinds = [("Accept", "application/json;q=0.5"), ("Accept", "application/yaml")]
    assert site.ask("GET", "/openapi", headers=kinds).headers["Content-Type"] == "application/yaml"


def test_the_access_log_tells_no_secret(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """
    Method, path, status and duration are noted; queries, tokens and control characters not.
    """
    et = site.token(site.propose(FIRST), THEY)
    with caplog.at_level(logging.INFO, logger="calndro.access"):
        site.ask("GET", f"/2/?et={et}")
        site.ask("GET", f"/{et}/")
        site.ask("GET", "/a%0ab/")
    facts: list[Any] = [vars(record) for record in caplog.records]

    assert [(each["method"], each["path"], each["status"]) for each in facts] == [
        ("GET", "/2/", 200),
        ("GET", "/.../", 404),
        ("GET", "'/a\\nb/'", 404),
    ]
    assert et not in caplog.text
    assert all(each["milliseconds"] >= 0 for each in facts)


def test_log_lines_are_json(caplog: pytest.LogCaptureFixture) -> None:
    """
    A line is one JSON object with what the record holds beside its text.
    """
    log = logging.getLogger("calndro.test")
    with caplog.at_level(logging.INFO):
        log.info("two\nlines %d", 1, extra={"event": 7, "odd": {1}})
        log.error("failed", exc_info=OddError("odd"))
    first, second = (JsonLines().format(record) for record in caplog.records)
    line = msgspec.json.decode(first)

    assert "\n" not in first
    assert line.pop("when").endswith("Z")
    assert line == {
        "level": "info",
        "logger": "calndro.test",
        "message": "two\nlines 1",
        "event": 7,
        "odd": [1],
    }
    assert "OddError: odd" in msgspec.json.decode(second)["error"]


def test_whoever_hangs_up_is_no_error(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """
    A client that goes away in the middle of its body is noted in one line, and changes nothing.
    """
    sent: list[Any] = []
    pieces = [
        {"type": "http.request", "body": b'{"title": "', "more_body": True},
        {"type": "http.disconnect"},
    ]
    scope = {
        "type": "http",
        "method": "PATCH",
        "path": "/1/",
        "query_string": b"et=" + b"0" * 40,
        "scheme": "http",
        "headers": [(b"host", b"here.net"), (b"content-type", b"application/json")],
    }

    async def receive() -> Any:
        return pieces.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    async def go() -> None:
        await site.app(scope, receive, send)

    with caplog.at_level(logging.INFO):
        anyio.run(go)

    assert sent == []
    assert [(each.levelname, vars(each).get("status")) for each in caplog.records] == [
        ("INFO", 499)
    ]
