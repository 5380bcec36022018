"""
Days as people name them, and slots that repeat on them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from calndro.core.days import is_day, parse_day, parse_weekdays, say_day, say_weekdays
from calndro.core.errors import Faults, InvalidInputError
from calndro.core.repeating import read_days, read_repetition
from calndro.core.spoken import say_slot


PARIS = "Europe/Paris"
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", date(2026, 11, 24)),
        ("Tomorrow", date(2026, 11, 25)),
        ("tue", date(2026, 11, 24)),
        ("monday", date(2026, 11, 30)),
        ("+3d", date(2026, 11, 27)),
        ("+2w", date(2026, 12, 8)),
        ("2027-02-28", date(2027, 2, 28)),
    ],
)
def test_days_are_named_as_people_do(text: str, day: date) -> None:
    """
    Dates, weekdays and distances from today are days.
    """
    assert parse_day(text, TODAY) == day
    assert is_day(text)


def test_what_is_no_day_is_refused() -> None:
    """
    A word that names no day is refused with those that do.
    """
    with pytest.raises(InvalidInputError, match="write a date such as"):
        parse_day("someday", TODAY)
    assert not is_day("someday")


def test_days_and_weekdays_are_said_as_people_say_them() -> None:
    """
    A day is said with its weekday; a set of weekdays by its name when it has one.
    """
    assert say_day(TODAY) == "Tue 24 Nov 2026"
    assert say_weekdays(parse_weekdays("weekday")) == "weekday, Mon to Fri,"
    assert say_weekdays(parse_weekdays("day")) == "day"
    assert say_weekdays(parse_weekdays("thu, Tuesday")) == "Tue, Thu"


def test_every_unknown_weekday_is_named() -> None:
    """
    All names that are no weekday are told at once.
    """
    with pytest.raises(InvalidInputError) as caught:
        parse_weekdays("mon,die,mit")
    assert len(caught.value.faults) == 2


def test_a_rule_makes_a_slot_for_each_day_and_clock() -> None:
    """
    On each of the weekdays from the first day until the last there is a slot at each clock.
    """
    rule = read_repetition(("weekday", "fri", "mon", "14:00,9:00,9:00", "45m"), PARIS, NOW)

    assert [say_slot(slot, PARIS) for slot in rule.slots()] == [
        "Fri 27 Nov 2026 09:00-09:45",
        "Fri 27 Nov 2026 14:00-14:45",
        "Mon 30 Nov 2026 09:00-09:45",
        "Mon 30 Nov 2026 14:00-14:45",
    ]
    assert rule.say() == (
        "every weekday, Mon to Fri, from Fri 27 Nov 2026 until Mon 30 Nov 2026 at 09:00 and "
        "14:00 for 45 minutes (Europe/Paris)"
    )


def test_clocks_stay_when_the_zone_changes_them() -> None:
    """
    A rule names local times: 9:00 stays 9:00 after the clocks have changed.
    """
    rule = read_repetition(("day", "2027-03-27", "2027-03-28", "9:00", "1h"), PARIS, NOW)

    one, other = rule.slots()
    assert other.begin - one.begin == timedelta(hours=23)


@pytest.mark.parametrize(
    ("every", "since", "until", "part"),
    [
        ("day", "today", "+30d", "would be 31 slots; an event holds at most 30"),
        ("sat", "mon", "fri", "would be no slot"),
    ],
)
def test_a_rule_makes_one_to_thirty_slots(every: str, since: str, until: str, part: str) -> None:
    """
    A rule that makes none or more than an event holds is refused with how many it makes.
    """
    rule = read_repetition((every, since, until, "9:00", "1h"), PARIS, NOW)

    with pytest.raises(InvalidInputError, match=part):
        rule.slots()


def test_thirty_slots_fit() -> None:
    """
    A rule may fill an event.
    """
    rule = read_repetition(("day", "today", "+29d", "9:00", "1h"), PARIS, NOW)

    assert len(rule.slots()) == 30


def test_local_times_that_do_not_exist_are_refused() -> None:
    """
    Where the clocks leave out a time, the rule is refused with what to write.
    """
    rule = read_repetition(("day", "2027-03-27", "2027-03-29", "2:30", "1h"), PARIS, NOW)

    with pytest.raises(InvalidInputError, match="--at: 2027-03-28T02:30:00 does not exist"):
        rule.slots()


def test_all_that_is_wrong_with_a_rule_is_told_at_once() -> None:
    """
    Each option that can't be read is named.
    """
    with pytest.raises(InvalidInputError) as caught:
        read_repetition(("never", "12/13x", "yesterday", "9,24:00,9:60", "45"), PARIS, NOW)

    paths = [fault.path for fault in caught.value.faults]
    assert paths == ["--every", "--from", "--until", "--at", "--at", "--at", "--for"]


@pytest.mark.parametrize(
    ("until", "part"), [("today", "is before"), ("2028-01-01", "more than 366 days")]
)
def test_the_last_day_follows_the_first_within_a_year(until: str, part: str) -> None:
    """
    A stretch of days ends neither before it begins nor more than 366 days later.
    """
    with pytest.raises(InvalidInputError, match=f"--until: .*{part}"):
        read_repetition(("day", "tomorrow", until, "9:00", "1h"), PARIS, NOW)


def test_days_without_an_end_are_two_weeks() -> None:
    """
    Without a last day there are fourteen from the first on.
    """
    faults = Faults()

    assert read_days("tomorrow", None, TODAY, faults) == (date(2026, 11, 25), date(2026, 12, 8))
    faults.settle()
