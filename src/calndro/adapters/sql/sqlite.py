"""
SQLite, by the driver that comes with Python.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections import deque
from contextlib import closing, contextmanager, suppress
from functools import cached_property
from os.path import abspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from calndro.adapters.sql.databases import Database, no_url
from calndro.adapters.sql.locks import PATIENCE, FileLock, NoLock, ThreadLock
from calndro.adapters.sql.prepared import Prepared, Statements, Values
from calndro.adapters.sql.revision import HEAD, VERSION_TABLE
from calndro.adapters.sql.sqlite_statements import SCHEMA, STATEMENTS
from calndro.adapters.sql.transaction import Transaction, translated
from calndro.core.errors import InvalidInputError, StorageError


if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine


# SQLite's driver has no errors of its own for a number that is too large, and for a name in a
# damaged file that is no text.
_FAILURES: Final = (sqlite3.Error, OSError, OverflowError, UnicodeError)

# Every acknowledged commit is on the disk, or FULL would be NORMAL. The system keeps the file's
# pages at hand for all connections; what each keeps besides, in KiB, would go on growing with
# the file at SQLite's own 2,000.
_PRAGMAS: Final = (
    f"PRAGMA busy_timeout={PATIENCE * 1000:.0f}",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-512",
)
_SOON: Final = 1.0
_KEEP_A_LOG: Final = "PRAGMA journal_mode=WAL"
_TABLE: Final = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = :name"
_URL: Final = re.compile(r"sqlite(?:\+pysqlite)?://(?:/(?P<path>.*))?", re.DOTALL)
_MOST_IDLE: Final = 5
_NONE: Final[Values] = {}


class SqliteDatabase(Database):
    """
    A file of SQLite, or a database in memory, whose users share its one connection.

    Args:
        url: As SQLAlchemy writes it.

    Raises:
        InvalidInputError: The URL is no good.
        StorageError: There can't be such a file.
    """

    def __init__(self, url: str) -> None:
        self.path = path_of(url)
        self.openings = {False: "BEGIN", True: "BEGIN IMMEDIATE"}
        self.statements = Statements("sqlite", _FAILURES, _written)
        self._idle: deque[sqlite3.Connection] = deque()
        self._is_closed = False
        if self.path is None:
            self._where = ":memory:"
            self.write_lock = self.read_lock = ThreadLock()
            return
        self._where = self.path
        with translated(OSError):
            Path(self._where).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.write_lock = FileLock(self._where)
        self.read_lock = NoLock()

    @cached_property
    def engine(self) -> Engine:
        from sqlalchemy import QueuePool, create_engine

        return create_engine("sqlite://", creator=self.connect, poolclass=QueuePool)

    def transaction(self, *, writes: bool) -> Transaction:
        with translated(*_FAILURES):
            lent = SqliteConnection(self, self._take())
            begun = False
            try:
                lent.cursor.execute(self.openings[writes])
                begun = True
            finally:
                if not begun:
                    lent.close()
        return Transaction(lent, self.statements, writes=writes)

    def revision(self) -> str | None:
        with self.read_lock, translated(*_FAILURES), self.borrowed() as connection:
            return _revision(connection)

    def prepare(self) -> str | None:
        with translated(*_FAILURES), self.borrowed() as connection:
            (mode,) = _row(connection, "PRAGMA journal_mode")
            found = _revision(connection)
        if found is None:
            with self.write_lock:
                found = self._create()
        elif mode != "wal":
            with self.write_lock:
                self.keep_a_log()
        return found

    def _create(self) -> str | None:
        """
        Fill a database that holds nothing, and read what it has, since others may do so too.
        """
        with translated(*_FAILURES), self.borrowed() as connection:
            if _row(connection, "SELECT count(*) FROM sqlite_master") == (0,):
                _row(connection, _KEEP_A_LOG)
                connection.execute(self.openings[True])
                for statement in SCHEMA:
                    connection.execute(statement)
                connection.execute(STATEMENTS["revision.add"].text, {"version_num": HEAD})
                connection.commit()
            return _revision(connection)

    def keep_a_log(self) -> None:
        with translated(*_FAILURES), self.borrowed() as connection:
            _row(connection, _KEEP_A_LOG)

    def scrub(self) -> None:
        if self.path is None:
            return
        with self.write_lock, translated(*_FAILURES), self.borrowed() as connection:
            connection.execute("VACUUM")
            # Whoever writes waits meanwhile, so that a long reader is not waited for.
            connection.execute(f"PRAGMA busy_timeout={_SOON * 1000:.0f}")
            is_busy, *_ = _row(connection, "PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute(_PRAGMAS[0])
        if is_busy:
            raise StorageError(
                "what was removed may still be found in the log beside the database, because "
                "somebody is reading it; it goes with the next checkpoint"
            )

    def close(self) -> None:
        """
        Close all connections, holding the write lock: the last one to be closed writes.

        To close it twice is harmless; to use it afterwards is a StorageError.
        """
        if self._is_closed:
            return
        with self.write_lock, translated(*_FAILURES):
            self._is_closed = True
            self._drain()
            # Its connections are closed here as well, where there are any.
            if "engine" in vars(self):
                self.engine.dispose()
        self.write_lock.close()

    def connect(self) -> sqlite3.Connection:
        """
        Open a connection, which says itself when a transaction begins, and which threads pass on.

        A file that is made for it can be read by its owner alone, and so can those beside it.
        """
        if self.path is not None:
            # Opened only where nobody can have a lock on it yet: closing would end that.
            with suppress(FileExistsError):
                os.close(os.open(self._where, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        connection = sqlite3.connect(self._where, isolation_level=None, check_same_thread=False)
        is_ready = False
        try:
            for pragma in _PRAGMAS:
                connection.execute(pragma).close()
            is_ready = True
        finally:
            if not is_ready:
                connection.close()
        return connection

    @contextmanager
    def borrowed(self) -> Iterator[sqlite3.Connection]:
        """
        Take a connection for a moment; what is not committed then is undone.
        """
        connection = self._take()
        try:
            yield connection
        finally:
            self.give_back(connection)

    def give_back(self, connection: sqlite3.Connection) -> None:
        """
        Take a connection back for the next one, and undo what was not committed.
        """
        try:
            connection.rollback()
        except sqlite3.Error:
            connection.close()
            return
        if len(self._idle) >= _MOST_IDLE:
            connection.close()
            return
        self._idle.append(connection)
        if self._is_closed:
            self._drain()

    def _take(self) -> sqlite3.Connection:
        if self._is_closed:
            raise StorageError("this storage is closed")
        # In turn, so that what each keeps of the database is soon as much as it ever will be.
        try:
            return self._idle.popleft()
        except IndexError:
            return self.connect()

    def _drain(self) -> None:
        while self._idle:
            self._idle.pop().close()


class SqliteConnection:
    """
    A connection that is one transaction's until it is closed, or forgotten.

    Args:
        database: Which takes it back.
        connection: What is lent.
    """

    __slots__ = ("_connection", "_database", "cursor", "is_valid")

    def __init__(self, database: SqliteDatabase, connection: sqlite3.Connection) -> None:
        self._database = database
        self._connection = connection
        self.is_valid = True
        self.cursor = connection.cursor()

    def has_broken(self, error: Exception) -> bool:
        """
        Tell that it has not: a file is there as before, whatever was said of it.
        """
        del error
        return False

    def invalidate(self, error: Exception) -> None:
        del error
        self.is_valid = False
        self._connection.close()

    def commit(self) -> None:
        self._connection.commit()

    def close(self) -> None:
        if self.is_valid:
            self.is_valid = False
            self._database.give_back(self._connection)

    # Else whoever was broken off at a bad moment would leave a transaction open.
    __del__ = close


def path_of(url: str) -> str | None:
    """
    Read which file a URL names, as an absolute path; None for a database in memory.

    Raises:
        InvalidInputError: The URL is no good.
    """
    match = _URL.fullmatch(url)
    if match is None:
        raise no_url()
    written, mark, _ = (match["path"] or "").partition("?")
    path = unquote(written)
    if path.startswith("file:"):
        raise InvalidInputError.of("write the path itself, such as sqlite:///team.db, not file:")
    if mark:
        raise InvalidInputError.of(
            f"the URL of an SQLite file takes no options: write sqlite:///{written}, or %3F for "
            "a question mark that belongs to the name"
        )
    if path in {"", ":memory:"}:
        return None
    # Whoever changes the folder later still finds the file; .. takes a word back, as ever.
    return abspath(path)  # noqa: PTH100  resolve() would follow links


def _written(name: str) -> Prepared:
    return STATEMENTS[name]


def _revision(connection: sqlite3.Connection) -> str | None:
    connection.execute("BEGIN")
    known = _row(connection, _TABLE, {"name": VERSION_TABLE})
    found = known and _row(connection, STATEMENTS["revision.read"].text)
    connection.rollback()
    return found[0] if found else None


def _row(connection: sqlite3.Connection, statement: str, values: Values = _NONE) -> Any:
    with closing(connection.execute(statement, values)) as cursor:
        return cursor.fetchone()
