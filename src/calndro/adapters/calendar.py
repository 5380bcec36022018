"""
What an event is in a calendar: iCalendar objects, as bytes.

::

    invite(dispatch, …)       what a letter carries: a request, or its cancellation
    calendar_of(event, …)     a file to put into a calendar by hand

Source: RFC 5545 (iCalendar); RFC 5546 (iTIP); RFC 6068 (mailto).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

import attrs
import icalendar

from calndro.core.agreement import Status
from calndro.core.event import is_erased
from calndro.core.notice import Kind
from calndro.core.party import Address


if TYPE_CHECKING:
    from calndro.core.dispatch import Dispatch
    from calndro.core.event import Event
    from calndro.core.slot import Slot


_PRODUCT: Final = "-//calndro//calndro//EN"
_TELLS_ONLY: Final = frozenset({Kind.UPDATE, Kind.LINK})

# Outside these years calendars do not agree on what clocks show; there times are in UTC.
_FIRST_YEAR: Final = 1970
_LAST_YEAR: Final = 2037

# What may stand as it is before the @ of a mailto, besides letters, digits and -._~.
_PLAIN: Final = "!$'*+"

_ESCAPES: Final = str.maketrans({sign: f"\\{sign}" for sign in "\\;,"})

_SECOND: Final = timedelta(seconds=1)
_MINUTE: Final = timedelta(minutes=1)
_DAY: Final = timedelta(days=1)
_NO_OFFSET: Final = timedelta(0)


class _Line(icalendar.vText):
    """
    A line of text, written as it stands; the library would end it at a backslash before an N.

    Source: RFC 5545, section 3.3.11.
    """

    def to_ical(self) -> bytes:
        return self.translate(_ESCAPES).encode()


def invite(
    dispatch: Dispatch, public_url: str, organizer: str, now: datetime
) -> tuple[str | None, bytes] | None:
    """
    Make the calendar that goes with a letter.

    It says what holds when it is written. A notice that was overtaken never puts a time
    into a calendar that does not hold any longer, in whatever order letters arrive.

    Args:
        dispatch: The letter.
        public_url: Where the pages of the instance are, without a slash at the end.
        organizer: The address that letters come from, in the form that mail takes.
        now: The clock's reading, UTC.

    Returns:
        The method, ``REQUEST`` or ``CANCEL``, and the bytes; the method is None for who is
        no party and so is not invited. None for a letter without a calendar.

    Source: RFC 5546, 3.2.2 and 3.2.5; docs/explanation/agreement.md.
    """
    event = dispatch.event
    agreed = _agreed(event)
    if agreed is not None and agreed.end <= now and dispatch.about not in (None, agreed):
        # Nobody is invited to what is over: to them the time that was moved is off.
        agreed = None
    slot = agreed or dispatch.about
    if slot is None or dispatch.notice.kind in _TELLS_ONLY:
        return None
    method = None
    if dispatch.link is not None:
        method = "CANCEL" if agreed is None else "REQUEST"
    sheet = _Sheet(event, public_url, organizer, now, dispatch.notice.of)
    entry = sheet.cancelled(slot) if agreed is None else sheet.confirmed(slot)
    return method, sheet.bound([entry], method)


def calendar_of(
    event: Event, cancelled: Slot | None, *, public_url: str, organizer: str, now: datetime
) -> bytes:
    """
    Make the calendar file of an event.

    Args:
        event: As its reader sees it.
        cancelled: What was agreed on before and no longer holds; None for nothing.
        public_url: Where the pages of the instance are, without a slash at the end.
        organizer: The address that letters come from, in the form that mail takes.
        now: The clock's reading, UTC.

    Returns:
        A calendar without a method. Of an agreed event it has the time agreed on, the same
        entry as that of the letters; of an open one each slot as a tentative entry. What
        no longer holds is there as cancelled.
    """
    sheet = _Sheet(event, public_url, organizer, now, event.receipt.seq)
    agreed = _agreed(event)
    if agreed is not None:
        return sheet.bound([sheet.confirmed(agreed)])
    entries = [] if cancelled is None else [sheet.cancelled(cancelled)]
    if event.status is Status.OPEN:
        entries.extend(map(sheet.tentative, event.slots))
    return sheet.bound(entries)


def _agreed(event: Event) -> Slot | None:
    return event.slots[0] if event.status is Status.AGREED else None


@attrs.frozen
class _Sheet:
    """
    One calendar in the making.
    """

    event: Event
    public_url: str
    organizer: str
    now: datetime
    sequence: int

    def confirmed(self, slot: Slot) -> icalendar.Event:
        entry = self._entry(slot, "CONFIRMED", f"Agreed between {self._parties()}.")
        return self._attended(entry, slot)

    def cancelled(self, slot: Slot) -> icalendar.Event:
        words = f"This time no longer holds; it was agreed on between {self._parties()}."
        return self._attended(self._entry(slot, "CANCELLED", words), slot)

    def tentative(self, slot: Slot) -> icalendar.Event:
        words = f"On the table, not agreed on yet, between {self._parties()}."
        entry = self._entry(slot, "TENTATIVE", words)
        entry.uid = f"{self.event.receipt.event}-{_mark(slot)}@{self._host()}"
        return entry

    def bound(self, entries: list[icalendar.Event], method: str | None = None) -> bytes:
        """
        Bind entries into a calendar, with the zone that they need.

        A calendar without entries still has a zone: it has one component at least.

        Source: RFC 5545, 3.6.
        """
        calendar = icalendar.Calendar()
        calendar.add("prodid", _PRODUCT)
        calendar.add("version", "2.0")
        if method is not None:
            calendar.add("method", method)
        times = [time for entry in entries for time in (entry.start, entry.end)]
        years = [
            time.year for time in times if isinstance(time, datetime) and time.tzinfo is not UTC
        ]
        if not entries:
            years = [self.now.year]
        if years:
            calendar.add_component(_timezone(self.event.zone, min(years), max(years)))
        for entry in entries:
            calendar.add_component(entry)
        return bytes(calendar.to_ical())

    def _entry(self, slot: Slot, status: str, words: str) -> icalendar.Event:
        event = self.event
        page = f"{self.public_url}/{event.id}/"
        begin, end = _span(slot, event.zone)
        entry = icalendar.Event()
        entry.add("uid", f"{event.receipt.event}@{self._host()}")
        entry.add("dtstamp", self.now.replace(microsecond=0))
        entry.add("dtstart", begin)
        entry.add("dtend", end)
        entry.add("sequence", self.sequence)
        entry.add("status", status)
        entry.add("summary", _Line(event.title))
        entry.add("description", f"{words}\nAnswers and history: {page}")
        entry.add("url", page)
        entry.add("x-calndro-audit", str(event.receipt))
        return entry

    def _attended(self, entry: icalendar.Event, slot: Slot) -> icalendar.Event:
        organizer = icalendar.vCalAddress(_mailto(self.organizer))
        if not is_erased(self.event.proposer):
            organizer.params["CN"] = self.event.proposer
        entry.add("organizer", organizer)
        for party, keeps in self.event.kept.items():
            if not is_erased(party):
                attendee = icalendar.vCalAddress(_mailto(party))
                attendee.params["ROLE"] = "REQ-PARTICIPANT"
                if slot in (keeps or ()):
                    attendee.params["PARTSTAT"] = "ACCEPTED"
                attendee.params["RSVP"] = "FALSE"
                entry.add("attendee", attendee)
        return entry

    def _parties(self) -> str:
        *others, last = self.event.parties
        return f"{', '.join(others)} and {last}" if others else last

    def _host(self) -> str:
        return urlsplit(self.public_url).hostname or self.organizer.rpartition("@")[2]


def _mark(slot: Slot) -> str:
    return f"{slot.begin:%Y%m%dT%H%M%S.%fZ}-{slot.duration // timedelta(microseconds=1)}"


def _mailto(text: str) -> str:
    address = Address.parse(text)
    local, domain = address.text.rpartition("@")[0], address.key.rpartition("@")[2]
    return f"mailto:{quote(local, safe=_PLAIN)}@{domain}"


def _span(slot: Slot, zone: str) -> tuple[datetime, datetime]:
    """
    Give begin and end to the second, the end rounded up so that none of the slot is lost.

    Both are in the zone, or both in UTC where a clock in the zone would not tell when.
    """
    begin, end = slot.begin.replace(microsecond=0), slot.end.replace(microsecond=0)
    if end != slot.end and end < datetime.max.replace(microsecond=0, tzinfo=UTC):
        end += _SECOND
    if begin.year < _FIRST_YEAR or end.year > _LAST_YEAR:
        return begin, end
    place = ZoneInfo(zone)
    local = begin.astimezone(place), end.astimezone(place)
    return local if all(map(_is_certain, local)) else (begin, end)


def _is_certain(local: datetime) -> bool:
    """
    Tell whether all programs understand a clock in this zone at this time.

    Of an hour shown twice RFC 5545 knows only the first, some programs drop the seconds of
    an offset, and UTC has a form of its own.
    """
    offset, other = local.utcoffset(), local.replace(fold=1 - local.fold).utcoffset()
    is_odd = offset is None or offset % _MINUTE != _NO_OFFSET
    return offset == other and not is_odd and local.tzname() != "UTC"


_Change: TypeAlias = tuple[datetime, timedelta, timedelta]


@lru_cache(maxsize=64)
def _changes(zone: str, first_year: int, last_year: int) -> tuple[_Change, ...]:
    """
    Find when the clocks of a zone change in some years, and their offsets before and after.

    The first is the begin of the first year, with the offset that holds there.
    """
    place = ZoneInfo(zone)
    start = datetime(first_year, 1, 1, tzinfo=UTC) - _DAY
    days = (datetime(last_year + 1, 1, 1, tzinfo=UTC) - start) // _DAY + 2
    found = [(start, _offset(start, place), _offset(start, place))]
    for early, late in pairwise(start + number * _DAY for number in range(days)):
        before, after = _offset(early, place), _offset(late, place)
        if before != after:
            found.append((_first_with(after, early, late, place), before, after))
    return tuple(found)


def _first_with(offset: timedelta, early: datetime, late: datetime, place: ZoneInfo) -> datetime:
    while late - early > _SECOND:
        middle = early + (late - early) // (2 * _SECOND) * _SECOND
        early, late = (early, middle) if _offset(middle, place) == offset else (middle, late)
    return late


def _offset(instant: datetime, place: ZoneInfo) -> timedelta:
    return instant.astimezone(place).utcoffset() or _NO_OFFSET


def _timezone(zone: str, first_year: int, last_year: int) -> icalendar.Timezone:
    """
    Write down what the clocks of a zone show in some years.

    The library's own way dates a change to summer time an hour late, by the clock after
    it, and may miss a change that is soon undone.

    Source: RFC 5545, 3.6.5: an onset is local time in the offset before it.
    """
    found = icalendar.Timezone()
    found.add("tzid", zone)
    for change in _changes(zone, first_year, last_year):
        found.add_component(_observance(change, ZoneInfo(zone)))
    return found


def _observance(
    change: _Change, place: ZoneInfo
) -> icalendar.TimezoneStandard | icalendar.TimezoneDaylight:
    onset, before, after = change
    there = onset.astimezone(place)
    rule = icalendar.TimezoneDaylight() if there.dst() else icalendar.TimezoneStandard()
    rule.add("dtstart", (onset + before).replace(tzinfo=None))
    rule.add("tzoffsetfrom", before)
    rule.add("tzoffsetto", after)
    rule.add("tzname", there.tzname())
    return rule
