"""
One transaction on one connection, whose every failure is a StorageError.
"""

from __future__ import annotations

from contextlib import contextmanager
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final, Protocol

from calndro.core.errors import CollisionError, StorageError


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from calndro.adapters.sql.prepared import Statements, Values


Row = tuple[Any, ...]

_NONE: Final[Mapping[str, Any]] = {}

LARGEST: Final = 2**63 - 1
"""The largest number that a column holds; nothing has an id above it."""


# What PostgreSQL says when a transaction can't be put in line with others or would wait
# for itself, and what MariaDB says then; each has undone all of it.
_COLLISIONS: Final = frozenset({"40001", "40P01", 1020, 1213})


@contextmanager
def translated(*failures: type[Exception]) -> Iterator[None]:
    """
    Raise what goes wrong inside as StorageError, its cause chained.
    """
    try:
        yield
    except failures as error:
        raise refusal(error) from error


def refusal(error: Exception) -> StorageError:
    """
    Say in one line what a database said; never the statement, which may hold secrets.
    """
    # SQLAlchemy puts an error of its own around the driver's.
    cause = getattr(error, "orig", None) or error
    code = getattr(cause, "sqlstate", None)
    match getattr(cause, "args", ()):
        case (int() as number, str() as words) if not isinstance(cause, OSError):
            code = number  # PyMySQL gives a number beside the words.
        case _:
            words = str(cause)
    lines = words.strip().splitlines() or [type(error).__name__]
    if code in _COLLISIONS:
        return CollisionError(f"others were in the way, too often: {lines[0]}")
    return StorageError(f"the database can't be used: {lines[0]}")


class Cursor(Protocol):
    """
    What a driver sends statements by.
    """

    @property
    def description(self) -> Any: ...

    @property
    def lastrowid(self) -> int | None: ...

    @property
    def rowcount(self) -> int: ...

    def execute(self, operation: str, parameters: Any, /) -> Any: ...

    def executemany(self, operation: str, parameters: Any, /) -> Any: ...

    def fetchone(self) -> Any: ...

    def fetchall(self) -> Sequence[Any]: ...


class Lent(Protocol):
    """
    A connection that is one transaction's until it is closed.
    """

    @property
    def cursor(self) -> Cursor:
        """
        For all its statements.
        """

    @property
    def is_valid(self) -> bool:
        """
        Whether it can still be used.
        """

    def has_broken(self, error: Exception) -> bool:
        """
        Tell whether an error means that it is of no use any more.
        """

    def invalidate(self, error: Exception) -> None:
        """
        See to it that nobody uses it again.
        """

    def commit(self) -> None:
        """
        Make durable what was written.
        """

    def close(self) -> None:
        """
        Give it back, which undoes what was not committed.
        """


class Transaction:
    """
    Runs statements, each by its name; knows whether it may write.

    Args:
        connection: On which it was begun.
        statements: How they are sent.
        writes: False for a snapshot.
    """

    __slots__ = ("_connection", "_cursor", "_statements", "_why_not", "writes")

    def __init__(
        self,
        connection: Lent,
        statements: Statements,
        *,
        writes: bool,
    ) -> None:
        self._connection = connection
        self._cursor = connection.cursor
        self._statements = statements
        self.writes = writes
        self._why_not = "" if writes else "a snapshot only reads"

    @property
    def dialect(self) -> str:
        """
        The name of the kind of database.
        """
        return self._statements.dialect

    def one(self, statement: str, values: Values) -> Row | None:
        """
        Read the first row.
        """
        rows = self.all(statement, values)
        return rows[0] if rows else None

    def all(self, statement: str, values: Values, length: int = 0) -> Sequence[Row]:
        """
        Read all rows.

        Args:
            statement: What to read.
            values: Of its parameters.
            length: Of the list among them, if there is one.
        """
        try:
            self._send(statement, values, length)
            return self._cursor.fetchall()
        except self._statements.failures as error:
            raise self._refusal(error) from error

    def among(
        self, statement: str, name: str, wanted: Sequence[Any], others: Values = _NONE
    ) -> Sequence[Row]:
        """
        Read all rows that have one of the values of a list.

        Args:
            statement: Has the list as a parameter that expands.
            name: Of that parameter.
            wanted: The list; nothing is asked when it is empty.
            others: Values of the other parameters.
        """
        if not wanted:
            return []
        # Filled up to a power of two, so that few lengths have a statement each.
        length = 1 << (len(wanted) - 1).bit_length()
        filled = [*wanted, *repeat(wanted[-1], length - len(wanted))]
        return self.all(statement, {**others, name: filled}, length)

    def write(self, statement: str, values: Values) -> int:
        """
        Change rows; returns how many.
        """
        self._check_may_write()
        try:
            self._send(statement, values)
        except self._statements.failures as error:
            raise self._refusal(error) from error
        return self._cursor.rowcount

    def write_all(self, statement: str, rows: Sequence[Values]) -> None:
        """
        Change rows once for each of several sets of values, at least one.
        """
        self._check_may_write()
        prepared = self._statements.prepare(statement)
        try:
            self._cursor.executemany(prepared.text, [prepared.bind(row) for row in rows])
        except self._statements.failures as error:
            raise self._refusal(error) from error

    def add(self, statement: str, values: Values) -> int:
        """
        Add a row; returns the number that the database gave it.
        """
        self._check_may_write()
        try:
            self._send(statement, values)
            # SQLAlchemy has the number returned where insertions can return something.
            row = self._cursor.fetchone() if self._cursor.description else None
        except self._statements.failures as error:
            raise self._refusal(error) from error
        number: int = self._cursor.lastrowid if row is None else row[0]  # type: ignore[assignment]
        return number

    def commit(self) -> None:
        """
        Make durable what was written; nothing more can be written after it.

        A connection that fails here is not used again: who knows what it holds.
        """
        self._check_may_write()
        self._why_not = "the unit of work has ended"
        try:
            self._connection.commit()
        except self._statements.failures as error:
            self._connection.invalidate(error)
            raise refusal(error) from error

    def close(self) -> None:
        """
        Give the connection back, which undoes what was not committed.
        """
        if self._connection.is_valid:
            self._connection.close()

    def _check_may_write(self) -> None:
        if self._why_not:
            raise StorageError(self._why_not)

    def _send(self, statement: str, values: Values, length: int = 0) -> None:
        prepared = self._statements.prepare(statement, length)
        self._cursor.execute(prepared.text, prepared.bind(values))

    def _refusal(self, error: Exception) -> StorageError:
        # PostgreSQL takes a commit after it as a rollback, and says nothing.
        self._why_not = self._why_not or "a part of it was refused, so nothing is stored"
        if self._connection.is_valid and self._connection.has_broken(error):
            self._connection.invalidate(error)
        return refusal(error)
