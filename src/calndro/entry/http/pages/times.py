"""
Times as pages say them: in the language and the zone of who looks.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import attrs


if TYPE_CHECKING:
    from calndro.core.slot import Slot
    from calndro.entry.http.pages.language import Language


_UNITS: Final = (("days", 86400), ("hours", 3600), ("minutes", 60), ("seconds", 1))
_SECOND: Final = timedelta(seconds=1)
_MINUTE: Final = timedelta(minutes=1)


@attrs.frozen(kw_only=True)
class Spoken:
    """
    A slot in words.

    Args:
        day: Weekday and date, short.
        full_day: Weekday and date in full.
        clock: From when to when, with the date of the end where that is another day.
        length: How long.
        zone: Where these clocks are.
    """

    day: str
    full_day: str
    clock: str
    length: str
    zone: str

    @property
    def full(self) -> str:
        """
        All of it, for who can't see the rest of the page.
        """
        return f"{self.full_day}, {self.clock} ({self.zone})"


def speak(slot: Slot, zone: str, language: Language) -> Spoken:
    """
    Put a slot into words.
    """
    begin, end, where = _local(slot.begin, slot.end, zone)
    last = _clock(end)
    if begin.date() != end.date():
        last = f"{_day(end, language)} {last}"
    return Spoken(
        day=_day(begin, language),
        full_day=_day(begin, language, "full_"),
        clock=language.say("span", begin=_clock(begin), end=last),
        length=speak_length(slot.duration, language),
        zone=where,
    )


def speak_instant(instant: datetime, zone: str, language: Language) -> str:
    """
    Put an instant into words.
    """
    local, _, _ = _local(instant, instant, zone)
    return f"{_day(local, language)} {_clock(local.replace(second=0, microsecond=0))}"


def speak_length(length: timedelta, language: Language) -> str:
    """
    Put a duration into words.
    """
    rest, words = length // _SECOND, []
    for key, size in _UNITS:
        number, rest = divmod(rest, size)
        if number:
            words.append(language.count(key, number))
    return " ".join(words) or language.say("instant")


def say_wait(seconds: int, language: Language) -> str:
    """
    Say when to try again: to the minute when it takes longer, and not too early.
    """
    unit = _MINUTE if seconds > _MINUTE // _SECOND else _SECOND
    length = -(-timedelta(seconds=seconds) // unit) * unit
    return language.say("wait", length=speak_length(length, language))


def _local(begin: datetime, end: datetime, zone: str) -> tuple[datetime, datetime, str]:
    try:
        there = ZoneInfo(zone)
        return begin.astimezone(there), end.astimezone(there), zone
    except OverflowError:
        # The first and the last day of the calendar are in no year at all elsewhere.
        return begin.astimezone(UTC), end.astimezone(UTC), "UTC"


def _day(local: datetime, language: Language, form: str = "") -> str:
    texts = language.texts
    return language.say(
        f"{form}date",
        weekday=texts[f"{form}weekdays"][local.weekday()],
        day=local.day,
        month=texts[f"{form}months"][local.month - 1],
        year=f"{local.year:04}",
    )


def _clock(local: datetime) -> str:
    clock = f"{local:%H:%M}"
    if local.second or local.microsecond:
        clock += f":{local:%S}"
    if local.microsecond:
        clock += f".{local.microsecond:06}".rstrip("0")
    return f"{clock} ({_offset(local)})" if _is_shown_twice(local) else clock


def _is_shown_twice(local: datetime) -> bool:
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _offset(local: datetime) -> str:
    written = f"{local:%z}"
    return f"UTC{written[:3]}:{written[3:5]}"
