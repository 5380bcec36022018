"""
The table of an event: who can do what, slot by slot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from calndro.core.times import format_slot
from calndro.entry.http.guests.fields import SLOT
from calndro.entry.http.pages.times import speak


if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from calndro.core.event import Event
    from calndro.core.slot import Slot
    from calndro.entry.http.guests.fields import Fields
    from calndro.entry.http.pages.language import Language
    from calndro.entry.http.pages.times import Spoken
    from calndro.usecases.visiting import Visit


MOST_COLUMNS: Final = 6
"""How many other parties have a column each; more are summed up."""


@attrs.frozen
class Cell:
    """
    What one party has said of one slot.

    Args:
        who: The party.
        state: ``kept``, ``other`` for nothing yet of this slot, ``silent`` for no answer.
    """

    who: str
    state: str


@attrs.frozen(kw_only=True)
class Row:
    """
    One slot.

    Args:
        value: As it stands in a form.
        here: In the zone of who looks.
        there: In the event's zone, when that says something else.
        is_over: Whether it has ended.
        cells: Of the other parties; empty when they are too many.
        suits: How many parties keep it.
        state: What who looks has said of it.
        is_common: Whether every party keeps it.
        chosen: ``works`` or ``fails`` when one of them is marked; else empty.
    """

    value: str
    here: Spoken
    there: Spoken | None
    is_over: bool
    cells: tuple[Cell, ...]
    suits: int
    state: str
    is_common: bool
    chosen: str


@attrs.frozen(kw_only=True)
class Grid:
    """
    The table as it is shown.

    Args:
        rows: By slot.
        others: The parties that have a column each.
        all: How many parties there are.
        zone: In which times are shown first.
        is_abroad: Whether the event's zone is another.
    """

    rows: tuple[Row, ...]
    others: tuple[str, ...]
    all: int
    zone: str
    is_abroad: bool


def grid_of(
    visit: Visit, zone: str, language: Language, now: datetime, typed: Fields | None = None
) -> Grid:
    """
    Lay out a table.

    Args:
        visit: The event, and who looks.
        zone: Of who looks.
        language: What to speak.
        now: Tells which slots are over, UTC.
        typed: What was chosen in a form that is shown again.
    """
    event = visit.event
    others = tuple(each for each in event.remaining if each != visit.you)
    columns = others if len(others) <= MOST_COLUMNS else ()
    chosen = {} if typed is None else dict(typed.pairs)
    return Grid(
        rows=tuple(
            _row(visit, slot, columns, (zone, language), now, chosen) for slot in event.slots
        ),
        others=columns,
        all=len(event.remaining),
        zone=zone,
        is_abroad=zone != event.zone,
    )


def _row(
    visit: Visit,
    slot: Slot,
    columns: tuple[str, ...],
    manner: tuple[str, Language],
    now: datetime,
    chosen: Mapping[str, str],
) -> Row:
    event, (zone, language) = visit.event, manner
    here, there = speak(slot, zone, language), speak(slot, event.zone, language)
    value, state = format_slot(slot), _state(event, visit.you, slot)
    preset = "works" if state == "kept" else ""
    return Row(
        value=value,
        here=here,
        there=None if (here.day, here.clock) == (there.day, there.clock) else there,
        is_over=slot.end <= now,
        cells=tuple(Cell(who, _state(event, who, slot)) for who in columns),
        suits=sum(slot in (keeps or ()) for keeps in event.kept.values()),
        state=state,
        is_common=slot in event.common,
        chosen=chosen.get(f"{SLOT}{value}", preset),
    )


def _state(event: Event, who: str, slot: Slot) -> str:
    keeps = event.kept.get(who)
    if keeps is None:
        return "silent"
    return "kept" if slot in keeps else "other"
