"""
Rebuilding an event from what an export holds of it, with the proof that it is whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calndro.core.agreement import replay
from calndro.core.audit import StoredEntry, verify
from calndro.core.errors import InvalidInputError
from calndro.core.ledger import Change, Ledger, Person
from calndro.core.log import UNREADABLE, Chain, decode


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from calndro.core.audit import Verdict
    from calndro.core.log import Entry, Receipt

    Links = Sequence[tuple[bytes, bytes]]


def restore(event_id: int, receipt: Receipt, people: Sequence[Person], links: Links) -> Change:
    """
    Make the change that stores a whole event with its old id, uuid and head.

    Args:
        event_id: Its number in the instance it comes from.
        receipt: What its log was there.
        people: Everybody its log speaks of, by number; the erased without address.
        links: Body and hash of every entry, first to last.

    Raises:
        InvalidInputError: The log does not prove itself; the first bad entry is named.
    """
    ledger, entries = _rebuilt(event_id, receipt, people, links)
    verdict = verify(ledger, map(StoredEntry.of, entries))
    if not verdict.is_good:
        raise InvalidInputError.of(f"event {event_id}: {verdict.findings[0]}")
    return Change(None, ledger, entries)


def examine(
    receipt: Receipt,
    people: Mapping[int, Person],
    links: Links,
    receipts: Sequence[Receipt],
    watch: Callable[[Sequence[Entry]], Iterable[Entry]] = iter,
) -> Verdict:
    """
    Check an exported log against itself and older receipts.

    Args:
        receipt: What the export says of itself.
        people: Those it gives by number; the others its log speaks of are taken as erased.
        links: Body and hash of every entry, first to last.
        receipts: What its reader has kept.
        watch: Passes the entries on, to show how far it has come.

    Raises:
        InvalidInputError: Its bytes are no log at all.
    """
    everybody = _everybody(people, links)
    ledger, entries = _rebuilt(0, receipt, everybody, links)
    return verify(ledger, map(StoredEntry.of, watch(entries)), receipts)


def _rebuilt(
    event_id: int, receipt: Receipt, people: Sequence[Person], links: Links
) -> tuple[Ledger, tuple[Entry, ...]]:
    try:
        entries = tuple(decode(body, head) for body, head in links)
        state = replay(entries)
    except (*UNREADABLE, StopIteration):
        raise InvalidInputError.of(f"the log of event {event_id} can't be read") from None
    chain = Chain(receipt.event, receipt.seq, receipt.head, entries[-1].when)
    return Ledger(event_id, tuple(people), chain, state), entries


def _everybody(people: Mapping[int, Person], links: Links) -> list[Person]:
    mentioned: set[int] = set(people)
    for body, head in links:
        try:
            named: dict[str, Any] = decode(body, head).data.get("people", {})
            mentioned.update(map(int, named))
        except UNREADABLE:
            raise InvalidInputError.of("this is no exported log") from None
    numbers = range(1, max(mentioned, default=0) + 1)
    return [people.get(number, Person(number, None, None)) for number in numbers]
