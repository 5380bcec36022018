"""
Following the events of a calendar file, with what repeats.

Source: RFC 5545 (iCalendar), sections 3.1 (folding), 3.6.1 (events), 3.6.4 (free and busy),
3.8.2.7 (transparency), 3.8.4.4 and 3.8.5 (recurrence).
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events  # type: ignore[import-untyped]  # it comes without types

from calndro.adapters.ical_busy.hurrying import TooLongError, in_time
from calndro.adapters.ical_busy.texts import nearby
from calndro.core.errors import CalndroError, InvalidInputError
from calndro.core.freetime import Span, merged
from calndro.core.times import zone_called


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date
    from pathlib import Path

    from icalendar import Calendar, Component


MOST_BYTES: Final = 10 * 1024 * 1024
MOST_OCCURRENCES: Final = 200_000
MOST_SECONDS: Final = 30.0

_MARGIN: Final = timedelta(days=2)
_TOO_OFTEN: Final = ("HOURLY", "MINUTELY", "SECONDLY")
_PARTS_OF_DAY: Final = ("BYHOUR", "BYMINUTE", "BYSECOND")

# What the two libraries raise on purpose, and what they stumble over in hostile files.
_BROKEN: Final = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


def read_file(path: Path) -> bytes:
    """
    Read a calendar file.

    Raises:
        InvalidInputError: It can't be read or has more than 10 MiB.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InvalidInputError.of(f"{path} can't be read: {error.strerror}") from error
    if len(data) > MOST_BYTES:
        raise InvalidInputError.of(f"{path} is too large: a calendar file has at most 10 MiB")
    return data


def busy(data: bytes, name: str, span: Span, zone: str) -> list[Span]:
    """
    Tell when the owner of a calendar file is busy.

    Recurring events are followed, with their exceptions. Cancelled events and those that
    leave their time free do not count.

    Args:
        data: What the file holds.
        name: Its name, for messages.
        span: The time in question.
        zone: IANA name: where local times are that name no zone, and whole days unless the
            calendar names its zone.

    Returns:
        Merged spans, each within *span*.

    Raises:
        InvalidInputError: It is no calendar; or broken, in a zone nobody knows, or such that
            following its events would take too much time or room.
    """
    return _in_time(lambda: _busy(data, span, zone), name)


def _in_time(work: Callable[[], list[Span]], name: str) -> list[Span]:
    """
    Do *work*, and turn away from it when it takes too long.
    """
    try:
        return in_time(work, MOST_SECONDS)
    except TooLongError:
        # Some rules have no occurrence at all, and looking for it ends with the year 9999.
        raise InvalidInputError.of("its repeating events take too long to follow", name) from None
    except OSError as error:
        # Zones are files: a name may be that of a folder, or longer than files have.
        message = "it names a time zone that nobody knows"
        raise InvalidInputError.of(message, name) from error
    except InvalidInputError as error:
        raise error.under(name) from error
    except (CalndroError, *_BROKEN) as error:
        why = " ".join(str(error).split())[:200] or type(error).__name__
        raise InvalidInputError.of(f"this calendar can't be understood: {why}", name) from error


def _busy(data: bytes, span: Span, zone: str) -> list[Span]:
    since, until = span
    calendars = icalendar.Calendar.from_ical(
        nearby(data, _earlier(span[0]), _later(span[1])), multiple=True
    )
    found: list[Span] = []
    for calendar in calendars:
        if calendar.name != "VCALENDAR":
            raise InvalidInputError.of("this is no calendar file")
        found.extend(_of_calendar(calendar, span, zone))
    if not calendars:
        raise InvalidInputError.of("this is no calendar file")
    clipped = ((max(begin, since), min(end, until)) for begin, end in found)
    return merged((begin, end) for begin, end in clipped if begin < end)


def _earlier(instant: datetime) -> datetime:
    return max(instant, datetime.min.replace(tzinfo=UTC) + _MARGIN) - _MARGIN


def _later(instant: datetime) -> datetime:
    return min(instant, datetime.max.replace(tzinfo=UTC) - _MARGIN) + _MARGIN


def _of_calendar(calendar: Calendar, span: Span, zone: str) -> Iterator[Span]:
    # The library would move times of zones that only the file knows to the zone named here.
    named = calendar.pop("X-WR-TIMEZONE", None)
    days_in = zone_called(str(named)) if named else zone
    places = Places.of(zone, days_in)
    days = (span[1] - span[0]).days + 1
    total = 0
    for event in calendar.walk("VEVENT"):
        _check_zone(event)
        total += _most_occurrences(event, days)
    if total > MOST_OCCURRENCES:
        raise InvalidInputError.of(
            f"its events would repeat {total} times; at most {MOST_OCCURRENCES} are followed"
        )
    query = recurring_ical_events.of(calendar)
    for event in query.between(_earlier(span[0]), _later(span[1])):
        if _takes_time(event):
            yield places.instant(event["DTSTART"].dt), places.instant(event["DTEND"].dt)
    for period in _periods(calendar):
        begin, end = period
        last = begin + end if isinstance(end, timedelta) else end
        yield places.instant(begin), places.instant(last)


class Places(NamedTuple):
    """
    Where times are that do not say it.

    Args:
        times: Those without a zone.
        days: Whole days.
    """

    times: ZoneInfo
    days: ZoneInfo

    @classmethod
    def of(cls, times: str, days: str) -> Places:
        """
        Find both zones by their names.
        """
        return cls(ZoneInfo(times), ZoneInfo(days))

    def instant(self, when: date) -> datetime:
        """
        Find a time, or the midnight at which a day begins.
        """
        if not isinstance(when, datetime):
            return datetime.combine(when, time(), self.days).astimezone(UTC)
        return (when if when.tzinfo else when.replace(tzinfo=self.times)).astimezone(UTC)


def _check_zone(event: Component) -> None:
    """
    Refuse a time in a zone that is neither known nor described in the file.
    """
    for name in ("DTSTART", "DTEND"):
        written = event.get(name)
        zone = written.params.get("TZID") if hasattr(written, "params") else None
        when = getattr(written, "dt", None)
        if zone and isinstance(when, datetime) and when.tzinfo is None:
            raise InvalidInputError.of(f"nobody knows the time zone {str(zone)[:60]!r}")


def _most_occurrences(event: Component, days: int) -> int:
    """
    Bound how often an event can repeat within a number of days.
    """
    total = 0
    for rule in _listed(event.get("RRULE")):
        frequency = str(rule.get("FREQ", [""])[0]).upper()
        times = 1
        for part in _PARTS_OF_DAY:
            times *= max(1, len(_listed(rule.get(part))))
        if frequency in _TOO_OFTEN:
            raise InvalidInputError.of(
                f"an event repeats {frequency.lower()}; what repeats daily or less is followed"
            )
        total += times * days
    return total


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _takes_time(event: Component) -> bool:
    return (
        str(event.get("TRANSP", "")).upper() != "TRANSPARENT"
        and str(event.get("STATUS", "")).upper() != "CANCELLED"
    )


def _periods(calendar: Calendar) -> Iterator[tuple[datetime, datetime | timedelta]]:
    """
    Give the busy periods of what a calendar publishes instead of events.
    """
    for component in calendar.walk("VFREEBUSY"):
        lists: Iterable[Any] = _listed(component.get("FREEBUSY"))
        for each in lists:
            if str(each.params.get("FBTYPE", "BUSY")).upper() != "FREE":
                yield each.dt
