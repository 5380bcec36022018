"""
Engines: how calndro opens each kind of database, and what it sets there.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import StaticPool

from calndro.adapters.sql.gate import PATIENCE, FileGate, Gate, OpenGate
from calndro.adapters.sql.prepared import Statements
from calndro.adapters.sql.transaction import Transaction, refusal, translated
from calndro.core.errors import InvalidInputError, StorageError


if TYPE_CHECKING:
    import sqlite3

    from sqlalchemy import URL, Connection, Engine, PoolProxiedConnection


_EXTRAS: Final = {"postgresql": "postgres", "mariadb": "mysql"}
_CONNECT_TIMEOUT: Final = 5
_ENCODING: Final = "UTF8"
_USED: Final = "calndro.used"

# Every acknowledged commit is on the disk, or FULL would be NORMAL.
_PRAGMAS: Final = (
    f"PRAGMA busy_timeout={PATIENCE * 1000:.0f}",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
)

# A snapshot reads one state, and a text that is too long is refused, not cut, whatever the
# server's own mode.
_MARIADB_SESSION: Final = (
    "SET SESSION sql_mode='TRADITIONAL,NO_ENGINE_SUBSTITUTION',"
    " SESSION tx_isolation='REPEATABLE-READ'"
)

# What a transaction begins with; the first that is sent on a connection, so that one which
# has broken meanwhile is found out before anything was done on it.
_OPENINGS: Final = {
    "sqlite": {False: "BEGIN", True: "BEGIN IMMEDIATE"},
    "postgresql": {False: "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", True: "BEGIN"},
    "mariadb": {
        False: "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
        # Who waited for a row must then see what the other has made of it, in other tables too.
        True: "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
    },
}


class Database:
    """
    One opened database.

    Args:
        url: As SQLAlchemy writes it.

    Raises:
        InvalidInputError: The URL is no good, or of a kind that calndro does not use.
        StorageError: What it takes to open it is not there.
    """

    def __init__(self, url: str) -> None:
        parsed = _read_url(url)
        self.path = _file_of(parsed)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.is_fleeting = self.is_sqlite and self.path is None
        self.engine = _engine(parsed, fleeting=self.is_fleeting)
        self.statements = Statements(self.engine.dialect)
        self._openings = _OPENINGS[self.engine.dialect.name]
        self.gate: Gate = OpenGate()
        if self.path is not None:
            with translated():
                Path(self.path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.gate = FileGate(self.path)
        elif self.is_sqlite:
            self.gate = Gate()
        # All users of a database in memory share one connection, readers too.
        self.read_gate = self.gate if self.is_fleeting else OpenGate()

    def begin(self, *, writes: bool) -> Connection:
        """
        Begin a transaction in which SQLAlchemy sends what it likes; for changes of the schema.

        To write, one must be inside the gate.
        """
        with translated():
            connection = self.engine.connect()
            try:
                connection.exec_driver_sql(self._openings[writes])
            except BaseException:
                connection.close()
                raise
            return connection

    def transaction(self, *, writes: bool) -> Transaction:
        """
        Begin a transaction for our own statements; to write, one must be inside the gate.

        A connection that broke while nobody used it is replaced, and nobody notices.
        """
        while True:
            connection = self._connection()
            was_used = connection.info.get(_USED, False)
            connection.info[_USED] = True
            cursor = connection.cursor()
            try:
                cursor.execute(self._openings[writes])
            except self.statements.failures as error:
                if not self.statements.has_broken(connection, error):
                    connection.close()
                    raise refusal(error) from error
                connection.invalidate(error)
                if not was_used:
                    raise refusal(error) from error
            else:
                return Transaction(connection, cursor, self.statements, writes=writes)

    def _connection(self) -> PoolProxiedConnection:
        try:
            return self.engine.raw_connection()
        except self.statements.failures as error:
            raise refusal(error) from error

    def keep_a_log(self) -> None:
        """
        See to it that an SQLite file has a write-ahead log, so that readers wait for nobody.

        To be called inside the gate.
        """
        if self.path is not None:
            with translated(), self.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")

    def scrub(self) -> None:
        """
        Rewrite an SQLite file without what was removed, and empty its write-ahead log.

        A server tidies up its own files in its own time.

        Raises:
            StorageError: Somebody has been reading for so long that the log still stands.
        """
        if self.path is None:
            return
        with self.gate, translated(), self.engine.connect() as connection:
            connection.exec_driver_sql("VACUUM")
            busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        if busy:
            raise StorageError(
                "what was removed may still be found in the log beside the database, because "
                "somebody is reading it; it goes with the next checkpoint"
            )

    def close(self) -> None:
        """
        Close all connections, inside the gate: the last one to be closed writes.
        """
        with self.gate, translated():
            self.engine.dispose()
        self.gate.close()


def _read_url(url: str) -> URL:
    """
    Read where a database is.

    Raises:
        InvalidInputError: The URL is no good, or of a kind that calndro does not use.
    """
    try:
        parsed = _with_driver(make_url(url))
        known = parsed.get_backend_name() in {"sqlite", *_EXTRAS}
        parsed.get_dialect()
    except (ArgumentError, NoSuchModuleError):
        known = False
    if not known:
        raise InvalidInputError.of(
            "this is no URL of a database that calndro can use: write one such as "
            "sqlite:///team.db, postgresql+psycopg://user@host/name or "
            "mysql+pymysql://user@host/name"
        )
    if (parsed.database or "").startswith("file:"):
        raise InvalidInputError.of("write the path itself, such as sqlite:///team.db, not file:")
    return parsed


def _with_driver(url: URL) -> URL:
    """
    Write MariaDB's own name, by which SQLAlchemy refuses a MySQL, and the driver we use.
    """
    kind, _, driver = url.drivername.partition("+")
    if kind not in {"mysql", "mariadb"}:
        return url
    return url.set(drivername=f"mariadb+{driver or 'pymysql'}")


def _file_of(url: URL) -> str | None:
    """
    Name the file of an SQLite database; None for one in memory and on servers.
    """
    if url.get_backend_name() != "sqlite" or url.database in {None, "", ":memory:"}:
        return None
    return url.database


def _engine(url: URL, *, fleeting: bool) -> Engine:
    if url.get_backend_name() != "sqlite":
        return _engine_of_server(url)
    options: dict[str, Any] = {
        # We say ourselves when a transaction begins, and threads take turns.
        "connect_args": {"isolation_level": None, "check_same_thread": False},
        # Values have names, as they have for the other drivers.
        "paramstyle": "named",
    }
    if fleeting:
        options["poolclass"] = StaticPool
    engine = _made(url, **options)
    event.listen(engine, "connect", _set_pragmas)
    return engine


def _engine_of_server(url: URL) -> Engine:
    arguments: dict[str, Any] = {"connect_timeout": _CONNECT_TIMEOUT}
    if url.get_backend_name() == "mariadb":
        arguments |= {"init_command": _MARIADB_SESSION, "charset": "utf8mb4"}
        return _made(url, connect_args=arguments)
    # We say ourselves when a transaction begins.
    arguments |= {"autocommit": True, "client_encoding": _ENCODING}
    engine = _made(url, connect_args=arguments)
    event.listen(engine, "connect", _check_encoding)
    return engine


def _made(url: URL, **options: Any) -> Engine:
    try:
        return create_engine(url, **options)
    except ModuleNotFoundError as error:
        extra = _EXTRAS.get(url.get_backend_name(), "")
        raise StorageError(
            f"the driver {error.name} is missing: install it with pip install 'calndro[{extra}]'"
        ) from error


def _check_encoding(connection: Any, _: object) -> None:
    """
    Refuse a database of PostgreSQL that can't hold every text; asks the server nothing.

    The tables on MariaDB name their character set themselves, whatever the database's is.

    Raises:
        StorageError: Its encoding is another one.
    """
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != _ENCODING:
        connection.close()
        raise StorageError(
            f"the encoding of this database is {encoding}, which can't hold every text: "
            f"make one with CREATE DATABASE … ENCODING '{_ENCODING}' TEMPLATE template0, bring "
            "over with pg_dump and psql what is in this one, and name that one"
        )


def _set_pragmas(connection: sqlite3.Connection, _: object) -> None:
    try:
        for pragma in _PRAGMAS:
            connection.execute(pragma).close()
    except connection.Error:
        connection.close()
        raise
