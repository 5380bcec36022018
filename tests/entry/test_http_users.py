"""
API tokens of one's own and the accounts of all, over HTTP.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from calndro.usecases import auditing
from tests.entry.http_site import COMING, PASSWORD, ROOT, STRANGER, THEM, THEY, YOU, Site


if TYPE_CHECKING:
    from httpx2 import Response


@pytest.fixture
def site() -> Site:
    """
    A server with one event.
    """
    site = Site()
    site.propose(COMING)
    return site


def issued(site: Site, who: str = YOU) -> str:
    """
    Make an API token.
    """
    body = {"username": who, "password": PASSWORD}
    text: str = site.client.post("/api-token-auth/", json=body).json()["token"]
    return text


def by(token: str) -> dict[str, str]:
    """
    Show an API token.
    """
    return {"Authorization": f"Token {token}"}


def mark(token: str) -> str:
    """
    Name a token as lists do.
    """
    return sha256(token.encode()).hexdigest()[:8]


def test_ones_own_tokens_are_listed_without_their_text(site: Site) -> None:
    """
    A user sees its own tokens, the last used first, each by 8 hex of its digest, and no other's.
    """
    old = issued(site)
    site.clock.advance(timedelta(hours=3))
    new = issued(site)
    theirs = issued(site, STRANGER)

    answer = site.client.get("/api-tokens/", headers=by(new))
    assert answer.json() == [
        {"id": mark(new), "used": "2026-11-23T12:00:00.000000Z"},
        {"id": mark(old), "used": "2026-11-23T09:00:00.000000Z"},
    ]
    for text in (old, new, theirs):
        assert text not in answer.text
    assert mark(theirs) not in answer.text


def test_one_token_is_taken_back_and_no_other(site: Site) -> None:
    """
    A token can take itself back; the next request with it is refused, those of others not.
    """
    mine, other, theirs = issued(site), issued(site), issued(site, STRANGER)
    foreign = site.client.delete(f"/api-tokens/{mark(theirs)}/", headers=by(mine))
    gone = site.client.delete(f"/api-tokens/{mark(mine)}/", headers=by(mine))

    assert (foreign.status_code, gone.status_code) == (404, 204)
    found = [site.client.get("/", headers=by(each)).status_code for each in (mine, other, theirs)]
    assert found == [401, 200, 200]
    assert site.ask("DELETE", f"/api-tokens/{mark(mine)}/", YOU).status_code == 404


def test_all_tokens_are_taken_back(site: Site) -> None:
    """
    Every token of one user goes at once; those of others stay.
    """
    mine, theirs = [issued(site), issued(site)], issued(site, STRANGER)

    assert site.ask("DELETE", "/api-tokens/", YOU).json() == {"revoked": 2}
    for each in mine:
        assert site.client.get("/", headers=by(each)).status_code == 401
    assert site.client.get("/", headers=by(theirs)).status_code == 200
    assert site.ask("GET", "/api-tokens/", YOU).json() == []


def asked(site: Site, method: str, path: str, **members: Any) -> Response:
    """
    Ask as staff.
    """
    return site.ask(method, path, ROOT, json=members)


def test_staff_adds_changes_and_lists_accounts(site: Site) -> None:
    """
    An account is made, changed one thing at a time, and shown; a page of a list names the next.
    """
    made = asked(site, "POST", "/users/", email="new@here.net", password="another one")
    assert (made.status_code, made.headers["Location"]) == (
        201,
        "http://calndro.here.net/users/new@here.net/",
    )
    path = made.headers["Location"]
    assert asked(site, "PATCH", path, staff=True).json()["staff"] is True
    assert site.client.get("/users/", auth=("new@here.net", "another one")).status_code == 200
    assert asked(site, "PATCH", path, password="yet another one").is_success
    assert site.client.get("/", auth=("new@here.net", "another one")).status_code == 401
    assert asked(site, "PATCH", path, active=False).json()["barred"] is True
    assert site.client.get("/", auth=("new@here.net", "yet another one")).status_code == 401
    assert asked(site, "PATCH", path, active=True).json()["active"] is True
    assert asked(site, "GET", path).json() == asked(site, "PATCH", path, staff=True).json()

    first = asked(site, "GET", "/users/?limit=2")
    second = asked(site, "GET", first.links["next"]["url"])
    assert [each["email"] for each in first.json()] == ["new@here.net", ROOT]
    assert [each["email"] for each in second.json()] == [STRANGER, THEM]


@pytest.mark.parametrize(
    "members", [{}, {"staff": True, "active": True}, {"staff": "yes"}, {"password": "short"}]
)
def test_a_change_is_one_thing(site: Site, members: dict[str, Any]) -> None:
    """
    A change of an account that says nothing, two things, or something unreadable is a 400.
    """
    before = asked(site, "GET", f"/users/{YOU}/").json()

    assert asked(site, "PATCH", f"/users/{YOU}/", **members).status_code == 400
    assert asked(site, "GET", f"/users/{YOU}/").json() == before


@pytest.mark.parametrize(
    ("email", "status"), [("no address", 400), ("a%0ab@thar.net", 400), ("nobody@thar.net", 404)]
)
def test_an_account_that_is_none(site: Site, email: str, status: int) -> None:
    """
    What is no address is a 400, an address without account a 404.
    """
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "tokens/"), ("DELETE", "tokens/")):
        assert asked(site, method, f"/users/{email}/{path}").status_code == status
    assert asked(site, "PATCH", f"/users/{email}/", staff=True).status_code == status


def test_all_that_is_wrong_with_an_account_is_named(site: Site) -> None:
    """
    An address and a password that are both no good are both told.
    """
    answer = asked(site, "POST", "/users/", email="x", password="1")
    assert set(answer.json()["errors"]) == {"email", "password"}


def test_staff_hands_out_and_takes_back_tokens(site: Site) -> None:
    """
    A token that staff makes stands for its user, until staff takes back all of them.
    """
    made = asked(site, "POST", f"/users/{YOU}/tokens/")
    token = made.json()["token"]

    assert made.status_code == 201
    assert site.client.get("/api-tokens/", headers=by(token)).json()[0]["id"] == mark(token)
    assert asked(site, "DELETE", f"/users/{YOU}/tokens/").json() == {"revoked": 1}
    assert site.client.get("/", headers=by(token)).status_code == 401


def test_a_person_is_erased(site: Site) -> None:
    """
    Erasing answers with the events that moved on; the address is gone, and their logs prove.
    """
    answer = asked(site, "DELETE", f"/users/{THEY}/")

    assert answer.json() == {"events": [1]}
    assert site.ask("GET", "/1/", YOU).json()["parties"] == [YOU, "erased-2", THEM]
    assert site.ask("GET", "/1/log/?verify=1", YOU).json()["good"] is True
    assert asked(site, "GET", f"/users/{THEY}/").status_code == 404
    assert asked(site, "DELETE", f"/users/{ROOT}/").json()["type"].endswith("oneself")


def test_what_is_left_of_an_erased_person_is_told(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    When storage can't be scrubbed just now the answer says so, beside the events.
    """
    monkeypatch.setattr(auditing, "erase", lambda *_: auditing.Erased([], "but somebody reads"))

    answer = asked(site, "DELETE", f"/users/{THEY}/")

    assert answer.status_code == 200
    assert answer.json() == {"events": [], "warning": "but somebody reads"}


def test_an_address_with_a_slash_has_an_address(site: Site) -> None:
    """
    Whatever an email address may hold, its account can be reached.
    """
    email = "a/b+c@here.net"
    made = asked(site, "POST", "/users/", email=email)

    assert made.status_code == 201
    assert asked(site, "GET", made.headers["Location"]).json()["email"] == email
    assert site.ask("GET", "/users/x@here.net", ROOT).headers["Location"] == "/users/x@here.net/"


def test_the_access_log_names_no_person(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """
    Of a path with an address only the rest is noted: whoever is erased stays in no log.
    """
    with caplog.at_level(logging.INFO, logger="calndro.access"):
        asked(site, "GET", f"/users/{YOU}/")
        asked(site, "DELETE", f"/users/{YOU}/tokens/")
        asked(site, "GET", f"/users/a%0a{YOU}/")
        asked(site, "GET", f"/user/{YOU}/")
        asked(site, "GET", f"/admin/users/{YOU.replace('@', '%40')}/1")
        asked(site, "GET", f"/v1/users/{YOU.replace('@', '%2540')}")
    paths = [vars(record)["path"] for record in caplog.records if "path" in vars(record)]

    assert paths == [
        "/users/.../",
        "/users/.../tokens/",
        "/users/.../",
        "/user/.../",
        "/admin/users/.../1",
        "/v1/users/...",
    ]
    assert YOU not in caplog.text


def test_a_token_in_place_of_an_address_leads_nowhere(site: Site) -> None:
    """
    A whole token leads nowhere and is not repeated; an address that begins like one does.
    """
    token = "0123456789abcdef" * 2 + "01234567"
    for path in (f"/users/{token}/", f"/users/{token}/tokens/", f"/users/{token}"):
        answer = asked(site, "GET", path)
        assert answer.status_code == 404
        assert token not in answer.text
        assert answer.json()["type"] == "about:blank"
    long = asked(site, "GET", f"/users/{token}@here.net/")
    assert long.json()["type"] == "urn:calndro:problem:not-found"
