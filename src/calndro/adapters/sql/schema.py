"""
The schema at every opening: checked, and created where there is nothing yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import Column, MetaData, PrimaryKeyConstraint, String, Table, inspect, select, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from calndro.adapters.sql.tables import HEAD, VERSION_TABLE, metadata
from calndro.adapters.sql.transaction import translated
from calndro.core.errors import SchemaError


if TYPE_CHECKING:
    from sqlalchemy import Connection

    from calndro.adapters.sql.engines import Database


# As Alembic makes it, but of no metadata that Alembic compares.
_version_table: Final = Table(
    VERSION_TABLE,
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name=f"{VERSION_TABLE}_pkc"),
)
_VERSION: Final = select(_version_table.c.version_num)
_OBJECTS: Final = text("SELECT count(*) FROM sqlite_master")


def prepare(database: Database) -> None:
    """
    Make sure that a database has the schema that this program works with.

    An SQLite database that holds nothing is given it; two who do that at once both find it.

    Raises:
        SchemaError: It has another schema or none; the message names the mend.
        StorageError: It can't be reached.
    """
    with translated(), database.begin(writes=False) as connection:
        found = read_version(connection)
        log = _has_log(connection) if database.path is not None else True
    if found is None and database.is_sqlite:
        found = _create(database)
    elif not log:
        with database.gate:
            database.keep_a_log()
    if found != HEAD:
        raise SchemaError(found, HEAD)


def check(database: Database) -> None:
    """
    Make sure that a database still has the schema it was opened with.

    Raises:
        SchemaError: It was led to another one, or it is gone.
        StorageError: The database can't be reached.
    """
    with translated(), database.begin(writes=False) as connection:
        found = read_version(connection)
    if found != HEAD:
        raise SchemaError(found, HEAD)


def _create(database: Database) -> str | None:
    """
    Fill a database that holds nothing, and read what it has, since others may do so too.
    """
    with database.gate, translated():
        with database.begin(writes=False) as connection:
            empty = not connection.scalar(_OBJECTS)
        if empty:
            database.keep_a_log()
            with database.begin(writes=True) as connection:
                metadata.create_all(connection, checkfirst=False)
                _version_table.create(connection, checkfirst=False)
                connection.execute(_version_table.insert(), {"version_num": HEAD})
                connection.commit()
        with database.begin(writes=False) as connection:
            return read_version(connection)


def read_version(connection: Connection) -> str | None:
    """
    Read which schema a database has; None when it has none.
    """
    try:
        return connection.scalar(_VERSION)
    except (OperationalError, ProgrammingError):
        connection.rollback()
        if not inspect(connection).has_table(VERSION_TABLE):
            return None
        # Somebody has just made it, or it fails again.
        return connection.scalar(_VERSION)


def _has_log(connection: Connection) -> bool:
    return connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
