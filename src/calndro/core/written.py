"""
Slots as people write them: ``tue 14:00 45m``, ``2026-12-01 9-11 /30m``.

::

    DAY CLOCK DURATION        one slot
    DAY FROM-TO               one slot
    DAY FROM-TO /DURATION     the range cut in pieces

These are for what people type; programs write the strict forms of ``core.times``, which
mean the same here. A text with two meanings is refused, and both are named: so is
``2026-12-01 09:00 10:00``, while behind a ``T`` a length is a length.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import attrs

from calndro.core.days import DAY, WEEK, is_day, parse_day, today_in, weekday_of
from calndro.core.durations import COLONS, parse_duration, say_duration
from calndro.core.errors import InvalidInputError
from calndro.core.quoting import bounded, quoted
from calndro.core.slot import MOST_SLOTS, Slot
from calndro.core.spoken import say_slot
from calndro.core.times import parse_begin, parse_slot


if TYPE_CHECKING:
    from datetime import date, datetime, timedelta

    from calndro.core.slot import Table


_MOST_CHARACTERS: Final = 200
_NOON: Final = 12
_MIDNIGHT: Final = 24
_FIRST_CERTAIN_HOUR: Final = 7

# Whatever begins so is meant for parse_slot, which says what is wrong with it.
_STRICT: Final = re.compile(r"[0-9]{4}-?[0-9]{2}")

_BLANKS: Final = re.compile(" +")
_DAY_AND_TIME: Final = re.compile(
    r"(?P<day>(?:(?:next|this|coming|last) )?[^ ]+) (?P<time>.+)", re.IGNORECASE
)
_ALONE: Final = re.compile(r"[0-9]{1,2}:[0-9]{2}")
_AT: Final = re.compile(r"(?P<clock>[0-9]{1,2}:[0-9]{2}) (?P<length>.+)")
_BARE_HOUR: Final = re.compile(r"(?P<hour>[0-9]{1,2})(?: (?P<length>.+))?")
_RANGE: Final = re.compile(
    r"(?P<begin>[0-9]{1,2}(?::[0-9]{2})?) ?- ?(?P<end>[0-9]{1,2}(?::[0-9]{2})?)"
    r"(?: ?/ ?(?P<piece>.+))?"
)


@attrs.frozen
class Reading:
    """
    What a text was taken for.

    Args:
        slots: At least one, in order.
        remark: What the writer may not have thought of; empty when there is nothing.
    """

    slots: Table
    remark: str = ""


def read_written(text: str, zone: str, now: datetime) -> Reading:
    """
    Read the slots that a person wrote in one piece.

    Args:
        text: A strict form of parse_slot, or one of this module. The day is a date, ``today``,
            ``tomorrow``, ``+2d``, ``+2w`` or a weekday: the next one whose time has not
            passed. An hour alone stands only in a range.
        zone: The IANA zone of days and times that name none.
        now: The present, an aware instant.

    Raises:
        InvalidInputError: It is none of these, or has two readings; both are told.

    Source: docs/reference/slots.md.
    """
    words = _BLANKS.sub(" ", bounded(text, _MOST_CHARACTERS))
    parts = _DAY_AND_TIME.fullmatch(words)
    if parts is None and is_day(words) and not words[:1].isdecimal():
        raise InvalidInputError.of(f"{quoted(words)} does not say when: write {words} 14:00 45m")
    if parts is None or not is_day(parts["day"]):
        if not _STRICT.match(words):
            raise InvalidInputError.of(_what_is_missing(words))
        return Reading((parse_slot(text, zone),))
    try:
        strict = parse_slot(text, zone)
    except InvalidInputError:
        return _read(parts, zone, now)
    _refuse_range(parts, strict, zone, now)
    if at := _AT.fullmatch(parts["time"]):
        _length(at, parts["day"])
    return Reading((strict,))


def is_for_people(text: str) -> bool:
    """
    Tell whether *text* is none of the strict forms, but what people write, be it readable or not.
    """
    words = _BLANKS.sub(" ", text[:_MOST_CHARACTERS].strip(" "))
    parts = _DAY_AND_TIME.fullmatch(words)
    return not _STRICT.match(words) or is_day(words if parts is None else parts["day"])


def _read(parts: re.Match[str], zone: str, now: datetime) -> Reading:
    """
    Read a day and a time, in the next week when the time of that weekday has passed.
    """
    today = today_in(zone, now)
    day = parse_day(parts["day"], today)
    slots = _on(day, parts, zone)
    if weekday_of(parts["day"]) is None or day != today:
        return Reading(slots)
    if slots[0].begin > now:
        return Reading(slots, "that is today")
    return Reading(
        _on(day + WEEK, parts, zone), "that time has passed today, so it is a week from today"
    )


def _on(day: date, parts: re.Match[str], zone: str) -> Table:
    time = parts["time"]
    if span := _RANGE.fullmatch(time):
        begin, end = _ends(span, day, parts["day"], zone)
        return _cut(begin, end, span["piece"], time)
    if at := _AT.fullmatch(time):
        return (Slot(_instant(day, at["clock"], zone), _length(at, parts["day"])),)
    raise InvalidInputError.of(_what_is_wrong(time, parts["day"]))


def _instant(day: date, clock: str, zone: str) -> datetime:
    """
    Find a local time; ``24:00`` is the midnight at the end of the day.
    """
    hour, _, minute = clock.partition(":")
    if int(hour) == _MIDNIGHT and int(minute or 0) == 0:
        day, hour = day + DAY, "0"
    return parse_begin(f"{day.isoformat()}T{int(hour):02}:{minute or '00'}", zone)


def _length(at: re.Match[str], day: str) -> timedelta:
    """
    Read how long a slot lasts, unless it could be the clock at its end.
    """
    length = at["length"]
    colons = COLONS.fullmatch(length)
    duration = parse_duration(length)
    if colons and colons["days"] is None and colons["third"] is None:
        words = say_duration(duration)
        raise InvalidInputError.of(
            f"{length} behind a time could be its end or {words}: write "
            f"{day} {at['clock']}-{length} or {day} {at['clock']} {words}"
        )
    return duration


def _ends(span: re.Match[str], day: date, name: str, zone: str) -> tuple[datetime, datetime]:
    first, last = span["begin"], span["end"]
    hour, until = int(first.partition(":")[0]), int(last.partition(":")[0])
    # Behind a date and a clock, -04:00 and a piece could be an offset and a length.
    dash, cut = ("-", "") if span["piece"] is None else (" - ", f" /{span['piece']}")
    is_bare = ":" not in first
    if is_bare and 0 < hour < _FIRST_CERTAIN_HOUR and hour < until <= _NOON:
        raise InvalidInputError.of(
            f"{first}-{last} could be in the morning or in the afternoon: write "
            f"{name} {_clock(first)}{dash}{_clock(last)}{cut} or "
            f"{name} {_clock(first, _NOON)}{dash}{_clock(last, _NOON)}{cut}"
        )
    begin, end = _instant(day, first, zone), _instant(day, last, zone)
    if end > begin:
        return begin, end
    tomorrow = day + DAY
    if cut:
        readings = [f"{name} {_clock(first)}{dash}24:00{cut}"]
        if _clock(last) != "00:00":
            readings[0] += f" and {tomorrow.isoformat()} 00:00{dash}{_clock(last)}{cut}"
    else:
        night = say_duration(_instant(tomorrow, last, zone) - begin)
        readings = [f"{name} {_clock(first)} {night}"]
    if is_bare and hour < until + _NOON <= _MIDNIGHT:
        readings.insert(0, f"{name} {_clock(first)}{dash}{_clock(last, _NOON)}{cut}")
    raise InvalidInputError.of(
        f"{first}-{last} would end on the next day: write {' or '.join(readings)}"
    )


def _clock(written: str, later: int = 0) -> str:
    hour, _, minute = written.partition(":")
    return f"{int(hour) + later:02}:{minute or '00'}"


def _cut(begin: datetime, end: datetime, piece: str | None, time: str) -> Table:
    """
    Cut a range in pieces of one length, without a rest.
    """
    if piece is None:
        return (Slot(begin, end - begin),)
    length = parse_duration(piece)
    count, rest = divmod(end - begin, length)
    if rest:
        lengths = " or ".join(say_duration(length * whole) for whole in (count, count + 1) if whole)
        raise InvalidInputError.of(
            f"{quoted(time)}: {say_duration(end - begin)} can't be cut in pieces of "
            f"{say_duration(length)}: write a range of {lengths}"
        )
    if count > MOST_SLOTS:
        raise InvalidInputError.of(
            f"{quoted(time)} would be {count} slots; an event holds at most {MOST_SLOTS}"
        )
    return tuple(Slot(begin + length * place, length) for place in range(count))


def _what_is_missing(words: str) -> str:
    """
    Say what a text that begins with no day is not, and what to write instead.
    """
    if any(shape.fullmatch(words) for shape in (_ALONE, _AT, _RANGE)):
        return f"{quoted(words)} does not say on which day: write tue {words} or 2026-12-01 {words}"
    return (
        f"{quoted(words)} begins with no day: write tue 14:00 45m, tomorrow 14:00 45m, "
        "2026-12-01 14:00 45m or 2026-12-01T14:00Z/PT45M"
    )


def _what_is_wrong(time: str, day: str) -> str:
    """
    Say why *time* is none, and what to write instead.
    """
    if _ALONE.fullmatch(time):
        return f"{quoted(time)} does not say how long: write {day} {time} 45m for 45 minutes"
    bare = _BARE_HOUR.fullmatch(time)
    if bare and 0 < int(bare["hour"]) < _NOON:
        hour, length = int(bare["hour"]), bare["length"] or "45m"
        return (
            f"{quoted(time)} could be at {hour:02}:00 or at {hour + _NOON}:00: write "
            f"{day} {hour:02}:00 {length} or {day} {hour + _NOON}:00 {length}"
        )
    return (
        f"{quoted(time)} is no time of a day: write {day} 14:00 45m, {day} 14:00-14:45 or, "
        f"to cut a range in pieces, {day} 9-11 /30m"
    )


def _refuse_range(parts: re.Match[str], strict: Slot, zone: str, now: datetime) -> None:
    """
    Refuse what could be an offset behind a clock, or the end of a range.
    """
    span = _RANGE.fullmatch(parts["time"])
    if span is None:
        return
    try:
        pieces = _read(parts, zone, now).slots
    except InvalidInputError:
        return
    first, last = pieces[0], pieces[-1]
    raise InvalidInputError.of(
        f"-{span['end']} could be the end of a range or an offset: {len(pieces)} from "
        f"{say_slot(first, zone)} to {say_slot(last, zone)}, or {say_slot(strict, zone)}; write "
        f"{parts['day']} {span['begin']} - {span['end']} /{span['piece']} for the range, or "
        f"{parts['day']}T{span['begin']}-{span['end']}/{span['piece']}"
    )
