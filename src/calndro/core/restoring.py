"""
Rebuilding an event from what an export holds of it, with the proof that it is whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from calndro.core.audit import Walk
from calndro.core.errors import InvalidInputError
from calndro.core.ledger import Change, Ledger, Person


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from uuid import UUID

    from calndro.core.audit import Verdict
    from calndro.core.log import Entry, Receipt

    Link = tuple[bytes, bytes]


def restore(
    event_id: int, receipt: Receipt, people: Sequence[Person], links: Iterable[Link]
) -> Change:
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
    walk, entries = _walked(receipt.event, links, ())
    walk.end(receipt, dict(enumerate(people, start=1)))
    if walk.findings or walk.state is None:
        raise InvalidInputError.of(f"event {event_id}: {walk.findings[0]}")
    return Change(None, Ledger(event_id, tuple(people), walk.chain, walk.state), entries)


def examine(
    receipt: Receipt,
    people: Mapping[int, Person],
    links: Sequence[Link],
    receipts: Sequence[Receipt],
    watch: Callable[[Sequence[Link]], Iterable[Link]] = iter,
) -> Verdict:
    """
    Check an exported log against itself and older receipts.

    Args:
        receipt: What the export says of itself.
        people: Those it gives by number; the others its log speaks of are taken as erased.
        links: Body and hash of every entry, first to last.
        receipts: What its reader has kept.
        watch: Passes the entries on, to show how far it has come.
    """
    walk, _ = _walked(receipt.event, watch(links), receipts)
    erased = {number: Person(number, None, None) for number in walk.known}
    walk.end(receipt, {**erased, **people})
    return walk.verdict(0, receipt)


def _walked(
    event: UUID, links: Iterable[Link], receipts: Sequence[Receipt]
) -> tuple[Walk, tuple[Entry, ...]]:
    walk, entries = Walk(event, receipts), []
    for body, head in links:
        entry = walk.take(body, head)
        if entry is None:
            break
        entries.append(entry)
    return walk, tuple(entries)
