"""
Free time: spans, what is left of them, and the best places in it.

A span is a pair of instants, the second after the first; it holds the first and not the
second. Lists of spans that come out of here are ordered, and no two of them touch.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final, TypeAlias
from zoneinfo import ZoneInfo

import attrs

from calndro.core.days import DAY
from calndro.core.errors import InvalidInputError
from calndro.core.quoting import bounded, quoted
from calndro.core.slot import Slot
from calndro.core.times import parse_zone


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


Span: TypeAlias = tuple[datetime, datetime]

_MINUTE: Final = timedelta(minutes=1)
_HOURS: Final = re.compile(
    r"(?:(?P<zone>[^ ]+) )?(?P<begin>[0-9]{1,2}(?::[0-9]{2})?)-(?P<end>[0-9]{1,2}(?::[0-9]{2})?)"
)


def merged(spans: Iterable[Span]) -> list[Span]:
    """
    Put spans in order and join those that overlap or touch.

    Args:
        spans: In any order; those that hold nothing are left out.
    """
    found: list[Span] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            if end > found[-1][1]:
                found[-1] = (found[-1][0], end)
        elif begin < end:
            found.append((begin, end))
    return found


def common(one: Sequence[Span], other: Sequence[Span]) -> list[Span]:
    """
    Give what two merged lists of spans both hold.
    """
    found = []
    here = there = 0
    while here < len(one) and there < len(other):
        begin = max(one[here][0], other[there][0])
        end = min(one[here][1], other[there][1])
        if begin < end:
            found.append((begin, end))
        if one[here][1] < other[there][1]:
            here += 1
        else:
            there += 1
    return found


def without(spans: Sequence[Span], busy: Sequence[Span]) -> list[Span]:
    """
    Give what one merged list of spans holds and another does not.
    """
    if not spans:
        return []
    edges = [spans[0][0], *(edge for span in busy for edge in span), spans[-1][1]]
    gaps = zip(edges[::2], edges[1::2], strict=True)
    return common(spans, [(begin, end) for begin, end in gaps if begin < end])


@attrs.frozen
class WorkingHours:
    """
    When somebody can be asked to meet, day by day.

    Args:
        zone: IANA name: where the clocks are.
        begin: Minutes after midnight.
        end: More than *begin*, at most 1440.
        weekdays: Numbers, Monday's being 0.
    """

    zone: str
    begin: int
    end: int
    weekdays: frozenset[int]

    @classmethod
    def parse(cls, text: str, zone: str, weekdays: frozenset[int]) -> WorkingHours:
        """
        Read working hours such as ``9-17`` or ``Europe/Paris 8:30-17``.

        Args:
            text: In the 24 hours of a day.
            zone: Where the clocks are when *text* does not say.
            weekdays: On which days.

        Raises:
            InvalidInputError: It is no such text, or they would end before they begin.

        Source: docs/how-to/find-a-free-time.md.
        """
        parts = _HOURS.fullmatch(bounded(text))
        if parts is None:
            raise InvalidInputError.of(
                f"{quoted(text)} are no working hours: write 9-17 or Europe/Paris 8:30-17"
            )
        begin, end = _minutes(parts["begin"]), _minutes(parts["end"])
        if not begin < end <= DAY // _MINUTE:
            raise InvalidInputError.of(
                f"{quoted(text)}: working hours end after they begin, at 24:00 at the latest"
            )
        return cls(parse_zone(parts["zone"] or zone), begin, end, weekdays)

    def spans(self, first: date, last: date) -> list[Span]:
        """
        Give the working hours of the days from *first* to *last*.
        """
        days = (first + DAY * place for place in range((last - first).days + 1))
        return merged(
            (_instant(day, self.begin, self.zone), _instant(day, self.end, self.zone))
            for day in days
            if day.weekday() in self.weekdays
        )


def _minutes(clock: str) -> int:
    hour, _, minute = clock.partition(":")
    if int(minute or 0) * _MINUTE >= timedelta(hours=1):
        raise InvalidInputError.of(f"{clock} is no time of day")
    return (timedelta(hours=int(hour)) + int(minute or 0) * _MINUTE) // _MINUTE


def _instant(day: date, minutes: int, zone: str) -> datetime:
    # An edge that the clocks leave out lies where they would stand without the change.
    wall = datetime.combine(day, time()) + minutes * _MINUTE
    return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@attrs.frozen
class Search:
    """
    What is looked for.

    Args:
        first: The first day, in *zone*.
        last: The last day, not before *first*.
        zone: IANA name: where days begin and clocks are read.
        duration: Of each slot.
        step: Slots begin at multiples of it after local midnight.
        after: No slot begins before this instant.
    """

    first: date
    last: date
    zone: str
    duration: timedelta
    step: timedelta
    after: datetime

    @property
    def span(self) -> Span:
        """
        From the first midnight to the last one.
        """
        return _instant(self.first, 0, self.zone), _instant(self.last + DAY, 0, self.zone)


def working_time(search: Search, hours: Sequence[WorkingHours]) -> list[Span]:
    """
    Give the time within which everybody works.

    Args:
        search: Says which days.
        hours: At least one; a day's hours in a zone far away may lie on another date.
    """
    found = [search.span]
    for each in hours:
        found = common(found, each.spans(search.first - DAY, search.last + DAY))
    return found


def candidates(free: Sequence[Span], search: Search) -> list[Slot]:
    """
    Give every slot on the grid that lies in free time, by begin.

    Args:
        free: Merged.
        search: What is looked for.
    """
    begins = [begin for begin, _ in free]
    found = []
    for begin in _grid(search):
        place = bisect_right(begins, begin) - 1
        if place >= 0 and begin + search.duration <= free[place][1] and begin >= search.after:
            found.append(Slot(begin, search.duration))
    return found


def _grid(search: Search) -> Iterator[datetime]:
    zone = ZoneInfo(search.zone)
    for day in range((search.last - search.first).days + 1):
        midnight = datetime.combine(search.first + DAY * day, time())
        walls = [midnight + search.step * place for place in range(-(-DAY // search.step))]
        instants = {
            wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
            for wall in walls
            for fold in (0, 1)
        }
        shown = {wall.time() for wall in walls}
        # A clock that is left out stands for another one, which may not be on the grid.
        yield from sorted(each for each in instants if each.astimezone(zone).time() in shown)


def best(slots: Sequence[Slot], working: Sequence[Span], search: Search, most: int) -> list[Slot]:
    """
    Rank slots and give the first of them.

    Days take turns, the earliest first: each gives its slot nearest to the middle of its
    working time, the earlier of two as near, then its second that overlaps no other, and so on.

    Args:
        slots: What there is, by begin.
        working: When everybody works, merged.
        search: What is looked for.
        most: How many are wanted.

    Returns:
        At most *most* slots, the best first.
    """
    zone = ZoneInfo(search.zone)
    middles = _middles(working, zone)
    days: dict[date, list[Slot]] = {}
    for slot in slots:
        days.setdefault(slot.begin.astimezone(zone).date(), []).append(slot)
    waiting = [_nearest(those, middles[day]) for day, those in sorted(days.items())]
    found: list[Slot] = []
    while waiting and len(found) < most:
        still_waiting = []
        for those in waiting:
            # A slot around midnight may be in the way of one on the next day.
            left = [slot for slot in those if not _overlaps(slot, found)]
            found += left[:1]
            still_waiting += [left[1:]] * bool(left)
        waiting = still_waiting
    return found[:most]


def _middles(working: Sequence[Span], zone: ZoneInfo) -> dict[date, datetime]:
    """
    Give the middle of the working time of each day.
    """
    edges: dict[date, Span] = {}
    for begin, end in working:
        day = begin.astimezone(zone).date()
        while day <= end.astimezone(zone).date():
            midnight = datetime.combine(day, time(), zone).astimezone(UTC)
            next_one = datetime.combine(day + DAY, time(), zone).astimezone(UTC)
            since, until = max(begin, midnight), min(end, next_one)
            edges[day] = (edges[day][0] if day in edges else since, until)
            day += DAY
    return {day: begin + (end - begin) / 2 for day, (begin, end) in edges.items()}


def _nearest(slots: Sequence[Slot], middle: datetime) -> list[Slot]:
    return sorted(slots, key=lambda slot: (abs(slot.begin + slot.duration / 2 - middle), slot))


def _overlaps(slot: Slot, others: Sequence[Slot]) -> bool:
    return any(slot.begin < other.end and other.begin < slot.end for other in others)
