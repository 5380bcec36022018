"""
Sessions in SQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, insert, select, update

from calndro.adapters.sql.rows import SESSION_COLUMNS, read_session, write_instant, write_session
from calndro.adapters.sql.tables import session_table, user_table


if TYPE_CHECKING:
    from datetime import datetime

    from calndro.adapters.sql.transaction import Transaction
    from calndro.core.user import Session


_columns: Final = session_table.c
_IS_THIS: Final = _columns.digest == bindparam("which")

_ADD: Final = insert(session_table).inline()
_FIND: Final = (
    select(*SESSION_COLUMNS)
    .join_from(session_table, user_table, _columns.key == user_table.c.key)
    .where(_IS_THIS)
)
_TOUCH: Final = update(session_table).where(_IS_THIS).values(seen=bindparam("at"))
_END: Final = delete(session_table).where(_IS_THIS)
_SWEEP: Final = delete(session_table).where(_columns.begun < bindparam("before"))


class SqlSessionRepository:
    """
    Sessions in a table, by digest.
    """

    __slots__ = ("_transaction",)

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, session: Session) -> None:
        self._transaction.write(_ADD, write_session(session))

    def find(self, digest: bytes) -> Session | None:
        row = self._transaction.one(_FIND, {"which": digest})
        return None if row is None else read_session(row)

    def touch(self, digest: bytes, now: datetime) -> None:
        self._transaction.write(_TOUCH, {"which": digest, "at": write_instant(now)})

    def end(self, digest: bytes) -> None:
        self._transaction.write(_END, {"which": digest})

    def sweep(self, before: datetime) -> None:
        self._transaction.write(_SWEEP, {"before": write_instant(before)})
