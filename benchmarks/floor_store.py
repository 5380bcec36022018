"""
The floor's connections: one for each thread, statements as they are sent, closed together.

SQLite by the standard library behind a lock, durable as calndro's; PostgreSQL by psycopg and
MariaDB by PyMySQL. Statements have question marks, and names that might be words of SQL in
quotation marks; where databases differ further, their stores say how.
"""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack, closing, contextmanager
from threading import Lock, local
from typing import TYPE_CHECKING, Any, Final, Protocol

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
    or_leave = " ON CONFLICT DO NOTHING"
    analyze = "ANALYZE"
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
    A cursor of psycopg or PyMySQL that takes question marks.
    """

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> Any:
        """
        Run one statement.
        """
        self._cursor.execute(statement.replace("?", "%s"), values)
        return self._cursor

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
    or_leave = Sqlite.or_leave
    analyze = "ANALYZE"
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


class Mariadb(_Kept):
    """
    A database of a MariaDB server.

    Args:
        url: As SQLAlchemy writes it.
    """

    for_update = " FOR UPDATE"
    or_leave = ' ON DUPLICATE KEY UPDATE "key" = "key"'
    analyze = "ANALYZE TABLE calndro_event, calndro_person, calndro_entry"
    yes: Any = 1
    no: Any = 0

    def __init__(self, url: str) -> None:
        super().__init__()
        parsed = sqlalchemy.make_url(url)
        self._where: dict[str, Any] = {
            "host": parsed.host,
            "port": parsed.port or 3306,
            "user": parsed.username,
            "password": parsed.password or "",
            "database": parsed.database,
            "charset": "utf8mb4",
            "init_command": "SET SESSION sql_mode='TRADITIONAL,ANSI_QUOTES'",
        }

    @contextmanager
    def _transaction(self, opening: str) -> Iterator[_Percent]:
        import pymysql  # type: ignore[import-untyped]  # noqa: PLC0415  only wanted here

        if not hasattr(self._kept, "connection"):
            self._kept.connection = self.enter_context(closing(pymysql.connect(**self._where)))
        connection = self._kept.connection
        with connection.cursor() as cursor:
            try:
                cursor.execute(opening)
                yield _Percent(cursor)
                connection.commit()
            except BaseException:
                connection.rollback()
                raise

    def reading(self) -> Any:
        """
        Read one state of the database.
        """
        return self._transaction("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")

    def writing(self) -> Any:
        """
        Write; rows that are read to be changed are locked, and read as they then are.
        """
        return self._transaction("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")


Store = Sqlite | Postgres | Mariadb

_SERVERS: Final[dict[str, type[Postgres | Mariadb]]] = {
    "postgresql": Postgres,
    "mariadb": Mariadb,
    "mysql": Mariadb,
}


def open_store(url: str) -> Store:
    """
    Open a database by the URL that calndro would be given.
    """
    parsed = sqlalchemy.make_url(url)
    kind = parsed.get_backend_name()
    return Sqlite(parsed.database or "") if kind == "sqlite" else _SERVERS[kind](url)
