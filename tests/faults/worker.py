"""
A worker that delivers with little patience, as a program to be killed.

Run as ``python -m tests.faults.worker URL PORT``: it is ``calndro deliver --watch`` with its
pauses measured in tenths of seconds. With ``careless`` behind that, letters leave only after
the outbox has been told that they were sent: the control that must lose some.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Self

from calndro.adapters.letter import Letterhead
from calndro.adapters.memory import MemoryPasswords
from calndro.adapters.smtp import SmtpNotifier, SmtpServer
from calndro.adapters.sql.storage import SqlStorage
from calndro.adapters.system import SystemClock, SystemSecrets
from calndro.core.errors import DeliveryError
from calndro.core.retrying import RetryPolicy
from calndro.entry.cli.asked import Asked
from calndro.entry.cli.watching import keep_watch
from calndro.usecases.services import Services, Terms


if TYPE_CHECKING:
    from types import TracebackType

    from calndro.core.dispatch import Dispatch
    from calndro.ports.notifier import Notifier


TERMS = Terms(
    claim_life=timedelta(seconds=6),
    retry_policy=RetryPolicy(pauses=(timedelta(seconds=0.2),), probe=timedelta(seconds=0.3)),
)


class Careless:
    """
    Says that it has handed a letter over, and does so later.
    """

    def __init__(self, notifier: SmtpNotifier) -> None:
        self._notifier = notifier
        self._later: list[Dispatch] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._notifier:
            for dispatch in self._later:
                with suppress(DeliveryError):
                    self._notifier.deliver(dispatch)
        self._later.clear()

    def deliver(self, dispatch: Dispatch) -> None:
        """
        Promise everything.
        """
        self._later.append(dispatch)


def wired(storage: SqlStorage, port: int, *, careless: bool = False) -> Services:
    """
    Wire storage to the mail server.
    """
    clock = SystemClock()
    letterhead = Letterhead(public_url="https://dates.example.org", from_address="desk@example.org")
    server = SmtpServer(host="127.0.0.1", port=port, timeout=1.0)

    def notifier() -> Notifier:
        carrier = SmtpNotifier(letterhead, clock, server)
        return Careless(carrier) if careless else carrier

    return Services(
        unit_of_work=storage.unit_of_work,
        snapshot=storage.snapshot,
        notifier=notifier,
        clock=clock,
        secrets=SystemSecrets(),
        passwords=MemoryPasswords(),
        scrub=storage.scrub,
        terms=TERMS,
    )


def main() -> None:
    """
    Do as the command line says, until killed.
    """
    url, port, *how = sys.argv[1:]
    with SqlStorage(url) as storage:
        keep_watch(
            wired(storage, int(port), careless="careless" in how), Asked(json=True), every=0.1
        )


if __name__ == "__main__":
    main()
