"""
Every statement that is sent, by name, as SQLAlchemy writes it for each kind of database.

For SQLite they are written ahead, in ``sqlite_statements``: so a command that works on a file
does not load SQLAlchemy, which would take longer than all else that it does.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert, select

from calndro.adapters.sql.prepared import Prepared
from calndro.adapters.sql.schema import version_table
from calndro.adapters.sql.statements.accounts import account_statements
from calndro.adapters.sql.statements.events import event_statements
from calndro.adapters.sql.statements.outbox import outbox_statements


if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Dialect, Executable


_TYPE: Final = r"(?:::\w+)?"


@cache
def statements(dialect: str) -> Mapping[str, Executable]:
    """
    Make all statements for a kind of database.
    """
    return {
        **event_statements(dialect),
        **account_statements(dialect),
        **outbox_statements(dialect),
        "revision.read": select(version_table.c.version_num),
        "revision.add": insert(version_table),
    }


def write(name: str, dialect: Dialect) -> Prepared:
    """
    Write a statement in the words of a database; one with a list as for a list of one value.
    """
    statement: Any = statements(dialect.name)[name]
    compiled = statement.compile(dialect=dialect)
    given = {each for each, bind in compiled.binds.items() if bind.required}
    lists = [each for each in given if compiled.binds[each].expanding]
    state = compiled.construct_expanded_state({each: [0] if each in lists else 0 for each in given})
    (listed,) = lists or [""]
    first = f"{listed}_1"
    constants = {
        each: value
        for each, value in state.parameters.items()
        if each not in given and each != first
    }
    if not listed:
        return Prepared(state.statement, constants)
    # PostgreSQL is told the type of each value.
    place = re.escape(compiled.bindtemplate % {"name": first}) + _TYPE
    (found,) = re.findall(place, state.statement)
    return Prepared(state.statement, constants, listed, found)
