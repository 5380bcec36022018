"""
Calendar files say when somebody is busy, and hostile ones are turned away.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import icalendar
import pytest
import recurring_ical_events  # type: ignore[import-untyped]  # it comes without types
from hypothesis import given
from hypothesis import strategies as st

from calndro.adapters.ical_busy import busy, following, read_file, texts
from calndro.core.errors import InvalidInputError
from calndro.core.freetime import merged
from calndro.core.slot import Slot
from calndro.core.spoken import say_slot


if TYPE_CHECKING:
    from calndro.core.freetime import Span


PARIS = "Europe/Paris"
WEEK = (
    datetime(2026, 11, 29, 23, tzinfo=UTC),
    datetime(2026, 12, 6, 23, tzinfo=UTC),
)
"""From Monday 30 November 2026 until the Sunday after it, in Paris."""

FILE = Path(__file__).parents[1] / "data" / "busy.ics"


def said(spans: list[Span], zone: str = PARIS) -> list[str]:
    """
    Say spans as slots are said.
    """
    return [say_slot(Slot(begin, end - begin), zone) for begin, end in spans]


def calendar(*events: str, more: str = "") -> bytes:
    """
    Make a calendar file of the lines of events.
    """
    bodies = "".join(
        f"BEGIN:VEVENT\nUID:{number}@here.net\n{event}\nEND:VEVENT\n"
        for number, event in enumerate(events)
    )
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{more}{bodies}END:VCALENDAR\n".encode()


def of(*events: str, more: str = "", zone: str = PARIS) -> list[str]:
    """
    Say when the owner of such events is busy in the week.
    """
    return said(busy(calendar(*events, more=more), "a.ics", WEEK, zone), zone)


def refused(data: bytes) -> str:
    """
    Give the message with which a calendar is refused.
    """
    with pytest.raises(InvalidInputError) as caught:
        busy(data, "a.ics", WEEK, PARIS)
    message = str(caught.value)
    assert message.startswith("a.ics: ")
    return message


def test_a_calendar_as_people_have_it() -> None:
    """
    Recurrences, exceptions, whole days, several zones, cancelled and transparent events.
    """
    spans = busy(read_file(FILE), "busy.ics", WEEK, PARIS)

    assert said(spans) == [
        "Mon 30 Nov 2026 09:30-09:45",
        "Mon 30 Nov 2026 10:00-12:00",
        "Mon 30 Nov 2026 16:00-16:30",
        "Tue 1 Dec 2026 15:00-16:00",
        "Wed 2 Dec 2026 16:30-16:45",
        "Thu 3 Dec 2026 14:00-15:30",
        "Fri 4 Dec 2026 08:00-09:00",
        "Fri 4 Dec 2026 09:30-09:45",
        "Fri 4 Dec 2026 14:00-16:00",
        "Sat 5 Dec 2026 00:00 - Mon 7 Dec 2026 00:00",
    ]


def test_windows_line_ends_and_a_mark_in_front_change_nothing() -> None:
    """
    Files as some programs write them are read alike.
    """
    data = read_file(FILE)

    there = b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n")
    assert busy(there, "b.ics", WEEK, PARIS) == busy(data, "a.ics", WEEK, PARIS)


def test_times_without_a_zone_are_those_of_the_search() -> None:
    """
    A floating time is read in the zone asked for, and a whole day unless the file names one.
    """
    event = "DTSTART:20261204T080000\nDTEND:20261204T090000"
    whole = "DTSTART;VALUE=DATE:20261201"

    assert of(event, zone="Asia/Tokyo") == ["Fri 4 Dec 2026 08:00-09:00"]
    assert of(whole) == ["Tue 1 Dec 2026 00:00 - Wed 2 Dec 2026 00:00"]
    assert of(whole, more="X-WR-TIMEZONE:America/New_York\n") == [
        "Tue 1 Dec 2026 06:00 - Wed 2 Dec 2026 06:00"
    ]


@pytest.mark.parametrize(
    ("interval", "first"), [("1000", "20240307"), ("02", "20240310"), ("02", "20240311")]
)
def test_an_odd_interval_is_followed_from_its_begin(interval: str, first: str) -> None:
    """
    An interval of many days, or with a zero in front, finds the same days as the plain one does.
    """
    edges = f"DTSTART:{first}T080000Z\nDTEND:{first}T090000Z\nRRULE:FREQ=DAILY;INTERVAL="
    begin = datetime.strptime(first, "%Y%m%d").replace(hour=8, tzinfo=UTC)
    days = (WEEK[0] + timedelta(days=place, hours=9) for place in range(7))
    wanted = [day for day in days if (day - begin).days % int(interval) == 0]

    assert wanted
    assert of(edges + interval) == said([(day, day + timedelta(hours=1)) for day in wanted])


@pytest.mark.parametrize(
    ("begin", "end", "clocks"),
    [
        (";TZID=Europe/Paris:20200706T090000", ":20200706T080000Z", "09:00-10:00"),
        (":20200706T070000Z", ";TZID=Europe/Paris:20200706T100000", "08:00-09:00"),
    ],
)
def test_an_end_by_another_clock_is_as_far_from_the_begin_as_ever(
    begin: str, end: str, clocks: str
) -> None:
    """
    An event whose begin and end are of two clocks is followed from where it begins.
    """
    single = f"DTSTART{begin}\nDTEND{end}\nRRULE:FREQ=DAILY"

    assert {each.rpartition(" ")[2] for each in of(single)} == {clocks}


def test_spans_are_cut_to_the_days_in_question() -> None:
    """
    What began before or ends after them counts within them.
    """
    found = of("DTSTART:20200101T000000Z\nDTEND:20300101T000000Z")

    assert found == ["Mon 30 Nov 2026 00:00 - Mon 7 Dec 2026 00:00"]


def test_a_long_event_without_end_counts_by_its_duration() -> None:
    """
    An event that began weeks ago and says how long it lasts is found.
    """
    assert of("DTSTART:20261101T000000Z\nDURATION:P30D") == [
        "Mon 30 Nov 2026 00:00 - Tue 1 Dec 2026 01:00"
    ]


def test_published_busy_time_counts() -> None:
    """
    What a calendar publishes as busy counts, what it publishes as free does not.
    """
    more = (
        "BEGIN:VFREEBUSY\nUID:f@here.net\n"
        "FREEBUSY;FBTYPE=BUSY:20261201T080000Z/20261201T090000Z,20261202T080000Z/PT30M\n"
        "FREEBUSY;FBTYPE=FREE:20261203T080000Z/PT1H\n"
        "FREEBUSY:20261204T080000Z/PT1H\nEND:VFREEBUSY\n"
    )

    assert of(more=more) == [
        "Tue 1 Dec 2026 09:00-10:00",
        "Wed 2 Dec 2026 09:00-09:30",
        "Fri 4 Dec 2026 09:00-10:00",
    ]


def test_an_event_without_length_takes_no_time() -> None:
    """
    A moment without end keeps nobody busy.
    """
    assert of("DTSTART:20261201T080000Z") == []


@pytest.mark.parametrize(
    ("event", "part"),
    [
        ("DTSTART;TZID=Nowhere:20261201T080000\nDURATION:PT1H", "nobody knows the time zone"),
        ("DTSTART;TZID=Europe:20261201T080000\nDURATION:PT1H", "a time zone that nobody knows"),
        (f"DTSTART;TZID={'x' * 300}:20261201T080000", "a time zone that nobody knows"),
        ("DTSTART:20261201T080000Z\nDURATION:PT1H\nRRULE:FREQ=SECONDLY", "repeats secondly"),
        (
            "DTSTART:20200101T080000Z\nDURATION:PT1M\nRRULE:FREQ=DAILY"
            + "".join(
                f";BY{unit}={','.join(map(str, range(most)))}"
                for unit, most in (("HOUR", 24), ("MINUTE", 60), ("SECOND", 60))
            ),
            "would repeat",
        ),
        ("DTSTART:20261132T080000Z\nDURATION:PT1H", "can't be understood"),
        ("DTSTART:20261201T080000Z\nRRULE:FREQ=NEVER", "can't be understood"),
    ],
)
def test_an_event_that_can_not_be_followed_is_named(event: str, part: str) -> None:
    """
    An event that hides when it is makes the file unusable, and the reason is told.
    """
    assert part in refused(calendar(event))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\xff\xfe",
        b"hello",
        b"<html></html>",
        b"BEGIN:VCARD\nEND:VCARD\n",
        b"BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nDTSTART:20261201T080000Z\n",
        b"BEGIN:VCALENDAR\nVERSION:2.0\n",
    ],
)
def test_what_is_no_calendar_is_refused(data: bytes) -> None:
    """
    A file that is no calendar, or breaks off, counts as no free calendar.
    """
    refused(data)


def test_more_events_than_fit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The number of events that are followed is bounded.
    """
    monkeypatch.setattr(texts, "MOST_EVENTS", 2)
    event = "DTSTART:20261201T080000Z\nDURATION:PT1H"

    assert "at most 2 are read" in refused(calendar(*[event] * 3))


def test_a_rule_without_end_or_occurrence_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A file whose rules take too long is turned away, however they are written.
    """
    monkeypatch.setattr(following, "MOST_SECONDS", 0.05)
    event = (
        "DTSTART:19000101T080000Z\nDTEND:19000101T090000Z\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"
    )

    assert "take too long to follow" in refused(calendar(event))


def test_files_are_read_up_to_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A file that is missing or too large is refused by its name.
    """
    with pytest.raises(InvalidInputError, match=r"none\.ics can't be read: No such file"):
        read_file(tmp_path / "none.ics")
    monkeypatch.setattr(following, "MOST_BYTES", 10)
    large = tmp_path / "large.ics"
    large.write_bytes(b"x" * 11)
    with pytest.raises(InvalidInputError, match="at most 10 MiB"):
        read_file(large)


def _clocks(first: datetime) -> st.SearchStrategy[datetime]:
    return st.datetimes(first, datetime(2027, 1, 31)).map(  # noqa: DTZ001 - a wall clock
        lambda when: when.replace(minute=when.minute // 15 * 15)
    )


_digits = _clocks(datetime(2026, 10, 1))  # noqa: DTZ001 - a wall clock
_long_ago = _clocks(datetime(2021, 1, 1))  # noqa: DTZ001 - a wall clock


@st.composite
def old_events(draw: st.DrawFn) -> str:
    """
    Write an event that may have repeated for years, with days left out and another clock.
    """
    begin = draw(_long_ago)
    end = begin + timedelta(minutes=draw(st.integers(1, 600)))
    zone = draw(st.sampled_from(["", ";TZID=Europe/Paris", ";TZID=America/New_York"]))
    unit = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    rule = f"FREQ={unit}"
    steps = ["", ";INTERVAL=1", ";INTERVAL=2", ";INTERVAL=5", ";INTERVAL=02", ";INTERVAL=1000"]
    rule += draw(st.sampled_from(steps))
    if unit == "MONTHLY":
        rule += draw(st.sampled_from(["", ";BYDAY=1TU", ";BYDAY=-1MO,1FR", ";BYMONTHDAY=1,31"]))
    elif unit == "YEARLY":
        rule += draw(st.sampled_from(["", ";BYMONTH=11,12;BYDAY=1MO", ";BYMONTH=12"]))
    elif unit == "WEEKLY":
        rule += draw(st.sampled_from(["", ";BYDAY=MO,WE,SA", ";BYDAY=SU,TU;WKST=SU"]))
    rule += draw(st.sampled_from(["", "", ";COUNT=400", ";UNTIL=20261203T000000Z"]))
    if not zone:
        rule = rule.removesuffix("Z")
    days = draw(st.lists(st.integers(1, 30), max_size=3))
    without = "".join(f"\nEXDATE{zone}:202612{day:02}T{begin:%H%M%S}" for day in days)
    edges = f"DTSTART{zone}:{begin:%Y%m%dT%H%M%S}\nDTEND{zone}:{end:%Y%m%dT%H%M%S}"
    # Of other clocks than it begins by: it can then only begin where it does.
    if zone.endswith("Paris") and draw(st.booleans()):
        edges = edges.replace("\nDTEND;TZID=Europe/Paris", "\nDTEND;TZID=Europe/London")
    return f"{edges}\nRRULE:{rule}{without}"


@st.composite
def events(draw: st.DrawFn) -> str:
    """
    Write an event that lies, or repeats, somewhere around the week.
    """
    begin, length = draw(_digits), draw(st.integers(1, 3000))
    end = begin + timedelta(minutes=length)
    zone = draw(st.sampled_from(["", ";TZID=Europe/Paris", ";TZID=America/New_York"]))
    until = f"{draw(_digits):%Y%m%dT%H%M%S}Z"
    rule = draw(
        st.sampled_from(
            [
                "",
                "RRULE:FREQ=DAILY;COUNT=9",
                "RRULE:FREQ=WEEKLY;COUNT=5",
                "RRULE:FREQ=WEEKLY;BYDAY=MO,WE",
                "RRULE:FREQ=MONTHLY;BYDAY=1TU",
                f"RRULE:FREQ=DAILY;INTERVAL=3;UNTIL={until if zone else until[:-1]}",
            ]
        )
    )
    return (
        f"DTSTART{zone}:{begin:%Y%m%dT%H%M%S}\nDTEND{zone}:{end:%Y%m%dT%H%M%S}\n"
        f"SUMMARY:BEGIN:VEVENT is no line here\n{rule}"
    ).rstrip("\n")


@given(st.lists(events() | old_events(), max_size=6))
def test_leaving_out_what_is_far_away_changes_nothing(those: list[str]) -> None:
    """
    A calendar read near the week alone says what the whole one, followed from its begin, says.
    """
    data = calendar(*those)

    whole = recurring_ical_events.of(icalendar.Calendar.from_ical(data))
    margin = timedelta(days=2)
    places = following.Places.of(PARIS, PARIS)
    spans = (
        (places.instant(event["DTSTART"].dt), places.instant(event["DTEND"].dt))
        for event in whole.between(WEEK[0] - margin, WEEK[1] + margin)
    )
    clipped = ((max(begin, WEEK[0]), min(end, WEEK[1])) for begin, end in spans)
    assert busy(data, "a.ics", WEEK, PARIS) == merged(
        (begin, end) for begin, end in clipped if begin < end
    )


@given(st.data())
def test_a_broken_file_never_breaks_the_program(data: st.DataObject) -> None:
    """
    Whatever is changed in a calendar file, it is read or refused.
    """
    text = bytearray(FILE.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(text) - 1))
        length = data.draw(st.integers(0, 40))
        text[place : place + length] = data.draw(st.binary(max_size=12))

    spans = []
    with suppress(InvalidInputError):
        spans = busy(bytes(text), "a.ics", WEEK, PARIS)

    assert all(WEEK[0] <= begin < end <= WEEK[1] for begin, end in spans)
