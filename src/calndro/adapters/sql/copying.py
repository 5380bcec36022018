"""
A copy of an SQLite database, made while others read and write it.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from calndro.adapters.sql.opening import open_database, refuse_absent
from calndro.core.errors import InvalidInputError, StorageError


if TYPE_CHECKING:
    from pathlib import Path


def copy(url: str, target: Path) -> None:
    """
    Copy a database into a new file that only its owner can read, and check the copy.

    What was committed before is in it; nobody is kept waiting.

    Raises:
        InvalidInputError: The URL is no good, of a server or of no file, or the target is
            there already or can't be written.
        StorageError: The database is not there or can't be read, or the copy is not
            sound; then there is none.
    """
    refuse_absent(url)
    with closing(open_database(url)) as database:
        if database.path is None:
            raise InvalidInputError.of(
                "only an SQLite file is copied like this: use pg_dump for PostgreSQL and "
                "mariadb-dump --single-transaction for MariaDB"
            )
        _reserve(target)
        sound = False
        try:
            _fill(database.path, target)
            sound = True
        except sqlite3.Error as error:
            raise StorageError(f"the database can't be copied: {error}") from error
        finally:
            if not sound:
                target.unlink()


def _reserve(target: Path) -> None:
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError as error:
        raise InvalidInputError.of(f"{target} is there already; name a new file") from error
    except OSError as error:
        raise InvalidInputError.of(f"{target} can't be written: {error.strerror}") from error


def _fill(path: str, target: Path) -> None:
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as made:
        source.backup(made)
        # So that the copy is one file; it gets its log back when calndro opens it.
        made.execute("PRAGMA journal_mode=DELETE").close()
        found = made.execute("PRAGMA integrity_check").fetchall()
    if found != [("ok",)]:
        raise StorageError(f"the copy is not sound: {found[0][0]}")
