"""
Insertions that may find the row already there, as each kind of database writes them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final


if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Insert, Table


# Only the dialect in use is loaded, and each has an insert of its own.
_MODULES: Final = {"mariadb": "mysql"}


def insert_or_leave(table: Table, dialect: str) -> Insert:
    """
    Insert, or leave the row that is there as it is; either way it is locked.
    """
    insertion = _insert(table, dialect)
    if dialect == "mariadb":
        # Its INSERT IGNORE would swallow other errors too, and lets two lock each other out.
        column = next(iter(table.primary_key))
        left: Insert = insertion.on_duplicate_key_update({column.name: column})
    else:
        left = insertion.on_conflict_do_nothing()
    return left


def insert_or_change(table: Table, dialect: str, kept: Collection[str]) -> Insert:
    """
    Insert, or change all columns but the *kept* ones of the row with the same key.
    """
    insertion = _insert(table, dialect)
    given = insertion.inserted if dialect == "mariadb" else insertion.excluded
    names = (column.name for column in table.c)
    changed = {name: given[name] for name in names if name not in kept}
    if dialect == "mariadb":
        put: Insert = insertion.on_duplicate_key_update(changed)
    else:
        put = insertion.on_conflict_do_update(index_elements=table.primary_key, set_=changed)
    return put


def _insert(table: Table, dialect: str) -> Any:
    module = import_module(f"sqlalchemy.dialects.{_MODULES.get(dialect, dialect)}")
    return module.insert(table).inline()
