"""
The log of an event: canonical bytes, chained by SHA-256.

The stored bytes of an entry are the truth. Everything else that is known of an event
is folded from them (see ``agreement``), and nothing ever rebuilds them.

Source: docs/reference/audit-format.md; RFC 8785 for the canonical form.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import attrs

from calndro.core.errors import InvalidInputError
from calndro.core.slot import Slot


if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from calndro.core.slot import Table


SYSTEM: Final = 0
"""The number under which the system itself stands in a log."""

_RECEIPT: Final = re.compile(
    r"event=(?P<event>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) "
    r"seq=(?P<seq>[1-9][0-9]{0,15}) head=(?P<head>[0-9a-f]{64})"
)
_GENESIS: Final = b"calndro/genesis/v1\x00"
_ENTRY: Final = b"calndro/entry/v1\x00"
_PERSON: Final = b"calndro/person/v1\x00"
_MICROSECOND: Final = timedelta(microseconds=1)
_CLOCK_TOLERANCE: Final = timedelta(seconds=1)
_SLOTS_AT_HAND: Final = 4096
_TABLES_AT_HAND: Final = 1024


class Occurrence(StrEnum):
    """
    What kind of fact an entry records.
    """

    UPDATE = "UPDATE"
    NOTIFY = "NOTIFY"
    VIEW = "VIEW"


@attrs.frozen
class Receipt:
    """
    What a reader keeps to check a log later: its event, length and head.

    Args:
        event: The event's uuid.
        seq: How many entries the log had; at least 1.
        head: The hash of the last of them, 32 bytes.
    """

    event: UUID
    seq: int
    head: bytes

    def __str__(self) -> str:
        return f"event={self.event} seq={self.seq} head={self.head.hex()}"

    @classmethod
    def read(cls, text: str) -> Receipt:
        """
        Read a receipt as it stands in a header or at the foot of a letter.

        Raises:
            InvalidInputError: It is none.
        """
        parts = _RECEIPT.fullmatch(text.strip())
        if parts is None:
            raise InvalidInputError.of("this is no receipt: event=... seq=... head=...")
        return cls(UUID(parts["event"]), int(parts["seq"]), bytes.fromhex(parts["head"]))


@attrs.frozen
class Entry:
    """
    One link of the chain: what was stored, and what it says.

    Args:
        seq: 1 for the first, then without gaps.
        when: UTC, to the microsecond; later than the entry before.
        occurrence: The kind of fact.
        effector: The number of the person who caused it; 0 is the system.
        slots: The table after it.
        data: The rest of the fact, in plain JSON values; people are numbers, slots are
            ``[begin, microseconds]`` pairs.
        body: The canonical bytes of all of the above.
        hash: The chain's head after this entry, 32 bytes.
    """

    seq: int
    when: datetime
    occurrence: Occurrence
    effector: int
    slots: Table
    data: Mapping[str, Any]
    body: bytes
    hash: bytes


@attrs.frozen
class Chain:
    """
    The end of an event's chain, where the next entry is appended.

    Args:
        uuid: The event's uuid.
        seq: How many entries there are; 0 before the first.
        head: The last hash; the genesis hash before the first entry.
        when: When the last entry was made, UTC; None before the first.
    """

    uuid: UUID
    seq: int
    head: bytes
    when: datetime | None

    @classmethod
    def begin(cls, uuid: UUID) -> Chain:
        """
        Start the chain of a new event.
        """
        return cls(uuid, 0, sha256(_GENESIS + uuid.bytes).digest(), None)

    @property
    def receipt(self) -> Receipt:
        """
        The receipt for the chain as it stands.
        """
        return Receipt(self.uuid, self.seq, self.head)

    def append(
        self,
        *,
        now: datetime,
        occurrence: Occurrence,
        effector: int,
        slots: Table,
        data: Mapping[str, Any],
    ) -> tuple[Chain, Entry]:
        """
        Add one entry.

        Args:
            now: The clock's reading, UTC; the entry is dated later than the last one in
                any case, and keeps the reading in ``data.clock`` when they differ by more
                than a second.
            occurrence: The kind of fact.
            effector: The number of the person who caused it.
            slots: The table after the fact.
            data: Plain JSON values: no floats, text in NFC.

        Returns:
            The longer chain and its new entry.

        Source: docs/reference/audit-format.md.
        """
        when = now if self.when is None else max(now, self.when + _MICROSECOND)
        if when - now > _CLOCK_TOLERANCE:
            data = {**data, "clock": format_when(now)}
        seq = self.seq + 1
        body = (
            f'{{"data":{_CANONICAL.encode(data)},"effector":{effector},"event":"{self.uuid}",'
            f'"occurrence":"{occurrence.value}","seq":{seq},"slots":{format_table(slots)},'
            f'"v":1,"when":"{format_when(when)}"}}'
        ).encode()
        head = entry_hash(self.head, body)
        entry = Entry(seq, when, occurrence, effector, slots, data, body, head)
        return Chain(self.uuid, seq, head, when), entry


def canonical(value: Mapping[str, Any]) -> bytes:
    """
    Write *value* as canonical JSON.

    For ASCII keys, integers below 2^53, NFC text and no floats, sorted keys and the
    shortest separators are all that RFC 8785 asks for.
    """
    return _CANONICAL.encode(value).encode()


_CANONICAL: Final = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)


def entry_hash(head: bytes, body: bytes) -> bytes:
    """
    Compute the hash of an entry from the hash before it and its bytes.
    """
    return sha256(_ENTRY + head + sha256(body).digest()).digest()


def commitment(uuid: UUID, number: int, salt: bytes, address: str) -> bytes:
    """
    Bind person *number* of an event to an address without telling it.

    Args:
        uuid: The event's.
        number: The person's number in the event, 1 to 65,535.
        salt: 32 random bytes, kept as long as the person is not erased.
        address: As stored.
    """
    return sha256(
        _PERSON + uuid.bytes + number.to_bytes(2, "big") + salt + address.encode()
    ).digest()


def decode(body: bytes, head: bytes) -> Entry:
    """
    Read a stored entry; *head* is the hash stored with it.
    """
    fact = json.loads(body)
    return Entry(
        fact["seq"],
        datetime.fromisoformat(fact["when"]),
        Occurrence(fact["occurrence"]),
        fact["effector"],
        slots_of(fact["slots"]),
        fact["data"],
        body,
        head,
    )


UNREADABLE: Final = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    OverflowError,
    RecursionError,
)
"""What bytes that are no entry raise when they are decoded and folded."""


def plain_slots(slots: Iterable[Slot]) -> list[list[Any]]:
    """
    Write slots as they stand in a body: ``[begin, microseconds]`` each.
    """
    return [list(_written(slot)) for slot in slots]


def slots_of(pairs: Iterable[tuple[str, int] | list[Any]]) -> Table:
    """
    Read slots as they stand in a body.
    """
    return tuple(_read(begin, length) for begin, length in pairs)


# Each entry of a log tells the table anew, which is nearly always the one before it.
@lru_cache(maxsize=_TABLES_AT_HAND)
def format_table(slots: Table) -> str:
    """
    Write a table as it stands in a body.
    """
    return _CANONICAL.encode(plain_slots(slots))


@lru_cache(maxsize=_TABLES_AT_HAND)
def parse_table(text: str) -> Table:
    """
    Read a table that ``format_table`` has written.
    """
    return slots_of(json.loads(text))


@lru_cache(maxsize=_SLOTS_AT_HAND)
def _written(slot: Slot) -> tuple[str, int]:
    return format_when(slot.begin), slot.duration // _MICROSECOND


@lru_cache(maxsize=_SLOTS_AT_HAND)
def _read(begin: str, length: int) -> Slot:
    return Slot(datetime.fromisoformat(begin), timedelta(microseconds=length))


def format_when(instant: datetime) -> str:
    """
    Write an instant as it stands in a body: UTC, always six digits.
    """
    return f"{instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
