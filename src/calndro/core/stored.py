"""
What a database holds of an event, exactly as it holds it, damage included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from calndro.core.errors import StorageError
from calndro.core.event import is_delivery
from calndro.core.log import UNREADABLE
from calndro.core.party import Address


if TYPE_CHECKING:
    from datetime import datetime

    from calndro.core.ledger import Ledger
    from calndro.core.log import Entry


@attrs.frozen
class StoredEntry:
    """
    An entry exactly as a database holds it: the bytes, and what it keeps beside them.

    Args:
        seq: Its place in the log.
        when: The instant kept beside the bytes, UTC; None when what is kept is none.
        occurrence: The kind of fact kept beside the bytes.
        effector: The number kept beside the bytes.
        is_delivery: Whether it says how a delivery went.
        body: The bytes.
        hash: The head after it.
    """

    seq: int
    when: datetime | None
    occurrence: str
    effector: int
    is_delivery: bool
    body: bytes
    hash: bytes

    @classmethod
    def of(cls, entry: Entry) -> StoredEntry:
        """
        Give an entry as a database holds it that nobody has changed.
        """
        return cls(
            entry.seq,
            entry.when,
            entry.occurrence,
            entry.effector,
            is_delivery(entry),
            entry.body,
            entry.hash,
        )

    def is_beside(self, entry: Entry) -> bool:
        """
        Tell whether what is kept beside the bytes is what they say.
        """
        return (self.seq, self.when, self.occurrence, self.effector, self.is_delivery) == (
            entry.seq,
            entry.when,
            entry.occurrence,
            entry.effector,
            is_delivery(entry),
        )

    @property
    def text(self) -> str:
        """
        The bytes as text, for an export.

        Raises:
            StorageError: They are no text, or were stored as something else.
        """
        try:
            return self.body.decode()
        except UNREADABLE:
            message = f"the bytes of entry {self.seq} can't be read: see calndro audit verify"
            raise StorageError(message) from None


@attrs.frozen
class StoredEvent:
    """
    What a database keeps beside an event, only to find it by.

    Args:
        status: The status.
        people: Of each person, by number, the number, the key of its address (None once
            erased), and whether it is a party or the proposer.
    """

    status: str
    people: tuple[tuple[int, str | None, bool], ...]

    @classmethod
    def of(cls, ledger: Ledger) -> StoredEvent:
        """
        Give what a database keeps that nobody has changed.

        Raises:
            InvalidInputError: An address is none.
        """
        members = len(ledger.members)
        people = tuple(
            (
                each.number,
                None if each.address is None else Address.parse(each.address.text).key,
                each.number <= members,
            )
            for each in ledger.people
        )
        return cls(ledger.state.status.value, people)


class DamagedError(StorageError):
    """
    What is stored of event *event_id* is no event.
    """

    def __init__(self, event_id: int) -> None:
        super().__init__(f"what is stored of event {event_id} can't be read")
        self.event_id = event_id
