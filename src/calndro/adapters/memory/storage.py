"""
Storage in memory: a database that forgets.
"""

from __future__ import annotations

from threading import Lock, get_ident
from typing import TYPE_CHECKING, Self

import attrs

from calndro.adapters.memory.answers import MemoryAnswers
from calndro.adapters.memory.credentials import MemoryApiTokens, MemorySessions, MemoryTokens
from calndro.adapters.memory.lending import LentDictionary, Permission
from calndro.core.agreement import Status
from calndro.core.errors import StorageError
from calndro.core.event import is_delivery
from calndro.core.limit import Letter
from calndro.core.log import SYSTEM, Occurrence
from calndro.core.notice import TURN, Outcome, Post
from calndro.core.stored import StoredEntry, StoredEvent
from calndro.core.user import User


if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime
    from types import TracebackType

    from calndro.adapters.memory.answers import Kept
    from calndro.core.ledger import Change, Ledger
    from calndro.core.log import Entry
    from calndro.core.notice import Notice
    from calndro.core.party import Address
    from calndro.core.token import EmailToken
    from calndro.core.user import ApiToken, Session


@attrs.frozen
class _Queued:
    post: Post
    turn: datetime
    outcome: Outcome | None = None


@attrs.define
class _Contents:
    ledgers: dict[int, Ledger] = attrs.field(factory=dict)
    logs: dict[int, tuple[Entry, ...]] = attrs.field(factory=dict)
    users: dict[Address, User] = attrs.field(factory=dict)
    tokens: dict[bytes, EmailToken] = attrs.field(factory=dict)
    api_tokens: dict[bytes, ApiToken] = attrs.field(factory=dict)
    sessions: dict[bytes, Session] = attrs.field(factory=dict)
    answers: Kept = attrs.field(factory=dict)
    queue: dict[int, _Queued] = attrs.field(factory=dict)

    def copied(self) -> _Contents:
        return _Contents(*map(dict, attrs.astuple(self, recurse=False)))

    def lent(self, permission: Permission) -> _Contents:
        """
        Copy them for a unit of work, which changes them as long as it may.
        """
        copies = (LentDictionary(each, permission) for each in attrs.astuple(self, recurse=False))
        return _Contents(*copies)


class MemoryEvents:
    """
    Events in dictionaries.
    """

    def __init__(self, contents: _Contents, permission: Permission) -> None:
        self._contents = contents
        self._permission = permission

    def get(self, event_id: int) -> Ledger | None:
        return self._contents.ledgers.get(event_id)

    def save(self, change: Change) -> Ledger:
        ledgers, logs = self._contents.ledgers, self._contents.logs
        ledger = change.after
        if change.before is None and ledger.id in ledgers:
            self._permission.why_not = "a part of it was refused, so nothing is stored"
            raise StorageError(f"there is an event {ledger.id} already")
        if change.before is None:
            ledger = attrs.evolve(ledger, id=ledger.id or max(ledgers, default=0) + 1)
        elif ledgers.get(ledger.id) != change.before:
            message = f"event {ledger.id} is not as it was before this change"
            raise StorageError(message)
        ledgers[ledger.id] = ledger
        logs[ledger.id] = (*logs.get(ledger.id, ()), *change.entries)
        return ledger

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
        def fits(ledger: Ledger) -> bool:
            its = ledger.state.status
            wanted = its is status if status else with_closed or its is not Status.CLOSED
            return wanted and (member is None or member in {p.address for p in ledger.members})

        ordered = sorted(self._contents.ledgers.items(), reverse=newest_first)
        later = (
            ledger
            for key, ledger in ordered
            if not after or (key < after if newest_first else key > after)
        )
        return [ledger for ledger in later if fits(ledger)][:limit]

    def entries(
        self,
        event_id: int,
        *,
        after: int,
        limit: int,
        with_deliveries: bool,
        newest_first: bool = False,
    ) -> Sequence[Entry]:
        log = self._contents.logs.get(event_id, ())
        if newest_first:
            later = log[: max(0, after - 1) if after else None][::-1]
        else:
            later = log[max(0, after) :]
        return [entry for entry in later if with_deliveries or not is_delivery(entry)][:limit]

    def stored(self, event_id: int, *, after: int, limit: int) -> Sequence[StoredEntry]:
        log = self._contents.logs.get(event_id, ())[max(0, after) :]
        return [StoredEntry.of(entry) for entry in log[:limit]]

    def beside(self, event_id: int) -> StoredEvent:
        return StoredEvent.of(self._contents.ledgers[event_id])

    def mentioning(self, address: Address) -> Sequence[int]:
        return [
            ledger.id
            for ledger in self._contents.ledgers.values()
            if ledger.number_of(address) is not None
        ]

    def answered(self, addresses: Collection[Address]) -> Collection[Address]:
        found = {
            ledger.people[entry.effector - 1].address
            for ledger in self._contents.ledgers.values()
            for entry in self._contents.logs[ledger.id]
            if entry.occurrence is Occurrence.UPDATE and entry.effector != SYSTEM
        }
        return {address for address in addresses if address in found}


class MemoryUsers:
    """
    Users in a dictionary.
    """

    def __init__(self, contents: _Contents) -> None:
        self._contents = contents

    def find(self, addresses: Collection[Address]) -> Mapping[Address, User]:
        users = self._contents.users
        return {user.address: user for each in addresses if (user := users.get(each))}

    def put(self, user: User) -> None:
        stored = self._contents.users.get(user.address, user)
        self._contents.users[stored.address] = attrs.evolve(user, address=stored.address)

    def enlist(self, addresses: Sequence[Address]) -> tuple[Address, ...]:
        for address in addresses:
            self._contents.users.setdefault(address, User(address))
        return tuple(self._contents.users[address].address for address in addresses)

    def page(self, *, after: Address | None, limit: int) -> Sequence[User]:
        users = sorted(self._contents.users.values(), key=lambda user: user.address.key)
        return [user for user in users if after is None or user.address.key > after.key][:limit]

    def remove(self, address: Address) -> None:
        self._contents.users.pop(address, None)
        MemoryApiTokens(self._contents.api_tokens, self._contents.users).revoke(address)
        sessions = self._contents.sessions
        for digest in [each.digest for each in sessions.values() if each.address == address]:
            del sessions[digest]


class MemoryOutbox:
    """
    The outbox in a dictionary.
    """

    def __init__(self, contents: _Contents) -> None:
        self._contents = contents

    def add(self, notices: Sequence[Notice], now: datetime, due: datetime | None = None) -> None:
        queue = self._contents.queue
        for rank, notice in enumerate(notices):
            post = Post(len(queue) + 1, notice, now, due or now)
            queue[post.id] = _Queued(post, now + rank * TURN)

    def received(self, addresses: Collection[Address], since: datetime) -> Sequence[Letter]:
        letters = []
        for post in self._since(since):
            address = self._person(post.notice, post.notice.recipient)
            if address is not None and address in addresses:
                letters.append(Letter(post.notice.event_id, address, post.added))
        return letters

    def caused(self, address: Address, since: datetime) -> Sequence[datetime]:
        logs = self._contents.logs
        return [
            post.added
            for post in self._since(since)
            if self._person(post.notice, logs[post.notice.event_id][post.notice.of - 1].effector)
            == address
        ]

    def _since(self, since: datetime) -> Iterator[Post]:
        return (each.post for each in self._contents.queue.values() if each.post.added >= since)

    def _person(self, notice: Notice, number: int) -> Address | None:
        return self._contents.ledgers[notice.event_id].people[number - 1].address

    def claim(self, now: datetime, until: datetime, event_id: int | None = None) -> Post | None:
        due = [
            each for each in self._waiting(event_id) if each.post.due <= now and not each.post.held
        ]
        if not due:
            return None
        found = min(due, key=lambda each: (each.turn, each.post.id))
        post = found.post
        post = attrs.evolve(post, due=until, claims=post.claims + 1, unsettled=post.unsettled + 1)
        self._contents.queue[post.id] = attrs.evolve(found, post=post)
        return post

    def is_newest(self, post: Post) -> bool:
        return not any(
            each.post.id > post.id
            and attrs.evolve(each.post.notice, of=post.notice.of) == post.notice
            and each.outcome in (None, Outcome.SENT)
            for each in self._contents.queue.values()
        )

    def settle(self, post: Post, outcome: Outcome) -> bool:
        return self._keep(post, attrs.evolve(self._contents.queue[post.id], outcome=outcome))

    def put_back(self, post: Post) -> bool:
        return self._keep(post, attrs.evolve(self._contents.queue[post.id], post=post))

    def _keep(self, post: Post, changed: _Queued) -> bool:
        stored = self._contents.queue[post.id]
        if stored.outcome is not None or stored.post.claims != post.claims:
            return False
        self._contents.queue[post.id] = changed
        return True

    def waiting(self, event_id: int | None = None) -> Sequence[Post]:
        return [each.post for each in self._waiting(event_id)]

    def _waiting(self, event_id: int | None) -> Iterator[_Queued]:
        for _, each in sorted(self._contents.queue.items()):
            if each.outcome is None and event_id in (None, each.post.notice.event_id):
                yield each


class MemoryUnitOfWork:
    """
    A copy of the contents, put in their place by ``commit``; one writer at a time.
    """

    events: MemoryEvents
    users: MemoryUsers
    tokens: MemoryTokens
    api_tokens: MemoryApiTokens
    sessions: MemorySessions
    answers: MemoryAnswers
    outbox: MemoryOutbox

    def __init__(self, storage: MemoryStorage, *, writes: bool) -> None:
        self._storage = storage
        self._writes = writes
        self._permission = Permission("" if writes else "a snapshot only reads")

    def __enter__(self) -> Self:
        if self._writes:
            self._storage.take_turn()
        contents = self._contents = self._storage.contents.lent(self._permission)
        self.events = MemoryEvents(contents, self._permission)
        self.users = MemoryUsers(contents)
        self.tokens = MemoryTokens(contents.tokens, contents.ledgers)
        self.api_tokens = MemoryApiTokens(contents.api_tokens, contents.users)
        self.sessions = MemorySessions(contents.sessions, contents.users)
        self.answers = MemoryAnswers(contents.answers)
        self.outbox = MemoryOutbox(contents)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._writes:
            self._storage.end_turn()

    def commit(self) -> None:
        self._permission.check()
        self._permission.why_not = "the unit of work has ended"
        self._storage.contents = self._contents.copied()


class MemoryStorage:
    """
    A database that forgets: makes units of work over the same contents.
    """

    def __init__(self) -> None:
        self.contents = _Contents()
        self._turn = Lock()
        self._writer: int | None = None

    def unit_of_work(self) -> MemoryUnitOfWork:
        """
        Make a unit of work that may write.
        """
        return MemoryUnitOfWork(self, writes=True)

    def snapshot(self) -> MemoryUnitOfWork:
        """
        Make one that only reads.
        """
        return MemoryUnitOfWork(self, writes=False)

    def check(self) -> None:
        """
        Do nothing: memory is always there.
        """

    def scrub(self) -> None:
        """
        Do nothing: what was removed from memory is gone.
        """

    def take_turn(self) -> None:
        """
        Wait until nobody else writes.

        Raises:
            StorageError: It is this very thread that does.
        """
        if self._writer == get_ident():
            raise StorageError("this thread has a unit of work open; leave that one first")
        self._turn.acquire()
        self._writer = get_ident()

    def end_turn(self) -> None:
        """
        Let the next one write.
        """
        self._writer = None
        self._turn.release()
