"""
Verification: does a stored log prove itself?

Source: docs/explanation/the-audit-promise.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from calndro.core.agreement import after, opened
from calndro.core.event import is_delivery
from calndro.core.log import UNREADABLE, Chain, commitment, decode, link


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from calndro.core.agreement import State
    from calndro.core.ledger import Ledger, Person
    from calndro.core.log import Entry, Receipt


@attrs.frozen
class StoredEntry:
    """
    An entry exactly as a database holds it: the bytes, and what it keeps beside them.

    Args:
        seq: Its place in the log.
        when: The instant kept beside the bytes, UTC.
        occurrence: The kind of fact kept beside the bytes.
        effector: The number kept beside the bytes.
        is_delivery: Whether it says how a delivery went.
        body: The bytes.
        hash: The head after it.
    """

    seq: int
    when: datetime
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


@attrs.frozen
class Finding:
    """
    Something that a log which proves itself would not have.

    Args:
        seq: The first bad entry; None when it is not about an entry.
        message: What is wrong, one sentence.
    """

    seq: int | None
    message: str

    def __str__(self) -> str:
        return self.message if self.seq is None else f"entry {self.seq}: {self.message}"


@attrs.frozen
class Verdict:
    """
    What verification found.

    Args:
        event_id: Of which event.
        receipt: What the log is now.
        receipts: How many receipts were compared with it.
        findings: Empty when the log proves itself.
    """

    event_id: int
    receipt: Receipt
    receipts: int
    findings: tuple[Finding, ...]

    @property
    def is_good(self) -> bool:
        """
        True when there is no finding.
        """
        return not self.findings

    @property
    def broken_at(self) -> int | None:
        """
        The first bad entry; None when nothing is wrong, or with no entry.
        """
        return min((each.seq for each in self.findings if each.seq is not None), default=None)


def check_bytes(chain: Chain, links: Iterable[tuple[bytes, bytes]]) -> int | None:
    """
    Recompute a chain over bytes alone.

    Args:
        chain: As begun with the event's uuid.
        links: Body and hash of each entry, in order.

    Returns:
        The seq of the first entry whose hash does not follow; None when all do.
    """
    head = chain.head
    for seq, (body, stored) in enumerate(links, start=1):
        head = link(head, body)
        if head != stored:
            return seq
    return None


def verify(
    ledger: Ledger, entries: Iterable[StoredEntry], receipts: Sequence[Receipt] = ()
) -> Verdict:
    """
    Check a stored log against itself, its event, its people and older receipts.

    Args:
        ledger: The event as stored.
        entries: Everything stored of its log, ordered by seq.
        receipts: What readers have kept; those of other events are a finding.

    Returns:
        The verdict; its first finding about the log names the first bad entry.
    """
    walk = _Walk(ledger)
    findings: list[Finding] = []
    heads: dict[int, set[bytes]] = {}
    for receipt in receipts:
        if receipt.event == ledger.chain.uuid:
            heads.setdefault(receipt.seq, set()).add(receipt.head)
    for stored in entries:
        fault = walk.step(stored)
        if fault is not None:
            findings.append(Finding(walk.seq, fault))
            break
        if heads.get(stored.seq, set()) - {stored.hash}:
            findings.append(Finding(stored.seq, "it is not what the receipt was given for"))
            break
    else:
        findings.extend(walk.end())
    for receipt in receipts:
        findings.extend(_doubts(ledger, receipt))
    return Verdict(ledger.id, ledger.chain.receipt, len(receipts), tuple(findings))


def _doubts(ledger: Ledger, receipt: Receipt) -> Iterator[Finding]:
    if receipt.event != ledger.chain.uuid:
        yield Finding(None, f"a receipt is of another event, {receipt.event}")
    elif receipt.seq > ledger.chain.seq:
        message = f"a receipt says that there were {receipt.seq} entries; there are fewer"
        yield Finding(None, message)


class _Walk:
    """
    One pass over a log, entry after entry.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.chain = Chain.begin(ledger.chain.uuid)
        self.state: State | None = None
        self.commitments: dict[str, str] = {}
        self.seq = 0

    def step(self, stored: StoredEntry) -> str | None:
        """
        Take in one entry; say what is wrong with it, if anything is.
        """
        self.seq += 1
        if stored.seq != self.seq:
            return f"it is missing; {stored.seq} stands in its place"
        if link(self.chain.head, stored.body) != stored.hash:
            return "its hash does not follow from its bytes and the hash before"
        try:
            entry = decode(stored.body, stored.hash)
            fault = self._compare(stored, entry)
            self.state = opened(entry) if self.state is None else after(self.state, entry)
            self.commitments.update(entry.data.get("people", {}))
        except UNREADABLE:
            return "its bytes are no entry of a log"
        self.chain = Chain(self.chain.uuid, entry.seq, entry.hash, entry.when)
        return fault

    def _compare(self, stored: StoredEntry, entry: Entry) -> str | None:
        beside = (stored.seq, stored.when, stored.occurrence, stored.effector, stored.is_delivery)
        inside = (entry.seq, entry.when, entry.occurrence, entry.effector, is_delivery(entry))
        if beside != inside:
            return "what is kept beside its bytes is not what they say"
        if f'"event":"{self.chain.uuid}"'.encode() not in stored.body:
            return "it is of another event"
        if self.chain.when is not None and entry.when <= self.chain.when:
            return "it is not later than the entry before"
        return None

    def end(self) -> Iterator[Finding]:
        """
        Compare what the log adds up to with what is stored of the event.
        """
        stored = self.ledger.chain
        if (self.chain.seq, self.chain.head) != (stored.seq, stored.head):
            message = f"the event has {stored.seq} entries and its log {self.chain.seq}"
            if self.chain.seq == stored.seq:
                message = "the event's head is not that of its log"
            yield Finding(min(self.chain.seq, stored.seq) + 1, message)
        elif self.state != self.ledger.state or self.chain.when != stored.when:
            yield Finding(None, "the event is not what its log adds up to")
        for person in self.ledger.people:
            if not self._is_vouched_for(person):
                yield Finding(None, f"person {person.number} is not who the log speaks of")

    def _is_vouched_for(self, person: Person) -> bool:
        if person.address is None or person.salt is None:
            erased = () if self.state is None else self.state.erased
            return person.number in erased
        return self.commitments.get(str(person.number)) == (
            commitment(self.chain.uuid, person.number, person.salt, person.address.text).hex()
        )
