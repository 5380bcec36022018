"""
Audit: the log proves itself, leaves the house, and can forget a person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from calndro.core import audit, deeds, telling
from calndro.core.access import Operation, admit
from calndro.core.errors import NotFoundError, OneselfError, StorageError
from calndro.core.event import see
from calndro.core.ledger import Act
from calndro.core.notice import Outcome
from calndro.core.party import Address
from calndro.core.stored import DamagedError
from calndro.usecases.collisions import retry_on_collision
from calndro.usecases.paging import PAGE, stored_log
from calndro.usecases.transactions import open_event, reading


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from calndro.core.access import Caller
    from calndro.core.audit import Verdict
    from calndro.core.event import Event
    from calndro.core.ledger import Ledger
    from calndro.core.log import Receipt
    from calndro.ports.storage import UnitOfWork
    from calndro.usecases.services import Services


@retry_on_collision
def verify_log(
    services: Services, caller: Caller, event_id: int, receipts: Sequence[Receipt] = ()
) -> Verdict:
    """
    Check the log of an event, the deleted too, against itself and older receipts.

    Args:
        services: The ports.
        caller: Who may read the log.
        event_id: Which event.
        receipts: What letters and answers have said of it.

    Raises:
        TokenError, NotAllowedError, NotFoundError: As ``admit_to`` says.
        DamagedError: What is stored of the event is none.
    """
    with reading(services, caller) as work:
        ledger, _ = open_event(services, work, caller, Operation.READ_LOG, event_id)
        return _verified(work, ledger, receipts)


def verify_all(
    services: Services, caller: Caller, receipts: Sequence[Receipt] = ()
) -> Iterator[Verdict]:
    """
    Check the log of every event, the deleted too (staff).

    Args:
        services: The ports.
        caller: Staff.
        receipts: Each is compared with the log of its event; at the end comes a verdict on
            each that is of no event here.

    Raises:
        TokenError, NotAllowedError: The caller is no staff.
    """
    admit(caller, Operation.ADMINISTER)
    met = set()
    after, limit = 0, PAGE
    while True:
        with services.snapshot() as work:
            try:
                page = work.events.page(
                    None, status=None, with_closed=True, after=after, limit=limit
                )
            except DamagedError as error:
                # Those in front of it come one by one, before its own turn.
                if limit == 1:
                    yield audit.damaged(error, ())
                    after = error.event_id
                limit = PAGE if limit == 1 else 1
                continue
            for ledger in page:
                met.add(ledger.chain.uuid)
                theirs = [each for each in receipts if each.event == ledger.chain.uuid]
                yield _verified(work, ledger, theirs)
        if len(page) < limit:
            break
        after = page[-1].id
    yield from audit.astray(receipts, met)


@retry_on_collision
def export_log(services: Services, caller: Caller, event_id: int) -> Iterator[dict[str, Any]]:
    """
    Write the log of an event for somebody who checks it elsewhere.

    Args:
        services: The ports.
        caller: Who may read the log.
        event_id: Which event; the deleted too.

    Returns:
        First ``{event, head, seq, people}``, then one ``{body, hash}`` for each entry up
        to that seq, whatever is appended meanwhile.

    Raises:
        TokenError, NotAllowedError, NotFoundError: As ``admit_to`` says, before anything
            is written.
        StorageError: What is stored of the event or an entry can't be read.

    Source: docs/explanation/the-audit-promise.md.
    """
    with reading(services, caller) as work:
        ledger, _ = open_event(services, work, caller, Operation.READ_LOG, event_id)
    return _lines(services, ledger)


def _lines(services: Services, ledger: Ledger) -> Iterator[dict[str, Any]]:
    receipt = ledger.chain.receipt
    yield {
        "event": str(receipt.event),
        "head": receipt.head.hex(),
        "seq": receipt.seq,
        "people": [
            {"i": each.number, "salt": each.salt.hex(), "address": each.address.text}
            for each in ledger.people
            if each.address is not None and each.salt is not None
        ],
    }
    after = 0
    while after < receipt.seq:
        limit = min(PAGE, receipt.seq - after)
        with services.snapshot() as work:
            page = work.events.stored(ledger.id, after=after, limit=limit)
        if not page:
            return
        for entry in page:
            yield {"body": entry.text, "hash": entry.hash.hex()}
        after = page[-1].seq


@attrs.frozen
class Erased:
    """
    What came of forgetting a person.

    Args:
        events: Those that moved on without it.
        warning: Why something of it may still be found in the storage's files, and for how
            long, one sentence; empty when nothing is.
    """

    events: Sequence[Event]
    warning: str = ""


@retry_on_collision
def erase(services: Services, caller: Caller, address: str) -> Erased:
    """
    Forget a person everywhere (staff): its account, its addresses, its salts.

    Every event whose log speaks of the person gets an entry saying that its place is
    erased, moves on without it, and tells the others if that makes it agreed. All in one
    transaction; afterwards storage is scrubbed. When that fails the person is forgotten all
    the same, and the warning says what is left. Letters that were sent and older backups are
    beyond reach.

    Args:
        services: The ports.
        caller: Staff, and not the person itself.
        address: Who is forgotten.

    Raises:
        TokenError, NotAllowedError: The caller is no staff.
        OneselfError: Nobody erases itself: the entry would speak of the person again.
        NotFoundError: No account and no event speaks of this address.

    Source: docs/how-to/forget-a-person.md.
    """
    by = admit(caller, Operation.ADMINISTER)
    person = Address.parse(address)
    if person == by:
        raise OneselfError(by.text)
    with services.unit_of_work() as work:
        concerned = work.events.mentioning(person)
        if not concerned and not work.users.find([person]):
            raise NotFoundError("person", address)
        work.tokens.revoke(person)
        work.api_tokens.revoke(person)
        work.answers.forget(person)
        work.users.remove(person)
        erased = [_erase_from(services, work, caller, by, each, person) for each in concerned]
        work.commit()
    services.ring()
    events = [see(ledger) for ledger in erased]
    try:
        services.scrub()
    except StorageError as error:
        return Erased(events, f"the person is forgotten, but {error}")
    return Erased(events)


def _erase_from(
    services: Services,
    work: UnitOfWork,
    caller: Caller,
    by: Address,
    event_id: int,
    person: Address,
) -> Ledger:
    ledger = work.events.get(event_id)
    if ledger is None:
        raise NotFoundError("event", str(event_id))
    number = ledger.number_of(person)
    now = services.clock.now()
    act = Act(by, now, services.secrets.draw(32), local=caller.local)
    change = deeds.erase(ledger, act, person)
    if services.terms.notify_on_agreement:
        change = telling.tell_news(change, act)
    for post in work.outbox.waiting(event_id):
        if post.notice.recipient == number:
            work.outbox.settle(post, Outcome.DROPPED)
            dropped = telling.record_outcome(change.after, now, post.notice, Outcome.DROPPED)
            change = change.then(dropped)
    ledger = work.events.save(change)
    if change.notices:
        work.outbox.add(change.notices, now)
    return ledger


def _verified(work: UnitOfWork, ledger: Ledger, receipts: Sequence[Receipt]) -> Verdict:
    return audit.verify(
        ledger, stored_log(work, ledger.id), receipts, work.events.beside(ledger.id)
    )
