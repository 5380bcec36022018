"""
The page of who has signed in: its events, and proposing another.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.entry.http_site import COMING, PASSWORD, ROOT, STRANGER, THEM, THEY, YOU, Site
from tests.entry.pages_guest import BROWSER, Forms, text_of, words


if TYPE_CHECKING:
    from httpx2 import Response


@pytest.fixture
def site() -> Site:
    """
    A server with two events.
    """
    site = Site()
    site.propose(COMING, title="Mast")
    site.propose(COMING, title="Lunch", parties=[YOU])
    return site


def look(site: Site, path: str = "/", who: str = YOU) -> Response:
    """
    Open a page as somebody who has signed in.
    """
    return site.client.get(path, headers=BROWSER, auth=(who, PASSWORD))


def send(site: Site, **fields: Any) -> Response:
    """
    Send the form of the page.
    """
    sent = {"as": YOU, **fields}
    return site.client.post("/", data=sent, headers=BROWSER, auth=(YOU, PASSWORD))


def test_the_list(site: Site) -> None:
    """
    One's events come newest first, with their status and who is waited on.
    """
    page = words(look(site))
    assert page.index("Lunch agreed") < page.index("Mast open")
    assert f"{THEY} and {THEM}" in page
    assert "agreed Sat 1 Dec 2096 09:00-09:30" in page
    assert "You have no events yet" in words(look(site, who=STRANGER))


def test_the_list_of_staff(site: Site) -> None:
    """
    Staff sees the events of everybody, and no page calls them its own.
    """
    site.propose(COMING, title="Mine", parties=[THEY])
    for path in ("/", "/1/", "/account/"):
        assert "All events" in words(look(site, path, ROOT))
        assert "Your events" not in words(look(site, path, ROOT))
    assert "Your events" in words(look(site))


def test_the_list_goes_on(site: Site) -> None:
    """
    Thirty events are shown at a time, and a link leads to those before them.
    """
    for number in range(30):
        site.propose(COMING, title=f"Event {number}")
    first = look(site)
    assert "Lunch" not in words(first)
    assert 'href="/?after=3"' in first.text
    rest = look(site, "/?after=3")
    assert words(rest).index("Lunch agreed") < words(rest).index("Mast open")
    assert "Event 0" not in words(rest)
    assert "Show more" not in words(rest)


def test_the_list_goes_on_as_it_began(site: Site) -> None:
    """
    What goes on is of the same status, and lists the deleted too where they were listed.
    """
    for number in range(30):
        site.propose(COMING, title=f"Event {number}", parties=[YOU])
    assert site.ask("DELETE", "/1/", ROOT).is_success
    assert 'href="/?all=1&amp;after=3"' in look(site, "/?all=1").text
    assert "Mast" in words(look(site, "/?all=1&after=3"))
    assert "Mast" not in words(look(site, "/?after=3"))
    assert 'href="/?status=agreed&amp;after=3"' in look(site, "/?status=agreed").text


def test_the_list_of_one_status(site: Site) -> None:
    """
    A page lists the events of a status as a program does, and leads back to all.
    """
    agreed = look(site, "/?status=agreed")
    assert "Lunch agreed" in words(agreed)
    assert "Mast" not in words(agreed)
    assert '<a href="/">Show all</a>' in agreed.text
    assert "There is no such event." in words(look(site, "/?status=void"))
    assert "You have no events yet" not in words(look(site, "/?status=void"))
    assert look(site, "/?status=odd").status_code == 400
    assert look(site, "/?status=").status_code == 200


@pytest.mark.parametrize("number", ["", "-1", "x", "1.5", "0", "9" * 19, "9" * 5000])
def test_an_odd_number_in_an_address_does_no_harm(site: Site, number: str) -> None:
    """
    Whatever stands for a number in an address, a page comes, or that event is refused.
    """
    for path in ("/?after=", "/1/?saved=", "/1/?told=", "/1/?saved=0&since=", "/1/log/?after="):
        assert look(site, path + number).status_code == 200
    assert look(site, "/?like=" + number).status_code in {200, 403}


def test_a_form_made_for_somebody_else_proposes_nothing(site: Site) -> None:
    """
    Whoever signs in as another, with the form still open, is told so and loses nothing.
    """
    assert f'name="as" value="{YOU}"' in look(site).text
    fields = {"as": THEY, "title": "Picnic", "parties": YOU, "written": "2096-12-01 9:00 1h"}

    answer = send(site, **fields)

    assert answer.status_code == 409
    assert f"made for {THEY}, but you now act as {YOU}" in words(answer)
    assert 'value="Picnic"' in answer.text
    assert "2096-12-01 9:00 1h" in answer.text
    assert "Picnic" not in words(look(site))
    assert send(site, **fields | {"as": YOU}).headers["Location"] == "/3/?saved=1"


def test_deleted_events(site: Site) -> None:
    """
    What was deleted is listed when asked for, and leads to its history.
    """
    assert site.ask("DELETE", "/1/", ROOT).is_success
    assert "Mast" not in words(look(site))
    assert 'href="/1/log/"' in look(site, "/?all=1").text


def test_proposing(site: Site) -> None:
    """
    The form opens an event, and leads to where the others can be told.
    """
    opened = send(
        site,
        title="Boat",
        parties=f"{YOU}\n{THEY}, {THEM}",
        zone="Europe/Paris",
        date=["2096-07-01", "", "2096-07-02"],
        time=["09:00", "", "10:00"],
        length=["1h", "30m", "90m"],
        press="propose",
    )
    assert (opened.status_code, opened.headers["Location"]) == (303, "/3/?saved=1")
    page = look(site, "/3/?saved=1")
    assert "Your event is open. Nobody has been told yet" in words(page)
    assert "They don't know about it yet: send them letters below." in words(page)
    assert "nothing to do for you" not in words(page)
    assert words(page).index("Tell the others") < words(page).index("Save my answer")
    assert page.text.count(" checked") == 6
    event = site.ask("GET", "/", YOU).json()[-1]
    assert event["parties"] == [YOU, THEY, THEM]
    assert event["slots"] == [
        {"begin": "2096-07-01T07:00:00Z", "duration": "01:00:00"},
        {"begin": "2096-07-02T08:00:00Z", "duration": "01:30:00"},
    ]


def test_a_form_that_is_sent_twice_opens_one_event(site: Site) -> None:
    """
    Pressing Enter twice leads to the same event; a form that was changed or drawn anew to another.
    """
    first, second = (
        next(value for name, value in Forms(look(site).text).found[0][1] if name == "once")
        for _ in range(2)
    )
    fields = {"title": "Boat", "parties": YOU, "zone": "UTC", "press": "propose"}
    places = [
        send(site, **{**fields, **changed}).headers["Location"]
        for changed in (
            {"once": first},
            {"once": first},
            {"once": first, "title": "Mast"},
            {"once": second},
            {},
            {},
        )
    ]
    assert [int(place.split("/")[1]) for place in places] == [3, 3, 4, 5, 6, 7]


def test_faults_are_told_together(site: Site) -> None:
    """
    Everything that is wrong is named, each where it stands, and what was typed stays.
    """
    refused = send(
        site,
        title="Bo",
        parties=f"{YOU}\nnobody",
        zone="Europe/Paris",
        date=["2096-07-01", "2096-03-25"],
        time=["", "02:30"],
        length=["1h", "1h"],
        press="propose",
    )
    page = words(refused)
    assert refused.status_code == 400
    assert "Parties: " in page
    assert "Time 1: Fill in a date and a time." in page
    assert "Time 2: " in page
    assert "2096-03-25" in refused.text
    assert "nobody" in refused.text
    assert len(site.ask("GET", "/", YOU).json()) == 2


def test_nobody_takes_part(site: Site) -> None:
    """
    Without a party there is no event, and it is said in words.
    """
    refused = send(site, parties="", press="propose")
    assert refused.status_code == 400
    assert "Choose at least one person to tell." not in words(refused)
    assert "Parties: " in words(refused)


def test_filling_in(site: Site) -> None:
    """
    Each weekday from one day until another makes rows beside those that are there.
    """
    filled = send(
        site,
        parties=YOU,
        zone="Europe/Paris",
        date=["2096-07-01", ""],
        time=["09:00", ""],
        length=["1h", "30m"],
        days=["mon", "tue"],
        **{"from": "2096-07-02", "until": "2096-07-10", "at": "9:00, 14:00", "for": "1h30m"},
        press="fill",
    )
    assert filled.status_code == 200
    assert "8 times were filled in." in words(filled)
    for value in ("2096-07-01", "2096-07-02", "2096-07-10", "14:00"):
        assert f'value="{value}"' in filled.text
    assert filled.text.count('<option value="1h30m" selected>') == 9
    more = send(site, press="more", date=[""] * 3, time=[""] * 3, length=["30m"] * 3)
    assert more.text.count('name="date"') == 8


def test_filling_in_by_the_return_key(site: Site) -> None:
    """
    In a field of those that fill rows in, the return key does that while all rows are empty.

    The buttons' order in the form is why a browser says otherwise.
    """
    assert look(site).text.index('value="propose"') < look(site).text.index('value="fill"')
    empty = {"date": [""] * 3, "time": [""] * 3, "length": ["30m"] * 3}
    rule = {"from": "2096-07-02", "until": "2096-07-10", "at": "9:00", "for": "1h"}
    asked = {"parties": YOU, "zone": "UTC", "days": ["mon", "sun"], "press": "propose"}
    filled = send(site, **asked, **empty, **rule)
    assert filled.status_code == 200
    assert "3 times were filled in." in words(filled)
    assert re.findall('value="([a-z]{3})" checked', filled.text) == ["mon", "sun"]

    unread = send(site, **asked, **empty, **{**rule, "at": "9"})
    assert unread.status_code == 400
    assert "<details open>" in unread.text
    assert re.findall('value="([a-z]{3})" checked', unread.text) == ["mon", "sun"]
    assert len(site.ask("GET", "/", YOU).json()) == 2

    rows = {**empty, "date": ["2096-07-01", "", ""], "time": ["09:00", "", ""]}
    assert send(site, **asked, **rows, **rule).status_code == 303


def test_filling_in_twice(site: Site) -> None:
    """
    What stands in a row already is not filled in once more.
    """
    rule = {"from": "2096-07-02", "until": "2096-07-10", "at": "9:00", "for": "30m"}
    asked = {"parties": YOU, "zone": "UTC", "days": ["mon"], "press": "fill", **rule}
    rows = {"date": "2096-07-02", "time": "09:00", "length": "30m"}
    page = send(site, **asked, **rows)
    assert "One time was filled in. Monday 9 July 2096" in words(page)
    assert page.text.count('name="date"') == 2


def test_a_button_that_is_none(site: Site) -> None:
    """
    A form that was sent by no button of ours does nothing, and comes back as it was filled in.
    """
    refused = send(site, parties=YOU, title="Boat", press="open")
    assert refused.status_code == 400
    assert 'value="Boat"' in refused.text
    assert len(site.ask("GET", "/", YOU).json()) == 2


def test_no_time_is_left_out(site: Site) -> None:
    """
    More times than an event holds are refused together, and all of them stay in the form.
    """
    rows = {"date": ["2096-07-01"] * 12, "length": ["30m"] * 12}
    rows["time"] = [f"{hour:02}:00" for hour in range(12)]
    rule = {"from": "2096-07-02", "until": "2096-07-11", "at": "9:00, 11:00, 13:00", "for": "1h"}
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    filled = send(site, parties=YOU, zone="UTC", **rows, days=days, **rule, press="fill")
    assert filled.text.count('name="date"') == 42

    sent: dict[str, list[str]] = {"date": [], "time": [], "length": []}
    for name, value in Forms(filled.text).found[0][1]:
        if name in sent:
            sent[name].append(value)
    refused = send(site, parties=YOU, **sent, press="propose")

    assert refused.status_code == 400
    assert "That would be 42 times; at most 30 fit on the table." in words(refused)
    assert refused.text.count('name="date"') == 42
    assert "More rows" not in words(refused)
    assert len(site.ask("GET", "/", YOU).json()) == 2
    longest = send(site, press="more", **{name: [""] * 28 for name in ("date", "time", "length")})
    assert longest.text.count('name="date"') == 30


@pytest.mark.parametrize("wrong", [{"from": "x"}, {"zone": "Nowhere"}, {"days": []}])
def test_what_can_not_be_filled_in(site: Site, wrong: dict[str, Any]) -> None:
    """
    A rule that can't be read is explained, and nothing is filled in.
    """
    fields = {"days": ["mon"], "from": "2096-07-02", "until": "2096-07-10", "at": "9:00"}
    refused = send(site, **{**fields, "for": "1h", "zone": "UTC", "press": "fill", **wrong})
    assert refused.status_code == 400
    assert "This could not be saved" in words(refused)


def test_what_is_missing_to_fill_in(site: Site) -> None:
    """
    Each field of a rule is named as the form does; one that is empty is to be filled in.
    """
    empty = words(send(site, press="fill", **{"from": "", "until": "", "at": "", "for": "30m"}))
    for said in ("Days: Choose at least one", "From: Fill this in.", "Until: Fill this in."):
        assert said in empty
    assert "Times of day: Fill this in." in empty
    odd = {"from": "x", "until": "2096-07-10", "at": "9", "for": "y", "days": ["mon"]}
    page = words(send(site, press="fill", **odd))
    assert "From: 'x' is no day." in page
    assert "Times of day: '9' is no time of day. Write it as in 9:00." in page
    assert "Length: 'y' is no length." in page


def test_the_zone_of_the_home_page(site: Site) -> None:
    """
    A zone chosen once stands in the form.
    """
    assert look(site, "/?zone=Asia/Tokyo").status_code == 303
    assert "<option selected>Asia/Tokyo</option>" in look(site).text


def test_times_in_words(site: Site) -> None:
    """
    Times written as people do fill rows, which tell how each was read, or go with the rest.
    """
    fields = {"parties": YOU, "zone": "Europe/Paris", "date": "", "time": "", "length": "30m"}
    text = "2096-07-02 9-11 /1h\n\n2096-07-03 14:00 30s"
    filled = send(site, **fields, written=text, press="fill")
    page = words(filled)
    assert "3 times were filled in. One time lasts less than a minute." in page
    assert "Monday 2 July 2096, 09:00-10:00 (Europe/Paris)" in page
    assert filled.text.count('name="date"') == 3
    assert "14:00 30s" not in filled.text

    opened = send(site, **fields, written=text, press="propose")
    assert opened.status_code == 303
    assert len(site.ask("GET", "/", YOU).json()[-1]["slots"]) == 3

    refused = send(site, **fields, written="2096-07-02 9-11 /1h\nsoon", press="propose")
    assert refused.status_code == 400
    assert "In words 2: " in words(refused)
    assert "soon" in refused.text


def test_a_fault_is_named_as_the_form_names_its_field(site: Site) -> None:
    """
    Empty rows and lines count, and what is wrong in rows is told together with what is in words.
    """
    refused = send(
        site,
        parties="nobody",
        zone="UTC",
        date=["", "2096-07-01", "2096-02-30"],
        time=["", "09:00", "09:00"],
        length=["30m"] * 3,
        written="\nsoon",
        press="propose",
    )
    page = words(refused)
    assert refused.status_code == 400
    for name in ("Parties: ", "Time 3: ", "In words 2: "):
        assert name in page
    for name in ("Time 1: ", "Time 2: ", "In words 1: "):
        assert name not in page


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "en",
            [
                "Title: Boat",
                f"Parties: {YOU}, {THEY}",
                "Time zone: Europe/Paris",
                "Time 1: 2096-07-01 09:00 1h",
                "Time 3: 10:00 30m",
                "In words: tue 9-11",
                "In words: wed 14:00 45m",
                "Fill in many times: Mon, Tue, 2096-07-02, 9:00, 2h",
            ],
        ),
        ("de", ["Zeit 3: 10:00 30m", "Viele Zeiten eintragen: Mo, Di, 2096-07-02"]),
    ],
)
def test_what_was_proposed_is_told_back(site: Site, language: str, lines: list[str]) -> None:
    """
    When the session has ended before the form was sent, all that it held can be copied.
    """
    fields = {"title": "Boat", "parties": f"{YOU}\n{THEY};", "zone": "Europe/Paris", "at": "9:00"}
    rows = {
        "date": ["2096-07-01", "", ""],
        "time": ["09:00", "", "10:00"],
        "length": ["1h", "30m", "30m"],
    }
    rule = {"days": ["mon", "tue"], "from": "2096-07-02", "until": "", "for": "2h"}
    sent = {**fields, **rows, **rule, "written": "tue 9-11\nwed 14:00 45m", "press": "propose"}
    late = site.client.post("/", data=sent, headers=BROWSER | {"Accept-Language": language})

    assert late.status_code == 401
    assert "new link" not in words(late)
    told = [text_of(line) for line in re.findall("<li>(.*?)</li>", late.text)]
    assert [line for line in lines if line not in told and f"{line}, 9:00, 2h" not in told] == []
    assert len(told) == 8
