"""
What a reader sees: the event, and the entries of its log with people by address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from calndro.core.log import slots_of
from calndro.core.slot import both


if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from calndro.core.agreement import Status
    from calndro.core.ledger import Ledger
    from calndro.core.log import Entry, Occurrence, Receipt
    from calndro.core.slot import Table


@attrs.frozen(kw_only=True)
class Event:
    """
    One coordination as everybody with a right to it sees it.

    Args:
        id: Its number, never reused.
        title: 1 to 256 characters, one line.
        zone: IANA name, fixed at propose.
        parties: Addresses in the order of the proposal; ``erased-3`` stands for a
            forgotten one.
        proposer: The address of who proposed it, a party or not.
        slots: The table: ordered by begin, then duration; 0 to 30.
        revision: Moves when title, slots or what anybody keeps changes, or one is erased.
        status: Derived from slots and kept.
        waiting_on: The parties of an open event that keep none of its slots.
        kept: For each party the slots it keeps; None until it has answered.
        stopped: The parties that want no letters of this event.
        undelivered: Those whose last letter about it could not be delivered.
        receipt: What the log was when this was seen.
    """

    id: int
    title: str
    zone: str
    parties: tuple[str, ...]
    proposer: str
    slots: Table
    revision: int
    status: Status
    waiting_on: tuple[str, ...]
    kept: Mapping[str, Table | None] = attrs.field(hash=False)
    stopped: tuple[str, ...]
    undelivered: tuple[str, ...]
    receipt: Receipt

    @property
    def remaining(self) -> tuple[str, ...]:
        """
        The parties that count: all but the erased.
        """
        return tuple(party for party in self.parties if not is_erased(party))

    @property
    def common(self) -> Table:
        """
        The slots that every remaining party keeps; none where nobody remains.
        """
        common = self.slots if self.remaining else ()
        for party in self.remaining:
            common = both(common, self.kept[party] or ())
        return common


@attrs.frozen(kw_only=True)
class LogEntry:
    """
    One audited fact as a reader sees it.

    Args:
        id: Its place in the log, from 1 without gaps.
        when: UTC, to the microsecond.
        occurrence: The kind of fact.
        effector: The address of who caused it; ``system`` for deliveries.
        slots: The table after it.
        data: The rest of the fact; people as addresses, slots as tables.
        hash: The chain's head after it, 32 bytes.
    """

    id: int
    when: datetime
    occurrence: Occurrence
    effector: str
    slots: Table
    data: Mapping[str, Any] = attrs.field(hash=False)
    hash: bytes


PERSON_FACTS: Final = frozenset({"recipient", "sender", "proposer", "erased"})
SLOT_FACTS: Final = frozenset({"added", "removed", "accepted", "about"})
_INNER_FACTS: Final = frozenset({"people", "parties"})


def is_erased(party: str) -> bool:
    """
    Tell the place of a forgotten person from an address.
    """
    return "@" not in party


def see(ledger: Ledger) -> Event:
    """
    Show an event to its readers.
    """
    state = ledger.state
    names = [str(party) for party in ledger.parties]
    return Event(
        id=ledger.id,
        title=state.title,
        zone=state.zone,
        parties=tuple(names),
        proposer=ledger.name(state.proposer),
        slots=state.slots,
        revision=state.revision,
        status=state.status,
        waiting_on=tuple(names[number - 1] for number in state.waiting_on),
        kept=dict(zip(names, state.kept, strict=True)),
        stopped=tuple(names[number - 1] for number in sorted(state.stopped)),
        undelivered=tuple(ledger.name(number) for number in sorted(state.undelivered)),
        receipt=ledger.chain.receipt,
    )


def see_entry(ledger: Ledger, entry: Entry) -> LogEntry:
    """
    Show an entry of an event's log to its readers.
    """
    return LogEntry(
        id=entry.seq,
        when=entry.when,
        occurrence=entry.occurrence,
        effector=ledger.name(entry.effector),
        slots=entry.slots,
        data={
            name: _shown(ledger, name, value)
            for name, value in entry.data.items()
            if name not in _INNER_FACTS
        },
        hash=entry.hash,
    )


def is_delivery(entry: Entry) -> bool:
    """
    Tell the entries that say how a delivery went from those the original had.
    """
    return "delivery" in entry.data


def _shown(ledger: Ledger, name: str, value: Any) -> Any:
    if name in PERSON_FACTS:
        return ledger.name(value)
    return slots_of(value) if name in SLOT_FACTS else value
