"""
Every statement that is sent, by name, as SQLAlchemy writes it for each kind of database.

For SQLite they are written ahead, in ``sqlite_statements``: so a command that works on a file
does not load SQLAlchemy, which would take longer than all else that it does.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from calndro.adapters.sql.prepared import Prepared
from calndro.adapters.sql.schema import version_table
from calndro.adapters.sql.statements.accounts import account_statements
from calndro.adapters.sql.statements.events import event_statements
from calndro.adapters.sql.statements.outbox import outbox_statements


if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Dialect, Executable


@cache
def statements(dialect: str) -> Mapping[str, Executable]:
    """
    Make all statements for a kind of database.
    """
    return {
        **event_statements(dialect),
        **account_statements(dialect),
        **outbox_statements(),
        "revision.read": select(version_table.c.version_num),
        "revision.add": insert(version_table),
    }


def write(name: str, dialect: Dialect) -> Prepared:
    """
    Write a statement in the words of a database; one with a list as for a list of one value.
    """
    statement: Any = statements(dialect.name)[name]
    compiled = statement.compile(dialect=dialect)
    given = {name for name, bind in compiled.binds.items() if bind.required}
    lists = [name for name in given if compiled.binds[name].expanding]
    state = compiled.construct_expanded_state({name: [0] if name in lists else 0 for name in given})
    (listed,) = lists or [""]
    constants = {
        name: value
        for name, value in state.parameters.items()
        if name not in given and name != f"{listed}_1"
    }
    place = compiled.bindtemplate % {"name": f"{listed}_1"} if listed else ""
    return Prepared(state.statement, constants, listed, place)
