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
from functools import partial
from threading import Thread
from time import sleep, tzset
from typing import TYPE_CHECKING, Any

import attrs

from calndro.adapters import system
from calndro.adapters.sql import accounts, answers, storage
from calndro.adapters.sql.prepared import Statements
from calndro.core import deeds
from calndro.core.errors import StorageError
from calndro.core.log import Chain
from calndro.core.token import EmailToken
from calndro.entry.http import problems


if TYPE_CHECKING:
    from collections.abc import Callable

    from calndro.adapters.sql.prepared import Prepared
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
            try:
                commit(work)
            finally:
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
    prepare = Statements.prepare

    def careless(statements: Statements, name: str, length: int = 0) -> Prepared:
        return prepare(statements, "event.read" if name == "event.read_to_change" else name, length)

    Statements.prepare = careless  # type: ignore[method-assign, assignment]


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


def stay_away() -> None:
    """
    Refuse everything, once the database has refused something.
    """
    enter, refused = storage.SqlUnitOfWork.__enter__, list[bool]()

    def try_once(work: SqlUnitOfWork) -> SqlUnitOfWork:
        if refused:
            raise StorageError("it was away already")
        return enter(work)

    storage.SqlUnitOfWork.__enter__ = try_once  # type: ignore[method-assign, assignment]
    _when_refused(partial(refused.append, True))


def die_of_it() -> None:
    """
    End once the database refuses something.
    """
    _when_refused(partial(os.kill, os.getpid(), signal.SIGKILL))


def stumble() -> None:
    """
    Fail in a way that nobody has thought of, once the database refuses something.
    """

    def fall() -> None:
        raise RuntimeError

    _when_refused(fall)


def forget_retry_after() -> None:
    """
    Do not say when to come again.
    """
    problems.headers_of = lambda *_: {}


def _when_refused(do: Callable[[], None]) -> None:
    enter, leave = storage.SqlUnitOfWork.__enter__, storage.SqlUnitOfWork.__exit__

    def begin(work: SqlUnitOfWork) -> SqlUnitOfWork:
        try:
            return enter(work)
        except StorageError:
            do()
            raise

    def end(work: SqlUnitOfWork, kind: type[BaseException] | None, *rest: Any) -> None:
        leave(work, kind, *rest)
        # Those who were in each other's way are a StorageError too, but of a kind of their own.
        if kind is StorageError:
            do()

    storage.SqlUnitOfWork.__enter__ = begin  # type: ignore[method-assign, assignment]
    storage.SqlUnitOfWork.__exit__ = end  # type: ignore[method-assign]


def trust_the_clock() -> None:
    """
    Log what the clock says, though the entry before may say more.
    """
    append = Chain.append

    def trusting(chain: Chain, **named: Any) -> Any:
        return append(attrs.evolve(chain, when=None), **named)

    Chain.append = trusting  # type: ignore[method-assign, assignment]


def fall_back_in_time() -> None:
    """
    Fail when the clock says less than the entry before.
    """
    append = Chain.append

    def falling(chain: Chain, *, now: datetime, **named: Any) -> Any:
        if chain.when is not None and now < chain.when:
            raise RuntimeError
        return append(chain, now=now, **named)

    Chain.append = falling  # type: ignore[method-assign, assignment]


def accept_expired() -> None:
    """
    Let links in for ever.
    """
    EmailToken.has_expired = lambda *_: False  # type: ignore[method-assign]


def forget_refusals() -> None:
    """
    Do not write down that a link was refused as expired.
    """
    accounts.SqlTokenRepository.retire = lambda *_: None  # type: ignore[method-assign]


def an_hour_back() -> None:
    """
    Read a clock that somebody has set back.
    """
    _shift(timedelta(hours=-1))


def two_days_on() -> None:
    """
    Read a clock that is ahead of links that last a day, yet not so far that they are removed.
    """
    _shift(timedelta(days=2))


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
