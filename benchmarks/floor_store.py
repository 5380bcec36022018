"""
The floor's connections: one for each thread, statements as they are sent, closed together.

SQLite by the standard library behind a lock, durable as calndro's; PostgreSQL by psycopg.
"""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack, closing, contextmanager
from threading import Lock, local
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Cursor(Protocol):
    """
    What both drivers' cursors can do, as far as the floor needs it.
    """

    def execute(self, statement: str, values: Sequence[Any], /) -> Any:
        """
        Run one statement.
        """

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]], /) -> Any:
        """
        Run one for each row.
        """


class _Kept(ExitStack):
    """
    What a store has opened for threads, until it is left.
    """

    def __init__(self) -> None:
        super().__init__()
        self._kept = local()


class Sqlite(_Kept):
    """
    A file of SQLite.

    Args:
        path: Where it is.
    """

    for_update = ""
    yes: Any = 1
    no: Any = 0

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path
        self._lock = Lock()

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._kept, "connection"):
            # Whoever leaves the store closes it, from another thread.
            connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
            self.enter_context(closing(connection))
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA busy_timeout=60000")
            connection.execute("PRAGMA foreign_keys=ON")
            self._kept.connection = connection
        found: sqlite3.Connection = self._kept.connection
        return found

    @contextmanager
    def reading(self) -> Iterator[Cursor]:
        """
        Read one state of the database.
        """
        cursor = self._connection().cursor()
        cursor.execute("BEGIN")
        try:
            yield cursor
        finally:
            cursor.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[Cursor]:
        """
        Write when it is one's turn; committed unless something is raised.
        """
        cursor = self._connection().cursor()
        with self._lock:
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield cursor
                cursor.execute("COMMIT")
            except BaseException:
                cursor.execute("ROLLBACK")
                raise


class _Percent:
    """
    A cursor of psycopg that takes question marks.
    """

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> Any:
        """
        Run one statement.
        """
        return self._cursor.execute(statement.replace("?", "%s"), values)

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]], /) -> Any:
        """
        Run one for each row.
        """
        return self._cursor.executemany(statement.replace("?", "%s"), rows)


class Postgres(_Kept):
    """
    A database of a PostgreSQL server.

    Args:
        url: As SQLAlchemy writes it.
    """

    for_update = " FOR UPDATE"
    yes: Any = True
    no: Any = False

    def __init__(self, url: str) -> None:
        super().__init__()
        parsed = sqlalchemy.make_url(url).set(drivername="postgresql")
        self._where = parsed.render_as_string(hide_password=False)

    @contextmanager
    def _cursor(self) -> Iterator[_Percent]:
        import psycopg  # noqa: PLC0415  only wanted here

        if not hasattr(self._kept, "connection"):
            self._kept.connection = self.enter_context(closing(psycopg.connect(self._where)))
        with self._kept.connection.transaction(), self._kept.connection.cursor() as cursor:
            yield _Percent(cursor)

    def reading(self) -> Any:
        """
        Read one state of the database.
        """
        return self._snapshot()

    @contextmanager
    def _snapshot(self) -> Iterator[_Percent]:
        with self._cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield cursor

    def writing(self) -> Any:
        """
        Write; rows that are read to be changed are locked.
        """
        return self._cursor()


Store = Sqlite | Postgres


def open_store(url: str) -> Store:
    """
    Open a database by the URL that calndro would be given.
    """
    parsed = sqlalchemy.make_url(url)
    return Sqlite(parsed.database or "") if parsed.drivername == "sqlite" else Postgres(url)
