"""
The text forms of durations.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from calndro.core.errors import InvalidInputError
from calndro.core.quoting import bounded, quoted
from calndro.core.slot import MOST_DURATION, lasting


if TYPE_CHECKING:
    from collections.abc import Mapping


_FRACTION_DIGITS = 6
HOURS = 24
SIXTY = 60
_SECOND = 1_000_000
_MICROSECOND = timedelta(microseconds=1)
_TOO_LONG = 2 * MOST_DURATION // _MICROSECOND

_POINT = re.compile("[.,]")
_ONLY_DIGITS = re.compile(r"[0-9]+")
COLONS = re.compile(
    r"(?:(?P<days>[0-9]+) +)?(?P<first>[0-9]+):(?P<second>[0-9]{2})(?::(?P<third>[0-9]{2}))?"
    r"(?:[.,](?P<part>[0-9]+))?"
)
_AMOUNT = re.compile(r" *(?P<whole>[0-9]+)(?:[.,](?P<part>[0-9]+))? *(?P<unit>[A-Za-z]+)")
_UNITS = {
    "week": timedelta(weeks=1),
    "day": timedelta(days=1),
    "hour": timedelta(hours=1),
    "minute": timedelta(minutes=1),
    "second": timedelta(seconds=1),
}
_SPELLINGS = {
    spelling: _UNITS[unit]
    for unit, spellings in {
        "week": "w week weeks",
        "day": "d day days",
        "hour": "h hr hrs hour hours",
        "minute": "m min mins minute minutes",
        "second": "s sec secs second seconds",
    }.items()
    for spelling in spellings.split()
}
_ISO_DATE = {"W": _UNITS["week"], "D": _UNITS["day"]}
_ISO_TIME = {"H": _UNITS["hour"], "M": _UNITS["minute"], "S": _UNITS["second"]}


def parse_duration(text: str) -> timedelta:
    """
    Read how long something lasts.

    ::

        >>> parse_duration("1h30m") == parse_duration("PT1H30M") == parse_duration("90:00")
        True

    Args:
        text: ``MM:SS``, ``HH:MM:SS[.ffffff]``, ``D HH:MM:SS``, of which only the first field
            may exceed its usual bound; ISO 8601 such as ``PT1H30M``; or ``1h30m``,
            ``1 hour 30 minutes``.

    Returns:
        More than nothing, at most 366 days.

    Raises:
        InvalidInputError: It is no such text, or finer than a microsecond.

    Source: docs/reference/slots.md; ISO 8601.
    """
    written = bounded(text)
    colons = COLONS.fullmatch(written)
    if colons is not None:
        return _duration(of_colons(colons))
    if written[:1] in ("P", "p"):
        return _duration(_of_iso(written))
    if _ONLY_DIGITS.fullmatch(written):
        raise InvalidInputError.of(f"{quoted(written)} has no unit: write {written}m or {written}s")
    return _duration(_of_amounts(written.lower(), _SPELLINGS, written))


def format_duration(duration: timedelta) -> str:
    """
    Write a duration as ``HH:MM:SS[.ffffff]``, with ``D `` in front from one day on.

    Source: docs/reference/slots.md.
    """
    days, rest = divmod(duration, _UNITS["day"])
    clock = str(rest).zfill(len("HH:MM:SS.ffffff" if rest.microseconds else "HH:MM:SS"))
    return f"{days} {clock}" if days else clock


def say_duration(duration: timedelta) -> str:
    """
    Say a duration in words, such as ``1 hour 30 minutes``.

    ::

        >>> say_duration(parse_duration("PT45M"))
        '45 minutes'
    """
    words = []
    rest = duration
    for unit in ("day", "hour", "minute"):
        count, rest = divmod(rest, _UNITS[unit])
        words += [f"{count} {unit}{'s' * (count != 1)}"] * (count > 0)
    if rest or not words:
        seconds = f"{rest.seconds}.{rest.microseconds:06}".rstrip("0").rstrip(".")
        words.append(f"{seconds} second{'s' * (seconds != '1')}")
    return " ".join(words)


def microseconds(digits: str | None) -> int:
    """
    Give the microseconds of what stands behind the point of a number of seconds.
    """
    if digits is None:
        return 0
    if len(digits) > _FRACTION_DIGITS:
        raise InvalidInputError.of(
            f".{digits} is finer than a microsecond; write at most six digits after the point"
        )
    return int(digits.ljust(_FRACTION_DIGITS, "0"))


def of_colons(colons: re.Match[str]) -> int:
    """
    Give the microseconds of ``MM:SS``, ``HH:MM:SS`` or ``D HH:MM:SS``.
    """
    fields = [int(colons[name]) for name in ("first", "second", "third") if colons[name]]
    if colons["days"] is not None:
        if colons["third"] is None or fields[0] >= HOURS:
            raise InvalidInputError.of(
                f"{quoted(colons[0])}: behind days stands HH:MM:SS with at most 23 hours"
            )
        fields[0] += HOURS * int(colons["days"])
    if max(fields[1:]) >= SIXTY:
        raise InvalidInputError.of(
            f"{quoted(colons[0])}: only the first field may exceed 59; the others are minutes "
            "and seconds"
        )
    total = 0
    for field in fields:
        total = total * SIXTY + field
    return total * _SECOND + microseconds(colons["part"])


def _of_iso(written: str) -> int:
    """
    Give the microseconds of an ISO 8601 duration.
    """
    date, mark, time = written[1:].upper().partition("T")
    if " " in written or not (date or time) or (mark and not time):
        raise InvalidInputError.of(f"{quoted(written)} is no duration: write one as PT1H30M")
    if "Y" in date or "M" in date:
        raise InvalidInputError.of(
            f"{quoted(written)}: years and months differ in length; write weeks or days"
        )
    if date and time and _POINT.search(date):
        raise InvalidInputError.of(f"{quoted(written)}: only the last number may have a point")
    return sum(
        _of_amounts(part, units, written)
        for part, units in ((date, _ISO_DATE), (time, _ISO_TIME))
        if part
    )


def _of_amounts(amounts: str, units: Mapping[str, timedelta], written: str) -> int:
    """
    Give the microseconds of numbers with units, the largest unit first.
    """
    total, place, last = 0, 0, None
    while place < len(amounts) or last is None:
        amount = _AMOUNT.match(amounts, place)
        unit = units.get(amount["unit"]) if amount else None
        if amount is None or unit is None:
            raise InvalidInputError.of(
                f"{quoted(written)} is no duration: write one as 00:30:00, 30m, 1h30m or PT30M"
            )
        if last is not None and unit >= last:
            raise InvalidInputError.of(
                f"{quoted(written)}: write each unit once, the largest first, such as 1h30m"
            )
        place, last = amount.end(), unit
        total += _of_amount(amount, unit, is_last=place == len(amounts))
    return total


def _of_amount(amount: re.Match[str], unit: timedelta, *, is_last: bool) -> int:
    size = unit // _MICROSECOND
    whole = int(amount["whole"]) * size
    if amount["part"] is None:
        return whole
    if not is_last:
        raise InvalidInputError.of(f"{amount[0].strip()}: only the last number may have a point")
    fineness: int = 10 ** len(amount["part"])
    part, rest = divmod(int(amount["part"]) * size, fineness)
    if rest:
        raise InvalidInputError.of(
            f"{amount[0].strip()} is finer than a microsecond; write fewer digits"
        )
    return whole + part


def _duration(amount: int) -> timedelta:
    # However many digits it has, what is too long must reach the check as a timedelta.
    return lasting(min(amount, _TOO_LONG) * _MICROSECOND)
