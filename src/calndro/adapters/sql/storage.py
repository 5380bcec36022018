"""
Units of work over an SQL database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from calndro.adapters.sql.accounts import (
    SqlApiTokenRepository,
    SqlTokenRepository,
    SqlUserRepository,
)
from calndro.adapters.sql.answers import SqlAnswerRepository
from calndro.adapters.sql.events import SqlEventRepository
from calndro.adapters.sql.opening import open_database
from calndro.adapters.sql.outbox import SqlOutbox
from calndro.adapters.sql.revision import HEAD
from calndro.adapters.sql.sessions import SqlSessionRepository
from calndro.core.errors import SchemaError


if TYPE_CHECKING:
    from types import TracebackType

    from calndro.adapters.sql.databases import Database


class SqlUnitOfWork:
    """
    One transaction.

    Args:
        database: Where.
        writes: False for a snapshot, which waits for nobody.
    """

    __slots__ = ("_database", "_lock", "_transaction", "_writes")

    def __init__(self, database: Database, *, writes: bool) -> None:
        self._database = database
        self._writes = writes
        self._lock = database.write_lock if writes else database.read_lock

    @property
    def events(self) -> SqlEventRepository:
        return SqlEventRepository(self._transaction)

    @property
    def users(self) -> SqlUserRepository:
        return SqlUserRepository(self._transaction)

    @property
    def tokens(self) -> SqlTokenRepository:
        return SqlTokenRepository(self._transaction)

    @property
    def api_tokens(self) -> SqlApiTokenRepository:
        return SqlApiTokenRepository(self._transaction)

    @property
    def sessions(self) -> SqlSessionRepository:
        return SqlSessionRepository(self._transaction)

    @property
    def answers(self) -> SqlAnswerRepository:
        return SqlAnswerRepository(self._transaction)

    @property
    def outbox(self) -> SqlOutbox:
        return SqlOutbox(self._transaction)

    def __enter__(self) -> Self:
        self._lock.acquire()
        begun = False
        try:
            self._transaction = self._database.transaction(writes=self._writes)
            begun = True
        finally:
            if not begun:
                self._lock.release()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._transaction.close()
        finally:
            self._lock.release()

    def commit(self) -> None:
        self._transaction.commit()


class SqlStorage:
    """
    A database, open until it is closed.

    An SQLite file that is absent is created with its schema; so is a database in memory.
    To be opened in the process that uses it: connections do not survive a fork.

    Args:
        url: As SQLAlchemy writes it, such as ``sqlite:///team.db``.

    Raises:
        InvalidInputError: The URL is no good.
        StorageError: The database can't be reached, or its schema is another one; the
            message says how to mend that.
    """

    def __init__(self, url: str) -> None:
        self.database = open_database(url)
        ready = False
        try:
            _check(self.database.prepare())
            ready = True
        finally:
            if not ready:
                self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def unit_of_work(self) -> SqlUnitOfWork:
        """
        Make a unit of work that may write.
        """
        return SqlUnitOfWork(self.database, writes=True)

    def snapshot(self) -> SqlUnitOfWork:
        """
        Make one that only reads.
        """
        return SqlUnitOfWork(self.database, writes=False)

    def check(self) -> None:
        """
        Make sure that the database can be reached and has the schema it was opened with.

        Raises:
            SchemaError: It has another one by now.
            StorageError: It can't be reached.
        """
        _check(self.database.revision())

    def scrub(self) -> None:
        """
        Make sure that what was removed can't be found in the files of the database.

        Raises:
            StorageError: It could not be made sure.
        """
        self.database.scrub()

    def close(self) -> None:
        """
        Let go of all connections.
        """
        self.database.close()


def _check(found: str | None) -> None:
    if found != HEAD:
        raise SchemaError(found, HEAD)
