"""
Signing in with a browser: the cookie, its end, and who can't use it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from calndro.usecases import accounts
from tests.entry.http_site import PASSWORD, ROOT, STRANGER, THEY, YOU, Site
from tests.worlds import caller


OURS = {"Origin": "http://calndro.here.net"}
BROWSER = {"Accept": "text/html,*/*;q=0.8", **OURS}
DOORS = ["/login/", "/api-auth/login/"]


@pytest.fixture
def site() -> Site:
    """
    A server with one event.
    """
    site = Site()
    site.propose()
    return site


def sign_in(site: Site, path: str = "/login/", **headers: str) -> Any:
    """
    Sign in as the first party, by form.
    """
    form = {"username": YOU, "password": PASSWORD}
    return site.client.post(path, data=form, headers=OURS | headers)


@pytest.mark.parametrize("path", DOORS)
def test_who_signs_in_acts_as_itself(site: Site, path: str) -> None:
    """
    A cookie stands for the account, by form or JSON; it is out of reach for scripts and sites.
    """
    answer = sign_in(site, path)
    assert answer.status_code == 204
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("calndro=")
    assert {"HttpOnly", "SameSite=lax", "Path=/", "Max-Age=43200"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert site.client.get("/1/").status_code == 200
    assert site.client.patch("/1/", json={"title": "x"}, headers=OURS).status_code == 202
    assert site.log({"log_url": "/1/log/"})[-1]["effector"] == YOU

    site.client.cookies.clear()
    body = {"username": YOU, "password": PASSWORD}
    assert site.client.post(path, json=body).status_code == 204
    assert site.client.get("/1/").status_code == 200


def test_under_https_the_cookie_is_bound_to_the_host() -> None:
    """
    Where people come by https the cookie goes nowhere else, whatever this process sees.
    """
    site = Site(public_url="https://meet.example.org")
    cookie = sign_in(site, Origin="https://meet.example.org").headers["Set-Cookie"]

    assert cookie.startswith("__Host-calndro=")
    assert {"Secure", "HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


@pytest.mark.parametrize("path", ["/logout/", "/api-auth/logout/"])
def test_who_signs_out_is_out(site: Site, path: str) -> None:
    """
    After signing out the cookie is dead on the server too, within one request.
    """
    sign_in(site)
    kept = site.client.cookies["calndro"]
    answer = site.client.post(path, headers=OURS)

    assert answer.status_code == 204
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    site.client.cookies.set("calndro", kept)
    assert site.client.get("/1/").status_code == 401


@pytest.mark.parametrize("how", ["password", "dismissed", "idle", "old"])
def test_what_ends_a_session(site: Site, how: str) -> None:
    """
    Another password, a dismissal and time end a session within one request.
    """
    sign_in(site)
    assert site.client.get("/1/").status_code == 200
    match how:
        case "password":
            accounts.set_password(site.services, caller("s"), YOU, "another password")
        case "dismissed":
            accounts.deactivate(site.services, caller("s"), YOU)
        case "idle":
            site.clock.advance(timedelta(hours=2))
        case _:
            for _ in range(12):
                site.client.get("/1/")
                site.clock.advance(timedelta(hours=1))

    assert site.client.get("/1/").status_code == 401


def test_each_signing_in_gives_another_cookie(site: Site) -> None:
    """
    Whoever planted a cookie before has nothing of it after.
    """
    sign_in(site)
    first = site.client.cookies["calndro"]
    sign_in(site)
    second = site.client.cookies["calndro"]
    assert first != second
    site.client.cookies.clear()
    site.client.cookies.set("calndro", first)

    assert site.client.get("/1/").status_code == 401


@pytest.mark.parametrize("value", ["", "x", "0" * 40, "0" * 40 + ".x", "\x7f.x", "é"])
def test_a_cookie_that_we_did_not_sign(site: Site, value: str) -> None:
    """
    A made-up cookie is as good as none: also beside a good token.
    """
    event = site.ask("GET", "/", YOU).json()[0]
    et = site.token(event, THEY)
    headers = [(b"Cookie", b"calndro=" + value.encode())]

    assert site.client.get("/1/", headers=headers).status_code == 401
    assert site.client.get(f"/1/?et={et}", headers=headers).status_code == 200


def test_what_goes_before_a_session(site: Site) -> None:
    """
    Authorization goes before the session, the session before a token.
    """
    event = site.ask("GET", "/", YOU).json()[0]
    et = site.token(event, THEY)
    sign_in(site)

    assert site.client.get(f"/1/?et={et}").status_code == 200
    assert site.log(event)[-1]["effector"] == YOU
    assert site.ask("GET", "/1/", STRANGER).status_code == 403
    assert site.ask("GET", "/1/", headers={"Authorization": "Token x"}).status_code == 401


FOREIGN: list[dict[str, str]] = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", **OURS},
    {"Origin": "https://evil.example.org"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://calndro.here.net.example.org"},
    {"Origin": "http://["},
]
OWN: list[dict[str, str]] = [
    {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    {"Sec-Fetch-Site": "none"},
    OURS,
    {"Origin": "HTTP://CALNDRO.HERE.NET"},
]


@pytest.mark.parametrize("headers", [*FOREIGN, {}])
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/"), ("PATCH", "/1/"), ("DELETE", "/1/"), ("POST", "/logout/")]
)
def test_other_sites_cannot_use_the_cookie(
    site: Site, method: str, path: str, headers: dict[str, str]
) -> None:
    """
    With a cookie nothing changes unless the request shows that it comes from our own page.
    """
    sign_in(site)
    before = site.client.get("/1/", headers={"Sec-Fetch-Site": "cross-site"}).headers["ETag"]

    answer = site.client.request(method, path, headers=headers, json={"title": "stolen"})
    assert answer.status_code == 403
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert site.client.get("/1/").headers["ETag"] == before


@pytest.mark.parametrize("headers", OWN)
def test_our_own_pages_can(site: Site, headers: dict[str, str]) -> None:
    """
    A request from our own page passes, by what the browser says or by its origin.
    """
    sign_in(site)

    assert site.client.patch("/1/", json={"title": "x"}, headers=headers).status_code == 202


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("path", [*DOORS, "/logout/"])
def test_other_sites_sign_nobody_in_or_out(site: Site, path: str, headers: dict[str, str]) -> None:
    """
    Signing in and out is refused to other sites' pages also without a cookie.
    """
    form = {"username": YOU, "password": PASSWORD}
    answer = site.client.post(path, data=form, headers=headers)

    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("headers", [*OWN, {}])
def test_programs_pass(site: Site, headers: dict[str, str]) -> None:
    """
    With a password and without cookies a request passes that comes from no other site's page.
    """
    answer = site.ask("PATCH", "/1/", YOU, json={"title": "x"}, headers=headers)

    assert answer.status_code == 202


@pytest.mark.parametrize("headers", FOREIGN)
def test_other_sites_cannot_use_a_password_that_a_browser_kept(
    site: Site, headers: dict[str, str]
) -> None:
    """
    A browser sends a password it has kept unasked, as it does a cookie; a token it can't.
    """
    signed = {"username": YOU, "password": PASSWORD}
    token = site.ask("POST", "/api-token-auth/", json=signed).json()["token"]
    shown = headers | {"Authorization": f"Token {token}"}

    assert site.ask("PATCH", "/1/", YOU, json={"title": "x"}, headers=headers).status_code == 403
    assert site.ask("PATCH", "/1/", json={"title": "x"}, headers=shown).status_code == 202


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://meet.example.org", 202),
        ("http://meet.example.org", 403),
        # To the host of the request a proxy that isn't trusted may lead by https.
        ("http://calndro.here.net", 202),
        ("https://calndro.here.net", 202),
    ],
)
def test_a_page_by_plain_http_is_not_ours_under_https(origin: str, status: int) -> None:
    """
    Where people come by https, a page under the same name by plain HTTP is another site's.
    """
    site = Site(public_url="https://meet.example.org")
    site.propose()
    answer = site.ask("PATCH", "/1/", YOU, json={"title": "x"}, headers={"Origin": origin})

    assert answer.status_code == status


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Mode": "cors"}, {"Sec-Fetch-Site": "same-origin"}, OURS, {"Referer": "/docs/"}],
)
def test_no_password_box_pops_up_for_a_script(site: Site, headers: dict[str, str]) -> None:
    """
    What a script of a page asks for is challenged as its page is, whatever it takes.
    """
    asked = {"Accept": "application/json", **headers}
    for path in ("/1/", "/users/"):
        answer = site.client.get(path, headers=asked)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == 'EmailToken realm="calndro"'
    program = site.client.get("/1/", headers={"Accept": "application/json"})
    assert program.headers["WWW-Authenticate"].startswith("Basic ")


def test_a_browser_without_credentials_sees_the_page_to_sign_in(site: Site) -> None:
    """
    The page says 401, is challenged by no password box, and leads back, without the query.
    """
    answer = site.client.get("/1/?et=" + "0" * 40, headers=BROWSER)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'EmailToken realm="calndro"'
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "script" not in answer.headers["Content-Security-Policy"]
    assert 'name="next" value="/1/"' in answer.text
    assert "0" * 40 not in answer.text
    assert site.client.get("/1/", headers={"Accept": "application/json"}).json()["status"] == 401


@pytest.mark.parametrize(
    ("following", "location"),
    [
        ("/1/", "/1/"),
        ("/1/log/?all=1", "/1/log/?all=1"),
        ("//evil.example.org/", "/"),
        ("/\\evil.example.org/", "/"),
        ("https://evil.example.org/", "/"),
        ("/a\\b", "/"),
        ("/a b", "/"),
        ("/\r\nSet-Cookie: x=1", "/"),
        ("", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_signing_in_leads_on_to_our_own_pages_only(
    site: Site, following: str, location: str
) -> None:
    """
    After signing in a browser goes where it wanted to, on this server and nowhere else.
    """
    form = {"username": YOU, "password": PASSWORD, "next": following}
    answer = site.client.post("/login/", data=form, headers=BROWSER)

    assert answer.status_code == 303
    assert answer.headers["Location"] == location
    shown = site.client.get("/login/", params={"next": following}, headers=BROWSER)
    assert f'name="next" value="{location}"' in shown.text


def test_a_wrong_password_shows_the_page_again(site: Site) -> None:
    """
    The page says what is wrong, keeps the address that was typed, escaped, and no password.
    """
    typed = '"><script>alert(1)</script>@here.net'
    form = {"username": typed, "password": "wrong password"}
    answer = site.client.post("/login/", data=form, headers=BROWSER)

    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert "<script" not in answer.text
    assert "&lt;script" in answer.text
    assert "wrong password" not in answer.text
    assert "Set-Cookie" not in answer.headers
    empty = site.client.post("/login/", data={"username": YOU}, headers=BROWSER)
    assert empty.status_code == 400


def test_too_many_failures_show_the_page_with_the_time_to_wait(site: Site) -> None:
    """
    The eleventh attempt is a 429 for browsers and programs alike.
    """
    form = {"username": YOU, "password": "wrong"}
    for _ in range(10):
        assert site.client.post("/login/", data=form, headers=BROWSER).status_code == 401
    page = site.client.post("/login/", data=form, headers=BROWSER)
    program = site.client.post("/login/", json=form)

    for answer in (page, program):
        assert answer.status_code == 429
        assert answer.headers["Retry-After"] == "300"
    assert "try again" in page.text
    assert site.ask("GET", "/", YOU).status_code == 429
    assert site.ask("GET", "/", ROOT).status_code == 200


def test_signing_out_by_the_page(site: Site) -> None:
    """
    To look at the page signs nobody out; its button does, and leads to the page to sign in.
    """
    sign_in(site)
    assert 'method="post"' in site.client.get("/logout/", headers=BROWSER).text
    assert site.client.get("/1/").status_code == 200
    answer = site.client.post("/logout/", headers=BROWSER)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/login/")
    assert site.client.get("/1/").status_code == 401


def test_the_pages_need_one_style_sheet_and_no_script(site: Site) -> None:
    """
    Nothing is loaded but our own icon and style sheet, which is there.
    """
    text = site.client.get("/login/", headers=BROWSER).text

    assert {each[:2] for each in text.split("href=")[1:]} == {'"/', '"#'}
    assert text.count("src=") == text.count('src="/icon.svg"')
    assert "<script" not in text
    assert "<script" not in text
    style = site.client.get("/page.css")
    assert style.headers["Content-Type"].startswith("text/css")
    assert "url(" not in style.text


def test_wrong_tokens_are_limited(site: Site) -> None:
    """
    Twenty wrong tokens from one address are heard, then none until a minute has passed.
    """
    event = site.ask("GET", "/", YOU).json()[0]
    et = site.token(event, THEY)
    wrong: list[dict[str, Any]] = [
        {"headers": {"Authorization": f"{kind} {'0' * 40}"}} for kind in ("Token", "EmailToken")
    ]
    for each in (wrong * 10)[:20]:
        assert site.ask("GET", "/1/", **each).status_code == 401
    for path in ("/1/", f"/1/?et={et}"):
        refused = site.client.get(path, headers=wrong[0]["headers"] if path == "/1/" else {})
        assert refused.status_code == 429
        assert refused.headers["Retry-After"] == "60"
    assert site.ask("GET", "/1/", YOU).status_code == 200
    site.clock.advance(timedelta(minutes=1))

    assert site.client.get(f"/1/?et={et}").status_code == 200
