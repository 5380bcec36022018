"""
Verification: does a stored log prove itself?

Source: docs/explanation/the-audit-promise.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from calndro.core.agreement import after, opened
from calndro.core.event import PERSON_FACTS
from calndro.core.log import SYSTEM, UNREADABLE, Chain, Receipt, commitment, decode, entry_hash
from calndro.core.stored import StoredEvent


if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from uuid import UUID

    from calndro.core.agreement import State
    from calndro.core.ledger import Ledger, Person
    from calndro.core.log import Entry
    from calndro.core.stored import DamagedError, StoredEntry


_NOBODY: Final[dict[str, str]] = {}


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
        event_id: Of which event; 0 for a log in a file, None for a receipt of no log here.
        receipt: What the log is now; None when that can't be read.
        receipts: How many receipts were compared with it.
        findings: Empty when the log proves itself.
    """

    event_id: int | None
    receipt: Receipt | None
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


def damaged(error: DamagedError, receipts: Sequence[Receipt]) -> Verdict:
    """
    Give the verdict on an event that can't even be read.
    """
    finding = Finding(None, "what is stored of the event can't be read")
    return Verdict(error.event_id, None, len(receipts), (finding,))


def astray(receipts: Iterable[Receipt], events: Collection[UUID]) -> Iterator[Verdict]:
    """
    Give a verdict on each receipt that none of the verified logs has given.

    Args:
        receipts: What readers have kept.
        events: Those whose logs were verified.
    """
    for receipt in receipts:
        if receipt.event not in events:
            finding = Finding(None, f"no event here has the log of the receipt {receipt}")
            yield Verdict(None, receipt, 1, (finding,))


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
        head = entry_hash(head, body)
        if head != stored:
            return seq
    return None


def verify(
    ledger: Ledger,
    entries: Iterable[StoredEntry],
    receipts: Sequence[Receipt] = (),
    beside: StoredEvent | None = None,
) -> Verdict:
    """
    Check a stored log against itself, its event, its people and older receipts.

    Args:
        ledger: The event as stored.
        entries: Everything stored of its log, ordered by seq.
        receipts: What readers have kept; those of other events are a finding.
        beside: What is kept beside the event; None for nothing.

    Returns:
        The verdict; its first finding about the log names the first bad entry.
    """
    now = ledger.chain.receipt
    walk = Walk(now.event, receipts)
    for stored in entries:
        if walk.take(stored.body, stored.hash, stored) is None:
            break
    is_whole = walk.end(now, dict(enumerate(ledger.people, start=1)))
    if is_whole and (walk.state, walk.chain.when) != (ledger.state, ledger.chain.when):
        walk.findings.append(Finding(None, "the event is not what its log adds up to"))
    if beside is not None and not _is_beside(ledger, beside):
        message = "what is kept beside the event, to find it by, is not what the event says"
        walk.findings.append(Finding(None, message))
    return walk.verdict(ledger.id, now)


class Walk:
    """
    One pass over a log, entry after entry, up to the first bad one.

    Args:
        event: The event's uuid.
        receipts: What readers have kept.
    """

    def __init__(self, event: UUID, receipts: Sequence[Receipt] = ()) -> None:
        self.chain = Chain.begin(event)
        self.state: State | None = None
        self.findings: list[Finding] = []
        self._named = f'"event":"{event}"'.encode()
        self._commitments: dict[int, str] = {}
        self._receipts = receipts
        self._heads: dict[int, set[bytes]] = {}
        for receipt in receipts:
            if receipt.event == event:
                self._heads.setdefault(receipt.seq, set()).add(receipt.head)

    @property
    def known(self) -> Collection[int]:
        """
        The numbers of those whom the entries read so far speak of.
        """
        return self._commitments.keys()

    def take(self, body: bytes, head: bytes, beside: StoredEntry | None = None) -> Entry | None:
        """
        Take in one entry.

        Args:
            body: Its bytes.
            head: The hash kept with them.
            beside: The entry as a database holds it; None where there is none.

        Returns:
            The entry; None when something is wrong with it, which is then a finding.
        """
        seq = self.chain.seq + 1
        try:
            entry = self._read(seq, body, head, beside)
        except UNREADABLE:
            entry = "its bytes are no entry of a log"
        if isinstance(entry, str):
            self.findings.append(Finding(seq, entry))
            return None
        self.chain = Chain(self.chain.uuid, seq, head, entry.when)
        if seq in self._heads and self._heads[seq] != {head}:
            self.findings.append(Finding(seq, "it is not what the receipt was given for"))
            return None
        return entry

    def end(self, now: Receipt, people: Mapping[int, Person]) -> bool:
        """
        Compare what was read with what the log should be, and with the people it speaks of.

        Args:
            now: What is said of the log.
            people: Those kept for it, each under its number.

        Returns:
            True when the log is as long as it should be, and ends with the right hash; False
            also when an entry was bad, and nothing is compared.
        """
        if self.findings:
            return False
        is_whole = (self.chain.seq, self.chain.head) == (now.seq, now.head)
        if self.state is None:
            self.findings.append(Finding(1, "it is missing: the log is empty"))
        elif not is_whole:
            message = f"the event has {now.seq} entries and its log {self.chain.seq}"
            if self.chain.seq == now.seq:
                message = "the event's head is not that of its log"
            self.findings.append(Finding(min(self.chain.seq, now.seq) + 1, message))
        for number in sorted(self._commitments.keys() | people.keys()):
            if number not in people:
                message = f"person {number}, whom the log speaks of, is missing"
                self.findings.append(Finding(None, message))
            elif not self._is_vouched_for(number, people[number]):
                message = f"person {number} is not who the log speaks of"
                self.findings.append(Finding(None, message))
        return is_whole

    def verdict(self, event_id: int, now: Receipt) -> Verdict:
        """
        Sum up, with what is to be said of the receipts themselves.
        """
        doubts = [each for receipt in self._receipts for each in _doubts(now, receipt)]
        return Verdict(event_id, now, len(self._receipts), (*self.findings, *doubts))

    def _read(self, seq: int, body: bytes, head: bytes, beside: StoredEntry | None) -> Entry | str:
        if beside is not None and beside.seq != seq:
            return f"it is missing; {beside.seq} stands in its place"
        if entry_hash(self.chain.head, body) != head:
            return "its hash does not follow from its bytes and the hash before"
        entry = decode(body, head)
        if beside is not None and not beside.is_beside(entry):
            return "what is kept beside its bytes is not what they say"
        fault = self._place(seq, entry) or self._introduce(entry)
        if fault is None:
            self.state = opened(entry) if self.state is None else after(self.state, entry)
        return fault or entry

    def _place(self, seq: int, entry: Entry) -> str | None:
        if entry.seq != seq:
            return f"it is missing; {entry.seq} stands in its place"
        if self._named not in entry.body:
            return "it is of another event"
        if self.chain.when is not None and entry.when <= self.chain.when:
            return "it is not later than the entry before"
        return None

    def _introduce(self, entry: Entry) -> str | None:
        """
        Take in the commitments to exactly those whom no entry before has mentioned.
        """
        data, known = entry.data, len(self._commitments)
        parties = data["parties"] if self.state is None else 0
        mentioned = [entry.effector, *(data[name] for name in PERSON_FACTS if name in data)]
        people: dict[str, str] = data.get("people", _NOBODY)
        new = range(known + 1, known + 1 + len(people))
        if people != _NOBODY:
            named = {number for number in new if number <= parties or number in mentioned}
            if people.keys() != set(map(str, named)) or len(named) != len(new):
                return "it gives others a number than those whom it is the first to mention"
        if min(mentioned) < SYSTEM or max(*mentioned, parties) > known + len(new):
            return "it mentions somebody to whom no entry has given a number"
        for number in new:
            self._commitments[number] = people[str(number)]
        return None

    def _is_vouched_for(self, number: int, person: Person) -> bool:
        if person.address is None or person.salt is None:
            erased = () if self.state is None else self.state.erased
            return person.number == number and number in erased
        try:
            made = commitment(self.chain.uuid, person.number, person.salt, person.address.text)
        except UNREADABLE:
            return False
        return person.number == number and self._commitments.get(number) == made.hex()


def _doubts(now: Receipt, receipt: Receipt) -> Iterator[Finding]:
    if receipt.event != now.event:
        yield Finding(None, f"a receipt is of another event, {receipt.event}")
    elif receipt.seq > now.seq:
        message = f"a receipt says that there were {receipt.seq} entries; there are fewer"
        yield Finding(None, message)


def _is_beside(ledger: Ledger, beside: StoredEvent) -> bool:
    try:
        return beside == StoredEvent.of(ledger)
    except UNREADABLE:
        return False
