"""
Who asks: every way to say it, and what happens to wrong ones.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest

from tests.entry.http_site import FIRST, PASSWORD, ROOT, STRANGER, THEY, YOU, Site


@pytest.fixture
def site() -> Site:
    """
    A server with one event.
    """
    site = Site()
    site.propose()
    return site


@pytest.fixture
def event(site: Site) -> dict[str, Any]:
    """
    The event of the server.
    """
    found: dict[str, Any] = site.ask("GET", "/", YOU).json()[0]
    return found


def api_token(site: Site, who: str = YOU) -> str:
    """
    Get an API token by password.
    """
    body = {"username": who, "password": PASSWORD}
    answer = site.ask("POST", "/api-token-auth/", json=body)
    assert answer.status_code == 200
    token: str = answer.json()["token"]
    assert len(token) == 40
    return token


def authorization(value: str) -> dict[str, Any]:
    """
    Write the arguments for a request with this header.
    """
    return {"headers": {"Authorization": value}}


def test_a_token_is_taken_wherever_it_stands(site: Site, event: dict[str, Any]) -> None:
    """
    The email token works in the query, in a JSON body and in Authorization, also for GET.
    """
    et = site.token(event, THEY)

    assert site.ask("GET", f"/1/?et={et}").status_code == 200
    assert site.ask("GET", "/1/", json={"et": et}).status_code == 200
    assert site.ask("GET", "/1/", **authorization(f"EmailToken {et}")).status_code == 200
    assert site.ask("GET", f"/1/?et={et}", json={"et": et}).status_code == 200
    assert {entry["effector"] for entry in site.log(event)[2:]} == {THEY}


def test_two_different_tokens_are_refused(site: Site, event: dict[str, Any]) -> None:
    """
    Which of two tokens is meant is not guessed.
    """
    et, other = site.token(event, THEY), "f" * 40

    assert site.ask("GET", f"/1/?et={et}&et={other}").status_code == 400
    assert site.ask("GET", f"/1/?et={et}", json={"et": other}).status_code == 400
    both = authorization(f"EmailToken {other}")
    assert site.ask("GET", f"/1/?et={et}", **both).status_code == 400


def test_the_account_goes_before_the_token(site: Site, event: dict[str, Any]) -> None:
    """
    A user with rights acts as itself, one without rights as the party of its token.
    """
    et = site.token(event, THEY)
    assert site.ask("GET", f"/1/?et={et}", YOU).status_code == 200
    assert site.ask("GET", f"/1/?et={et}", STRANGER).status_code == 200
    own, borrowed = site.log(event)[-2:]

    assert (own["effector"], own["data"]) == (YOU, {})
    assert borrowed["effector"] == THEY
    assert len(borrowed["data"]["token"]) == 8


@pytest.mark.parametrize(
    "header",
    [
        "Basic " + b64encode(f"{YOU}:wrong".encode()).decode(),
        "Basic " + b64encode(b"no colon").decode(),
        "Basic " + b64encode(b"\xff:\xff").decode(),
        "Basic ***",
        "Basic",
        "Token " + "0" * 40,
        "Token short",
        "Token",
        "EmailToken " + "0" * 40,
        "EmailToken",
        "Bearer " + "0" * 40,
        "   ",
    ],
)
def test_a_wrong_credential_never_falls_through(
    site: Site, event: dict[str, Any], header: str
) -> None:
    """
    A wrong explicit credential is a 401, whatever the caller has beside it.
    """
    wrong = authorization(header)
    assert site.ask("GET", "/", **wrong).status_code == 401
    refused = site.ask("GET", "/1/", **wrong)
    assert refused.status_code == 401
    assert "Basic" in refused.headers["WWW-Authenticate"]
    if not header.startswith("EmailToken"):
        et = site.token(event, THEY)
        assert site.ask("GET", f"/1/?et={et}", **wrong).status_code == 401


@pytest.mark.parametrize(
    "shown",
    [
        {"params": {"et": ""}},
        {"json": {"et": ""}},
        {"headers": {"Authorization": "EmailToken"}},
        {"headers": {"Authorization": "EmailToken "}},
    ],
)
def test_an_empty_credential_never_falls_through(
    site: Site, event: dict[str, Any], shown: dict[str, Any]
) -> None:
    """
    An explicit credential that is empty is a wrong one, though the page's cookie is good.
    """
    site.client.cookies.set("calndro-et", site.token(event, THEY))
    assert site.ask("GET", "/1/").status_code == 200
    assert site.ask("GET", "/1/", **shown).status_code == 401


def test_two_authorization_headers_are_refused(site: Site) -> None:
    """
    Which of two Authorization headers is meant is not guessed.
    """
    token = api_token(site)
    headers = [("Authorization", f"Token {token}"), ("Authorization", "Token x")]

    assert site.client.get("/", headers=headers).status_code == 400


@pytest.mark.parametrize("et", [1, None, ["x"], {}])
def test_a_token_in_a_body_is_a_text(site: Site, et: Any) -> None:
    """
    A token of another type is a fault of the body.
    """
    answer = site.ask("GET", "/1/", json={"et": et})

    assert answer.status_code == 400
    assert "et" in answer.json()["errors"]


def test_an_expired_token_says_so(site: Site, event: dict[str, Any]) -> None:
    """
    A token past its time is a 401 of its own type, for good.
    """
    et = site.token(event, THEY)
    site.clock.advance(timedelta(days=5))
    late = site.ask("GET", f"/1/?et={et}")
    site.clock.advance(timedelta(days=-4))

    assert late.status_code == 401
    assert late.json()["type"] == "urn:calndro:problem:token-expired"
    assert late.json()["expires"] == "2026-11-28T09:00:00.000000Z"
    assert site.ask("GET", f"/1/?et={et}").status_code == 401


def test_a_token_opens_one_event_only(site: Site, event: dict[str, Any]) -> None:
    """
    A token of another event is no credential at all.
    """
    site.propose(FIRST)
    et = site.token(event, THEY)

    assert site.ask("GET", f"/2/?et={et}").status_code == 401
    assert site.ask("GET", f"/?et={et}").status_code == 401
    assert site.ask("DELETE", f"/1/?et={et}").status_code == 403


@pytest.mark.parametrize("path", ["/{}/", "/{}/log/"])
def test_absent_and_foreign_events_answer_alike(site: Site, path: str) -> None:
    """
    Whoever has no right to an event can't learn whether there is one.
    """
    for who, status in ((None, 401), (STRANGER, 403)):
        absent = site.ask("GET", path.format(99), who)
        foreign = site.ask("GET", path.format(1), who)
        assert absent.status_code == foreign.status_code == status
        assert absent.content == foreign.content
    assert site.ask("GET", path.format(99), ROOT).status_code == 404


def test_an_api_token_stands_for_its_user(site: Site) -> None:
    """
    An API token, got by JSON or by form, does what the password does.
    """
    form = {"username": YOU, "password": PASSWORD}
    token = site.ask("POST", "/api-token-auth/", data=form).json()["token"]
    assert token != api_token(site)

    assert len(site.ask("GET", "/", **authorization(f"Token {token}")).json()) == 1
    assert len(site.ask("GET", "/", **authorization(f"token  {token}")).json()) == 1


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"json": {"username": YOU, "password": "wrong"}}, 401),
        ({"json": {"username": "nobody@here.net", "password": PASSWORD}}, 401),
        ({"json": {"username": "no address", "password": PASSWORD}}, 401),
        ({"json": {"username": YOU}}, 400),
        ({"json": {"username": YOU, "password": 1}}, 400),
        ({"json": {"username": YOU, "password": "x", "more": 1}}, 400),
        ({"data": {"username": YOU}}, 400),
        ({"data": {"username": [YOU, YOU], "password": "x"}}, 400),
        ({"content": "username=%ff&password=x", "headers": {"Content-Type": "form"}}, 415),
        (
            {
                "content": "username=%ff&password=x",
                "headers": {"Content-Type": "application/x-www-form-urlencoded"},
            },
            400,
        ),
    ],
)
def test_bad_sign_ins_are_refused(site: Site, given: dict[str, Any], status: int) -> None:
    """
    A wrong sign-in is a 401 that tells nothing, one that can't be read a 400 or 415.
    """
    assert site.ask("POST", "/api-token-auth/", **given).status_code == status


def test_a_browser_is_not_challenged_by_basic(site: Site) -> None:
    """
    A browser is never told of Basic, so that no password box pops up.
    """
    browser = site.ask("GET", "/1/", headers={"Accept": "text/html,*/*;q=0.8"})
    client = site.ask("GET", "/1/", headers={"Accept": "text/html;q=0,application/json"})

    assert browser.headers["WWW-Authenticate"] == 'EmailToken realm="calndro"'
    assert client.headers["WWW-Authenticate"].startswith("Basic realm=")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("POST", "/"),
        ("GET", "/1/"),
        ("HEAD", "/1/"),
        ("PATCH", "/1/"),
        ("DELETE", "/1/"),
        ("POST", "/1/notify/"),
        ("GET", "/1/log/"),
        ("POST", "/1/mail/"),
    ],
)
def test_who_shows_nothing_is_asked_to(site: Site, method: str, path: str) -> None:
    """
    Without credentials every operation is a 401, whatever the body; nothing is logged.
    """
    for body in ({}, {"zap": 1}, {"title": "x"}):
        answer = site.ask(method, path, json=body)
        assert answer.status_code == 401
        assert "WWW-Authenticate" in answer.headers
    assert len(site.log({"log_url": "/1/log/"})) == 1
