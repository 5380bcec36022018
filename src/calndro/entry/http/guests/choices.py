"""
What can be chosen from lists: time zones and lengths.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from calndro.core.durations import parse_duration
from calndro.core.errors import InvalidInputError
from calndro.entry.http.pages.times import speak_length


if TYPE_CHECKING:
    from collections.abc import Iterable

    from calndro.entry.http.pages.language import Language


_LENGTHS: Final = ("15m", "30m", "45m", "1h", "1h30m", "2h", "3h", "4h", "6h", "8h", "1d")

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_UNITS: Final = (
    ("d", timedelta(days=1)),
    ("h", timedelta(hours=1)),
    ("m", timedelta(minutes=1)),
)

_ZONES: Final = (
    "Africa/Cairo Africa/Casablanca Africa/Johannesburg Africa/Lagos Africa/Nairobi "
    "America/Anchorage America/Argentina/Buenos_Aires America/Bogota America/Caracas "
    "America/Chicago America/Denver America/Halifax America/Lima America/Los_Angeles "
    "America/Mexico_City America/New_York America/Phoenix America/Santiago America/Sao_Paulo "
    "America/St_Johns America/Toronto America/Vancouver Asia/Bangkok Asia/Dhaka Asia/Dubai "
    "Asia/Ho_Chi_Minh Asia/Hong_Kong Asia/Jakarta Asia/Jerusalem Asia/Karachi Asia/Kathmandu "
    "Asia/Kolkata Asia/Manila Asia/Riyadh Asia/Seoul Asia/Shanghai Asia/Singapore Asia/Taipei "
    "Asia/Tashkent Asia/Tehran Asia/Tokyo Atlantic/Azores Atlantic/Reykjavik "
    "Australia/Adelaide Australia/Brisbane Australia/Perth Australia/Sydney Europe/Amsterdam "
    "Europe/Athens Europe/Berlin Europe/Brussels Europe/Bucharest Europe/Budapest "
    "Europe/Copenhagen Europe/Dublin Europe/Helsinki Europe/Istanbul Europe/Kyiv "
    "Europe/Lisbon Europe/London Europe/Madrid Europe/Moscow Europe/Oslo Europe/Paris "
    "Europe/Prague Europe/Rome Europe/Stockholm Europe/Vienna Europe/Warsaw Europe/Zurich "
    "Pacific/Auckland Pacific/Honolulu UTC "
)


def zones_with(*more: str) -> list[str]:
    """
    List the zones to choose from: the usual ones, and those in use.
    """
    return sorted({*_ZONES.split(), *more})


def weekdays(language: Language) -> list[tuple[str, str]]:
    """
    List the days of the week to choose from, each as a form has it and in words.
    """
    return list(zip(_DAYS, language.texts["weekdays"], strict=True))


def lengths_with(language: Language, more: Iterable[str] = ()) -> list[tuple[str, str]]:
    """
    List the lengths to choose from, each as a form has it and in words.

    Args:
        language: What to speak.
        more: Those in use, which may be anything that was sent.
    """
    return [(value, _in_words(value, language)) for value in dict.fromkeys((*_LENGTHS, *more))]


def _in_words(value: str, language: Language) -> str:
    try:
        return speak_length(parse_duration(value), language)
    except InvalidInputError:
        return value


def length_value(length: timedelta) -> str:
    """
    Write a length as it stands in a form, in the largest units it has.
    """
    written, rest = "", length
    for unit, size in _UNITS:
        count, rest = divmod(rest, size)
        written += f"{count}{unit}" * (count > 0)
    if rest or not written:
        written += f"{rest.seconds}.{rest.microseconds:06}".rstrip("0").rstrip(".") + "s"
    return written
