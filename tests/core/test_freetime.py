"""
Working hours, the grid, and which slots are best.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from calndro.core.errors import InvalidInputError
from calndro.core.freetime import (
    Search,
    WorkingHours,
    best,
    candidates,
    merged,
    without,
    working_time,
)
from calndro.core.spoken import say_slot


PARIS = "Europe/Paris"
MINUTE = timedelta(minutes=1)
EVERY_DAY = frozenset(range(7))


def search(first: str, last: str, length: int = 60, step: int = 15) -> Search:
    """
    Look for slots of *length* minutes in Paris.
    """
    return Search(
        date.fromisoformat(first),
        date.fromisoformat(last),
        PARIS,
        length * MINUTE,
        step * MINUTE,
        datetime(2026, 1, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("text", "zone", "begin", "end"),
    [
        ("9-17", PARIS, 540, 1020),
        ("8:30-24", PARIS, 510, 1440),
        ("america/new_york 9-17:45", "America/New_York", 540, 1065),
    ],
)
def test_working_hours_are_clocks_and_maybe_a_zone(
    text: str, zone: str, begin: int, end: int
) -> None:
    """
    Working hours stand in the zone they name, or in that of the search.
    """
    assert WorkingHours.parse(text, PARIS, EVERY_DAY) == WorkingHours(zone, begin, end, EVERY_DAY)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("nine to five", "are no working hours"),
        ("17-9", "end after they begin"),
        ("9-25", "24:00 at the latest"),
        ("9:75-17", "9:75 is no time of day"),
        ("Atlantis 9-17", "is no time zone"),
    ],
)
def test_what_are_no_working_hours_is_refused(text: str, part: str) -> None:
    """
    Hours that can't be read, or that hold nothing, are refused.
    """
    with pytest.raises(InvalidInputError, match=part):
        WorkingHours.parse(text, PARIS, EVERY_DAY)


def test_only_the_weekdays_named_are_worked() -> None:
    """
    From Friday until Monday, who works on weekdays works twice.
    """
    found = WorkingHours(PARIS, 540, 600, frozenset(range(5)))

    days = found.spans(date(2026, 11, 27), date(2026, 11, 30))
    assert [begin.day for begin, _ in days] == [27, 30]


def test_nothing_is_left_of_nothing() -> None:
    """
    Where nobody works nothing is free.
    """
    assert without([], merged([(datetime(2026, 1, 1, tzinfo=UTC),) * 2])) == []


def test_people_in_two_zones_meet_when_both_work() -> None:
    """
    Nine to five in Paris and in New York share two hours, three while only one has summer time.
    """
    hours = [
        WorkingHours(PARIS, 540, 1020, EVERY_DAY),
        WorkingHours("America/New_York", 540, 1020, EVERY_DAY),
    ]

    shared = [
        (end - begin) // MINUTE
        for begin, end in working_time(search("2026-10-24", "2026-10-25"), hours)
    ]
    assert shared == [120, 180]


def test_the_grid_shows_the_repeated_hour_twice() -> None:
    """
    On the day that repeats an hour there is an hour more to begin in.
    """
    night = search("2026-10-25", "2026-10-25", length=30, step=30)

    assert len(candidates([night.span], night)) == 50


def test_days_take_turns_and_offer_their_middle() -> None:
    """
    Each day in its turn gives the slot nearest to the middle of its working time.
    """
    wanted = search("2026-11-24", "2026-11-25")
    working = working_time(wanted, [WorkingHours(PARIS, 540, 1020, EVERY_DAY)])
    noon = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
    free = without(working, [(noon, noon + 60 * MINUTE)])

    chosen = best(candidates(free, wanted), working, wanted, 4)

    assert [say_slot(slot, PARIS) for slot in chosen] == [
        "Tue 24 Nov 2026 11:30-12:30",
        "Wed 25 Nov 2026 12:30-13:30",
        "Tue 24 Nov 2026 13:30-14:30",
        "Wed 25 Nov 2026 11:30-12:30",
    ]


def test_the_middle_is_that_of_a_whole_day() -> None:
    """
    Working time that comes in two pieces has its middle between them.
    """
    wanted = search("2026-11-24", "2026-11-24")
    day = datetime(2026, 11, 24, tzinfo=UTC)
    working = [
        (day + 7 * 60 * MINUTE, day + 9 * 60 * MINUTE),
        (day + 11 * 60 * MINUTE, day + 13 * 60 * MINUTE),
    ]

    chosen = best(candidates(working, wanted), working, wanted, 1)

    assert say_slot(chosen[0], PARIS) == "Tue 24 Nov 2026 09:00-10:00"


def test_slots_around_midnight_do_not_overlap_those_of_the_next_day() -> None:
    """
    Where people work through midnight, a day gives way to what the day before it gave.
    """
    wanted = search("2026-11-24", "2026-11-25", length=120, step=60)
    night = datetime(2026, 11, 24, 22, tzinfo=UTC)
    working = [(night, night + 180 * MINUTE)]

    chosen = best(candidates(working, wanted), working, wanted, 9)

    assert [say_slot(slot, PARIS) for slot in chosen] == [
        "Tue 24 Nov 2026 23:00 - Wed 25 Nov 2026 01:00"
    ]
