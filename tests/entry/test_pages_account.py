"""
The page on which one looks after one's own account.
"""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from tests.entry.http_site import COMING, PASSWORD, THEY, YOU, Site
from tests.entry.pages_guest import BROWSER, Guest, words


@pytest.fixture
def site() -> Site:
    """
    A server, and a browser that has signed in there.
    """
    site = Site(limits_letters=True)
    enter(site, PASSWORD)
    return site


def enter(site: Site, password: str) -> int:
    """
    Sign in; tells the status.
    """
    fields = {"username": YOU, "password": password}
    return site.client.post("/login/", data=fields, headers=BROWSER).status_code


def test_another_password(site: Site) -> None:
    """
    The password is changed, and the browser stays signed in by a new session.
    """
    page = site.client.get("/account/", headers=BROWSER)
    assert f"You act as {YOU}." in words(page)
    before = site.client.cookies["calndro"]
    fields = {"as": YOU, "former": PASSWORD, "password": "quite another"}
    done = site.client.post("/account/", data=fields, headers=BROWSER)
    assert (done.status_code, done.headers["Location"]) == (303, "/account/?done=password")
    page = site.client.get("/account/?done=password", headers=BROWSER)
    assert "Your password was changed." in words(page)
    assert site.client.cookies["calndro"] != before

    site.client.cookies.clear()
    stale = BROWSER | {"Cookie": f"calndro={before}"}
    assert site.client.get("/account/", headers=stale).status_code == 401
    assert enter(site, PASSWORD) == 401
    assert enter(site, "quite another") == 303


@pytest.mark.parametrize(
    ("former", "password", "status", "said"),
    [
        ("wrong one", "quite another", 403, "The current password is wrong."),
        (PASSWORD, "short", 400, "New password: A password has 8 to 1024 characters."),
    ],
)
def test_a_password_that_stays(
    site: Site, former: str, password: str, status: int, said: str
) -> None:
    """
    A wrong former password or a short new one is explained, and nothing is changed.
    """
    fields = {"as": YOU, "former": former, "password": password}
    answer = site.client.post("/account/", data=fields, headers=BROWSER)
    assert answer.status_code == status
    assert said in words(answer)
    assert "WWW-Authenticate" not in answer.headers
    assert site.client.get("/account/", headers=BROWSER).status_code == 200


@pytest.mark.parametrize(
    "fields", [{"former": PASSWORD, "password": "quite another"}, {"tokens": "all"}]
)
def test_a_form_made_for_somebody_else_does_nothing(site: Site, fields: dict[str, str]) -> None:
    """
    Whoever signs in as another, with the page still open, changes nothing of its own account.
    """
    pair = {"username": YOU, "password": PASSWORD}
    made = site.client.post("/api-token-auth/", json=pair, headers=BROWSER)
    page = site.client.get("/account/", headers=BROWSER)
    assert page.text.count(f'name="as" value="{YOU}"') == 2

    answer = site.client.post("/account/", data=fields | {"as": THEY}, headers=BROWSER)

    assert answer.status_code == 409
    assert f"made for {THEY}, but you now act as {YOU}" in words(answer)
    token = {"Authorization": f"Token {made.json()['token']}"}
    assert TestClient(site.app).get("/", headers=token).status_code == 200
    assert enter(site, PASSWORD) == 303


def test_guessing_is_limited(site: Site) -> None:
    """
    Whoever finds a browser signed in can't try passwords for long.
    """
    fields = {"as": YOU, "former": "wrong one", "password": "quite another"}
    for _ in range(20):
        answer = site.client.post("/account/", data=fields, headers=BROWSER)
    assert answer.status_code == 429
    assert "try again in 5 min." in words(answer)


def test_a_link_is_no_account() -> None:
    """
    Who comes by a link alone has no account to look after, and programs get no page.
    """
    guest = Guest()
    guest.open()
    assert guest.get("/account/").status_code == 401
    assert guest.get(f"/account/?et={guest.token}").status_code == 401
    site = Site()
    site.propose(COMING)
    assert site.ask("GET", "/account/", YOU, headers={"Accept": "application/json"}).is_error
    assert site.ask("POST", "/account/", YOU, json={"former": THEY}).status_code == 415


def test_api_tokens_are_taken_back(site: Site) -> None:
    """
    One's API tokens are listed without telling them, and taken back one by one or together.
    """
    assert "No program has an API token of yours." in words(
        site.client.get("/account/", headers=BROWSER)
    )
    texts = [
        site.client.post(
            "/api-token-auth/", json={"username": YOU, "password": PASSWORD}, headers=BROWSER
        ).json()["token"]
        for _ in range(3)
    ]
    page = site.client.get("/account/", headers=BROWSER)
    marks = re.findall(r'name="token" value="([0-9a-f]{8})"', page.text)
    assert len(set(marks)) == 3
    assert not any(text in page.text for text in texts)

    def works(text: str) -> bool:
        answer = TestClient(site.app).get("/", headers={"Authorization": f"Token {text}"})
        return answer.status_code == 200

    for _ in range(2):
        done = site.client.post("/account/", data={"as": YOU, "token": marks[0]}, headers=BROWSER)
        assert done.headers["Location"] == "/account/?done=token"
    page = site.client.get("/account/?done=token", headers=BROWSER)
    assert "It was taken back and no longer works." in words(page)
    assert sorted(map(works, texts)) == [False, True, True]
    site.client.post("/account/", data={"as": YOU, "tokens": "all"}, headers=BROWSER)
    assert not any(map(works, texts))
