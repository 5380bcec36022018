"""
Parts of statements: columns by their names, and values that have the names of their columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert


if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import BindParameter, Column, Insert, Table


def columns(table: Table, names: Iterable[str]) -> Sequence[Column[Any]]:
    """
    Take columns of a table.
    """
    return [table.c[name] for name in names]


def given(names: Iterable[str]) -> Mapping[str, BindParameter[Any]]:
    """
    Set columns to values of their names.
    """
    return {name: bindparam(name) for name in names}


def counted(table: Table) -> Insert:
    """
    Insert a row that the database gives its id.
    """
    return insert(table).values(given(each.name for each in table.c if each.name != "id"))
