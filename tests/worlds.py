"""
A whole calndro in memory, for tests of the use cases.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from calndro.adapters.memory import (
    MemoryClock,
    MemoryPasswords,
    MemorySecrets,
    MemoryStorage,
)
from calndro.core.access import Caller
from calndro.core.errors import DeliveryError
from calndro.core.retrying import RetryPolicy
from calndro.core.token import digest_of
from calndro.usecases import accounts, events, letters
from calndro.usecases.services import Services, Terms
from tests.examples import START, address, mail, slots


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

    from calndro.core.dispatch import Dispatch
    from calndro.core.event import Event
    from calndro.core.ledger import Ledger
    from calndro.core.log import Entry
    from calndro.core.notice import Post
    from calndro.core.token import EmailToken
    from calndro.usecases.letters import Delivery


PASSWORD = "correct horse"

A_MINUTE = RetryPolicy(pauses=(timedelta(minutes=1),), spread=0)
"""Every pause is a minute, to the microsecond."""


class CrashError(Exception):
    """
    The process ends between committing and handing over.
    """


class Postman:
    """
    A notifier that looks into storage, and does with each letter what it is told.

    Args:
        world: Whose letters it carries.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.tried: list[tuple[Dispatch, str]] = []
        self.script: list[str] = []
        self.batches = 0
        self.meanwhile: Callable[[], object] | None = None

    def __enter__(self) -> Self:
        self.batches += 1
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    def deliver(self, dispatch: Dispatch) -> None:
        """
        Take a letter, once it has seen that the digest of its token is committed.
        """
        if dispatch.link is not None:
            stored = self.world.token(dispatch.link)
            assert stored is not None
            assert stored.expires == dispatch.expires
        result = self.script.pop(0) if self.script else "sent"
        self.tried.append((dispatch, result))
        if self.meanwhile is not None:
            then, self.meanwhile = self.meanwhile, None
            then()
        if result == "crash":
            raise CrashError
        if result == "again":
            raise DeliveryError("nobody answers")
        if result == "away":
            raise DeliveryError("nobody answers", everywhere=True)
        if result == "failed":
            raise DeliveryError("no such box", code=550, permanent=True)


class World:
    """
    Services over one storage, one clock and one postman.

    Args:
        terms: What differs from the usual terms.
    """

    def __init__(self, **terms: Any) -> None:
        self.storage = MemoryStorage()
        self.clock = MemoryClock(START)
        self.postman = Postman(self)
        self.services = Services(
            unit_of_work=self.storage.unit_of_work,
            snapshot=self.storage.snapshot,
            notifier=lambda: self.postman,
            clock=self.clock,
            secrets=MemorySecrets(),
            passwords=MemoryPasswords(),
            scrub=lambda: None,
            terms=Terms(**{"retry_policy": A_MINUTE, **terms}),
        )

    def ledger(self, event_id: int = 1) -> Ledger:
        """
        Read what is stored of an event.
        """
        with self.storage.snapshot() as work:
            found = work.events.get(event_id)
        assert found is not None
        return found

    def log(self, event_id: int = 1) -> list[Entry]:
        """
        Read a whole log as stored.
        """
        with self.storage.snapshot() as work:
            return list(work.events.entries(event_id, after=0, limit=100_000, with_deliveries=True))

    def token(self, text: str) -> EmailToken | None:
        """
        Read what is stored of a token.
        """
        with self.storage.snapshot() as work:
            return work.tokens.find(digest_of(text))

    def waiting(self) -> list[Post]:
        """
        Read what waits in the outbox.
        """
        with self.storage.snapshot() as work:
            return list(work.outbox.waiting())

    def propose(self, *numbers: int, by: str = "a", parties: str = "abc", **more: Any) -> Event:
        """
        Open an event.
        """
        return events.propose(
            self.services,
            caller(by),
            parties=[mail(name) for name in parties],
            slots=slots(*numbers),
            **more,
        )

    def notify(
        self, recipients: Iterable[str], by: str = "a", event_id: int = 1, **more: Any
    ) -> Event:
        """
        Tell *recipients* what is on the table now.
        """
        return events.notify(
            self.services,
            caller(by),
            event_id,
            [mail(name) for name in recipients],
            self.ledger(event_id).state.slots,
            **more,
        )

    def deliver(self, *script: str, event_id: int | None = None) -> list[Delivery]:
        """
        Deliver, with what happens to the first letters.
        """
        self.postman.script = list(script)
        return letters.deliver(self.services, event_id)

    def link(self, name: str, event_id: int = 1) -> str:
        """
        Have a letter sent to a party, and give the token in it.
        """
        self.notify([name], event_id=event_id)
        self.deliver()
        links = [each.link for each, _ in self.postman.tried if each.recipient == mail(name)]
        link = links[-1]
        assert link is not None
        return link


def caller(name: str | None, token: str | None = None) -> Caller:
    """
    Make the caller called *name*; ``s`` is staff, None has not signed in.
    """
    return Caller(None if name is None else address(name), staff=name == "s", token=token)


class Ageing:
    """
    Passwords to which every hash without a mark is outdated.
    """

    def hash(self, password: str) -> str:
        """
        Mark a hash as new.
        """
        return f"new:{password}"

    def verify(self, hashed: str | None, _: str) -> bool:
        """
        Take any password of an account that has one.
        """
        return hashed is not None

    def recalls(self, hashed: str | None, password: str) -> bool:  # noqa: ARG002  it forgets
        """
        Remember nothing.
        """
        return False

    def is_outdated(self, hashed: str) -> bool:
        """
        Look for the mark.
        """
        return not hashed.startswith("new:")


def with_user(name: str = "a", *, staff: bool = False) -> World:
    """
    Make a world with one registered user.
    """
    world = World()
    accounts.add_user(world.services, caller("s"), mail(name), PASSWORD, staff=staff)
    return world
