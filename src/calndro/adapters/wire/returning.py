"""
The way back: what a client of a server makes of what was sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from calndro.adapters.wire.checking import read_shown
from calndro.adapters.wire.sending import EntryJson, EventJson, UserJson
from calndro.core.errors import InvalidInputError
from calndro.core.event import SLOT_FACTS, Event, LogEntry
from calndro.core.log import Receipt
from calndro.core.reading import SlotText, read_table
from calndro.core.times import parse_begin


if TYPE_CHECKING:
    from collections.abc import Sequence

    from calndro.adapters.wire.sending import ReceiptJson, SlotJson
    from calndro.core.slot import Table


def event_of(members: object) -> Event:
    """
    Read an event as ``event_json`` has written it; members of later versions are ignored.

    Args:
        members: As decoded from JSON.

    Raises:
        InvalidInputError: It is no such event.
    """
    shown = read_shown(EventJson, members)
    return Event(
        id=shown["id"],
        title=shown["title"],
        zone=shown["zone"],
        parties=tuple(shown["parties"]),
        proposer=shown["proposer"],
        slots=_table(shown["slots"], "slots"),
        revision=shown["revision"],
        status=shown["status"],
        waiting_on=tuple(shown["waiting_on"]),
        kept={
            party: None if keeps is None else _table(keeps, f"kept[{party}]")
            for party, keeps in shown["kept"].items()
        },
        stopped=tuple(shown["mail_stopped"]),
        undelivered=tuple(shown["undelivered"]),
        receipt=_receipt(shown["audit"]),
    )


def entry_of(members: object) -> LogEntry:
    """
    Read an entry as ``entry_json`` has written it.

    Raises:
        InvalidInputError: It is no such entry.
    """
    shown = read_shown(EntryJson, members)
    try:
        digest = bytes.fromhex(shown["hash"])
    except ValueError:
        raise InvalidInputError.of("this is no hash", "hash") from None
    return LogEntry(
        id=shown["id"],
        when=parse_begin(shown["when"], "UTC"),
        occurrence=shown["occurrence"],
        effector=shown["effector"],
        slots=_table(shown["slots"], "slots"),
        data={
            name: _table(value, f"data.{name}") if name in SLOT_FACTS else value
            for name, value in shown["data"].items()
        },
        hash=digest,
    )


def user_of(members: object) -> UserJson:
    """
    Read an account as ``user_json`` has written it.

    Raises:
        InvalidInputError: It is no such account.
    """
    return read_shown(UserJson, members)


def _receipt(shown: ReceiptJson) -> Receipt:
    try:
        return Receipt.read("event={event} seq={seq} head={head}".format_map(shown))
    except InvalidInputError as error:
        raise error.under("audit") from None


def _table(slots: Sequence[SlotJson], path: str) -> Table:
    return read_table([SlotText(each["begin"], each["duration"]) for each in slots], "UTC", path)
