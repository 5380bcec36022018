from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pendulum
import pytest

from calndro.core.errors import InvalidInputError, TooManySlotsError
from calndro.core.slot import MOST_SLOTS, Slot, both, check_size, table, union, without


NINE = datetime(2026, 12, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
ONE, TWO, THREE = (Slot(NINE + hours * HOUR, HOUR) for hours in range(3))


def test_end_follows_from_duration() -> None:
    """
    A slot ends its duration after it begins.
    """
    assert Slot(NINE, timedelta(minutes=30)).end == datetime(2026, 12, 1, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "begin",
    [
        datetime(2026, 12, 1, 10, tzinfo=timezone(HOUR)),
        datetime(2026, 12, 1, 9, tzinfo=timezone(timedelta(0), "GMT")),
        pendulum.datetime(2026, 12, 1, 9),
        pendulum.datetime(2026, 12, 1, 10, tz="Europe/Paris"),
    ],
)
def test_begin_is_kept_in_utc(begin: datetime) -> None:
    """
    However an instant comes in, it is kept as a plain datetime in UTC.
    """
    slot = Slot(begin, HOUR)

    assert slot == Slot(NINE, HOUR)
    assert type(slot.begin) is datetime
    assert slot.begin.tzinfo is UTC


def test_repeated_hour_is_two_instants() -> None:
    """
    The hour that a zone's clocks show twice gives two different slots.
    """
    first = pendulum.datetime(2026, 10, 25, 0, 30).in_timezone("Europe/Paris")
    second = first.add(hours=1)

    assert (first.hour, second.hour) == (2, 2)
    assert Slot(second, HOUR).begin - Slot(first, HOUR).begin == HOUR


def test_duration_is_kept_plain() -> None:
    """
    A subclass of timedelta is kept as the plain amount of time that it is.
    """
    slot = Slot(NINE, pendulum.duration(days=8, minutes=5))

    assert type(slot.duration) is timedelta
    assert slot.duration == timedelta(days=8, minutes=5)


@pytest.mark.parametrize(
    ("begin", "says"),
    [
        (datetime(2026, 12, 1, 9, tzinfo=UTC).replace(tzinfo=None), "no offset"),
        (datetime(1, 1, 1, tzinfo=timezone(HOUR)), "years 1 to 9998"),
        (datetime(9999, 1, 1, tzinfo=UTC), "years 1 to 9998"),
        (datetime(9999, 12, 31, 23, 30, tzinfo=timezone(-HOUR)), "years 1 to 9998"),
        ("2026-12-01T09:00Z", "no point in time"),
    ],
)
def test_begin_is_refused(begin: datetime, says: str) -> None:
    """
    A begin that is naive, outside the years 1 to 9998 or no datetime is refused at its path.
    """
    with pytest.raises(InvalidInputError, match=says) as caught:
        Slot(begin, HOUR)

    assert [fault.path for fault in caught.value.faults] == ["begin"]


@pytest.mark.parametrize(
    ("duration", "says"),
    [
        (timedelta(0), "longer than nothing"),
        (-HOUR, "longer than nothing"),
        (timedelta(days=366, microseconds=1), "at most 366 days"),
        (3600, "no duration"),
    ],
)
def test_duration_is_refused(duration: timedelta, says: str) -> None:
    """
    A duration that is nothing, negative, over 366 days or no timedelta is refused at its path.
    """
    with pytest.raises(InvalidInputError, match=says) as caught:
        Slot(NINE, duration)

    assert [fault.path for fault in caught.value.faults] == ["duration"]


def test_bounds_are_inside() -> None:
    """
    The first and the last begin and the shortest and the longest duration are good.
    """
    first = Slot(datetime(1, 1, 1, tzinfo=UTC), timedelta(days=366))
    last = Slot(datetime(9998, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), timedelta(microseconds=1))

    assert first.end == datetime(2, 1, 2, tzinfo=UTC)
    assert last.end == datetime(9999, 1, 1, tzinfo=UTC)


def test_end_must_be_a_date() -> None:
    """
    A slot can't end later than the calendar does.
    """
    begin = datetime(9998, 12, 31, 23, tzinfo=UTC)
    longest = datetime.max.replace(tzinfo=UTC) - begin
    with pytest.raises(InvalidInputError, match="after the year 9999") as refused:
        Slot(begin, longest + timedelta(microseconds=1))

    assert [fault.path for fault in refused.value.faults] == ["duration"]
    assert Slot(begin, longest).end == datetime.max.replace(tzinfo=UTC)


def test_table_is_ordered_and_without_duplicates() -> None:
    """
    A table is ordered by begin, then duration, and has each slot once.
    """
    short = Slot(NINE, timedelta(minutes=5))

    assert table([TWO, ONE, short, ONE]) == (short, ONE, TWO)


def test_algebra_by_example() -> None:
    """
    Intersection, difference and union keep the order of the table.
    """
    assert both((ONE, TWO, THREE), (TWO, THREE)) == (TWO, THREE)
    assert without((ONE, TWO, THREE), (TWO,)) == (ONE, THREE)
    assert union((ONE, THREE), (TWO, THREE)) == (ONE, TWO, THREE)


def test_size_is_checked() -> None:
    """
    Thirty slots fit on a table, one more does not, and the error counts them.
    """
    full = tuple(Slot(NINE + hours * HOUR, HOUR) for hours in range(MOST_SLOTS))
    check_size(full)

    with pytest.raises(TooManySlotsError) as caught:
        check_size((*full, Slot(NINE - HOUR, HOUR)))

    assert (caught.value.count, caught.value.most) == (31, 30)


def test_size_is_the_callers() -> None:
    """
    How many slots fit is for the caller to say.
    """
    with pytest.raises(TooManySlotsError, match="at most 1"):
        check_size((ONE, TWO), 1)


@pytest.mark.parametrize(
    ("begin", "duration", "told"),
    [
        ("noon", HOUR, "begin: this is no point in time; give an aware datetime"),
        (
            NINE.replace(tzinfo=None),
            HOUR,
            "begin: the time has no offset; give an aware datetime",
        ),
        (NINE, 60, "duration: this is no duration; give a timedelta"),
        (NINE, timedelta(0), "duration: it must last longer than nothing"),
        (NINE, timedelta(days=367), "duration: a slot lasts at most 366 days"),
    ],
)
def test_a_refused_slot_says_what_to_give(begin: Any, duration: Any, told: str) -> None:
    """
    Whoever makes a slot in a program reads what is wrong with it and what would do.
    """
    with pytest.raises(InvalidInputError) as error:
        Slot(begin, duration)

    assert str(error.value) == told
