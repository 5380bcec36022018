"""
Sessions in SQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from calndro.adapters.sql.rows import read_session, write_instant, write_session


if TYPE_CHECKING:
    from datetime import datetime

    from calndro.adapters.sql.transaction import Transaction
    from calndro.core.user import Session, User


class SqlSessionRepository:
    """
    Sessions in a table, by digest.
    """

    __slots__ = ("_transaction",)

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, session: Session) -> None:
        self._transaction.write("session.add", write_session(session))

    def find(self, digest: bytes) -> tuple[Session, User] | None:
        row = self._transaction.one("session.find", {"which": digest})
        return None if row is None else read_session(row)

    def touch(self, digest: bytes, now: datetime) -> None:
        self._transaction.write("session.touch", {"which": digest, "at": write_instant(now)})

    def end(self, digest: bytes) -> None:
        self._transaction.write("session.end", {"which": digest})

    def sweep(self, before: datetime) -> None:
        self._transaction.write("session.sweep", {"before": write_instant(before)})
