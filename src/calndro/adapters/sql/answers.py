"""
Answers in SQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from calndro.adapters.sql.rows import write_instant
from calndro.core.errors import StorageError
from calndro.core.idempotency import LIFE, Answer


if TYPE_CHECKING:
    from datetime import datetime

    from calndro.adapters.sql.transaction import Transaction
    from calndro.core.idempotency import IdempotencyKey
    from calndro.core.party import Address


class SqlAnswerRepository:
    """
    Answers in a table; one that is claimed and not answered yet is of event 0.
    """

    __slots__ = ("_transaction",)

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def claim(self, owner: Address, once: IdempotencyKey, now: datetime) -> Answer | None:
        self._transaction.write("answer.purge", {"until": write_instant(now - LIFE)})
        row = {
            "owner": owner.key,
            "key": once.key,
            "digest": once.digest,
            "at": write_instant(now),
            "event_id": 0,
            "seq": 0,
        }
        # Whoever has written the same row and not committed is waited for here.
        added = self._transaction.write("answer.claim", row)
        # MariaDB counts a row that was there and left alone; one just added is of event 0.
        if added and self._transaction.dialect != "mariadb":
            return None
        found = self._transaction.one("answer.find", {"whose": owner.key, "which": once.key})
        if found is None:
            raise StorageError("the answer to this request was just forgotten; ask again")
        answer = Answer(*found)
        return answer if answer.event_id else None

    def keep(self, owner: Address, once: IdempotencyKey, event_id: int, seq: int) -> None:
        this = {"whose": owner.key, "which": once.key}
        self._transaction.write("answer.keep", {**this, "event": event_id, "place": seq})

    def forget(self, owner: Address) -> None:
        self._transaction.write("answer.forget", {"whose": owner.key})
