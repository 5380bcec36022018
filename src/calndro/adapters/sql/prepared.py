"""
Statements in the words of one kind of database: written once, then sent as they are.

SQLAlchemy writes them. Its way from there to the driver takes several times as long as the
driver itself, and a request sends six statements or more, so what is written is kept here.
Values go to the driver as they are: our tables hold numbers, texts, bytes and truth values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
from sqlalchemy.exc import SQLAlchemyError


if TYPE_CHECKING:
    from sqlalchemy import Dialect, Executable, PoolProxiedConnection
    from sqlalchemy.sql.compiler import Compiled


Values = Mapping[str, Any]


@attrs.frozen
class Prepared:
    """
    A statement as a driver takes it, its values by name.

    Args:
        text: Of the statement.
        constants: Values that it brings itself.
        lists: By the name of a list the names of its values, for lists of one length.
    """

    text: str
    constants: Values
    lists: Mapping[str, Sequence[str]]

    def bind(self, values: Values) -> Values:
        """
        Add to values what the statement brings, and take lists among them apart.
        """
        if not (self.constants or self.lists):
            return values
        bound = {**self.constants, **values}
        for name, names in self.lists.items():
            bound.update(zip(names, bound.pop(name), strict=True))
        return bound


class Statements:
    """
    The statements that were sent to one database so far.

    Args:
        dialect: Of the database.
    """

    __slots__ = ("_known", "dialect", "failures")

    def __init__(self, dialect: Dialect) -> None:
        self._known: dict[tuple[object, ...], Prepared] = {}
        self.dialect = dialect
        # SQLite's driver has no error of its own for a number that is too large.
        self.failures = (dialect.loaded_dbapi.Error, SQLAlchemyError, OSError, OverflowError)

    def has_broken(self, connection: PoolProxiedConnection, error: Exception) -> bool:
        """
        Tell whether an error means that a connection is of no use any more.
        """
        return self.dialect.is_disconnect(error, connection.dbapi_connection, None)  # type: ignore[arg-type]  # whatever the driver raises

    def prepare(self, statement: Executable, values: Values, length: int = 0) -> Prepared:
        """
        Find how a statement is sent.

        Args:
            statement: One that is made once: each that is prepared is kept.
            values: By name; they tell what is set, where the statement does not.
            length: Of the list among the values, if there is one.
        """
        key = (statement, length, *values)
        prepared = self._known.get(key)
        if prepared is None:
            # Two threads may both come here; what they make is the same.
            prepared = self._known[key] = _prepared(self._compiled(statement, values), values)
        return prepared

    def _compiled(self, statement: Any, values: Values) -> Compiled:
        compiled: Compiled = statement.compile(dialect=self.dialect, column_keys=list(values))
        return compiled


def _prepared(compiled: Any, values: Values) -> Prepared:
    state = compiled.construct_expanded_state(dict(values))
    lists = {name: names for name, names in state.parameter_expansion.items() if name in values}
    given = {*values, *(each for names in lists.values() for each in names)}
    constants = {name: value for name, value in state.parameters.items() if name not in given}
    return Prepared(state.statement, constants, lists)
