"""
Opening the kind of database that a URL names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from calndro.core.errors import StorageError


if TYPE_CHECKING:
    from calndro.adapters.sql.databases import Database


_SQLITE: Final = frozenset({"sqlite", "sqlite+pysqlite"})


def open_database(url: str) -> Database:
    """
    Open a database, whatever is in it.

    Args:
        url: As SQLAlchemy writes it.

    Raises:
        InvalidInputError: The URL is no good, or of a kind that calndro does not use.
        StorageError: What it takes to open it is not there.
    """
    # Each loads what it takes to use it, which is much for a server and little for a file.
    if url.partition(":")[0] in _SQLITE:
        try:
            from calndro.adapters.sql.sqlite import SqliteDatabase
        except ModuleNotFoundError as error:
            raise StorageError(
                f"this Python was built without SQLite, {error.name} is missing: use another "
                "Python, or a database at a server"
            ) from error
        return SqliteDatabase(url)
    from calndro.adapters.sql.servers import ServerDatabase

    return ServerDatabase(url)
