"""
Days as people name them: a date, a weekday, today, in two weeks.

Only what has one meaning is taken; whatever has two is refused, and both are named.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from calndro.core.errors import Faults, InvalidInputError
from calndro.core.quoting import bounded, quoted
from calndro.core.slot import LAST_YEAR


if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime


# A day more, of any zone, is still on the calendar.
_FIRST: Final = date(1, 1, 3)
_LAST: Final = date(LAST_YEAR, 12, 30)

DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(weeks=1)

_NAMES: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS: Final = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
_WEEKDAYS: Final = {
    spelling: number for number, name in enumerate(_NAMES) for spelling in (name, name[:3])
}
_KINDS: Final = {"weekday": frozenset(range(5)), "day": frozenset(range(7))}
_ALL_OF: Final = {_KINDS["weekday"]: "weekday, Mon to Fri,", _KINDS["day"]: "day"}

_DATE: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_AHEAD: Final = re.compile(r"\+([0-9]{1,3})([dw])")
_SLASHED: Final = re.compile(r"([0-9]{1,2})[./]([0-9]{1,2})(?:[./]([0-9]{4}|[0-9]{2})?)?")
_SHORT_YEAR: Final = len("26")
_RELATIVE: Final = re.compile(r"(?:next|this|coming|last) *(.*)")
_FORMS: Final = "write a date such as 2026-12-01, a weekday such as tue, today, tomorrow or +2w"


def today_in(zone: str, now: datetime) -> date:
    """
    Tell which day it is in a zone.

    Args:
        zone: IANA name.
        now: An aware instant.
    """
    return now.astimezone(ZoneInfo(zone)).date()


def weekday_of(text: str) -> int | None:
    """
    Give the number of a weekday, Monday's being 0, from its English name or three letters of it.
    """
    return _WEEKDAYS.get(text.lower())


def is_day(text: str) -> bool:
    """
    Tell whether *text* is meant to name a day, be it one that parse_day refuses.
    """
    word = text.lower()
    shapes = (_DATE, _AHEAD, _SLASHED, _RELATIVE)
    return (
        word in _WEEKDAYS
        or word in ("today", "tomorrow")
        or any(shape.fullmatch(word) for shape in shapes)
    )


def parse_day(text: str, today: date) -> date:
    """
    Read a day.

    Args:
        text: ``2026-12-01``, ``today``, ``tomorrow``, ``+2d``, ``+2w``, or a weekday: the next
            one, or today when today is one.
        today: Where the reader is.

    Raises:
        InvalidInputError: It is none of these, or could be two days.

    Source: docs/reference/slots.md.
    """
    word = bounded(text).lower()
    number = _WEEKDAYS.get(word)
    if number is not None:
        return today + DAY * ((number - today.weekday()) % 7)
    if word in ("today", "tomorrow"):
        return today + DAY * (word == "tomorrow")
    if ahead := _AHEAD.fullmatch(word):
        return today + int(ahead[1]) * (WEEK if ahead[2] == "w" else DAY)
    if written := _DATE.fullmatch(word):
        return _on_the_calendar(written)
    raise InvalidInputError.of(_doubt(word, today) or f"{quoted(text)} is no day: {_FORMS}")


def parse_weekdays(text: str) -> frozenset[int]:
    """
    Read which days of a week are meant.

    Args:
        text: ``weekday`` for Monday to Friday, ``day`` for all, or names such as ``mon,tue``.

    Returns:
        Their numbers, at least one; Monday's is 0.

    Raises:
        InvalidInputError: Every name that is none.

    Source: docs/reference/slots.md.
    """
    word = bounded(text).lower()
    if word in _KINDS:
        return _KINDS[word]
    faults = Faults()
    found = set()
    for name in word.split(","):
        number = _WEEKDAYS.get(name.strip())
        if number is None:
            faults.add(f"{quoted(name)} is no weekday: write weekday, day, or names as mon,tue")
        else:
            found.add(number)
    faults.settle()
    return frozenset(found)


def say_weekdays(days: Collection[int]) -> str:
    """
    Say which days of a week are meant, such as ``Mon, Tue``.
    """
    wanted = frozenset(days)
    return _ALL_OF.get(wanted) or ", ".join(_NAMES[day][:3].title() for day in sorted(wanted))


def say_day(day: date) -> str:
    """
    Say a day as people read it, such as ``Tue 1 Dec 2026``.
    """
    return f"{_NAMES[day.weekday()][:3].title()} {day.day} {_MONTHS[day.month - 1]} {day.year:04}"


def _on_the_calendar(written: re.Match[str]) -> date:
    try:
        day = date(*map(int, written.groups()))
    except ValueError:
        raise InvalidInputError.of(f"{written[0]} is no day of the calendar") from None
    if not _FIRST <= day <= _LAST:
        raise InvalidInputError.of(f"{written[0]} is no day from {_FIRST} to {_LAST}: write one")
    return day


def _doubt(word: str, today: date) -> str:
    """
    Name the days that *word* could be; empty when it could be none.
    """
    if slashed := _SLASHED.fullmatch(word):
        one, other = int(slashed[1]), int(slashed[2])
        found = dict.fromkeys(
            _coming(today, slashed[3], *each) for each in ((one, other), (other, one))
        )
        readings = [day.isoformat() for day in found if day is not None]
        could_be = " or ".join(readings) or "no day at all"
        return f"{quoted(word)} could be {could_be}: write a date in full, as {today} for today"
    relative = _RELATIVE.fullmatch(word)
    number = relative and _WEEKDAYS.get(relative[1])
    if number is not None:
        first = today + DAY * ((number - today.weekday()) % 7 or 7)
        return (
            f"{quoted(word)} could be {say_day(first)} or {say_day(first + WEEK)}: write {first} "
            f"or {first + WEEK}"
        )
    return ""


def _coming(today: date, written: str | None, month: int, day: int) -> date | None:
    """
    Give such a day of the written year, or the next of this year or the next; None without one.
    """
    if written is not None:
        century = today.year // 100 * 100
        return _day(int(written) + (century if len(written) == _SHORT_YEAR else 0), month, day)
    days = (_day(year, month, day) for year in (today.year, today.year + 1))
    return next((found for found in days if found is not None and found >= today), None)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
