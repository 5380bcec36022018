"""
Databases: what every kind of them can do.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from calndro.core.errors import InvalidInputError


if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Engine

    from calndro.adapters.sql.locks import ThreadLock
    from calndro.adapters.sql.prepared import Statements
    from calndro.adapters.sql.transaction import Transaction


class Database(ABC):
    """
    One opened database.
    """

    statements: Statements
    """What is sent to it."""

    openings: Mapping[bool, str]
    """What a transaction begins with: one that reads, and one that writes."""

    path: str | None = None
    """The file, where there is one."""

    write_lock: ThreadLock
    """Held by whatever writes."""

    read_lock: ThreadLock
    """Held by whatever only reads."""

    @property
    @abstractmethod
    def engine(self) -> Engine:
        """
        SQLAlchemy's way in; for changes of the schema.
        """

    def begin(self, *, writes: bool) -> Connection:
        """
        Begin a transaction in which SQLAlchemy sends what it likes; for changes of the schema.

        To write, one must hold the write lock. What goes wrong is raised as SQLAlchemy does. Of a
        database in memory nothing is found, for each connection has its own.
        """
        connection = self.engine.connect()
        begun = False
        try:
            connection.exec_driver_sql(self.openings[writes])
            begun = True
        finally:
            if not begun:
                connection.close()
        return connection

    @abstractmethod
    def transaction(self, *, writes: bool) -> Transaction:
        """
        Begin a transaction for our own statements; to write, one must hold the write lock.
        """

    @abstractmethod
    def revision(self) -> str | None:
        """
        Read which schema it has; None when it has none.

        Raises:
            StorageError: It can't be reached.
        """

    def prepare(self) -> str | None:
        """
        Read which schema it has, once what it takes to work with it is there.

        An SQLite database that holds nothing is given its schema; two who do that at once both
        find it.

        Raises:
            StorageError: It can't be reached.
        """
        return self.revision()

    @abstractmethod
    def keep_a_log(self) -> None:
        """
        See to it that an SQLite file has a write-ahead log, so that readers wait for nobody.

        To be called while holding the write lock.
        """

    @abstractmethod
    def scrub(self) -> None:
        """
        Rewrite an SQLite file without what was removed, and empty its write-ahead log.

        A server tidies up its own files in its own time.

        Raises:
            StorageError: Somebody has been reading for so long that the log still stands.
        """

    @abstractmethod
    def close(self) -> None:
        """
        Close all connections.
        """


def no_url() -> InvalidInputError:
    """
    Say that something names no database that calndro can use, and how one is written.
    """
    return InvalidInputError.of(
        "this is no URL of a database that calndro can use: write one such as "
        "sqlite:///team.db, postgresql+psycopg://user@host/name or "
        "mysql+pymysql://user@host/name"
    )
