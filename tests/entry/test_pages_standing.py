"""
What the page of an event says of who has been told, and of what comes next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.entry.http_site import COMING, PASSWORD, THEM, THEY, YOU, Site
from tests.entry.pages_guest import BROWSER, NEXT, B, Guest, agree, words


if TYPE_CHECKING:
    from httpx2 import Response


TOLD = "Everybody has been told."
QUIETLY = "It suits everybody."
ASKED = "send them letters below"
PAST = {"begin": "2020-12-01T09:00:00Z", "duration": "00:30:00"}


def look(site: Site, path: str) -> Response:
    """
    Open a page as the proposer.
    """
    return site.client.get(path, headers=BROWSER, auth=(YOU, PASSWORD))


def test_everybody_has_been_told() -> None:
    """
    When the log promises a letter about the agreement to all others, the page says so.
    """
    assert TOLD in words(agree(Guest()))


def test_who_wants_no_letters_was_not_told() -> None:
    """
    When another party had stopped its letters, nobody claims that all were told.
    """
    guest = Guest()
    token = guest.site.token(guest.event, THEM)
    assert guest.site.ask("POST", f"/1/mail/?et={token}", json={"mail": "stopped"}).is_success
    guest.open()
    guest.answer("only", works=[B])
    for way, who in (("/1/", YOU), (f"/1/?et={token}", None)):
        assert guest.site.ask("PATCH", way, who, json={"keep": [NEXT]}).is_success
    page = words(guest.get("/1/"))
    assert QUIETLY in page
    assert TOLD not in page


def test_a_time_that_is_over_was_told_to_nobody() -> None:
    """
    Of a time that has passed nothing is sent, and the page claims nothing else.
    """
    site = Site()
    event = site.propose(PAST, title="Late", parties=[YOU, THEY])
    body = {"accept": [PAST], "et": site.token(event, THEY)}
    assert site.ask("PATCH", "/1/", json=body).is_success
    page = words(look(site, "/1/"))
    assert QUIETLY in page
    assert TOLD not in page


def test_what_was_told_of_another_time() -> None:
    """
    Letters about an agreement that has gone don't count for the next one.
    """
    guest = Guest()
    assert TOLD in words(agree(guest))
    assert guest.site.ask("PATCH", "/1/", YOU, json={"slots": [PAST]}).is_success
    guest.site.deliver()
    for who in (THEY, THEM):
        body = {"accept": [PAST], "et": guest.site.token(guest.current(), who)}
        assert guest.site.ask("PATCH", "/1/", json=body).is_success
    page = words(guest.get("/1/"))
    assert QUIETLY in page
    assert TOLD not in page


def test_an_event_that_is_agreed_at_birth() -> None:
    """
    Who opens an event with nobody else is neither told that nobody knows of it, nor that all do.
    """
    site = Site()
    site.propose(COMING, title="Alone", parties=[YOU])
    page = words(look(site, "/1/?saved=1"))
    assert "Your event was created." in page
    assert "Nobody has been told" not in page
    assert QUIETLY in page
    assert TOLD not in page


def test_who_wants_no_letters_is_not_to_be_sent_some() -> None:
    """
    When all who are waited on have stopped letters, the page doesn't ask for letters to them.
    """
    site = Site()
    site.register(THEY)
    site.propose(COMING, title="Mast", parties=[YOU, THEY])
    assert ASKED in words(look(site, "/1/"))
    assert site.ask("POST", "/1/mail/", THEY, json={"mail": "stopped"}).is_success
    page = words(look(site, "/1/"))
    assert f"Still to answer: {THEY}." in page
    assert ASKED not in page


def test_a_letter_of_long_ago_was_sent() -> None:
    """
    Where the page does not show how the log begins, it says of nobody that it knows nothing.
    """
    site = Site()
    event = site.propose(COMING, title="Mast")
    site.token(event, THEY)
    for number in range(110):
        assert site.ask("PATCH", "/1/", YOU, json={"title": f"Title {number}"}).is_success
    assert ASKED not in words(look(site, "/1/"))
