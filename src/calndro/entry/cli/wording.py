"""
What the command line says about an event: where it stands, and what comes next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from calndro.core.agreement import Status
from calndro.core.durations import say_duration
from calndro.core.errors import InvalidInputError
from calndro.core.party import Address
from calndro.core.spoken import say_slot


if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from calndro.core.event import Event
    from calndro.core.slot import Slot


_MINUTE_SECONDS: Final = 60
MOST_NAMED: Final = 6
"""How many of a list are named where one line is said of them."""


def standing(event: Event) -> str:
    """
    Say where an event stands, in one sentence.
    """
    match event.status:
        case Status.AGREED:
            when = say_slot(event.slots[0], event.zone)
            return f"Everybody agrees on {when} ({event.zone})."
        case Status.VOID if event.remaining:
            return "No slot is on the table."
        case Status.CLOSED:
            return "This event was deleted; its log stays."
        case Status.OPEN if event.waiting_on:
            return f"Waiting for {listed(few(event.waiting_on, MOST_NAMED))}."
        case Status.OPEN if event.common:
            return "Everybody can do these: anyone may choose."
        case _:
            return "No time suits all yet." if event.remaining else "Nobody is left to agree."


def next_step(event: Event, me: str) -> str:
    """
    Name the command that brings an event forward; empty when there is nothing to do.

    Args:
        event: As it stands.
        me: The address acted as.
    """
    number = event.id
    match event.status:
        case Status.AGREED | Status.CLOSED:
            return f"calndro log {number}"
        case Status.OPEN if is_among(me, event.waiting_on):
            keep = "1" if len(event.slots) == 1 else "1,2"
            return f"calndro narrow {number} --keep {keep}"
        case Status.OPEN if event.waiting_on:
            return f"calndro notify {number} --waiting"
        case Status.OPEN if event.common:
            return f"calndro agree {number} --slot {event.slots.index(event.common[0]) + 1}"
        case _ if not event.remaining:
            return f"calndro log {number}"
        case _:
            return f"calndro extend {number} --slot BEGIN/DURATION"


def stranger(me: str, event: Event, option: str) -> str:
    """
    Say that an act of somebody who is no party is nobody's answer; empty for a party.

    It is empty as well when only a server knows who *me* is.

    Args:
        me: The address acted as.
        event: As it is now.
        option: With which one acts as somebody else.
    """
    if not me or is_among(me, event.parties):
        return ""
    return (
        f"you act as {me}, who is no party of event {event.id}: nobody's answer changed; "
        f"use {option}"
    )


def doubts(slot: Slot, zone: str, now: datetime) -> list[str]:
    """
    Point out what makes a slot probably not the one that was meant.

    Args:
        slot: As read.
        zone: The event's.
        now: UTC.
    """
    found = []
    when = say_slot(slot, zone)
    if slot.duration.total_seconds() < _MINUTE_SECONDS:
        length = say_duration(slot.duration)
        found.append(f"{when} lasts only {length}: half an hour is PT30M or 30m")
    if slot.end <= now:
        found.append(f"{when} is in the past")
    return found


def listed(names: Sequence[str]) -> str:
    """
    Join names as people do.
    """
    return ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else "".join(names)


def few(names: Sequence[str], most: int) -> list[str]:
    """
    Name at most *most*, the last of them by "3 more" when there are more.
    """
    if len(names) <= most:
        return list(names)
    return [*names[: most - 1], f"{len(names) - most + 1} more"]


def counted(number: int, one: str, many: str = "") -> str:
    """
    Say how many there are of something; its plural ends in s unless given.
    """
    return f"{number} {one if number == 1 else many or one + 's'}"


def is_among(me: str, addresses: Sequence[str]) -> bool:
    """
    Tell whether one of *addresses* is *me*, however either is written.
    """
    return me in addresses or _key(me) in map(_key, addresses)


def _key(address: str) -> str:
    try:
        return Address.parse(address).key
    except InvalidInputError:
        # The place of a forgotten party is no address.
        return address
