"""
Answers in SQL.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, select, update

from calndro.adapters.sql.inserting import insert_or_leave
from calndro.adapters.sql.rows import write_instant
from calndro.adapters.sql.tables import answer_table
from calndro.core.errors import StorageError
from calndro.core.once import LIFE, Answer


if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Insert

    from calndro.adapters.sql.transaction import Transaction
    from calndro.core.once import Once
    from calndro.core.party import Address


_answer: Final = answer_table.c

_PURGE: Final = delete(answer_table).where(_answer.at <= bindparam("until"))
_IS_THIS: Final = (_answer.owner == bindparam("whose"), _answer.key == bindparam("which"))
_FIND: Final = select(_answer.digest, _answer.event_id, _answer.seq).where(*_IS_THIS)
_KEEP: Final = (
    update(answer_table)
    .where(*_IS_THIS)
    .values(event_id=bindparam("event"), seq=bindparam("place"))
)
_FORGET: Final = delete(answer_table).where(_answer.owner == bindparam("whose"))


@cache
def _claim(dialect: str) -> Insert:
    return insert_or_leave(answer_table, dialect)


class SqlAnswerRepository:
    """
    Answers in a table; one that is claimed and not answered yet is of event 0.
    """

    __slots__ = ("_transaction",)

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def claim(self, owner: Address, once: Once, now: datetime) -> Answer | None:
        self._transaction.write(_PURGE, {"until": write_instant(now - LIFE)})
        row = {
            "owner": owner.key,
            "key": once.key,
            "digest": once.digest,
            "at": write_instant(now),
            "event_id": 0,
            "seq": 0,
        }
        # Whoever has written the same row and not committed is waited for here.
        dialect = self._transaction.dialect
        added = self._transaction.write(_claim(dialect), row)
        # MariaDB counts a row that was there and left alone; one just added is of event 0.
        if added and dialect != "mariadb":
            return None
        found = self._transaction.one(_FIND, {"whose": owner.key, "which": once.key})
        if found is None:
            raise StorageError("the answer to this request was just forgotten; ask again")
        answer = Answer(*found)
        return answer if answer.event_id else None

    def keep(self, owner: Address, once: Once, event_id: int, seq: int) -> None:
        this = {"whose": owner.key, "which": once.key}
        self._transaction.write(_KEEP, {**this, "event": event_id, "place": seq})

    def forget(self, owner: Address) -> None:
        self._transaction.write(_FORGET, {"whose": owner.key})
