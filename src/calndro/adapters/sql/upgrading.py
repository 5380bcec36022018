"""
What an operator does to a schema once in a while; only this loads Alembic.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from calndro.adapters.sql.opening import open_database, refuse_absent
from calndro.adapters.sql.revision import HEAD, VERSION_TABLE
from calndro.adapters.sql.schema import read_version
from calndro.adapters.sql.tables import TRIGGERS, metadata
from calndro.adapters.sql.transaction import translated
from calndro.core.errors import SchemaError, StorageError


if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.types import TypeEngine


_TRIGGERS: Final = {
    "sqlite": text("SELECT name FROM sqlite_master WHERE type = 'trigger'"),
    "mariadb": text(
        "SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = database()"
    ),
    "postgresql": text(
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    ),
}
_FAILURES: Final = (SQLAlchemyError, OSError, UnicodeError)
_PREFIX: Final = "calndro_"

# What MariaDB makes of a type that is written with its length.
_MADE_OF: Final = {"BLOB(16777215)": "MEDIUMBLOB", "TEXT(16777215)": "LONGTEXT"}

# Any number will do, as long as all upgrades take the same.
_UPGRADE_LOCKS: Final = {
    "mariadb": text("SELECT get_lock('calndro upgrade', 60)"),
    "postgresql": text("SELECT pg_advisory_xact_lock(7234851009)"),
}


def upgrade(url: str) -> None:
    """
    Lead a database to the newest schema, or create it; all of it or nothing.

    MariaDB can't take a change of a schema back: there, steps that succeeded stay.

    Raises:
        InvalidInputError: The URL is no good.
        SchemaError: It has the schema of a newer program.
        StorageError: The database can't be reached, or has a schema that is not known.
    """
    with closing(open_database(url)) as database, database.write_lock:
        database.keep_a_log()
        with translated(*_FAILURES), database.begin(writes=True) as connection:
            _lock_out_others(connection)
            found = read_version(connection)
            if found is not None and found > HEAD:
                raise SchemaError(found, HEAD)
            try:
                command.upgrade(_config(connection), "head")
            except CommandError as error:
                raise StorageError(f"the schema can't be upgraded: {error}") from error
            connection.commit()


def current(url: str) -> str | None:
    """
    Read which schema a database has; None when it has none.

    Raises:
        InvalidInputError: The URL is no good.
        StorageError: The database can't be reached.
    """
    with closing(open_database(url)) as database:
        return database.revision()


def check(url: str) -> list[str]:
    """
    Compare a database with the tables that this program knows.

    Returns:
        One line for each difference.

    Raises:
        InvalidInputError: The URL is no good.
        SchemaError: It has another schema or none, so that there is nothing to compare.
        StorageError: The database is not there or can't be reached.
    """
    refuse_absent(url)
    with (
        closing(open_database(url)) as database,
        translated(*_FAILURES),
        database.begin(writes=False) as connection,
    ):
        found = read_version(connection)
        if found != HEAD:
            raise SchemaError(found, HEAD)
        options: dict[str, Any] = {
            "version_table": VERSION_TABLE,
            "include_name": _is_ours,
            "compare_type": _differs,
        }
        context = MigrationContext.configure(connection, opts=options)
        differences = [str(each) for each in compare_metadata(context, metadata)]
        kind = connection.dialect.name
        missing = TRIGGERS[kind].keys() - set(connection.scalars(_TRIGGERS[kind]))
        return [*differences, *(f"trigger {name} is missing or off" for name in sorted(missing))]


def _lock_out_others(connection: Connection) -> None:
    """
    Wait for another upgrade; what is locked is free when the connection is closed.

    Raises:
        StorageError: The other one takes very long.
    """
    lock = _UPGRADE_LOCKS.get(connection.dialect.name)
    if lock is not None and connection.scalar(lock) == 0:
        raise StorageError("the schema is being upgraded by somebody else; try again later")


def _config(connection: Connection) -> Config:
    config = Config()
    place = str(Path(__file__).parent / "migrations")
    config.set_main_option("script_location", place.replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _is_ours(name: str | None, kind: str, _: object) -> bool:
    return kind != "table" or (name or "").startswith(_PREFIX)


def _differs(
    context: MigrationContext, _: object, __: object, found: TypeEngine[Any], known: TypeEngine[Any]
) -> bool | None:
    """
    Tell what Alembic would not see to be the same; None leaves it to Alembic.
    """
    made = _MADE_OF.get(known.compile(context.dialect))
    return False if made is not None and made == found.compile(context.dialect) else None
