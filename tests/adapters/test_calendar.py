from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import attrs
import icalendar
import pytest

from calndro.adapters.calendar import invite
from calndro.core.agreement import Status
from calndro.core.deeds import Extend, Keep, Replace
from calndro.core.event import see
from calndro.core.notice import Kind, Notice
from calndro.core.slot import Slot
from tests.adapters.calendars import (
    MOVED_CLOCKS,
    ORGANIZER,
    PUBLIC_URL,
    Found,
    by_ical_js,
    by_icalendar,
    by_libical,
    file_of,
    lines_of,
    shown,
)
from tests.adapters.letters import NOW, TOKEN, dispatch
from tests.examples import HOUR, IDENTITY, START, Scene, slot, slots


if TYPE_CHECKING:
    from collections.abc import Callable

    from calndro.core.dispatch import Dispatch


UID = f"{IDENTITY}@meet.example.org"
PARIS = Slot(datetime(2030, 7, 1, 7, tzinfo=UTC), HOUR)


def agreed(*more: int) -> Scene:
    """
    Play until *a* and *b* agree on slot 1, proposed with some more by one who is no party.
    """
    scene = Scene(1, *more, parties="ab", proposer="p")
    for name in "ab":
        scene.keep(name, 1)
    return scene


def enclosed(letter: Dispatch, now: datetime = NOW) -> tuple[str | None, list[str]]:
    """
    Make the calendar of a letter; give its method and its unfolded lines.
    """
    made = invite(letter, PUBLIC_URL, ORGANIZER, now)
    assert made is not None
    method, content = made
    (found,) = by_icalendar([content])
    assert found.method == (method or "")
    return method, lines_of(content)


def test_request_says_all_that_a_calendar_needs() -> None:
    """
    A request names the event, its version, who invites and who comes, in the event's zone.

    Source: RFC 5546, 3.2.2.
    """
    seen = shown(
        PARIS, zone="Europe/Paris", status=Status.AGREED, kept={"a@here.net": (PARIS,)}, id=7
    )
    letter = dispatch(event=seen, notice=Notice(7, 12, 1, Kind.AGREED), about=PARIS)
    history = "Answers and history: https://meet.example.org/7/"
    assert enclosed(letter) == (
        "REQUEST",
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//calndro//calndro//EN",
            "METHOD:REQUEST",
            "BEGIN:VTIMEZONE",
            "TZID:Europe/Paris",
            "BEGIN:STANDARD",
            "DTSTART:20291231T010000",
            "TZNAME:CET",
            "TZOFFSETFROM:+0100",
            "TZOFFSETTO:+0100",
            "END:STANDARD",
            "BEGIN:DAYLIGHT",
            "DTSTART:20300331T020000",
            "TZNAME:CEST",
            "TZOFFSETFROM:+0100",
            "TZOFFSETTO:+0200",
            "END:DAYLIGHT",
            "BEGIN:STANDARD",
            "DTSTART:20301027T030000",
            "TZNAME:CET",
            "TZOFFSETFROM:+0200",
            "TZOFFSETTO:+0100",
            "END:STANDARD",
            "END:VTIMEZONE",
            "BEGIN:VEVENT",
            "SUMMARY:moot",
            "DTSTART;TZID=Europe/Paris:20300701T090000",
            "DTEND;TZID=Europe/Paris:20300701T100000",
            "DTSTAMP:20291224T183012Z",
            f"UID:{UID}",
            "SEQUENCE:12",
            "ATTENDEE;PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT;RSVP=FALSE:mailto:a@here.net",
            f"DESCRIPTION:Agreed between a@here.net and b@here.net.\\n{history}",
            "ORGANIZER;CN=a@here.net:mailto:desk@example.org",
            "STATUS:CONFIRMED",
            "URL:https://meet.example.org/7/",
            f"X-CALNDRO-AUDIT:{seen.receipt}",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ],
    )


def test_cancellation_names_what_was_agreed_on() -> None:
    """
    When an agreement breaks, the same entry is called off with a later version.

    Source: RFC 5546, 3.2.5.
    """
    scene = agreed()
    scene.replace("a", 2, 3)
    method, lines = enclosed(
        dispatch(scene, notice=Notice(7, 20, 1, Kind.CANCELLED), about=slot(1))
    )
    assert method == "CANCEL"
    assert {
        f"UID:{UID}",
        "SEQUENCE:20",
        "STATUS:CANCELLED",
        "DTSTART:20300102T000000Z",
        "ATTENDEE;ROLE=REQ-PARTICIPANT;RSVP=FALSE:mailto:b@here.net",
    } <= set(lines)


def test_entry_is_the_same_in_all_letters_and_files() -> None:
    """
    Agreed, moved, called off or downloaded, it is one entry, and no version is ever lower.
    """
    scene = agreed()
    calendars = [file_of(see(scene.ledger))]
    for form in (None, Extend(slots(2)), Keep(slots(1)), Replace(slots(3))):
        scene.update("a", form, None if form else "noon")
        for notice in scene.notices[-2:]:
            letter = dispatch(scene, notice=notice, about=slot(1))
            made = invite(letter, PUBLIC_URL, ORGANIZER, NOW)
            assert made is not None
            calendars.append(made[1])
    calendars.append(file_of(see(scene.ledger), slot(1)))
    entries = [found.entries[0] for found in by_icalendar(calendars)]
    assert {entry.uid for entry in entries} == {UID}
    versions = [entry.sequence for entry in entries[1:]]
    assert versions == sorted(versions)


@pytest.mark.parametrize("kind", [Kind.UPDATE, Kind.LINK])
def test_letter_that_only_tells_has_no_calendar(kind: Kind) -> None:
    """
    Neither a plain letter nor a new link invites anybody, agreed or not.
    """
    assert invite(dispatch(agreed(), kind), PUBLIC_URL, ORGANIZER, NOW) is None


def test_invitation_has_a_calendar_once_it_is_agreed() -> None:
    """
    The letter that asks and explains carries a request for an agreed event, else nothing.
    """
    assert enclosed(dispatch(agreed(), Kind.INVITATION))[0] == "REQUEST"
    assert invite(dispatch(Scene(1), Kind.INVITATION), PUBLIC_URL, ORGANIZER, NOW) is None


def test_overtaken_letter_never_brings_back_what_no_longer_holds() -> None:
    """
    A letter delayed until its agreement broke calls it off; until it moved, has the new time.
    """
    scene = agreed(2)
    late = Notice(7, 5, 1, Kind.AGREED)
    scene.replace("a", 2, 3)
    assert enclosed(dispatch(scene, notice=late, about=slot(1)))[0] == "CANCEL"
    for name in "ab":
        scene.keep(name, 2)
    method, lines = enclosed(dispatch(scene, notice=late, about=slot(1)))
    assert method == "REQUEST"
    assert "DTSTART:20300103T000000Z" in lines


def test_time_moved_into_the_past_is_called_off() -> None:
    """
    Nobody is invited to what is over; what was agreed before is off. What took place stays.
    """
    scene = agreed()
    past = START + timedelta(days=2)
    moved = attrs.evolve(see(scene.ledger), slots=slots(0))
    method, lines = enclosed(dispatch(event=moved, kind=Kind.CANCELLED, about=slot(1)), past)
    assert method == "CANCEL"
    assert "DTSTART:20300102T000000Z" in lines
    assert enclosed(dispatch(scene, Kind.AGREED, about=slot(1)), past)[0] == "REQUEST"


def test_who_is_no_party_is_not_invited() -> None:
    """
    A proposer that is no party gets the entry without a method.
    """
    guest = dispatch(agreed(), Kind.AGREED, about=slot(1), link=None, recipient="p@here.net")
    method, lines = enclosed(guest)
    assert method is None
    assert not any(line.startswith("METHOD") for line in lines)
    assert "ORGANIZER;CN=p@here.net:mailto:desk@example.org" in lines


def test_the_forgotten_are_in_no_calendar() -> None:
    """
    An erased party is no attendee, and an erased proposer lends its name to nothing.
    """
    scene = Scene(1, parties="abc")
    scene.keep("b", 1)
    scene.keep("c", 1)
    scene.erase("a")
    _, lines = enclosed(dispatch(scene, Kind.AGREED, about=slot(1)))
    people = [line.rpartition(";")[2] for line in lines if "mailto:" in line]
    assert people == [
        "RSVP=FALSE:mailto:b@here.net",
        "RSVP=FALSE:mailto:c@here.net",
        "ORGANIZER:mailto:desk@example.org",
    ]


def test_addresses_are_written_as_links() -> None:
    """
    What has a meaning in a link is escaped in it, and a domain has its ASCII form.

    Source: RFC 6068, 2.
    """
    odd = ("o'b+c/d?e&f=g%h^i`{j}@here.net", "a@b\u00fccher.example.org")
    seen = shown(PARIS, parties=odd, kept=dict.fromkeys(odd, (PARIS,)), status=Status.AGREED)
    ((entry,),) = [found.entries for found in by_icalendar([file_of(seen)])]
    assert entry.attendees == (
        "mailto:o'b+c%2Fd%3Fe%26f%3Dg%25h%5Ei%60%7Bj%7D@here.net",
        "mailto:a@xn--bcher-kva.example.org",
    )


def test_no_calendar_holds_a_token() -> None:
    """
    Calendars are shared: what a letter's link opens is not in them.
    """
    made = invite(dispatch(agreed(), Kind.AGREED, about=slot(1)), PUBLIC_URL, ORGANIZER, NOW)
    assert made is not None
    assert TOKEN not in "".join(lines_of(made[1]))


def test_identity_is_that_of_the_mail_where_there_is_no_host() -> None:
    """
    Without a host in the public address, entries are named after the domain of the mail.
    """
    made = invite(dispatch(agreed(), Kind.AGREED, about=slot(1)), "", ORGANIZER, NOW)
    assert made is not None
    assert f"UID:{IDENTITY}@example.org" in lines_of(made[1])


def test_file_of_an_agreed_event_has_its_time() -> None:
    """
    The file of an agreed event has one confirmed entry, and invites nobody.
    """
    (found,) = by_icalendar([file_of(see(agreed().ledger))])
    assert found.method == ""
    assert [(entry.uid, entry.status) for entry in found.entries] == [(UID, "CONFIRMED")]
    assert found.entries[0].sequence == agreed().ledger.chain.seq


def test_file_of_an_open_event_has_tentative_entries() -> None:
    """
    Each slot of an open event is a tentative entry of its own that stays the same.
    """
    scene = Scene(1, 2)
    before = by_icalendar([file_of(see(scene.ledger))])[0].entries
    scene.extend("b", 3)
    after = by_icalendar([file_of(see(scene.ledger))])[0].entries
    assert {entry.status for entry in after} == {"TENTATIVE"}
    assert len({entry.uid for entry in after}) == 3
    assert [entry.uid for entry in after[:2]] == [entry.uid for entry in before]
    assert UID not in {entry.uid for entry in after}


def test_slots_of_one_begin_are_two_entries() -> None:
    """
    Slots that differ in their length alone are entries of their own.
    """
    pair = (PARIS, Slot(PARIS.begin, 2 * HOUR))
    (found,) = by_icalendar([file_of(shown(*pair))])
    assert len({entry.uid for entry in found.entries}) == 2


def test_file_calls_off_what_no_longer_holds() -> None:
    """
    Once reopened, emptied or deleted, the file has what was agreed on as cancelled.
    """
    scene = agreed()
    scene.replace("a", 2)
    (found,) = by_icalendar([file_of(see(scene.ledger), slot(1))])
    assert [entry.status for entry in found.entries] == ["CANCELLED", "TENTATIVE"]
    scene.replace("a")
    (found,) = by_icalendar([file_of(see(scene.ledger), slot(1))])
    assert [(entry.uid, entry.status) for entry in found.entries] == [(UID, "CANCELLED")]
    scene.delete("a")
    (found,) = by_icalendar([file_of(see(scene.ledger), slot(1))])
    assert [entry.status for entry in found.entries] == ["CANCELLED"]


def test_file_of_an_event_without_times_is_empty() -> None:
    """
    An empty table that was never agreed on makes a calendar without entries.

    Its one component is the zone: RFC 5545, 3.6 wants one at least.
    """
    file = file_of(see(Scene().ledger))
    assert by_icalendar([file]) == [Found("", ())]
    assert [part.name for part in icalendar.Calendar.from_ical(file).subcomponents] == ["VTIMEZONE"]


TITLES = [
    "moot",
    "a, b; c: d \\n \\\\",
    "\u20ac" * 90,
    "\U0001f600 " * 40 + ".",
    '"',
    "'^n",
    "<b>%=",
]


def samples() -> list[bytes]:
    """
    Make calendars of every kind, in several zones about when clocks are moved.
    """
    events = [
        shown(Slot(instant + shift, HOUR), zone=zone, title=title, status=status)
        for number, (zone, instant) in enumerate(MOVED_CLOCKS)
        for shift in (-3 * HOUR, -HOUR, -HOUR / 2, 0 * HOUR, HOUR / 2, HOUR, 3 * HOUR)
        for title in [TITLES[number % len(TITLES)]]
        for status in (Status.OPEN, Status.AGREED)
    ]
    far = [shown(Slot(PARIS.begin, timedelta(days=366)), zone="Africa/Casablanca")]
    made = [
        invite(dispatch(scene, kind, about=slot(1)), PUBLIC_URL, ORGANIZER, NOW)
        for scene, kind in ((agreed(), Kind.AGREED), (Scene(2), Kind.CANCELLED))
    ]
    return [*map(file_of, events + far), *(each[1] for each in made if each is not None)]


@pytest.mark.parametrize("reader", [by_ical_js, by_libical])
def test_other_programs_read_the_same(reader: Callable[[list[bytes]], list[Found]]) -> None:
    """
    Two programs that share nothing with ours find in every calendar what ours finds.
    """
    contents = samples()
    found, expected = reader(contents), by_icalendar(contents)
    for content, one, other in zip(contents, found, expected, strict=True):
        assert one == other, content.decode()
