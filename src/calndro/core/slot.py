"""
Slots, and tables of slots.

A table is an ordered, duplicate-free tuple of slots: what lies on the table of an event,
what a party keeps, what an update names. The functions below are the whole algebra.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, TypeAlias

import attrs

from calndro.core.errors import InvalidInputError, TooManySlotsError


if TYPE_CHECKING:
    from collections.abc import Iterable


MOST_SLOTS = 30
LAST_YEAR = 9998
MOST_DURATION = timedelta(days=366)

_ZERO = timedelta(0)
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


def instant(begin: datetime) -> datetime:
    """
    Take an aware point in time to UTC.

    Args:
        begin: Of any zone and any subclass of datetime, pendulum's too.

    Returns:
        A plain datetime whose tzinfo is ``datetime.UTC``, in the years 1 to 9998.

    Raises:
        InvalidInputError: It is naive, no datetime, or outside those years.

    Source: docs/explanation/time.md.
    """
    if not isinstance(begin, datetime):
        raise InvalidInputError.of("this is no point in time; give an aware datetime")
    offset = begin.utcoffset()
    if offset is None:
        raise InvalidInputError.of("the time has no offset; give an aware datetime")
    try:
        shifted = datetime.combine(begin.date(), begin.time(), tzinfo=UTC) - offset
    except OverflowError:
        shifted = _END_OF_TIME
    if shifted.year > LAST_YEAR:
        raise InvalidInputError.of(f"the time must lie in the years 1 to {LAST_YEAR}, in UTC")
    return shifted


def lasting(duration: timedelta) -> timedelta:
    """
    Take a duration that a slot may have.

    Args:
        duration: Of any subclass of timedelta, pendulum's too.

    Returns:
        A plain timedelta, more than nothing and at most 366 days.

    Raises:
        InvalidInputError: It is no timedelta or outside those bounds.

    Source: docs/explanation/time.md.
    """
    if not isinstance(duration, timedelta):
        raise InvalidInputError.of("this is no duration; give a timedelta")
    # The base class adds up what the value holds; a subclass may answer otherwise.
    plain = timedelta.__add__(_ZERO, duration)
    if plain <= _ZERO:
        raise InvalidInputError.of("it must last longer than nothing")
    if plain > MOST_DURATION:
        raise InvalidInputError.of(f"a slot lasts at most {MOST_DURATION.days} days")
    return plain


def _begin(begin: datetime) -> datetime:
    # Rows of a database take the short way: they come in UTC already.
    if type(begin) is datetime and begin.tzinfo is UTC and begin.year <= LAST_YEAR:
        return begin
    try:
        return instant(begin)
    except InvalidInputError as error:
        raise error.under("begin") from None


def _duration(duration: timedelta) -> timedelta:
    if type(duration) is timedelta and _ZERO < duration <= MOST_DURATION:
        return duration
    try:
        return lasting(duration)
    except InvalidInputError as error:
        raise error.under("duration") from None


@attrs.frozen(order=True, cache_hash=True)
class Slot:
    """
    A stretch of time at which the parties could meet.

    Equal when both fields are; ordered by begin, then duration.

    Args:
        begin: An aware instant; kept in UTC to the microsecond, years 1 to 9998.
        duration: More than nothing, at most 366 days.

    Raises:
        InvalidInputError: At ``begin`` or ``duration``.

    Source: docs/reference/glossary.md; docs/explanation/time.md.
    """

    begin: datetime = attrs.field(converter=_begin)
    duration: timedelta = attrs.field(converter=_duration)

    def __attrs_post_init__(self) -> None:
        if self.begin.year == LAST_YEAR and self.duration > _END_OF_TIME - self.begin:
            raise InvalidInputError.of("the slot would end after the year 9999", "duration")

    @property
    def end(self) -> datetime:
        """
        The first instant after the slot, UTC.
        """
        return self.begin + self.duration


Table: TypeAlias = tuple[Slot, ...]

_order = attrgetter("begin", "duration")


def table(slots: Iterable[Slot]) -> Table:
    """
    Lay *slots* on a table: ordered by begin, then duration, each once.
    """
    return tuple(sorted(set(slots), key=_order))


def check_size(slots: Table, most: int = MOST_SLOTS) -> None:
    """
    Refuse a table that is too large for an event.

    Raises:
        TooManySlotsError: It holds more than *most* slots.
    """
    if len(slots) > most:
        raise TooManySlotsError(len(slots), most)


def both(one: Table, other: Table) -> Table:
    """
    Give the slots that lie on both tables.
    """
    wanted = frozenset(other)
    found = tuple(slot for slot in one if slot in wanted)
    # Parties who keep the same share it, which saves whoever goes through them all.
    return other if len(found) == len(other) else found


def without(one: Table, other: Table) -> Table:
    """
    Give the slots of *one* that do not lie on *other*.
    """
    unwanted = frozenset(other)
    return tuple(slot for slot in one if slot not in unwanted)


def union(one: Table, other: Table) -> Table:
    """
    Give the slots that lie on at least one of the tables.
    """
    return table((*one, *other))
