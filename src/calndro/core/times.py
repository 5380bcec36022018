"""
The text forms of instants, zones and slots.

Only forms with one reading are taken; whatever has two is refused and both are named.
Texts are bounded in length and every pattern here runs in linear time.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from difflib import get_close_matches
from functools import cache
from pkgutil import get_data
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from calndro.core.durations import (
    COLONS,
    HOURS,
    SIXTY,
    microseconds,
    of_colons,
    parse_duration,
    say_duration,
)
from calndro.core.errors import InvalidInputError
from calndro.core.quoting import bounded, quoted
from calndro.core.slot import Slot, instant


if TYPE_CHECKING:
    from datetime import tzinfo


_NO_OFFSET = timedelta(0)
_LIKE = 0.7
_MOST_CHARACTERS_OF_SLOT = 200

_DATE = r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
_CLOCK = (
    r"(?P<clock>(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,](?P<part>[0-9]+))?)?)"
)
_OFFSET = r"(?P<offset>[Zz]|[+-][0-9]{2}(?::?[0-9]{2}(?::[0-9]{2})?)?)"
_ZONE = r"\[!?(?P<zone>[^\[\]]*)\]"
_BEGIN = re.compile(rf"{_DATE}[Tt ]{_CLOCK}{_OFFSET}?(?:{_ZONE})?")
_BEGIN_AND_LETTERS = re.compile(rf"{_DATE}[Tt ]{_CLOCK} ?(?P<letters>[A-Za-z][A-Za-z0-9/_+-]*)")
_ONLY_DATE = re.compile(_DATE)
_STARTS_WITH_YEAR = re.compile(r"[0-9]{4}-")
_SLOT_REST = re.compile(r"(?: *(?P<slash>/)| |\Z) *(?P<tail>.*)", re.DOTALL)


# The first eleven are zones of the database, too.
_ABBREVIATIONS = {
    "cet": "Europe/Paris",
    "cst6cdt": "America/Chicago",
    "eet": "Europe/Athens",
    "est": "America/New_York",
    "est5edt": "America/New_York",
    "hst": "Pacific/Honolulu",
    "met": "Europe/Paris",
    "mst": "America/Denver",
    "mst7mdt": "America/Denver",
    "pst8pdt": "America/Los_Angeles",
    "wet": "Europe/Lisbon",
    "bst": "Europe/London",
    "cest": "Europe/Paris",
    "cst": "America/Chicago or Asia/Shanghai",
    "ist": "Asia/Kolkata or Europe/Dublin or Asia/Jerusalem",
    "pst": "America/Los_Angeles",
}


def parse_begin(text: str, zone: str) -> datetime:
    """
    Read when something begins.

    Args:
        text: Such as ``2026-12-01T09:00``, with an offset (``Z``, ``+02``, ``+0200``,
            ``-02:00``) or a zone in brackets (``[Europe/Paris]``) or both behind it.
        zone: The IANA zone in which a text without either is read.

    Returns:
        A plain datetime in UTC.

    Raises:
        InvalidInputError: It is no such text; or the local time does not exist or exists
            twice and no offset tells which is meant; or offset and zone disagree.

    Source: docs/explanation/time.md; RFC 3339; ISO 8601; RFC 9557, section 3.4 (``Z`` goes
    with any zone).
    """
    written = bounded(text)
    parts = _BEGIN.fullmatch(written)
    if parts is None:
        raise InvalidInputError.of(_what_is_missing(written))
    if parts["offset"] is None:
        name = zone_called(zone) if parts["zone"] is None else parse_zone(parts["zone"])
        return instant(_only_reading(_local(parts, ZoneInfo(name)), name))
    begin = _local(parts, timezone(_offset(parts["offset"])))
    if parts["zone"] is not None:
        _check_agrees(begin, parts)
    return instant(begin)


def format_begin(begin: datetime) -> str:
    """
    Write an instant as ``2021-03-11T14:34:00Z``, with six digits when it has a fraction.

    Raises:
        InvalidInputError: It is naive, or outside the years 1 to 9998.

    Source: docs/explanation/time.md; RFC 3339.
    """
    return instant(begin).replace(tzinfo=None).isoformat() + "Z"


def parse_zone(name: str) -> str:
    """
    Find the time zone that a person names.

    Args:
        name: Its name, in capitals or not.

    Returns:
        The name as the IANA database writes it.

    Raises:
        InvalidInputError: There is no such zone, or it is an abbreviation, which people use
            for other zones too; the nearest names are told.

    Source: docs/reference/glossary.md; docs/explanation/time.md.
    """
    wanted = bounded(name).lower()
    if wanted in _ABBREVIATIONS:
        raise _no_zone(name, _ABBREVIATIONS[wanted])
    return zone_called(name)


def zone_called(name: str) -> str:
    """
    Find the time zone that a program or something stored names, by an abbreviation too.

    Args:
        name: Its name, in capitals or not.

    Returns:
        The name as the IANA database writes it.

    Raises:
        InvalidInputError: There is no such zone; the nearest names are told.
    """
    wanted = bounded(name).lower()
    known = _zones()
    if wanted in known:
        return known[wanted]
    raise _no_zone(name, " or ".join(_nearest(wanted)) or "Europe/Paris or UTC")


def _no_zone(name: str, hint: str) -> InvalidInputError:
    return InvalidInputError.of(f"{quoted(name)} is no time zone: write a place such as {hint}")


def parse_slot(text: str, zone: str) -> Slot:
    """
    Read a slot that a person wrote in one piece.

    ::

        >>> parse_slot("2026-12-01T09:00/PT30M", "Europe/Paris").begin.isoformat()
        '2026-12-01T08:00:00+00:00'

    Args:
        text: ``BEGIN/DURATION``, ``BEGIN/END`` or ``BEGIN DURATION``. An end without offset
            and zone has those of the begin.
        zone: The IANA zone of times that name none.

    Raises:
        InvalidInputError: It is none of these; or behind the ``/`` stands a clock without
            a date, which could be either; or it ends before it begins.

    Source: docs/reference/slots.md; ISO 8601 (what an end has from its begin).
    """
    written = bounded(text, _MOST_CHARACTERS_OF_SLOT)
    head = _BEGIN.match(written)
    parts = _SLOT_REST.fullmatch(written, head.end()) if head else None
    if head is None or parts is None:
        raise InvalidInputError.of(_what_is_missing(written.partition("/")[0].rstrip(" ")))
    begin, tail = parse_begin(head[0], zone), parts["tail"]
    if not tail:
        raise InvalidInputError.of(
            f"{quoted(written)} does not say how long: write {head[0]}/PT30M for half an hour"
        )
    if parts["slash"] and _STARTS_WITH_YEAR.match(tail):
        return _until(begin, _end(tail, head, zone))
    if parts["slash"]:
        _refuse_clock(tail, head)
    return Slot(begin, parse_duration(tail))


def format_slot(slot: Slot) -> str:
    """
    Write a slot in the one text that ``parse_slot`` reads alike in every zone.

    ::

        >>> format_slot(parse_slot("2026-12-01T09:00 45m", "Europe/Paris"))
        '2026-12-01T08:00:00Z/PT45M'

    Source: docs/reference/slots.md; ISO 8601.
    """
    minutes, rest = divmod(slot.duration, timedelta(minutes=1))
    if not rest:
        return f"{format_begin(slot.begin)}/PT{minutes}M"
    seconds, rest = divmod(slot.duration, timedelta(seconds=1))
    part = f".{rest.microseconds:06}".rstrip("0").rstrip(".")
    return f"{format_begin(slot.begin)}/PT{seconds}{part}S"


def _what_is_missing(written: str) -> str:
    """
    Say why *written* is no begin, and what to write instead.
    """
    shown = quoted(written)
    if _ONLY_DATE.fullmatch(written):
        return f"{shown} has a date but no clock: write {written}T09:00"
    if letters := _BEGIN_AND_LETTERS.fullmatch(written):
        return (
            f"{shown}: {letters['letters']} may mean several offsets; "
            "write a number such as +02:00 or a place such as [Europe/Paris]"
        )
    return (
        f"{shown} is no date and clock: write them as 2026-12-01T09:00, and behind it, if you "
        "like, an offset such as +02:00 or Z, or a zone such as [Europe/Paris]"
    )


def _local(parts: re.Match[str], there: tzinfo) -> datetime:
    hour, minute, second = (int(parts[name] or 0) for name in ("hour", "minute", "second"))
    if hour >= HOURS or minute >= SIXTY or second >= SIXTY:
        raise InvalidInputError.of(
            f"{parts['clock']} is no time of day: it must lie in 00:00 to 23:59:59; write 24:00 "
            "as 00:00 of the next day, and a leap second as :59"
        )
    part = microseconds(parts["part"])
    year, month, day = map(int, parts["date"].split("-"))
    try:
        return datetime(year, month, day, hour, minute, second, part, there)
    except ValueError:
        raise InvalidInputError.of(
            f"{parts['date']} is no day of the calendar, which starts with the year 1"
        ) from None


def _offset(written: str) -> timedelta:
    if written in "Zz":
        return _NO_OFFSET
    digits = written[1:].replace(":", "").ljust(6, "0")
    hours, minutes, seconds = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    if hours >= HOURS or minutes >= SIXTY or seconds >= SIXTY:
        raise InvalidInputError.of(f"{written} is no offset; it must lie in -23:59 to +23:59")
    amount = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return -amount if written[0] == "-" else amount


def _offsets(local: datetime) -> tuple[timedelta, timedelta]:
    """
    Give the offsets before and after a change of clocks at *local*; equal when there is none.
    """
    before, after = (local.replace(fold=fold).utcoffset() or _NO_OFFSET for fold in (0, 1))
    return before, after


def _only_reading(local: datetime, zone: str) -> datetime:
    """
    Let a local time pass that exists once.
    """
    before, after = _offsets(local)
    if before == after:
        return local
    wall = local.replace(tzinfo=None).isoformat()
    readings = " or ".join(
        local.replace(tzinfo=timezone(offset)).isoformat() for offset in (before, after)
    )
    what = "does not exist" if before < after else "exists twice"
    raise InvalidInputError.of(
        f"{wall} {what} in {zone}, where the clocks change then: write {readings}"
    )


def _check_agrees(begin: datetime, parts: re.Match[str]) -> None:
    """
    Refuse an offset that the named zone doesn't have then.
    """
    name = parse_zone(parts["zone"])
    offsets = _offsets(begin.replace(tzinfo=ZoneInfo(name)))
    if parts["offset"] not in "Zz" and begin.utcoffset() not in offsets:
        there = begin.replace(tzinfo=timezone(offsets[0])).isoformat()
        raise InvalidInputError.of(
            f"{quoted(parts[0])}: the offset disagrees with {name}, where this clock means "
            f"{there}; leave one of them out"
        )


def _end(tail: str, head: re.Match[str], zone: str) -> datetime:
    """
    Read the end of a slot, which has offset or zone of its begin unless it names its own.
    """
    parts = _BEGIN.fullmatch(tail)
    if parts is None or parts["offset"] or parts["zone"] is not None:
        return parse_begin(tail, zone)
    # With Z the clock of the begin is that of UTC, wherever the zone is.
    if head["zone"] is not None and head["offset"] not in ("Z", "z"):
        return parse_begin(tail, parse_zone(head["zone"]))
    return parse_begin(tail + (head["offset"] or ""), zone)


def _until(begin: datetime, end: datetime) -> Slot:
    if end <= begin:
        raise InvalidInputError.of(
            f"the slot would end at {format_begin(end)}, not after it begins at "
            f"{format_begin(begin)}; write an end that is later"
        )
    return Slot(begin, end - begin)


def _refuse_clock(tail: str, head: re.Match[str]) -> None:
    """
    Refuse what could be a time of day or a duration.
    """
    colons = COLONS.fullmatch(tail)
    if colons is None or colons["days"] is not None or int(colons["first"]) > HOURS:
        return
    words = say_duration(timedelta(microseconds=of_colons(colons)))
    day, hour = date.fromisoformat(head["date"]), int(colons["first"])
    if hour == HOURS:
        day, hour = day + timedelta(days=1), 0
    raise InvalidInputError.of(
        f"{tail} behind the / could be a time of day or {words}: write "
        f"{head[0]}/{day.isoformat()}T{hour:02}:{tail.partition(':')[2]} for the one, "
        f"'{head[0]} {tail}' with a blank for the other"
    )


@cache
def _zones() -> dict[str, str]:
    """
    Give the zones of the IANA database, by their names in small letters.
    """
    # The list comes from the package alone, so that every machine knows the same zones.
    names = (get_data("tzdata", "zones") or b"").decode("ascii").split()
    return {name.lower(): name for name in names}


def _nearest(wanted: str) -> list[str]:
    """
    Give up to three zones whose name, or place within it, resembles *wanted*.
    """
    # Names of one word are abbreviations and names of countries; no place is hidden by them.
    known = [name for name in _zones() if "/" in name or name == "utc"]
    places = {name.rpartition("/")[2]: name for name in reversed(known)}
    places |= {name: name for name in known}
    place = wanted.replace(" ", "_")
    close = [place] if place in places else get_close_matches(place, places, n=3, cutoff=_LIKE)
    return list(dict.fromkeys(_zones()[places[word]] for word in close))
