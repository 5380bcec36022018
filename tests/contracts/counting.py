"""
Counts the statements that reach a database.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from sqlalchemy import Engine, event

from calndro.adapters.sql.prepared import Statements


if TYPE_CHECKING:
    from collections.abc import Iterator

    from calndro.adapters.sql.prepared import Prepared


@contextmanager
def counted() -> Iterator[list[str]]:
    """
    Collect the statements that are sent meanwhile, a batch as one.

    Of units of work the beginnings and ends are left out; of SQLAlchemy's own nothing is.
    """
    sent: list[str] = []
    prepare = Statements.prepare

    def note(statements: Statements, *asked: Any) -> Prepared:
        prepared = prepare(statements, *asked)
        sent.append(prepared.text)
        return prepared

    def listen(_: Any, __: Any, statement: str, *___: Any) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        with patch.object(Statements, "prepare", note):
            yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", listen)
