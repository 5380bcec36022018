"""
The ports to storage: a unit of work and the repositories it holds.

What is read inside a unit of work is what was committed when it was entered, or what it has
itself written since; nothing it writes is seen by others before ``commit``; without, it leaves no
trace. What goes wrong in the technology is raised as StorageError, its cause chained; as
CollisionError when another was in the way and nothing was stored: once more may do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self


if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime
    from types import TracebackType

    from calndro.core.agreement import Status
    from calndro.core.idempotency import Answer, IdempotencyKey
    from calndro.core.ledger import Change, Ledger
    from calndro.core.log import Entry
    from calndro.core.party import Address
    from calndro.core.stored import StoredEntry, StoredEvent
    from calndro.core.user import User
    from calndro.ports.credentials import (
        ApiTokenRepository,
        SessionRepository,
        TokenRepository,
    )
    from calndro.ports.outbox import Outbox


class EventRepository(Protocol):
    """
    Holds events and their logs. Ids count up from 1 and are never used again.
    """

    def get(self, event_id: int) -> Ledger | None:
        """
        Read one event, the deleted too.

        In a unit of work that writes, nobody else can change the event until it is left.
        """
        ...

    def save(self, change: Change) -> Ledger:
        """
        Store a change: the event as it is after it, its new entries, its people.

        A person that lost its address in the change loses it in storage too.

        Args:
            change: Made from the event as this unit of work has read or saved it; one
                without *before* is a new event and is given the next id, unless it brings
                one that was never used.

        Returns:
            The event as stored, with its id.

        Raises:
            StorageError: The event is not as it was before the change; nothing is stored.
        """
        ...

    def page(
        self,
        member: Address | None,
        *,
        status: Status | None,
        with_closed: bool,
        after: int,
        limit: int,
        newest_first: bool = False,
    ) -> Sequence[Ledger]:
        """
        Read events ordered by id; a DamagedError names the first that can't be read.

        Args:
            member: Only those this address is a party of or has proposed; None for all.
            status: Only those with this status; ``CLOSED`` finds the deleted.
            with_closed: Also the deleted, when no status is given.
            after: Only ids that come after this one in the list; 0 for the list from its start.
            limit: At most so many.
            newest_first: From the greatest id down.
        """
        ...

    def entries(
        self,
        event_id: int,
        *,
        after: int,
        limit: int,
        with_deliveries: bool,
        newest_first: bool = False,
    ) -> Sequence[Entry]:
        """
        Read the log of an event by seq; nothing of an absent one. DamagedError: It is no log.

        Args:
            event_id: Which event.
            after: Only seqs that come after this one in the list; 0 for the list from its start.
            limit: At most so many.
            with_deliveries: Also the entries that say how a delivery went.
            newest_first: From the greatest seq down.
        """
        ...

    def stored(self, event_id: int, *, after: int, limit: int) -> Sequence[StoredEntry]:
        """
        Read the log of an event as it is stored, by seq, to verify it; nothing of an absent one.

        Args:
            event_id: Which event.
            after: Only entries with a greater seq.
            limit: At most so many.
        """
        ...

    def beside(self, event_id: int) -> StoredEvent:
        """
        Read what is stored of an event that is there only to find it by.
        """
        ...

    def mentioning(self, address: Address) -> Sequence[int]:
        """
        Find the events whose logs speak of an address, the deleted too, by id.
        """
        ...

    def answered(self, addresses: Collection[Address]) -> Collection[Address]:
        """
        Find those of the addresses that have ever proposed or changed an event.
        """
        ...


class UserRepository(Protocol):
    """
    Holds users: one for each folded address, kept in the form first stored.
    """

    def find(self, addresses: Collection[Address]) -> Mapping[Address, User]:
        """
        Read those of the users that exist, by address.
        """
        ...

    def put(self, user: User) -> None:
        """
        Store a user, new or changed; an existing one keeps its stored address.
        """
        ...

    def enlist(self, addresses: Sequence[Address]) -> tuple[Address, ...]:
        """
        Make inactive users of the addresses that have none; give the stored form of each, in order.
        """
        ...

    def remove(self, address: Address) -> None:
        """
        Forget the user of an address, if there is one, and all that goes with it.
        """
        ...

    def page(self, *, after: Address | None, limit: int) -> Sequence[User]:
        """
        Read users ordered by folded address, those after *after*, at most *limit*.
        """
        ...


class AnswerRepository(Protocol):
    """
    Holds for a day what came of requests that are to have one effect.
    """

    def claim(self, owner: Address, once: IdempotencyKey, now: datetime) -> Answer | None:
        """
        Read what came of an earlier request of the same owner and key, or promise to tell.

        Whoever claims the same meanwhile waits until this unit of work is left. Answers
        that are a day old by *now* are forgotten, whosever they are.

        Returns:
            The answer; None when there is none, and it is now up to the caller to keep one.
        """
        ...

    def keep(self, owner: Address, once: IdempotencyKey, event_id: int, seq: int) -> None:
        """
        Note what came of a request claimed in this unit of work: an event at a place in its log.
        """
        ...

    def forget(self, owner: Address) -> None:
        """
        Forget every answer to this owner.
        """
        ...


class UnitOfWork(Protocol):
    """
    One transaction, entered once, committed at most once.

    To write in a snapshot, or after the commit, is refused with StorageError. Where only one
    can be open, so is another one in the same thread, which would wait for itself. Once the
    technology has refused a part of it, it can't be committed any more.
    """

    @property
    def events(self) -> EventRepository:
        """
        The events and their logs.
        """
        ...

    @property
    def users(self) -> UserRepository:
        """
        The accounts.
        """
        ...

    @property
    def tokens(self) -> TokenRepository:
        """
        The email tokens.
        """
        ...

    @property
    def api_tokens(self) -> ApiTokenRepository:
        """
        The API tokens.
        """
        ...

    @property
    def sessions(self) -> SessionRepository:
        """
        The open sessions.
        """
        ...

    @property
    def answers(self) -> AnswerRepository:
        """
        What came of requests that are to have one effect.
        """
        ...

    @property
    def outbox(self) -> Outbox:
        """
        The notices that wait.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def commit(self) -> None:
        """
        Make everything written durable and visible, all of it at once.

        Raises:
            CollisionError: It could not be; nothing was stored.
            StorageError: It could not be; or storage was lost on the way, with all stored or none.
        """
        ...
