"""
What is sent, described by typed dictionaries.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Final, NotRequired, TypedDict

import msgspec
from msgspec import Meta

from calndro.core.agreement import Status
from calndro.core.durations import format_duration
from calndro.core.event import SLOT_FACTS
from calndro.core.log import Occurrence, format_when
from calndro.core.times import format_begin


if TYPE_CHECKING:
    from collections.abc import Iterable

    from calndro.core.event import Event, LogEntry
    from calndro.core.log import Receipt
    from calndro.core.slot import Slot
    from calndro.core.user import User


_SLOTS_AT_HAND: Final = 4096

Instant = Annotated[str, Meta(description="UTC, such as 2021-03-11T14:34:00Z.")]
Length = Annotated[str, Meta(description="HH:MM:SS, with days in front from one day on.")]
State = Annotated[Status, Meta(description="Derived, never set.")]
Kind = Annotated[Occurrence, Meta(description="What kind of fact it is.")]
Party = Annotated[str, Meta(description="An email address; erased-3 for a forgotten person.")]


class SlotJson(TypedDict):
    """
    A stretch of time at which the parties could meet.
    """

    begin: Instant
    duration: Length


class ReceiptJson(TypedDict):
    """
    What an event's log was when the event was seen; keep it to check the log later.
    """

    event: Annotated[str, Meta(description="The event's uuid.")]
    seq: Annotated[int, Meta(description="How many entries there were.", ge=1)]
    head: Annotated[str, Meta(description="The hash of the newest one, hex.")]


class EventJson(TypedDict):
    """
    One coordination as everybody with a right to it sees it.
    """

    id: Annotated[int, Meta(description="Never reused.", ge=1)]
    url: str
    log_url: str
    notify_url: str
    title: str
    parties: list[Party]
    slots: Annotated[list[SlotJson], Meta(description="Ordered by begin, then duration.")]
    zone: Annotated[str, Meta(description="IANA name; fixed.")]
    revision: Annotated[int, Meta(description="The ETag; moves when the event changes.", ge=1)]
    status: State
    waiting_on: Annotated[list[Party], Meta(description="Who keeps none of the slots.")]
    kept: Annotated[
        dict[str, list[SlotJson] | None],
        Meta(description="What each party keeps; null until it has answered."),
    ]
    proposer: Party
    mail_stopped: Annotated[list[Party], Meta(description="Who wants no letters.")]
    undelivered: Annotated[
        list[Party], Meta(description="Whose last letter could not be delivered.")
    ]
    audit: ReceiptJson


class UserJson(TypedDict):
    """
    An account, or a party without one.
    """

    email: str
    active: Annotated[bool, Meta(description="Whether it can sign in.")]
    staff: Annotated[bool, Meta(description="Whether it sees and does everything.")]
    barred: Annotated[bool, Meta(description="Whether it was dismissed.")]
    password: Annotated[bool, Meta(description="Whether it has one.")]


class EntryJson(TypedDict):
    """
    One audited fact of an event's log.
    """

    id: Annotated[int, Meta(description="Its place in the log, without gaps.", ge=1)]
    when: Instant
    occurrence: Kind
    effector: Annotated[str, Meta(description="An address; system for deliveries.")]
    slots: list[SlotJson]
    data: dict[str, Any]
    hash: Annotated[str, Meta(description="The chain's head after it, hex.")]


class LogJson(TypedDict):
    """
    A part of an event's log, oldest first.
    """

    event: str
    parties: list[Party]
    entries: list[EntryJson]
    state: NotRequired[EventJson]


class NotifiedJson(TypedDict):
    """
    What was told to whom.
    """

    parties: list[Party]
    slots: list[SlotJson]
    sender: NotRequired[str]
    event_url: str
    log_url: str
    notify_url: str


def dumps(value: object) -> bytes:
    """
    Write plain values as JSON.
    """
    return msgspec.json.encode(value)


def slot_json(slot: Slot) -> SlotJson:
    """
    Show a slot.
    """
    begin, duration = _texts(slot)
    return {"begin": begin, "duration": duration}


# In a list or a log the same few slots stand again and again.
@lru_cache(maxsize=_SLOTS_AT_HAND)
def _texts(slot: Slot) -> tuple[str, str]:
    return format_begin(slot.begin), format_duration(slot.duration)


def event_json(event: Event, base_url: str) -> EventJson:
    """
    Show an event.

    Args:
        event: As a reader sees it.
        base_url: Where the instance is, without a slash at its end; may be empty.
    """
    # A party keeps slots of the table: each is written once, however many keep it.
    shown = {slot: slot_json(slot) for slot in event.slots}
    url = event_url(event.id, base_url)
    return {
        "id": event.id,
        "url": url,
        "log_url": f"{url}log/",
        "notify_url": f"{url}notify/",
        "title": event.title,
        "parties": list(event.parties),
        "slots": list(shown.values()),
        "zone": event.zone,
        "revision": event.revision,
        "status": event.status,
        "waiting_on": list(event.waiting_on),
        "kept": {
            party: None if keeps is None else [shown[slot] for slot in keeps]
            for party, keeps in event.kept.items()
        },
        "proposer": event.proposer,
        "mail_stopped": list(event.stopped),
        "undelivered": list(event.undelivered),
        "audit": receipt_json(event.receipt),
    }


def receipt_json(receipt: Receipt) -> ReceiptJson:
    """
    Show a receipt.
    """
    return {"event": str(receipt.event), "seq": receipt.seq, "head": receipt.head.hex()}


def event_url(event_id: int, base_url: str) -> str:
    """
    Tell where an event is.
    """
    return f"{base_url}/{event_id}/"


def entry_json(entry: LogEntry) -> EntryJson:
    """
    Show an entry of a log.
    """
    return {
        "id": entry.id,
        "when": format_when(entry.when),
        "occurrence": entry.occurrence,
        "effector": entry.effector,
        "slots": [slot_json(slot) for slot in entry.slots],
        "data": {
            name: [slot_json(slot) for slot in value] if name in SLOT_FACTS else value
            for name, value in entry.data.items()
        },
        "hash": entry.hash.hex(),
    }


def log_json(event: Event, entries: Iterable[LogEntry], base_url: str) -> LogJson:
    """
    Show a part of an event's log.
    """
    return {
        "event": event_url(event.id, base_url),
        "parties": list(event.parties),
        "entries": [entry_json(entry) for entry in entries],
    }


def notified_json(
    event: Event, recipients: Iterable[str], sender: str | None, base_url: str
) -> NotifiedJson:
    """
    Show what was told to whom.

    Args:
        event: As it is after it.
        recipients: As the caller wrote them.
        sender: As the caller wrote it, if it did.
        base_url: As for ``event_json``.
    """
    url = event_url(event.id, base_url)
    told: NotifiedJson = {
        "parties": list(dict.fromkeys(recipients)),
        "slots": [slot_json(slot) for slot in event.slots],
        "event_url": url,
        "log_url": f"{url}log/",
        "notify_url": f"{url}notify/",
    }
    return told if sender is None else {**told, "sender": sender}


def user_json(user: User) -> UserJson:
    """
    Write an account.
    """
    return {
        "email": str(user.address),
        "active": user.active,
        "staff": user.staff,
        "barred": user.barred,
        "password": user.password is not None,
    }
