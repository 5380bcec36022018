"""
Slots that repeat: at these clocks, on these weekdays, from one day until another.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import attrs

from calndro.core.days import (
    DAY,
    WEEK,
    parse_day,
    parse_weekdays,
    say_day,
    say_weekdays,
    today_in,
    weekday_of,
)
from calndro.core.durations import parse_duration, say_duration
from calndro.core.errors import Faults, InvalidInputError
from calndro.core.quoting import bounded, quoted
from calndro.core.slot import MOST_DURATION, MOST_SLOTS, Slot, table
from calndro.core.times import parse_begin


if TYPE_CHECKING:
    from datetime import datetime

    from calndro.core.slot import Table


_MOST_CHARACTERS: Final = 200
_CLOCK: Final = re.compile(r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9]")


@attrs.frozen
class Repetition:
    """
    A rule that makes slots, read but not yet followed.

    Args:
        weekdays: Numbers, Monday's being 0.
        first: The first day that may have slots.
        last: The last such day.
        clocks: Local times, ``HH:MM``, each once, in order.
        duration: Of each slot.
        zone: IANA name: where days and clocks are.
    """

    weekdays: frozenset[int]
    first: date
    last: date
    clocks: tuple[str, ...]
    duration: timedelta
    zone: str

    def slots(self) -> Table:
        """
        Make the slots, at least one and at most 30.

        Raises:
            InvalidInputError: There would be none, or more; or every local time that does not
                exist or exists twice.
        """
        days = [
            self.first + DAY * place
            for place in range((self.last - self.first).days + 1)
            if (self.first + DAY * place).weekday() in self.weekdays
        ]
        count = len(days) * len(self.clocks)
        if not count or count > MOST_SLOTS:
            much = "no slot" if not count else f"{count} slots; an event holds at most {MOST_SLOTS}"
            raise InvalidInputError.of(f"{self.say()} would be {much}")
        faults = Faults()
        found = []
        for day in days:
            for clock in self.clocks:
                with faults.at("--at"):
                    begin = parse_begin(f"{day.isoformat()}T{clock}", self.zone)
                    found.append(Slot(begin, self.duration))
        faults.settle()
        return table(found)

    def say(self) -> str:
        """
        Say the rule in words.
        """
        clocks = " and ".join(self.clocks)
        return (
            f"every {say_weekdays(self.weekdays)} from {say_day(self.first)} until "
            f"{say_day(self.last)} at {clocks} for {say_duration(self.duration)} ({self.zone})"
        )


def read_repetition(texts: tuple[str, str, str, str, str], zone: str, now: datetime) -> Repetition:
    """
    Read a rule that makes slots.

    Args:
        texts: Which weekdays (``weekday``, ``day``, ``mon,tue``), the first day, the last one,
            the clocks (``9:00,14:00``), and how long.
        zone: IANA name.
        now: The present, an aware instant; it says which day ``tomorrow`` is.

    Raises:
        InvalidInputError: Every text that can't be read, under the name of its option.

    Source: docs/reference/slots.md.
    """
    every, since, until, at, length = texts
    today = today_in(zone, now)
    faults = Faults()
    weekdays, duration = frozenset[int](), timedelta(0)
    clocks: tuple[str, ...] = ()
    with faults.at("--every"):
        weekdays = parse_weekdays(every)
    first, last = read_days(since, until, today, faults)
    with faults.at("--at"):
        clocks = _clocks(at)
    with faults.at("--for"):
        duration = parse_duration(length)
    faults.settle()
    return Repetition(weekdays, first, last, clocks, duration, zone)


def read_days(since: str, until: str | None, today: date, faults: Faults) -> tuple[date, date]:
    """
    Read the first and the last day of a stretch of at most 366 days.

    Args:
        since: The first day.
        until: The last day, not before the first; a weekday is the next one from the first on.
            None for two weeks in all.
        today: Where the days are.
        faults: Notes what can't be read, under ``--from`` and ``--until``.
    """
    first = last = today
    with faults.at("--from"):
        first = last = parse_day(since, today)
    if until is None:
        return first, first + 2 * WEEK - DAY
    with faults.at("--until"):
        last = parse_day(until, today if weekday_of(until) is None else first)
        if last < first:
            raise InvalidInputError.of(f"{say_day(last)} is before {say_day(first)}")
        if last - first >= MOST_DURATION:
            raise InvalidInputError.of(f"it is more than {MOST_DURATION.days} days after --from")
    return first, last


def _clocks(text: str) -> tuple[str, ...]:
    """
    Read times of a day, written ``9:00,14:00``.
    """
    faults = Faults()
    found = set()
    for piece in bounded(text, _MOST_CHARACTERS).split(","):
        if clock := _CLOCK.fullmatch(piece.strip()):
            found.add(clock[0].zfill(len("HH:MM")))
        else:
            faults.add(f"{quoted(piece)} is no time of day: write them as 9:00,14:00")
    faults.settle()
    return tuple(sorted(found))
