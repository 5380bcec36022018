from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

from calndro.core.errors import StorageError
from calndro.core.token import digest_of
from calndro.usecases import administering, auditing
from tests.entry.http_site import (
    COMING,
    FIRST,
    PASSWORD,
    ROOT,
    SECOND,
    STRANGER,
    THEM,
    THEY,
    YOU,
    Site,
)


if TYPE_CHECKING:
    from httpx2 import Response


BROWSER = {"Accept": "text/html"}
PAGES = [
    "/admin/events/",
    "/admin/events/1/",
    "/admin/users/",
    f"/admin/user/?email={YOU}",
    f"/admin/erase/?email={YOU}",
    "/admin/outbox/",
]
DEEDS = [
    ("/admin/users/", {"email": "new@here.net", "password": "a new password"}),
    ("/admin/user/", {"email": YOU, "act": "deactivate"}),
    ("/admin/erase/", {"email": YOU, "confirm": YOU}),
    ("/admin/events/1/link/", {"digest": "00"}),
    ("/admin/events/1/delete/", {"confirm": "1"}),
    ("/admin/outbox/", {"letter": "1", "act": "dropped"}),
]


def look(site: Site, path: str, who: str | None = ROOT) -> Response:
    """
    Open a page as a browser does.
    """
    return site.ask("GET", path, who, headers=BROWSER)


def do(site: Site, path: str, who: str | None = ROOT, **fields: str) -> Response:
    """
    Send a form as a browser does, and follow to what it leads to.
    """
    answer = site.ask("POST", path, who, data=fields, headers=BROWSER)
    return look(site, answer.headers["Location"], who) if answer.is_redirect else answer


def words(answer: Response) -> str:
    """
    Read the text of a page.
    """
    body = answer.text.partition('<main id="content">')[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_what_is_named_is_not_forgotten_by_signing_in() -> None:
    """
    Whoever has to sign in first comes to the very page; but no token is carried along.
    """
    site = Site()
    path = f"/admin/user/?email={THEY}"
    assert f'name="next" value="{path}"' in look(site, path, None).text
    assert 'name="next" value="/admin/user/"' in look(site, path + "&et=" + "0" * 40, None).text
    form = {"username": ROOT, "password": PASSWORD, "next": path}
    signed = site.client.post("/login/", data=form, headers=BROWSER)
    assert signed.headers["Location"] == path


@pytest.mark.parametrize("path", ["/admin/user/", "/admin/erase/", "/admin/user/?email="])
def test_nobody_is_named(path: str) -> None:
    """
    Where a page is about a user and none is named, the list is shown.
    """
    assert look(Site(), path).headers["Location"] == "/admin/users/"


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_for_staff(path: str) -> None:
    """
    Staff sees every page; others are refused, and who has not signed in is asked to.
    """
    site = Site()
    site.propose(FIRST)

    assert look(site, path).status_code == 200
    assert look(site, path, STRANGER).status_code == 403
    assert look(site, path, None).status_code == 401
    assert site.ask("GET", path, STRANGER).headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(("path", "fields"), DEEDS)
def test_deeds_are_for_staff(path: str, fields: dict[str, str]) -> None:
    """
    What is refused changes nothing, whoever asks.
    """
    site = Site()
    event = site.propose(FIRST)

    assert do(site, path, STRANGER, **fields).status_code == 403
    assert do(site, path, None, **fields).status_code == 401
    assert look(site, "/admin/user/?email=new@here.net").status_code == 404
    assert site.ask("GET", event["url"], YOU).json()["parties"][0] == YOU


@pytest.mark.parametrize("path", PAGES)
def test_pages_run_nothing(path: str) -> None:
    """
    A page has no script, loads nothing from elsewhere, and says so in its policy.
    """
    site = Site()
    site.propose(FIRST)
    page = look(site, path)
    referred = re.findall(r'(?:src|href|action)="([^"]*)"', page.text)

    assert [each for each in referred if not re.match(r"/(?!/)|\?|#", each)] == []
    assert re.findall(r"<script|<style|style=|\son\w+=", page.text) == []
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy


def test_hostile_texts_stay_texts() -> None:
    """
    A title or an address that looks like markup is shown, never obeyed.
    """
    site = Site()
    title, odd = '<script>alert("1")</script>', "o'<b>\"@here.net"
    site.propose(FIRST, title=title)
    page = look(site, "/admin/events/1/")

    assert "<script" not in page.text
    assert title in unescape(page.text)
    assert look(site, f"/admin/user/?email={odd}").status_code in {400, 404}
    assert "<b>" not in look(site, f"/admin/erase/?email={odd}").text


def test_an_address_with_a_quote_can_be_administered() -> None:
    """
    Every act works for every address that mail knows.
    """
    site = Site()
    odd = "o'brien+x&y@here.net"
    site.register(odd)
    page = look(site, "/admin/users/")
    link = unescape(re.findall(r'href="(/admin/user/\?email=o[^"]+)"', page.text)[0])

    assert odd in words(look(site, link))
    assert "dismissed" in words(do(site, "/admin/user/", email=odd, act="deactivate"))


def test_users_are_searched() -> None:
    """
    The list holds every user, or those whose address holds what was typed.
    """
    site = Site()
    site.propose(FIRST)
    everyone = words(look(site, "/admin/users/"))
    found = words(look(site, "/admin/users/?q=THAR"))

    assert all(each in everyone for each in (YOU, THEY, THEM, ROOT, STRANGER))
    assert f"{THEY} named only none" in found
    assert YOU not in found
    assert "No user's address contains that" in words(look(site, "/admin/users/?q=nobody"))


def test_long_lists_come_in_parts() -> None:
    """
    Every user and every event is on exactly one part of its list.
    """
    site = Site()
    for number in range(60):
        site.register(f"user{number:02}@example.org")
    for _ in range(60):
        site.propose(FIRST)
    for path, pattern, most in (
        ("/admin/users/?q=user", r">(user\d+@\S+?)<", 60),
        ("/admin/events/", r'number"><a href="/admin/events/(\d+)/"', 60),
    ):
        first = look(site, path)
        where = path.partition("?")[0]
        (more,) = re.findall(r'rel="next" href="([^"]+)"', first.text)
        second = look(site, where + unescape(more))
        found = [*re.findall(pattern, first.text), *re.findall(pattern, second.text)]
        assert len(found) == len(set(found)) == most
        assert 'rel="next"' not in second.text


def test_a_user_is_added() -> None:
    """
    Whoever is added can sign in; a second time it is refused, with the reason.
    """
    site = Site()
    fields = {"email": "new@here.net", "password": "a new password", "staff": "yes"}
    page = do(site, "/admin/users/", **fields)

    assert words(page).startswith("The user was added. new@here.net")
    assert "active staff" in words(page)
    signed = {"username": "new@here.net", "password": "a new password"}
    assert site.ask("POST", "/api-token-auth/", json=signed).status_code == 200
    again = do(site, "/admin/users/", **fields)
    assert again.status_code == 400
    assert "new@here.net has an account already" in words(again)
    assert do(site, "/admin/users/", email="no address", password="").status_code == 400


def test_a_user_is_changed() -> None:
    """
    Password, staff, dismissal and API tokens are changed as the use cases say.
    """
    site = Site()
    signed = {"username": STRANGER, "password": PASSWORD}
    token = site.ask("POST", "/api-token-auth/", json=signed).json()["token"]
    by_token = {"Authorization": f"Token {token}"}

    def change(**fields: str) -> str:
        return words(do(site, "/admin/user/", email=STRANGER, **fields))

    assert digest_of(token).hex()[:8] in words(look(site, f"/admin/user/?email={STRANGER}"))
    assert "is staff now" in change(act="staff")
    assert look(site, "/admin/users/", STRANGER).status_code == 200
    assert "no longer staff" in change(act="unstaff")
    assert look(site, "/admin/users/", STRANGER).status_code == 403
    assert "API tokens none" in change(act="tokens")
    assert site.ask("GET", "/", headers=by_token).status_code == 401
    assert "dismissed" in change(act="deactivate")
    assert site.ask("GET", "/", STRANGER).status_code == 401
    assert "active" in change(act="activate")
    assert site.ask("GET", "/", STRANGER).status_code == 200
    assert "was changed" in change(act="password", password="quite another")
    assert site.ask("GET", "/", STRANGER).status_code == 401


def test_a_refusal_names_the_field() -> None:
    """
    Each thing that is wrong with a form stands beside the name of its field.
    """
    site = Site()
    short = do(site, "/admin/user/", email=YOU, act="password", password="short")
    assert "New password: A password has 8 to 1024 characters." in words(short)
    odd = do(site, "/admin/users/", email="nobody", password="short")
    assert "Email address: 'nobody' is no email address." in words(odd)
    assert "New password: A password has 8 to 1024 characters." in words(odd)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"email": YOU, "act": "promote"}, 400),
        ({"email": YOU}, 400),
        ({"act": "staff"}, 400),
        ({"email": YOU, "act": "password", "password": "short"}, 400),
        ({"email": "absent@here.net", "act": "staff"}, 404),
    ],
)
def test_what_can_not_be_done_is_explained(fields: dict[str, str], status: int) -> None:
    """
    A refusal is a page with the status that the API has for it.
    """
    answer = do(Site(), "/admin/user/", **fields)

    assert answer.status_code == status
    assert len(words(answer)) > 20


def test_what_is_away_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    When the database is away the page says to try again, and nothing of hosts and files.
    """

    def away(*_: object, **__: object) -> None:
        raise StorageError("no route to db.here.net")

    site = Site()
    monkeypatch.setattr(administering, "find_users", away)
    answer = look(site, "/admin/users/")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "try again" in words(answer)
    assert "db.here.net" not in answer.text


def test_a_person_is_erased_once_confirmed() -> None:
    """
    Erasing wants the address written out; then no page knows it any more.
    """
    site = Site()
    event = site.propose(FIRST)

    assert "cannot be undone" in words(look(site, f"/admin/erase/?email={THEY}"))
    assert do(site, "/admin/erase/", email=THEY, confirm="yes").status_code == 400
    assert THEY in site.ask("GET", event["url"], YOU).json()["parties"]
    assert "was erased" in words(do(site, "/admin/erase/", email=THEY, confirm=THEY))
    assert "erased-2" in words(look(site, "/admin/events/1/"))
    assert THEY not in look(site, "/admin/events/1/").text
    assert do(site, "/admin/erase/", email=ROOT, confirm=ROOT).status_code == 400


def test_what_is_left_of_an_erased_person_is_pointed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    When storage can't be scrubbed just now the page says so, and that the person is erased.
    """
    monkeypatch.setattr(auditing, "erase", lambda *_: auditing.Erased([], "but somebody reads"))

    said = words(do(Site(), "/admin/erase/", email=THEY, confirm=THEY))

    assert "The person was erased, but traces may remain in the files" in said


def test_an_event_is_shown_whole() -> None:
    """
    The page of an event has its slots with who keeps them, parties, links, and its log.
    """
    site = Site()
    event = site.propose(FIRST, SECOND, title="Mast", zone="Europe/Paris")
    token = site.token(event, THEY)
    site.ask("PATCH", event["url"], json={"keep": [FIRST], "et": token})
    before = site.log(event)
    page = look(site, "/admin/events/1/")
    text = words(page)

    assert (
        "Tue 1 Nov 2022 00:11:22\u201300:11:42 Mon 31 Oct 2022 23:11:22\u201323:11:42 20 s" in text
    )
    assert f"20 s {YOU}, {THEY}" in text
    assert f"{THEM} no answer yet" in text
    assert f"{digest_of(token).hex()[:8]} {THEY}" in text
    assert "Log Checked: all 4 entries are unchanged and in their places. 4 entries; the" in text
    assert f"4 2026-11-23 09:00:00 UPDATE {THEY} form narrow" in text
    assert token not in page.text
    assert site.log(event) == before


def test_a_party_without_letters_is_marked() -> None:
    """
    The page of an event says who wants no letters of it.
    """
    site = Site()
    event = site.propose(FIRST)
    site.ask("POST", f"{event['url']}mail/", YOU, json={"mail": "stopped"})

    assert f"{YOU} can do 1 of 1 stopped {THEY} no answer yet {THEM}" in words(
        look(site, "/admin/events/1/")
    )


def test_a_long_log_is_shown_from_its_end() -> None:
    """
    Of a long log the newest entries are shown, and where the others are.
    """
    site = Site()
    event = site.propose(FIRST)
    for _ in range(210):
        site.ask("GET", event["url"], YOU)
    text = words(look(site, "/admin/events/1/"))

    assert "The 11 entries before these" in text
    assert f"211 2026-11-23 09:00:00 VIEW {YOU}" in text


def test_a_link_is_revoked() -> None:
    """
    A link that was revoked opens nothing, and says so in the list.
    """
    site = Site()
    event = site.propose(FIRST)
    token = site.token(event, THEY)
    page = do(site, "/admin/events/1/link/", digest=digest_of(token).hex())

    assert "The link was taken back" in words(page)
    assert "revoked" in words(page)
    assert site.ask("GET", event["url"], params={"et": token}).status_code == 401
    assert do(site, "/admin/events/1/link/", digest="zz").status_code == 400
    assert do(site, "/admin/events/1/link/", digest="00").status_code == 404


def test_an_event_is_deleted_once_confirmed() -> None:
    """
    Deleting wants the number written out; the page and the log stay.
    """
    site = Site()
    event = site.propose(FIRST)

    assert do(site, "/admin/events/1/delete/", confirm="2").status_code == 400
    assert site.ask("GET", event["url"], YOU).status_code == 200
    assert "The event was deleted" in words(do(site, "/admin/events/1/delete/", confirm="1"))
    assert site.ask("GET", event["url"], YOU).status_code == 410
    assert "deleted 1 3" not in words(look(site, "/admin/events/"))
    assert "deleted 1 3" in words(look(site, "/admin/events/?status=&all=1"))
    assert "There is no such event" in words(look(site, "/admin/events/?status=agreed"))
    assert look(site, "/admin/events/?status=odd").status_code == 400
    assert look(site, "/admin/events/2/").status_code == 404


def test_waiting_letters_are_sent_or_dropped() -> None:
    """
    The outbox lists what waits; dropping ends it and is logged, once.
    """
    site = Site(delivers=False)
    event = site.propose(COMING)
    told = {"parties": [THEY, THEM], "slots": event["slots"], "invitation": True}
    site.ask("POST", event["notify_url"], YOU, json=told)
    text = words(look(site, "/admin/outbox/"))

    assert f"1 event 1 {THEY} invitation due" in text
    assert "due again" in words(do(site, "/admin/outbox/", letter="1", act="retried"))
    dropped = words(do(site, "/admin/outbox/", letter="1", act="dropped"))
    assert "The letter was dropped" in dropped
    assert THEY not in dropped
    assert THEM in dropped
    assert "invitation true" in words(look(site, "/admin/events/1/"))
    assert "delivery dropped" in words(look(site, "/admin/events/1/"))
    assert do(site, "/admin/outbox/", letter="1", act="dropped").status_code == 404
    assert do(site, "/admin/outbox/", letter="2", act="burnt").status_code == 400
    assert do(site, "/admin/outbox/", letter="x", act="dropped").status_code == 400


def test_other_sites_can_not_use_the_session_of_staff() -> None:
    """
    With the cookie of a session alone, only a form of our own pages does anything.
    """
    site = Site()
    signed = {"username": ROOT, "password": PASSWORD, "next": "/admin/"}
    own = BROWSER | {"Sec-Fetch-Site": "same-origin"}
    site.client.post("/login/", data=signed, headers=own)
    deed = {"email": YOU, "act": "staff"}

    def sent(headers: dict[str, str]) -> int:
        return site.client.post("/admin/user/", data=deed, headers=headers).status_code

    assert site.client.get("/admin/users/", headers=BROWSER).status_code == 200
    assert sent(BROWSER | {"Sec-Fetch-Site": "cross-site"}) == 403
    assert sent(BROWSER | {"Origin": "https://example.org"}) == 403
    assert sent(BROWSER) == 403
    assert sent(own) == 303


def test_the_door_leads_to_the_events() -> None:
    """
    The bare address sends on to the first page, and has the same style sheet as the others.
    """
    site = Site()

    assert look(site, "/admin").headers["Location"] == "/admin/"
    assert look(site, "/admin/").headers["Location"] == "/admin/events/"
    assert look(site, "/admin/admin.css", None).headers["Content-Type"].startswith("text/css")
    assert site.ask("HEAD", "/admin/users/", ROOT).content == b""
    assert site.ask("PUT", "/admin/users/", ROOT).status_code == 405
    assert look(site, "/admin/nothing/").status_code == 404


@pytest.mark.parametrize("path", ["/admin/users", "/admin/events/1", "/admin/events/1/link"])
def test_a_missing_slash_is_added(path: str) -> None:
    """
    Below the door an address without its last slash leads on as everywhere, query kept.
    """
    site = Site(public_url="https://meet.example.org")
    for method, status in (("GET", 301), ("HEAD", 301), ("POST", 308)):
        answer = site.ask(method, f"{path}?q=a%20b", ROOT)
        assert answer.status_code == status
        assert answer.headers["Location"] == f"{path}/?q=a%20b"
    assert site.ask("GET", "/admin/nothing", ROOT).status_code == 404
    assert site.ask("GET", "/admin/admin.css/", ROOT).status_code == 404
