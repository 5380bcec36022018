"""
Slots as they come in: as values, as text, or as two texts, read in an event's zone.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import attrs

from calndro.core.durations import parse_duration
from calndro.core.errors import Faults, InvalidInputError
from calndro.core.slot import Slot, table
from calndro.core.times import parse_begin, parse_slot


if TYPE_CHECKING:
    from collections.abc import Iterable

    from calndro.core.slot import Table


@attrs.frozen
class SlotText:
    """
    A slot not yet read: begin and duration as somebody wrote them.
    """

    begin: str
    duration: str

    def read(self, zone: str) -> Slot:
        """
        Read the slot; a begin without offset is a local time of *zone*.

        Raises:
            InvalidInputError: At ``begin``, ``duration`` or both.
        """
        return _of_texts(self.begin, self.duration, zone)


# Who notifies or narrows writes again what is on the table; refusals are not kept.
@lru_cache(maxsize=4096)
def _of_texts(begin: str, duration: str, zone: str) -> Slot:
    faults = Faults()
    with faults.at("begin"):
        instant = parse_begin(begin, zone)
    with faults.at("duration"):
        length = parse_duration(duration)
    faults.settle()
    return Slot(instant, length)


Wanted = Slot | SlotText | str
"""A slot, two texts, or one text such as ``2026-12-01T09:00Z/PT30M``."""


def read_table(wanted: Iterable[Wanted], zone: str, path: str) -> Table:
    """
    Read slots in any of their forms.

    Args:
        wanted: Any number of them, in any order; duplicates collapse.
        zone: IANA name: where a begin without offset is read.
        path: What the caller calls them, for its faults: ``slots``, ``keep``.

    Raises:
        InvalidInputError: Every slot that can't be read, as ``slots[2].begin``.
    """
    if isinstance(wanted, str):
        raise InvalidInputError.of("give a list of slots, not a text", path)
    given = tuple(wanted)
    try:
        return table([_read(each, zone) for each in given])
    except InvalidInputError:
        # Only now is it worth the trouble to read each by itself.
        faults = Faults()
        for position, each in enumerate(given):
            with faults.at(f"{path}[{position}]"):
                _read(each, zone)
        raise InvalidInputError(faults.found) from None


def _read(wanted: object, zone: str) -> Slot:
    match wanted:
        case Slot():
            return wanted
        case SlotText():
            return wanted.read(zone)
        case str():
            return parse_slot(wanted, zone)
        case _:
            kind = type(wanted).__name__
            raise InvalidInputError.of(
                f"a slot is a Slot or text such as BEGIN/DURATION, not {kind}"
            )
