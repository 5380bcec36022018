"""
What the text of a calendar tells without being parsed.

Parsing all of a calendar of many years takes seconds, and so does following what has
repeated since then; looking for dates in its text takes hardly any time. So events far from
the days in question are left out, and what repeats by a simple rule begins shortly before
them.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from calndro.core.errors import InvalidInputError


if TYPE_CHECKING:
    from collections.abc import Callable


MOST_EVENTS: Final = 20_000

_BEGIN: Final = "\nBEGIN:VEVENT\n"
_END: Final = "\nEND:VEVENT"
_SAYS_WHEN: Final = re.compile(
    r"\n(?:BEGIN|END|UID|SEQUENCE|STATUS|TRANSP|DTSTART|DTEND|DURATION|RRULE|RDATE|EXDATE|EXRULE"
    r"|RECURRENCE-ID)[;:][^\n]*",
    re.IGNORECASE,
)
_UNTIL: Final = re.compile(r"\nRRULE[^\n]*[:;]UNTIL=([0-9]{8})")
_COUNTED: Final = re.compile(
    r"\nRRULE:FREQ=(?:DAI|(?P<unit>WEEK))LY;COUNT=(?P<count>[0-9]{1,3})(?:\n|\Z)"
)
_DAY_DIGITS: Final = 8

_EDGE: Final = re.compile(
    r"\n(?P<name>DTSTART|DTEND)(?P<more>;[^\n:]*)?:(?P<day>[0-9]{8})"
    r"(?P<time>T(?P<hour>[0-9]{2})[0-9]{4}Z?)?(?=\n|\Z)"
)
_RULE: Final = re.compile(
    r"\nRRULE:FREQ=(?P<unit>DAILY|WEEKLY|MONTHLY|YEARLY)(?P<more>(?:;[A-Z]+=[^;\n]*)*)(?=\n|\Z)"
)
_INTERVAL: Final = re.compile("[1-9][0-9]{0,2}")
_UID: Final = re.compile(r"\nUID[^\n:]*:([^\n]*)", re.IGNORECASE)
_MOVED: Final = re.compile(r"\n(?:RECURRENCE-ID|RDATE|EXRULE)[;:]", re.IGNORECASE)
_FIRST_HOUR: Final = 5
_LAST_HOUR: Final = 21
_LAST_COMMON_DAY: Final = 28
_MONTHS: Final = {"MONTHLY": 1, "YEARLY": 12}
_DAYS: Final = {"DAILY": 1, "WEEKLY": 7}


def nearby(data: bytes, since: datetime, until: datetime) -> str:
    """
    Give the text of a calendar without the events that surely lie outside of some days.

    What remains of the others is when they are.

    Args:
        data: What a file holds.
        since: An instant on the first of the days.
        until: One on the last.

    Raises:
        InvalidInputError: Too much remains, or an event does not end.
    """
    text = data.decode("utf-8-sig", "replace").replace("\r\n", "\n")
    text = text.replace("\n ", "").replace("\n\t", "")
    first, last = _digits(since), _digits(until)
    kept, *events = text.split(_BEGIN)
    pieces = [kept]
    places = []
    for event in events:
        body, end, rest = event.partition(_END)
        if not end:
            raise InvalidInputError.of("one of its events does not end")
        if _may_matter(body, first, last):
            places.append(len(pieces) + 1)
            pieces += [_BEGIN.rstrip(), "".join(_SAYS_WHEN.findall("\n" + body)), end]
        pieces.append(rest)
    if len(places) > MOST_EVENTS:
        raise InvalidInputError.of(
            f"{len(places)} of its events repeat or lie in these days; "
            f"at most {MOST_EVENTS} are read"
        )
    # Exceptions name the repetition that they stand for.
    left = {_uid(pieces[place]) for place in places if _MOVED.search(pieces[place])}
    for place in places:
        if _uid(pieces[place]) not in left:
            pieces[place] = _nearer(pieces[place], since)
    return "".join(pieces)


def _digits(when: datetime) -> str:
    return f"{when.year:04}{when.month:02}{when.day:02}"


def _uid(facts: str) -> str:
    found = _UID.search(facts)
    return found[1] if found else ""


def _may_matter(event: str, since: str, until: str) -> bool:
    """
    Tell whether an event may lie between two days, from its text.
    """
    facts = "\n" + event.upper()
    begin, end = _day(facts, "\nDTSTART"), _day(facts, "\nDTEND")
    if not begin or "\nRDATE" in facts or "\nRECURRENCE-ID" in facts:
        return True
    if begin > until:
        return False
    rules = facts.count("\nRRULE")
    if rules:
        return rules > 1 or begin != end or _last_day(facts, begin) >= since
    return (end or begin) >= since or (not end and "\nDURATION" in facts)


def _last_day(facts: str, begin: str) -> str:
    """
    Give the digits of a day after which an event repeats no more; 9s when none is plain to see.
    """
    if until := _UNTIL.search(facts):
        return until[1]
    counted = _COUNTED.search(facts)
    if counted is None:
        return "9" * _DAY_DIGITS
    length = timedelta(weeks=1) if counted["unit"] == "WEEK" else timedelta(days=1)
    last = datetime.strptime(begin, "%Y%m%d").replace(tzinfo=UTC) + int(counted["count"]) * length
    return last.date().isoformat().replace("-", "")


def _day(facts: str, name: str) -> str:
    """
    Give the digits of the day that a property names; empty when it does not.
    """
    start = facts.find(name)
    if start < 0:
        return ""
    line = facts[start + 1 :].partition("\n")[0]
    digits = line.rpartition(":")[2][:_DAY_DIGITS]
    return digits if len(digits) == _DAY_DIGITS and digits.isdecimal() else ""


def _nearer(facts: str, since: datetime) -> str:
    """
    Let an event that has repeated for long begin shortly before a day, at the same clock.

    Its later repetitions are the same: it moves by whole intervals of its rule, and at
    least one of them lies between its new begin and that day.
    """
    rules, edges = list(_RULE.finditer(facts.upper())), list(_EDGE.finditer(facts))
    if len(rules) != 1 or facts.upper().count("\nRRULE") != 1 or not _is_plain(edges):
        return facts
    unit, parts = rules[0]["unit"], _parts(rules[0]["more"])
    interval = parts.get("INTERVAL", "1")
    if "COUNT" in parts or not _INTERVAL.fullmatch(interval):
        return facts
    begin = datetime.strptime(edges[0]["day"], "%Y%m%d").replace(tzinfo=UTC)
    step = int(interval)
    if unit in _DAYS:
        days = _DAYS[unit] * step
        moved = begin + timedelta(days=days * max(0, (since - begin).days // days - 1))
    elif begin.day > _LAST_COMMON_DAY:
        return facts
    else:
        months = _MONTHS[unit] * step
        past = (since.year - begin.year) * 12 + since.month - begin.month
        later = begin.year * 12 + begin.month - 1 + months * max(0, past // months - 1)
        moved = begin.replace(year=later // 12, month=later % 12 + 1)
    return _EDGE.sub(_on(_digits(moved)), facts)


def _parts(more: str) -> dict[str, str]:
    """
    Take the rest of a rule apart, such as ``;INTERVAL=2;BYDAY=MO``.
    """
    pairs = (part.partition("=") for part in more.split(";")[1:])
    return {name: value for name, _, value in pairs}


def _on(day: str) -> Callable[[re.Match[str]], str]:
    def write(edge: re.Match[str]) -> str:
        return f"\n{edge['name']}{edge['more'] or ''}:{day}{edge['time'] or ''}"

    return write


def _is_plain(edges: list[re.Match[str]]) -> bool:
    """
    Tell whether an event begins and ends on one day of one clock, which is not changed then.
    """
    if [edge["name"] for edge in edges] != ["DTSTART", "DTEND"]:
        return False
    begin, end = ((edge["more"], (edge["time"] or "").endswith("Z")) for edge in edges)
    return (
        begin == end
        and edges[0]["day"] == edges[1]["day"]
        and all(
            edge["hour"] is not None and _FIRST_HOUR <= int(edge["hour"]) <= _LAST_HOUR
            for edge in edges
        )
    )
