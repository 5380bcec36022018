"""
What the page of an event offers beside the answer: titles, more times, letters, deleting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.entry.http_site import COMING, PASSWORD, ROOT, STRANGER, THEM, THEY, YOU, Site
from tests.entry.pages_guest import BROWSER, LAST, NEXT, A, B, C, Guest, words


if TYPE_CHECKING:
    from httpx2 import Response


@pytest.fixture
def guest() -> Guest:
    """
    Somebody that has just opened the link of a letter.
    """
    opened = Guest()
    opened.open()
    return opened


@pytest.fixture
def site() -> Site:
    """
    A server with an event whose proposer takes no part in it.
    """
    site = Site()
    site.register(THEY)
    site.propose(COMING, NEXT, LAST, title="Mast", parties=[THEY, THEM])
    return site


def look(site: Site, who: str, path: str = "/1/") -> Response:
    """
    Open a page as somebody who has signed in.
    """
    return site.client.get(path, headers=BROWSER, auth=(who, PASSWORD))


def send(site: Site, who: str, path: str, **fields: object) -> Response:
    """
    Send a form as somebody who has signed in, and go where it leads.
    """
    answer = site.client.post(
        path, data={"as": who, **fields}, headers=BROWSER, auth=(who, PASSWORD)
    )
    if answer.status_code == 303:
        return look(site, who, answer.headers["Location"])
    return answer


@pytest.mark.parametrize(
    ("kept", "lead"),
    [
        ([COMING, NEXT], f"{YOU} is looking for a time for this with you"),
        ([COMING], f"{YOU} has found a time for this with you."),
        ([], f"{YOU} has been looking for a time for this with you, and none is left."),
    ],
)
def test_the_lead_tells_the_state(kept: list[dict[str, str]], lead: str) -> None:
    """
    The first sentence says what has come of the search, to the proposer as to the guest.
    """
    site = Site()
    site.register(THEY)
    site.propose(COMING, NEXT, parties=[YOU, THEY])
    assert site.ask("PATCH", "/1/", THEY, json={"keep": kept}).is_success

    assert lead in words(look(site, THEY))
    yours = lead.replace(f"{YOU} is", "You are").replace(f"{YOU} has", "You have")
    assert yours.replace("with you", f"with {THEY}") in words(look(site, YOU))


def test_another_title(guest: Guest) -> None:
    """
    A party gives the event another title; the same one again records nothing.
    """
    page = words(guest.follow(guest.post("/1/title/", title="A new mast")))
    assert "The title was changed." in page
    assert "A new mast" in page
    assert guest.current()["title"] == "A new mast"
    same = guest.follow(guest.post("/1/title/", title="A new mast"))
    assert "Nothing was changed" in words(same)
    assert guest.happened() == ["VIEW", "UPDATE"]

    refused = guest.post("/1/title/", title="x\u202ey")
    assert refused.status_code == 400
    assert "Title: " in words(refused)


def test_a_new_link_for_oneself(guest: Guest) -> None:
    """
    A party has a newer link mailed to itself, also to a phone that has none yet.
    """
    page = guest.get("/1/")
    assert f'name="to" value="{THEY}"' in page.text
    told = guest.post("/1/notify/", to=THEY, seen=[A, B, C])
    assert f"One letter is on its way to {THEY}." in words(guest.follow(told))


def test_times_in_words(guest: Guest) -> None:
    """
    A time may be written as people do, in the zone beside the field, and is told back.
    """
    fields = {"date": "", "time": "", "length": "30m", "zone": "Asia/Kathmandu"}
    written = guest.post("/1/add/", **fields, written="2096-12-05 9-11 /1h")
    page = words(guest.follow(written))
    assert "You put 2 times on the table: Wednesday 5 December 2096, 03:15-04:15 (UTC)" in page
    assert len(guest.current()["slots"]) == 5

    both = {**fields, "date": "2096-12-06", "time": "09:00"}
    guest.post("/1/add/", **both, written="2096-12-07 9:00 45m")
    assert len(guest.current()["slots"]) == 7

    refused = guest.post("/1/add/", **fields, written="2096-12-05 9 45m")
    assert refused.status_code == 400
    assert "could mean two things. Write 2096-12-05 09:00 45m or 2096-12-05 21:00" in words(refused)
    assert 'value="2096-12-05 9 45m"' in refused.text


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2020-01-01 9:00 45m", "One time is over already."),
        ("2096-12-05 9:00 20s", "One time lasts less than a minute. Is that what you mean?"),
    ],
)
def test_odd_times_are_pointed_out(guest: Guest, written: str, said: str) -> None:
    """
    What is over, or lasts only seconds, is recorded and pointed out.
    """
    fields = {"date": "", "time": "", "length": "", "zone": "UTC"}
    page = words(guest.follow(guest.post("/1/add/", **fields, written=written)))
    assert said in page
    assert "You put one time on the table" in page


def test_a_proposer_who_takes_no_part(site: Site) -> None:
    """
    It takes times off the table, with a word more when none would be left, and answers nothing.
    """
    page = look(site, YOU)
    assert page.text.count('type="checkbox" name="slot:') == 3
    assert 'value="all"' not in page.text
    said = words(send(site, YOU, "/1/answer/", seen=[A, B, C], **{f"slot:{A}": "fails"}))
    assert "You took one time off the table" in said
    now = site.ask("GET", "/1/", YOU).json()
    assert now["slots"] == [NEXT, LAST]
    assert now["kept"] == {THEY: None, THEM: None}

    rest = {f"slot:{each}": "fails" for each in (B, C)}
    assert "Take away every time?" in words(send(site, YOU, "/1/answer/", seen=[B, C], **rest))


def test_a_proposer_who_takes_no_part_chooses(site: Site) -> None:
    """
    Of the times that suit all parties it may choose one, and that is agreed.
    """
    for who in (THEY, THEM):
        site.register(who)
        body = {"accept": [COMING, NEXT, LAST]}
        assert site.ask("PATCH", "/1/", who, json=body).is_success
    assert "Anyone may choose now" in words(look(site, YOU))

    send(site, YOU, "/1/answer/", seen=[A, B, C], press="choose", choice=B)
    now = site.ask("GET", "/1/", YOU).json()
    assert (now["status"], now["slots"]) == ("agreed", [NEXT])


def test_deleting(guest: Guest) -> None:
    """
    Staff deletes an event from its page once that is confirmed; nobody else sees the form.
    """
    site = guest.site
    assert "/1/delete/" not in guest.get("/1/").text
    assert guest.post("/1/delete/", sure="yes").status_code == 403
    assert "/1/delete/" in look(site, ROOT).text
    unsure = send(site, ROOT, "/1/delete/")
    assert unsure.status_code == 400
    assert "Nothing was deleted." in words(unsure)

    done = send(site, ROOT, "/1/delete/", sure="yes")
    assert "This event was deleted." in words(done)
    assert look(site, YOU).status_code == 410


def test_one_like_this(site: Site) -> None:
    """
    The form comes filled in from another event, with the times that are still to come.
    """
    past = {"begin": "2020-01-01T09:00:00Z", "duration": "00:30:00"}
    site.propose(past, COMING, title="Again", zone="Europe/Paris", parties=[THEY, THEM])
    assert 'href="/?like=2#new"' in look(site, YOU, "/2/").text
    form = look(site, YOU, "/?like=2").text
    assert 'value="Again"' in form
    assert f"{THEY}\n{THEM}</textarea>" in form
    assert "<option selected>Europe/Paris</option>" in form
    assert form.count('name="date"') == 1
    assert 'value="2096-12-01"' in form
    assert 'value="10:00"' in form

    opened = send(
        site,
        YOU,
        "/",
        like="2",
        title="Again",
        parties=THEY,
        zone="Europe/Paris",
        date="2096-12-02",
        time="10:00",
        length="30m",
        press="propose",
    )
    assert "Your event is open" in words(opened)
    assert site.log(site.ask("GET", "/3/", YOU).json())[0]["data"]["like"] == 2
    assert look(site, STRANGER, "/?like=2").status_code == 403


def test_all_who_have_not_answered() -> None:
    """
    One press tells everybody who is waited on and takes letters.
    """
    site = Site()
    crowd = [YOU, THEY, THEM, "n1@here.net", "n2@here.net"]
    event = site.propose(COMING, parties=crowd)
    token = site.token(event, THEM)
    assert site.ask("POST", "/1/mail/", json={"mail": "stopped", "et": token}).is_success
    site.register("n1@here.net")
    assert site.ask("PATCH", "/1/", "n1@here.net", json={"accept": [COMING]}).is_success
    assert "Send to all who have not answered" in words(look(site, YOU))

    told = words(send(site, YOU, "/1/notify/", seen=A, whom="awaited"))
    assert f"2 letters are on their way to {THEY} and n2@here.net." in told
