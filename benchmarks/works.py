"""
The works that are measured over HTTP, each as requests that can be repeated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from benchmarks.generate import YOU, Shape, party, slot_jsons


if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.load import Asking


SHAPE: Final = Shape(events=1000, entries=5, first_entries=120)
NARROWED: Final = 201
NOTIFIED: Final = 101
SHOWN: Final = 2
MANY: Final = 100
LEFT: Final = 2
"""Slots that every narrowing leaves, so that no agreement adds letters."""


@attrs.frozen
class Work:
    """
    One kind of request.

    Args:
        name: What it is called in the table.
        status: Of every answer.
        ask: Makes the n-th request.
        weight: How many of it are sent for a hundred of a light one.
    """

    name: str
    status: int
    ask: Callable[[int], Asking]
    weight: int = 100


def view(number: int) -> Asking:
    """
    Look at one of a hundred events.
    """
    return {"method": "GET", "path": f"/{SHOWN + number % (MANY - 1)}/", "body": None}


def narrow(number: int) -> Asking:
    """
    Take the last slot off one of eight hundred events; each has eight to lose.
    """
    events = SHAPE.events - NARROWED + 1
    times, which = divmod(number, events)
    left = max(LEFT, SHAPE.slots - 1 - times)
    event = NARROWED + which
    body = {"keep": slot_jsons(event, SHAPE.slots)[:left]}
    return {"method": "PATCH", "path": f"/{event}/", "body": body}


def notify(number: int) -> Asking:
    """
    Promise letters to three parties of one of a hundred events.
    """
    event = NOTIFIED + number % MANY
    body = {"parties": [party(n) for n in range(1, 4)], "slots": slot_jsons(event, SHAPE.slots)}
    return {"method": "POST", "path": f"/{event}/notify/", "body": body}


def create(number: int) -> Asking:
    """
    Open an event with seven others.
    """
    parties = [YOU, *(party(n) for n in range(1, SHAPE.parties))]
    slots = slot_jsons(number, SHAPE.slots)
    body = {"parties": parties, "slots": slots, "title": f"moot {number}"}
    return {"method": "POST", "path": "/", "body": body}


def listed(_: int) -> Asking:
    """
    List a hundred events.
    """
    return {"method": "GET", "path": f"/?limit={MANY}", "body": None}


def log(_: int) -> Asking:
    """
    Read a hundred entries of a log.
    """
    return {"method": "GET", "path": f"/1/log/?limit={MANY}", "body": None}


WORKS: Final = (
    Work("detail GET (logs a VIEW)", 200, view),
    Work("PATCH (narrow)", 202, narrow),
    Work("notify (3 parties)", 202, notify),
    Work("create (8 parties, 10 slots)", 201, create),
    Work("list of 100 events", 200, listed, weight=10),
    Work("log of 100 entries", 200, log, weight=25),
)
