"""
What the storage suites put into storage, and how they look into it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, TypeVar
from uuid import UUID

from calndro.adapters.memory import (
    MemoryClock,
    MemoryNotifier,
    MemoryPasswords,
    MemorySecrets,
    MemoryStorage,
)
from calndro.adapters.sql.storage import SqlStorage
from calndro.adapters.system import rest
from calndro.core import deeds
from calndro.core.notice import Kind, Notice
from calndro.core.token import EmailToken
from calndro.core.user import ApiToken
from calndro.usecases.collisions import retry_on_collision
from calndro.usecases.services import Services
from tests.examples import HOUR, START, act, address, addresses, slots


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from calndro.core.ledger import Change, Ledger
    from calndro.core.log import Entry
    from calndro.core.notice import Post
    from calndro.core.slot import Table
    from calndro.ports.storage import UnitOfWork


T = TypeVar("T")

Storage: TypeAlias = MemoryStorage | SqlStorage

LATER = START + HOUR
MUCH_LATER = START + 24 * HOUR

# Larger than any column, and than any machine's integer.
NO_IDS = (0, -1, 7, 2**63 - 1, 2**63, 10**30)


def proposal(
    *numbers: int,
    parties: str = "abc",
    proposer: str = "a",
    identity: int = 1,
    title: str = "moot",
    table: Table | None = None,
) -> Change:
    """
    Make the change that opens an event.
    """
    return deeds.propose(
        UUID(int=identity),
        act(proposer),
        addresses(parties),
        slots(*numbers) if table is None else table,
        title=title,
        zone="Europe/Paris",
        salts=[bytes([number]) * 32 for number in range(len(parties) + 1)],
        most=30,
    )


def keeping(ledger: Ledger, who: str, *numbers: int) -> Change:
    """
    Make the change by which somebody narrows.
    """
    form = deeds.Keep(slots(*numbers))
    return deeds.update(ledger, act(who), form, title=None, most=30, expected=None)


def save(storage: Storage, change: Change) -> Ledger:
    """
    Store a change in a transaction of its own.
    """
    with storage.unit_of_work() as work:
        ledger = work.events.save(change)
        work.commit()
    return ledger


def propose(storage: Storage, *numbers: int, parties: str = "abc", proposer: str = "a") -> Ledger:
    """
    Store a new event, of an identity that no other has.
    """
    identity = 1 + len(page(storage))
    return save(storage, proposal(*numbers, parties=parties, proposer=proposer, identity=identity))


def ledger(storage: Storage, event_id: int) -> Ledger:
    """
    Read an event that is there.
    """
    with storage.snapshot() as work:
        found = work.events.get(event_id)
    assert found is not None
    return found


def page(storage: Storage) -> Sequence[Ledger]:
    """
    Read all events.
    """
    with storage.snapshot() as work:
        return work.events.page(None, status=None, with_closed=True, after=0, limit=1000)


def log(storage: Storage, event_id: int) -> Sequence[Entry]:
    """
    Read the whole log of an event.
    """
    with storage.snapshot() as work:
        return work.events.entries(event_id, after=0, limit=100_000, with_deliveries=True)


def persist(storage: Storage, deed: Callable[[UnitOfWork], T]) -> T:
    """
    Do something in a transaction of its own, again when it collides, as use cases do.
    """

    def attempt(wired: Services) -> T:
        with wired.unit_of_work() as work:
            done = deed(work)
            work.commit()
        return done

    return retry_on_collision(attempt)(services(storage))


def enlist(storage: Storage, names: str) -> None:
    """
    Store a user for each letter of *names*.
    """
    persist(storage, lambda work: work.users.enlist(addresses(names)))


def email_token(number: int, event_id: int = 1, person: int = 1) -> EmailToken:
    """
    Make an email token; higher numbers expire later.
    """
    return EmailToken(bytes([number]) * 32, event_id, person, START + number * HOUR)


def api_token(number: int, name: str = "a", used: datetime = START) -> ApiToken:
    """
    Make an API token.
    """
    return ApiToken(bytes([number]) * 32, address(name), used)


def notice(of: int = 1, recipient: int = 1, event_id: int = 1, kind: Kind = Kind.UPDATE) -> Notice:
    """
    Make a notice.
    """
    return Notice(event_id, of, recipient, kind)


def queue(storage: Storage, *notices: Notice, now: datetime = START) -> None:
    """
    Queue notices, to be claimed from the start on.
    """
    with storage.unit_of_work() as work:
        work.outbox.add(notices, now)
        work.commit()


def claim(storage: Storage, now: datetime = START, event_id: int | None = None) -> Post | None:
    """
    Claim a notice for an hour.
    """
    return persist(storage, lambda work: work.outbox.claim(now, now + HOUR, event_id))


def waiting(storage: Storage, event_id: int | None = None) -> Sequence[Post]:
    """
    Read what waits in the outbox.
    """
    with storage.snapshot() as work:
        return work.outbox.waiting(event_id)


def services(
    storage: Storage, clock: MemoryClock | None = None, notifier: MemoryNotifier | None = None
) -> Services:
    """
    Wire storage to surroundings in memory, the same in every run.
    """
    carrier = notifier or MemoryNotifier()
    return Services(
        unit_of_work=storage.unit_of_work,
        snapshot=storage.snapshot,
        notifier=lambda: carrier,
        clock=clock or MemoryClock(),
        secrets=MemorySecrets(),
        passwords=MemoryPasswords(),
        scrub=storage.scrub,
        rest=rest,
    )
