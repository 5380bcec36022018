"""
Opening the kind of database that a URL names.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from calndro.adapters.sql.transaction import translated
from calndro.core.errors import StorageError


if TYPE_CHECKING:
    from calndro.adapters.sql.databases import Database


_SQLITE: Final = frozenset({"sqlite", "sqlite+pysqlite"})


def file_of(url: str) -> Path | None:
    """
    Find the file of an SQLite database, there or not, by its absolute path.

    Returns:
        None for a database at a server or in memory.

    Raises:
        InvalidInputError: The URL is no good.
    """
    if url.partition(":")[0] not in _SQLITE:
        return None
    from calndro.adapters.sql.sqlite import path_of

    path = path_of(url)
    return None if path is None else Path(path)


def refuse_absent(url: str) -> None:
    """
    Refuse the file of an SQLite database that is not there, which opening it would make.

    Raises:
        InvalidInputError: The URL is no good.
        StorageError: There is no such file.
    """
    file = file_of(url)
    with translated(OSError):
        is_absent = file is not None and not file.is_file()
    if is_absent:
        raise StorageError(f"there is no database {file}")


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
