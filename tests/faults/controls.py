"""
Twists: what a server does wrong, or what its machine does to it.

Each of those that do wrong takes away one thing that keeps acknowledged work; a check that
lets one of them pass checks nothing.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Thread
from time import sleep, tzset
from typing import TYPE_CHECKING, Any

from calndro.adapters import system
from calndro.adapters.sql import answers, events, storage
from calndro.core import deeds
from calndro.core.errors import StorageError


if TYPE_CHECKING:
    from calndro.adapters.sql.storage import SqlUnitOfWork
    from calndro.core.ledger import Ledger


_LATE = 0.05


def acknowledge_early() -> None:
    """
    Say that it is stored, and store it a moment later.
    """
    leave = storage.SqlUnitOfWork.__exit__
    commit = storage.SqlUnitOfWork.commit

    def promise(work: SqlUnitOfWork) -> None:
        _promised.add(id(work))

    def keep(work: SqlUnitOfWork, *args: Any) -> None:
        if id(work) not in _promised:
            leave(work, *args)
            return
        _promised.remove(id(work))

        def later() -> None:
            sleep(_LATE)
            commit(work)
            leave(work, None, None, None)

        Thread(target=later, daemon=True).start()

    storage.SqlUnitOfWork.commit = promise  # type: ignore[method-assign, assignment]
    storage.SqlUnitOfWork.__exit__ = keep  # type: ignore[method-assign]


_promised: set[int] = set()


def ignore_if_match() -> None:
    """
    Change whatever is there.
    """
    update = deeds.update

    def careless(ledger: Ledger, *args: Any, **named: Any) -> Any:
        return update(ledger, *args, **{**named, "expected": None})

    deeds.update = careless


def read_without_lock() -> None:
    """
    Let others change an event between reading and writing it.
    """
    events._READ_TO_CHANGE = events._READ  # type: ignore[misc]  # noqa: SLF001


def forget_keys() -> None:
    """
    Do again what comes again under the same key.
    """
    answers.SqlAnswerRepository.claim = lambda *_: None  # type: ignore[method-assign]


def swallow_errors() -> None:
    """
    Take a commit for done, whatever the database says.
    """
    commit = storage.SqlUnitOfWork.commit

    def hopeful(work: SqlUnitOfWork) -> None:
        with suppress(StorageError):
            commit(work)

    storage.SqlUnitOfWork.commit = hopeful  # type: ignore[method-assign, assignment]


def die_after_commit() -> None:
    """
    Store what was asked for, and end before anybody is told.
    """
    commit = storage.SqlUnitOfWork.commit

    def last(work: SqlUnitOfWork) -> None:
        commit(work)
        os.kill(os.getpid(), signal.SIGKILL)

    storage.SqlUnitOfWork.commit = last  # type: ignore[method-assign, assignment]


def an_hour_back() -> None:
    """
    Read a clock that somebody has set back.
    """
    _shift(timedelta(hours=-1))


def ten_years_on() -> None:
    """
    Read a clock that somebody has set wrong.
    """
    _shift(timedelta(days=3653))


def when_summer_ends() -> None:
    """
    Begin a second before Paris sets its clocks back, living there.
    """
    os.environ["TZ"] = "Europe/Paris"  # noqa: TID251 - the surroundings are what is tested
    tzset()
    _shift(datetime(2026, 10, 25, 0, 59, 59, tzinfo=UTC) - system.SystemClock().now())


def _shift(by: timedelta) -> None:
    now = system.SystemClock.now
    system.SystemClock.now = lambda clock: now(clock) + by  # type: ignore[method-assign, assignment]
