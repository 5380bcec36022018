"""
Databases at servers, PostgreSQL and MariaDB, by SQLAlchemy's engines.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from calndro.adapters.sql.databases import Database, no_url
from calndro.adapters.sql.locks import NoLock
from calndro.adapters.sql.prepared import Statements
from calndro.adapters.sql.schema import read_version
from calndro.adapters.sql.statements import write
from calndro.adapters.sql.transaction import Transaction, refusal, translated
from calndro.core.errors import InvalidInputError, StorageError


if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import URL, Dialect, Engine, PoolProxiedConnection


_EXTRAS: Final = {"postgresql": "postgres", "mariadb": "mysql"}
_DRIVERS: Final = {"postgresql": "psycopg", "mariadb": "pymysql"}
_CONNECT_TIMEOUT: Final = 5
_ENCODING: Final = "UTF8"
_USED: Final = "calndro.used"
_FAILURES: Final = (SQLAlchemyError, OSError)

# A snapshot reads one state, and a text that is too long is refused, not cut, whatever the
# server's own mode.
_MARIADB_SESSION: Final = (
    "SET SESSION sql_mode='TRADITIONAL,NO_ENGINE_SUBSTITUTION',"
    " SESSION tx_isolation='REPEATABLE-READ'"
)

# What a transaction begins with; the first that is sent on a connection, so that one which
# has broken meanwhile is found out before anything was done on it.
_OPENINGS: Final = {
    "postgresql": {False: "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", True: "BEGIN"},
    "mariadb": {
        False: "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
        # Who waited for a row must then see what the other has made of it, in other tables too.
        True: "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
    },
}


class ServerDatabase(Database):
    """
    A database at a server, which orders its writers itself.

    Args:
        url: As SQLAlchemy writes it.

    Raises:
        InvalidInputError: The URL is no good, or of a kind that calndro does not use.
        StorageError: Its driver is missing.
    """

    def __init__(self, url: str) -> None:
        self._engine = _engine(_read_url(url))
        dialect = self._engine.dialect
        self.statements = Statements(
            dialect.name,
            (dialect.loaded_dbapi.Error, OverflowError, *_FAILURES),
            lambda name: write(name, dialect),
        )
        self.openings = _OPENINGS[dialect.name]
        self.write_lock = self.read_lock = NoLock()

    @property
    def engine(self) -> Engine:
        return self._engine

    def transaction(self, *, writes: bool) -> Transaction:
        """
        Begin a transaction for our own statements.

        A connection that broke while nobody used it is replaced, and nobody notices.
        """
        while True:
            lent = self._lent()
            was_used = lent.was_used
            try:
                lent.cursor.execute(self.openings[writes])
            except self.statements.failures as error:
                if not lent.has_broken(error):
                    lent.close()
                    raise refusal(error) from error
                lent.invalidate(error)
                if not was_used:
                    raise refusal(error) from error
            else:
                return Transaction(lent, self.statements, writes=writes)

    def _lent(self) -> ServerConnection:
        with translated(*self.statements.failures):
            return ServerConnection(self.engine.raw_connection(), self.engine.dialect)

    def revision(self) -> str | None:
        with translated(*_FAILURES), self.begin(writes=False) as connection:
            return read_version(connection)

    def keep_a_log(self) -> None:
        """
        Do nothing: servers have logs of their own.
        """

    def scrub(self) -> None:
        """
        Do nothing: servers tidy up in their own time.
        """

    def close(self) -> None:
        with translated(*_FAILURES):
            self.engine.dispose()


class ServerConnection:
    """
    A connection of a pool that is one transaction's until it is closed.

    Args:
        connection: What is lent.
        dialect: Knows which errors mean that it has broken.
    """

    __slots__ = ("_connection", "_dialect", "cursor", "was_used")

    def __init__(self, connection: PoolProxiedConnection, dialect: Dialect) -> None:
        self._connection = connection
        self._dialect = dialect
        self.was_used = connection.info.get(_USED, False)
        connection.info[_USED] = True
        self.cursor = connection.cursor()

    @property
    def is_valid(self) -> bool:
        return self._connection.is_valid

    def has_broken(self, error: Exception) -> bool:
        return self._dialect.is_disconnect(error, self._connection.dbapi_connection, None)  # type: ignore[arg-type]  # whatever the driver raises

    def invalidate(self, error: Exception) -> None:
        self._connection.invalidate(error)

    def commit(self) -> None:
        self._connection.commit()

    def close(self) -> None:
        self._connection.close()


def _read_url(url: str) -> URL:
    """
    Read where a database is, with the driver that we use.

    MariaDB's own name is written, by which SQLAlchemy refuses a MySQL.

    Raises:
        InvalidInputError: The URL is no good, or of a kind that calndro does not use.
    """
    try:
        parsed = make_url(url)
    # What SQLAlchemy says of a URL may show its password.
    except (ArgumentError, ValueError):
        raise no_url() from None
    kind, _, driver = parsed.drivername.partition("+")
    kind = "mariadb" if kind == "mysql" else kind
    ours = _DRIVERS.get(kind)
    if ours is None or driver not in {"", ours}:
        raise no_url()
    return parsed.set(drivername=f"{kind}+{ours}")


def _engine(url: URL) -> Engine:
    arguments: dict[str, Any] = {"connect_timeout": _CONNECT_TIMEOUT}
    if url.get_backend_name() == "mariadb":
        arguments |= {"init_command": _MARIADB_SESSION, "charset": "utf8mb4"}
        return _made(url, arguments)
    # We say ourselves when a transaction begins.
    arguments |= {"autocommit": True, "client_encoding": _ENCODING}
    engine = _made(url, arguments)
    event.listen(engine, "connect", _check_encoding)
    return engine


def _made(url: URL, arguments: dict[str, Any]) -> Engine:
    try:
        engine = create_engine(url, connect_args=arguments)
    except ModuleNotFoundError as error:
        extra = _EXTRAS[url.get_backend_name()]
        raise StorageError(
            f"the driver {error.name} is missing: install it with pip install 'calndro[{extra}]'"
        ) from error
    # The driver's own errors are others.
    except (TypeError, ValueError) as error:
        raise _unsuited(url) from error
    event.listen(engine, "do_connect", partial(_connect, url))
    return engine


def _connect(url: URL, dialect: Dialect, _: object, where: Sequence[Any], how: Any) -> Any:
    """
    Open a connection.

    Raises:
        InvalidInputError: The driver can do nothing with an option of the URL.
    """
    try:
        return dialect.connect(*where, **how)
    # The driver's own errors are others.
    except (AttributeError, TypeError, ValueError) as error:
        raise _unsuited(url) from error


def _unsuited(url: URL) -> InvalidInputError:
    """
    Say that a driver can't be given what the URL says, without showing its values.
    """
    named = f"the options {', '.join(url.query)} behind its ?" if url.query else "host and name"
    return InvalidInputError.of(
        f"this URL of a database is of no use to {url.get_driver_name()}: see to {named}, which "
        "the manual of that driver tells"
    )


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
