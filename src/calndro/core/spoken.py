"""
How people are told when something is.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pendulum
from pendulum.tz.exceptions import InvalidTimezone

from calndro.core.errors import InvalidInputError
from calndro.core.times import zone_called


if TYPE_CHECKING:
    from calndro.core.slot import Slot


_DATE = "ddd D MMM YYYY"
_CLOCK = "HH:mm"


def say_begin(begin: datetime, zone: str) -> str:
    """
    Say an instant as people read it, such as ``Tue 1 Dec 2026 09:00``.

    Args:
        begin: An aware instant.
        zone: The IANA zone to say it in.

    Returns:
        Weekday, date and clock, with seconds when there are any, and with the offset in the
        hour that the clocks of that zone show twice. On the first and last day of the
        calendar, which has no such year in some zones, it is said in UTC, and UTC with it.

    Raises:
        InvalidInputError: The instant is naive, or there is no such zone.

    Source: docs/explanation/time.md.
    """
    where, (local,) = _local(zone, begin)
    return f"{_date(local)} {_clock(local)}{where}"


def say_slot(slot: Slot, zone: str) -> str:
    """
    Say a slot as people read it, such as ``Tue 1 Dec 2026 09:00-09:30``.

    Args:
        slot: When.
        zone: The IANA zone to say it in.

    Returns:
        As of say_begin, with the date of the end where that is another day.

    Raises:
        InvalidInputError: There is no such zone.

    Source: docs/explanation/time.md.
    """
    where, (begin, end) = _local(zone, slot.begin, slot.end)
    day = "-" if begin.date() == end.date() else f" - {_date(end)} "
    return f"{_date(begin)} {_clock(begin)}{day}{_clock(end)}{where}"


def _local(zone: str, *instants: datetime) -> tuple[str, list[pendulum.DateTime]]:
    """
    Give the instants in *zone*, and what is to be said of the zone with them: nothing.
    """
    if any(each.utcoffset() is None for each in instants):
        raise InvalidInputError.of("the time has no offset; give an aware datetime")
    aware = [pendulum.instance(instant) for instant in instants]
    try:
        return "", [instant.in_timezone(zone) for instant in aware]
    except InvalidTimezone:
        return _local(zone_called(zone), *instants)
    except OverflowError:
        return " UTC", aware


def _date(local: pendulum.DateTime) -> str:
    return local.format(_DATE, locale="en")


def _clock(local: pendulum.DateTime) -> str:
    clock = local.format(_CLOCK, locale="en")
    if local.second or local.microsecond:
        clock += f":{local.second:02}"
    if local.microsecond:
        clock += f".{local.microsecond:06}".rstrip("0")
    return f"{clock} ({local.format('Z')})" if _is_shown_twice(local) else clock


def _is_shown_twice(local: pendulum.DateTime) -> bool:
    other = datetime.combine(local.date(), local.time()).replace(
        tzinfo=local.tzinfo, fold=1 - local.fold
    )
    return other.utcoffset() != local.utcoffset()
