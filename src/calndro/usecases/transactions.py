"""
What the use cases about one event share: admit the caller, let the core decide, store.
"""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from calndro.core import telling
from calndro.core.access import admit_to, needs_token
from calndro.core.errors import StorageError
from calndro.core.event import see
from calndro.core.ledger import rewind
from calndro.core.token import digest_of, is_well_formed
from calndro.usecases.collisions import retry_on_collision
from calndro.usecases.mailing import dues_of


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from calndro.core.access import Caller, Operation
    from calndro.core.event import Event
    from calndro.core.idempotency import IdempotencyKey
    from calndro.core.ledger import Act, Change, Ledger
    from calndro.core.party import Address
    from calndro.core.token import EmailToken
    from calndro.ports.storage import UnitOfWork
    from calndro.usecases.services import Services


def reading(services: Services, caller: Caller) -> UnitOfWork:
    """
    Make the unit of work in which a caller only reads.
    """
    # A token may turn out to be expired, which must be written down.
    return services.snapshot() if caller.token is None else services.unit_of_work()


def open_event(
    services: Services,
    work: UnitOfWork,
    caller: Caller,
    operation: Operation,
    event_id: int,
    *,
    again: bool = False,
) -> tuple[Ledger, Act]:
    """
    Read an event and let the caller in, or raise as ``admit_to`` says.

    A token refused as expired is noted, which is the only thing a refusal ever writes.
    """
    now = services.clock.now()
    ledger = work.events.get(event_id)
    token = None
    if caller.token is not None and needs_token(caller, operation, ledger):
        token = _found(work, caller.token)
        if token is not None and token.has_expired(now) and not token.spent:
            work.tokens.retire(token.digest)
            work.commit()
    salt = services.secrets.draw(32)
    return admit_to(
        caller, operation, event_id, ledger, token=token, now=now, salt=salt, again=again
    )


def _found(work: UnitOfWork, text: str) -> EmailToken | None:
    return work.tokens.find(digest_of(text)) if is_well_formed(text) else None


@retry_on_collision
def apply_deed(
    services: Services,
    caller: Caller,
    operation: Operation,
    event_id: int,
    deed: Callable[[Ledger, Act], Change],
    once: IdempotencyKey | None = None,
) -> Event:
    """
    Let a caller do one deed to an event, tell its news, and store it all.
    """
    with services.unit_of_work() as work:
        told = told_before(services, work, caller, operation, event_id, once)
        if told is not None:
            return told
        ledger, act = open_event(services, work, caller, operation, event_id)
        return tell_and_commit(services, work, caller, act, deed(ledger, act), once)


def tell_and_commit(
    services: Services,
    work: UnitOfWork,
    caller: Caller,
    act: Act,
    change: Change,
    once: IdempotencyKey | None = None,
) -> Event:
    """
    Tell the news that a change makes and store it all; letters over a limit wait.
    """
    if services.terms.notify_on_agreement:
        change = telling.tell_news(change, act)
    dues = dues_of(services, work, caller, act, change)
    return commit_change(services, work, change, act, once, dues)


def told_before(
    services: Services,
    work: UnitOfWork,
    caller: Caller,
    operation: Operation,
    event_id: int,
    once: IdempotencyKey | None,
) -> Event | None:
    """
    Let a caller in and find what came of the same request before.

    Raises:
        KeyReusedError: Under its key came another request.
        Others as ``admit_to`` says.
    """
    if once is None:
        return None
    _, act = open_event(services, work, caller, operation, event_id, again=True)
    return answered(work, act.by, once, act.now)


def answered(work: UnitOfWork, owner: Address, once: IdempotencyKey, now: datetime) -> Event | None:
    """
    Find what came of an owner's request before; None when it is to be done now.

    Raises:
        KeyReusedError: Under its key came another request.
    """
    answer = work.answers.claim(owner, once, now)
    if answer is None:
        return None
    answer.check(once)
    ledger = work.events.get(answer.event_id)
    if ledger is None:
        raise StorageError(f"event {answer.event_id} was promised, and is not there")
    entries = work.events.entries(ledger.id, after=0, limit=answer.seq, with_deliveries=True)
    return see(rewind(ledger, entries))


def commit_change(
    services: Services,
    work: UnitOfWork,
    change: Change,
    act: Act,
    once: IdempotencyKey | None = None,
    dues: Sequence[datetime] = (),
) -> Event:
    """
    Store a change and queue its notices, in the one transaction it is made in, and ring.
    """
    ledger = work.events.save(change)
    if change.notices:
        pairs = zip(change.notices, dues or [act.now] * len(change.notices), strict=True)
        for due, together in groupby(pairs, key=itemgetter(1)):
            work.outbox.add([notice for notice, _ in together], act.now, due)
    if once is not None:
        work.answers.keep(act.by, once, ledger.id, ledger.chain.seq)
    work.commit()
    if change.notices:
        services.ring()
    return see(ledger)
