"""
A whole server in one process, for tests of the HTTP front end.
"""

from __future__ import annotations

import atexit
import os
from functools import cache
from typing import TYPE_CHECKING, Any

from anyio.from_thread import start_blocking_portal
from starlette.testclient import TestClient

from calndro.adapters.memory import (
    MemoryClock,
    MemoryLimiter,
    MemoryNotifier,
    MemoryPasswords,
    MemorySecrets,
    MemoryStorage,
)
from calndro.core.party import Address
from calndro.core.user import User
from calndro.entry.http import HttpTerms, create_app
from calndro.usecases import letters
from calndro.usecases.services import Services, Terms


if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal
    from httpx2 import Response

    from calndro.adapters.sql.storage import SqlStorage
    from calndro.core.dispatch import Dispatch
    from calndro.ports.limiter import Limiter


YOU, THEY, THEM, ROOT = "you@here.net", "they@thar.net", "them@whar.net", "root@here.net"
STRANGER = "stranger@example.org"
PASSWORD = "a password"
FIRST = {"begin": "2022-10-31T23:11:22Z", "duration": "00:00:20"}
SECOND = {"begin": "2022-11-01T01:11:22.020000Z", "duration": "00:00:10"}
COMING = {"begin": "2096-12-01T09:00:00Z", "duration": "00:30:00"}
THIRD = {"begin": "2022-11-01T03:11:22Z", "duration": "00:00:30"}


@cache
def portal() -> BlockingPortal:
    """
    Give the event loop of all requests of a process, in a thread of its own.

    A client makes one for each request otherwise, which takes longer than the request.
    """
    opened = start_blocking_portal()
    atexit.register(opened.__exit__, None, None, None)
    return opened.__enter__()


# The thread stays behind where a process is forked.
os.register_at_fork(after_in_child=portal.cache_clear)


class Site:
    """
    Services over one storage, a notifier that keeps what it gets, and a client.

    Args:
        storage: Where everything is kept; memory unless given.
        limits_letters: Whether letters are limited.
        limiter: Counts sign-ins and tokens; one in memory unless given.
        terms: For the application.
    """

    def __init__(
        self,
        storage: MemoryStorage | SqlStorage | None = None,
        *,
        limits_letters: bool = False,
        limiter: Limiter | None = None,
        **terms: Any,
    ) -> None:
        stored = storage or MemoryStorage()
        self.clock = MemoryClock()
        self.notifier = MemoryNotifier()
        self.services = Services(
            unit_of_work=stored.unit_of_work,
            snapshot=stored.snapshot,
            notifier=lambda: self.notifier,
            clock=self.clock,
            secrets=MemorySecrets(),
            passwords=MemoryPasswords(),
            scrub=lambda: None,
            check=stored.check,
            terms=Terms(limits_letters=limits_letters),
            limiter=limiter or MemoryLimiter(self.clock),
        )
        self.register(YOU)
        self.register(STRANGER)
        self.register(ROOT, staff=True)
        self.app = create_app(self.services, HttpTerms(**terms))
        self.client = TestClient(
            self.app,
            base_url="http://calndro.here.net",
            raise_server_exceptions=False,
            follow_redirects=False,
        )
        self.client.portal = portal()

    def register(self, address: str, *, staff: bool = False) -> None:
        """
        Make an account with the password of all tests.
        """
        hashed = self.services.passwords.hash(PASSWORD)
        user = User(Address.parse(address), hashed, active=True, staff=staff)
        with self.services.unit_of_work() as work:
            work.users.put(user)
            work.commit()

    def ask(self, method: str, path: str, who: str | None = None, **given: Any) -> Response:
        """
        Send one request, signed in as *who* by password.
        """
        if who is not None:
            given["auth"] = (who, PASSWORD)
        return self.client.request(method, path, **given)

    def propose(self, *slots: dict[str, str], **members: Any) -> dict[str, Any]:
        """
        Open an event with three parties as the first of them.
        """
        body = {"parties": [YOU, THEY, THEM], "slots": list(slots or (FIRST, SECOND, THIRD))}
        answer = self.ask("POST", "/", YOU, json=body | members)
        assert answer.status_code == 201, answer.text
        event: dict[str, Any] = answer.json()
        return event

    def token(self, event: dict[str, Any], address: str) -> str:
        """
        Have a letter sent to a party, and take the token out of it.
        """
        body = {"parties": [address], "slots": event["slots"]}
        answer = self.ask("POST", event["notify_url"], YOU, json=body)
        assert answer.status_code == 202, answer.text
        letters.deliver(self.services)
        link = self.notifier.delivered[-1].link
        assert link is not None
        return link

    def deliver(self) -> list[Dispatch]:
        """
        Hand over what waits, and give it.
        """
        known = len(self.notifier.delivered)
        letters.deliver(self.services)
        return self.notifier.delivered[known:]

    def revoke(self, address: str) -> None:
        """
        Take back the links of somebody.
        """
        with self.services.unit_of_work() as work:
            work.tokens.revoke(Address.parse(address))
            work.commit()

    def bar(self, address: str) -> None:
        """
        Let no links go to somebody any more, without taking back the old ones.
        """
        with self.services.unit_of_work() as work:
            work.users.put(User(Address.parse(address), barred=True))
            work.commit()

    def log(self, event: dict[str, Any]) -> list[dict[str, Any]]:
        """
        Read the log of an event as its proposer.
        """
        entries: list[dict[str, Any]] = self.ask("GET", event["log_url"], YOU).json()["entries"]
        return entries
