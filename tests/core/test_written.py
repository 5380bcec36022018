"""
Slots as people write them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from calndro.core.errors import InvalidInputError
from calndro.core.slot import Slot
from calndro.core.spoken import say_slot
from calndro.core.times import parse_slot
from calndro.core.written import is_for_people, read_written


PARIS = "Europe/Paris"
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
"""A Tuesday, 10:30 in Paris."""


def said(text: str, zone: str = PARIS) -> list[str]:
    """
    Read *text* and say its slots.
    """
    return [say_slot(slot, zone) for slot in read_written(text, zone, NOW).slots]


def refused(text: str, zone: str = PARIS) -> str:
    """
    Give the message with which *text* is refused.
    """
    with pytest.raises(InvalidInputError) as caught:
        read_written(text, zone, NOW)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "slot"),
    [
        ("wed 14:00 45m", "Wed 25 Nov 2026 14:00-14:45"),
        ("Wednesday 14:00 1h30m", "Wed 25 Nov 2026 14:00-15:30"),
        ("MON  9:00  00:45:00 ", "Mon 30 Nov 2026 09:00-09:45"),
        ("today 14:00-15:00", "Tue 24 Nov 2026 14:00-15:00"),
        ("tomorrow 9-11", "Wed 25 Nov 2026 09:00-11:00"),
        ("tomorrow 9-10:30", "Wed 25 Nov 2026 09:00-10:30"),
        ("tomorrow 9:15 - 10", "Wed 25 Nov 2026 09:15-10:00"),
        ("+2d 22-24", "Thu 26 Nov 2026 22:00 - Fri 27 Nov 2026 00:00"),
        ("+2w 7-8", "Tue 8 Dec 2026 07:00-08:00"),
        ("+2d 2-14", "Thu 26 Nov 2026 02:00-14:00"),
        ("+2d 0-2", "Thu 26 Nov 2026 00:00-02:00"),
        ("2026-12-01 9:00 45m", "Tue 1 Dec 2026 09:00-09:45"),
        ("2026-12-01 14:00-15:00", "Tue 1 Dec 2026 14:00-15:00"),
    ],
)
def test_a_day_and_a_time_make_a_slot(text: str, slot: str) -> None:
    """
    A day and a time are one slot in the event's zone, with nothing to remark.
    """
    assert said(text) == [slot]
    assert read_written(text, PARIS, NOW).remark == ""


def test_a_range_is_cut_in_pieces() -> None:
    """
    A range with a length behind it is as many slots of that length as fill it.
    """
    assert said("2026-12-01 9-11 /30m") == [
        "Tue 1 Dec 2026 09:00-09:30",
        "Tue 1 Dec 2026 09:30-10:00",
        "Tue 1 Dec 2026 10:00-10:30",
        "Tue 1 Dec 2026 10:30-11:00",
    ]
    assert said("2026-12-01 09:00 - 10:00 /1h") == ["Tue 1 Dec 2026 09:00-10:00"]


def test_pieces_last_as_long_as_they_say_when_clocks_change() -> None:
    """
    On the day on which an hour is left out, midnight to four is three hours.
    """
    pieces = read_written("2027-03-28 0-4 /1h", PARIS, NOW).slots

    assert [piece.duration for piece in pieces] == [timedelta(hours=1)] * 3
    assert pieces[-1].end == datetime(2027, 3, 28, 4, tzinfo=ZoneInfo(PARIS)).astimezone(UTC)


def test_todays_weekday_is_today_while_its_time_is_ahead() -> None:
    """
    On a Tuesday "tue" is today while the time lies ahead, and that is said.
    """
    reading = read_written("tue 10:31 45m", PARIS, NOW)

    assert say_slot(reading.slots[0], PARIS) == "Tue 24 Nov 2026 10:31-11:16"
    assert reading.remark == "that is today"


@pytest.mark.parametrize("clock", ["9:00", "10:30"])
def test_todays_weekday_is_next_weeks_when_its_time_has_come(clock: str) -> None:
    """
    On a Tuesday "tue" is a week from today when the time has passed, and that is said.
    """
    reading = read_written(f"tue {clock} 45m", PARIS, NOW)

    assert say_slot(reading.slots[0], PARIS).startswith(f"Tue 1 Dec 2026 {clock.zfill(5)}")
    assert "a week from today" in reading.remark


def test_today_is_that_of_the_zone() -> None:
    """
    Which day today is, depends on the event's zone.
    """
    assert said("today 23:00 15m", "Pacific/Kiritimati") == ["Tue 24 Nov 2026 23:00-23:15"]
    late = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
    there = read_written("today 23:00 15m", "Pacific/Kiritimati", late).slots[0]
    assert say_slot(there, "Pacific/Kiritimati") == "Wed 25 Nov 2026 23:00-23:15"


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-01T09:00/PT45M",
        "2026-12-01T14:00 15:00",
        "2022-11-01T01:11:22.02 00:10",
        "2026-12-01 14:00:00 15:00",
        "2026-12-01 14:00Z 15:00",
        "2026-12-01 14:00 00:15:00",
        "2026-12-01T09:00-10:00/30m",
        "2026-12-01 09:00-05:00/PT30M",
        "2026-12-01 09:00-05:00 30m",
        "2026-12-01T09:00+01:00[Europe/Paris] 1h",
    ],
)
def test_strict_forms_mean_what_they_mean_to_programs(text: str) -> None:
    """
    A strict form is read as everywhere else.
    """
    assert read_written(text, PARIS, NOW).slots == (parse_slot(text, PARIS),)


def test_an_offset_that_could_be_an_end_is_refused_with_both() -> None:
    """
    Behind a blank and a clock, "-10:00/30m" may be an offset or the end of a range.
    """
    message = refused("2026-12-01 09:00-10:00/30m")

    assert "2 from Tue 1 Dec 2026 09:00-09:30 to Tue 1 Dec 2026 09:30-10:00" in message
    assert "or Tue 1 Dec 2026 20:00-20:30" in message
    assert len(said("2026-12-01 09:00 - 10:00 /30m")) == 2
    assert said("2026-12-01T09:00-10:00/30m") == ["Tue 1 Dec 2026 20:00-20:30"]


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("mon 2-4", ("mon 02:00-04:00", "mon 14:00-16:00")),
        ("mon 2-4 /1h", ("mon 02:00 - 04:00 /1h", "mon 14:00 - 16:00 /1h")),
        ("mon 9 30m", ("mon 09:00 30m", "mon 21:00 30m")),
        ("mon 9 45m", ("mon 09:00 45m", "mon 21:00 45m")),
        ("mon 9", ("mon 09:00 45m", "mon 21:00 45m")),
        ("today 9-5", ("today 09:00-17:00", "today 09:00 20 hours")),
        ("mon 14:00 15:00", ("mon 14:00-15:00", "mon 14:00 15 minutes")),
        ("2026-12-01 9:00 10:00", ("2026-12-01 9:00-10:00", "2026-12-01 9:00 10 minutes")),
        ("2026-12-01 09:00 10:00", ("2026-12-01 09:00-10:00", "2026-12-01 09:00 10 minutes")),
        ("next tue 14:00 45m", ("Tue 1 Dec 2026", "Tue 8 Dec 2026")),
        ("this fri 14:00 45m", ("Fri 27 Nov 2026", "Fri 4 Dec 2026")),
        ("12/1 9:00 45m", ("2026-12-01", "2027-01-12")),
        ("5.12. 9:00 45m", ("2026-12-05", "2027-05-12")),
        ("12/1/2028 9:00 45m", ("2028-12-01", "2028-01-12")),
        ("5.12.28 9:00 45m", ("2028-12-05", "2028-05-12")),
        ("2027-03-28 2:30 1h", ("02:30:00+01:00", "02:30:00+02:00")),
        ("2026-10-25 2:30 1h", ("02:30:00+02:00", "02:30:00+01:00")),
        ("tomorrow 9-11 /45m", ("1 hour 30 minutes", "2 hours 15 minutes")),
    ],
)
def test_what_has_two_readings_is_refused_with_both(text: str, readings: tuple[str, str]) -> None:
    """
    An ambiguous text is refused, and the message shows its readings.
    """
    message = refused(text)

    assert all(reading in message for reading in readings)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("mon 22:00-01:00", "write mon 22:00 3 hours"),
        ("mon 14:00", "does not say how long"),
        ("mon 15 1h", "is no time of a day"),
        ("mon 9:00-10:00 45m", "is no time of a day"),
        ("mon 14:60 1h", "no time of day"),
        ("mon 14:00 45", "has no unit"),
        ("mon 0-24 /30m", "would be 48 slots; an event holds at most 30"),
        ("mon 9-11 /3h", "write a range of 3 hours"),
        ("tomorrow", "does not say when: write tomorrow 14:00 45m"),
        ("2026-12-01", "has a date but no clock"),
        ("2026-02-30 9:00 1h", "2026-02-30 is no day of the calendar"),
        ("9999-12-31 24:00 1h", "9999-12-31 is no day from 0001-01-03 to 9998-12-30"),
        ("9998-12-31 24:00 1h", "9998-12-31 is no day from 0001-01-03 to 9998-12-30"),
        ("0001-01-02 9-11", "0001-01-02 is no day from 0001-01-03 to 9998-12-30"),
        ("31/31 9:00 1h", "could be no day at all"),
        ("13/1/2026 9:00 1h", "could be 2026-01-13: write"),
        ("next week 9:00 1h", "is no day"),
        ("noon 14:00 1h", "begins with no day: write tue 14:00 45m,"),
        ("dec 1 9:00 1h", "begins with no day: write tue 14:00 45m,"),
        ("+2 9:00 1h", "begins with no day"),
        ("never", "begins with no day"),
        ("", "begins with no day"),
        ("2026-13-41T09:00/1h", "is no day of the calendar"),
        ("14:00 45m", "on which day: write tue 14:00 45m or 2026-12-01 14:00 45m"),
        ("9-11 /30m", "on which day: write tue 9-11 /30m"),
        ("mon 22-2 /1h", "mon 22:00 - 24:00 /1h and 2026-12-01 00:00 - 02:00 /1h"),
        ("mon 22-0 /1h", "write mon 22:00 - 24:00 /1h"),
        ("mon 9-5 /1h", "write mon 09:00 - 17:00 /1h or mon 09:00 - 24:00 /1h and"),
        ("mon " + "9" * 300, "too long"),
    ],
)
def test_what_can_not_be_read_is_refused_with_a_way_out(text: str, part: str) -> None:
    """
    A text that is no slot is refused with what to write instead.
    """
    assert part in refused(text)


def test_every_way_out_of_a_range_works() -> None:
    """
    What a message offers to write is read as it says.
    """
    assert said("mon 22:00 3 hours") == ["Mon 30 Nov 2026 22:00 - Tue 1 Dec 2026 01:00"]
    assert said("mon 14:00 15 minutes") == ["Mon 30 Nov 2026 14:00-14:15"]
    assert len(said("mon 22:00 - 24:00 /1h")) == len(said("2026-12-01 00:00 - 02:00 /1h")) == 2
    assert len(said("2026-12-01 13:00 - 16:00 /1h")) == 3


def test_a_reading_holds_its_slots_in_order() -> None:
    """
    The pieces of a range come by begin and leave nothing out.
    """
    slots = read_written("+1d 8:30-12 /15m", PARIS, NOW).slots

    assert slots == tuple(sorted(slots))
    assert all(one.end == other.begin for one, other in pairwise(slots))
    assert isinstance(slots[0], Slot)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("tue 9", True),
        (" Today", True),
        ("2026-12-01 9", True),
        ("sometime 9-10", True),
        ("2026-12-01T9", False),
        ("20261201T9", False),
    ],
)
def test_what_people_write_is_told_from_strict_forms(text: str, is_one: bool) -> None:
    """
    Whatever begins not as the strict forms do is a short form, readable or not.
    """
    assert is_for_people(text) is is_one
