"""
The headers that protect, on every answer: each route, method and status.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import anyio
import attrs
import httpx2
import pytest
from starlette.responses import PlainTextResponse

from calndro.core import errors
from calndro.entry.http import HttpTerms, create_app
from calndro.entry.http.assets import read_asset
from tests.security.callers import METHODS, Ring, routes_of


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from starlette.applications import Starlette
    from starlette.types import ASGIApp, Receive, Scope, Send

    from calndro.usecases.services import Services


BROWSER = {"Accept": "text/html"}
JSON = {"Content-Type": "application/json"}
# Who asks, by the class and channel of the matrix, what else is said, and answers it meets.
WAYS: dict[str, tuple[str, str, dict[str, Any], set[int]]] = {
    "anonymous": ("anonymous", "none", {}, {200, 204, 301, 308, 401, 404, 405}),
    "anonymous browser": ("anonymous", "none", {"headers": BROWSER}, {200, 303, 401, 406}),
    "holder": ("holder", "query", {}, {200, 202, 204}),
    "holder's browser": ("holder", "query", {"headers": BROWSER}, {303}),
    "stranger": ("stranger", "Basic", {}, {201, 403}),
    "proposer": ("proposer", "Token", {}, {200, 202, 303}),
    "staff": ("staff", "Basic", {}, {200, 201, 202, 204, 303}),
    "staff's browser": ("staff", "session", {"headers": BROWSER}, {200, 303}),
    "forged form": ("staff", "session", {"headers": {"Origin": "https://thar.net"}}, {403}),
    "choosy": ("staff", "Basic", {"headers": {"Accept": "application/xml"}}, {406}),
    "too much": ("staff", "Basic", {"content": b" " * 65_537, "headers": JSON}, {413}),
    "no JSON": (
        "staff",
        "Basic",
        {"content": b"a", "headers": {"Content-Type": "text/plain"}},
        {415},
    ),
    "repeated": ("staff", "Basic", {"headers": {"Idempotency-Key": "k-1"}}, {201, 202}),
    "stale": ("staff", "Basic", {"headers": {"If-Match": '"77"'}}, {412}),
    "known": (
        "staff",
        "Basic",
        {"headers": {"If-None-Match": str(read_asset("page.css").tag)}},
        {304},
    ),
    "other host": ("staff", "Basic", {"headers": {"Host": "a b"}}, {400}),
}
# Addresses that are sent on.
PLACES = ("/1", "/1/notify")
# What the storage says to whoever asks it.
ENDS: list[tuple[Exception, int]] = [
    (errors.NotFoundError("event", "1"), 404),
    (errors.KeyReusedError("k-1"), 409),
    (errors.GoneError(1), 410),
    (errors.TooManyError("letters", 77), 429),
    (errors.StorageError("away"), 503),
    (ZeroDivisionError(), 500),
]


@pytest.fixture(scope="module")
def ring() -> Ring:
    """
    One server with a member of each class of callers.
    """
    return Ring()


def faults(answer: httpx2.Response) -> Iterator[str]:
    """
    Name what an answer should say to protect whoever reads it, and does not.
    """
    said, is_secure = answer.headers, answer.request.url.scheme == "https"
    yield from policy_faults(said.get("Content-Security-Policy", ""))
    yield from kept_faults(said)
    is_plain_page = not is_secure and said.get("Content-Type", "").startswith("text/html")
    wanted = {
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Strict-Transport-Security": "max-age=31536000" if is_secure else None,
    }
    yield from (name for name, value in wanted.items() if said.get(name) != value)
    referrers = {"no-referrer", "same-origin"} if is_plain_page else {"no-referrer"}
    if said.get("Referrer-Policy") not in referrers:
        yield "Referrer-Policy"
    if len(said.get("X-Request-Id", "")) < 8:
        yield "X-Request-Id"
    flags = {"httponly", "samesite=lax"} | ({"secure"} if is_secure else set())
    for cookie in said.get_list("Set-Cookie"):
        given = {each.strip().lower() for each in cookie.split(";")}
        if not given >= flags:
            yield "Set-Cookie"


def policy_faults(policy: str) -> Iterator[str]:
    """
    Name the directives that let in more than any of our pages needs.
    """
    sources = dict(each.strip().partition(" ")[::2] for each in policy.split(";"))
    most: dict[str, set[str | None]] = {
        "default-src": {"'none'"},
        "base-uri": {"'none'"},
        "frame-ancestors": {"'none'"},
        "form-action": {"'none'", "'self'"},
        # The page of the description styles itself; no script stands in any page.
        "style-src": {"'self'", "'self' 'unsafe-inline'", None},
        "img-src": {"'self'", "'self' data:", None},
        "script-src": {"'self'", None},
        "connect-src": {"'self'", None},
    }
    yield from (name for name, values in most.items() if sources.get(name) not in values)
    yield from sources.keys() - most.keys()


def kept_faults(said: httpx2.Headers) -> Iterator[str]:
    """
    Name what lets an answer be kept, or shown to others than it was made for.
    """
    is_file = said.get("Cache-Control") == "public, max-age=3600" and "ETag" in said
    if not (is_file or said.get("Cache-Control") == "no-store"):
        yield "Cache-Control"
    varies = {each.strip() for each in said.get("Vary", "").split(",")}
    if not varies >= ({"Accept-Encoding"} if is_file else {"Accept", "Authorization", "Cookie"}):
        yield "Vary"


@attrs.frozen
class Answered:
    """
    What one request of a walk was answered.

    Args:
        asked: The request, in words.
        status: The answer's.
        faults: What the answer lacks.
    """

    asked: str
    status: int
    faults: tuple[str, ...]


def apps_of(services: Services) -> dict[str, Starlette]:
    """
    Make the server that people reach by http, and the one that they reach by https.
    """
    secure = HttpTerms(
        public_url="https://calndro.here.net", secret_key="k" * 40, tells_metrics=True
    )
    plain = attrs.evolve(secure, public_url=None)
    return {"http": create_app(services, plain), "https": create_app(services, secure)}


def walk(ring: Ring, apps: Mapping[str, ASGIApp], way: str, *also: str) -> list[Answered]:
    """
    Ask for each route by each method, by turns over http and https.

    Args:
        ring: Who may ask.
        apps: Who is asked, by scheme.
        way: How.
        also: Paths besides those of the ring's own router.
    """
    kind, channel, more, _ = WAYS[way]
    (who,) = (each for each in ring.credentials if (each.kind, each.channel) == (kind, channel))
    asked = [
        (route, method)
        for route in (*routes_of(ring.site.app.routes), *PLACES, *also)
        for method in METHODS
    ]
    found = []

    async def go() -> None:
        mounts = {
            f"{scheme}://": httpx2.ASGITransport(app, raise_app_exceptions=False)
            for scheme, app in apps.items()
        }
        async with httpx2.AsyncClient(mounts=mounts) as client:
            for place, (route, method) in enumerate(asked):
                ring.restart()
                client.cookies.clear()
                scheme = ("http", "https")[(place + place // len(METHODS)) % 2]
                sent = ring.request(method, route, who)
                sent |= more | {"headers": sent["headers"] | more.get("headers", {})}
                if "content" in sent:
                    sent = {name: sent[name] for name in ("content", "headers", "params")}
                url = f"{scheme}://calndro.here.net{ring.path_of(route)}"
                answer = await client.request(method, url, **sent)
                words = f"{method} {scheme} {route}, {way}"
                found.append(Answered(words, answer.status_code, tuple(faults(answer))))

    anyio.run(go)
    return found


def missing(answers: list[Answered]) -> list[str]:
    """
    Tell which answers lack what.
    """
    return [f"{each.asked}: {each.status} {each.faults}" for each in answers if each.faults]


@pytest.mark.parametrize("way", WAYS)
def test_every_answer_protects(ring: Ring, way: str) -> None:
    """
    Whoever asks whatever of any route by any method, the answer has every header that protects.
    """
    answers = walk(ring, apps_of(ring.site.services), way)

    assert missing(answers) == []
    assert {each.status for each in answers} >= WAYS[way][-1]


@pytest.mark.parametrize(("error", "status"), ENDS)
def test_every_end_protects(ring: Ring, error: Exception, status: int) -> None:
    """
    Whatever error an endpoint meets, foreseen or not, the answer has every header that protects.
    """
    answers = walk(ring, apps_of(ending_with(ring, error)), "staff")

    assert missing(answers) == []
    assert status in {each.status for each in answers}


def ending_with(ring: Ring, error: Exception) -> Services:
    """
    Make the same services over a storage that always raises *error*.
    """

    def fail() -> NoReturn:
        raise error

    return attrs.evolve(ring.site.services, snapshot=fail, unit_of_work=fail, check=fail)


def test_a_route_past_the_envelope_is_noticed(ring: Ring) -> None:
    """
    Something mounted where no envelope is around it is found by each of its answers.
    """
    apps = apps_of(ring.site.services)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        inner = PlainTextResponse("bare") if scope["path"] == "/bare" else apps[scope["scheme"]]
        await inner(scope, receive, send)

    found = missing(walk(ring, dict.fromkeys(apps, app), "anonymous", "/bare"))
    assert len(found) == len(METHODS)
    assert all("/bare" in each for each in found)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Content-Security-Policy", "default-src *; frame-ancestors 'none'; base-uri 'none'"),
        ("Content-Security-Policy", "default-src 'none'; script-src 'self' 'unsafe-inline'"),
        ("X-Content-Type-Options", "sniff"),
        ("Referrer-Policy", "unsafe-url"),
        ("Cache-Control", "public"),
        ("Vary", "Accept"),
        ("Strict-Transport-Security", "max-age=0"),
        ("Cross-Origin-Resource-Policy", "cross-origin"),
        ("X-Request-Id", ""),
        ("Set-Cookie", "calndro=x; HttpOnly; SameSite=Lax"),
    ],
)
def test_a_lax_header_is_noticed(ring: Ring, name: str, value: str) -> None:
    """
    An answer that says less than it should in one of its headers is found out.
    """
    good = ring.site.client.get("https://calndro.here.net/healthz")
    headers = httpx2.Headers(good.headers)
    assert list(faults(good)) == []
    headers[name] = value

    assert list(faults(httpx2.Response(200, headers=headers, request=good.request)))
