"""
Answers in memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from calndro.core.idempotency import LIFE, Answer


if TYPE_CHECKING:
    from datetime import datetime

    from calndro.core.idempotency import IdempotencyKey
    from calndro.core.party import Address


Kept: TypeAlias = "dict[tuple[Address, str], tuple[datetime, Answer]]"


class MemoryAnswers:
    """
    Answers in a dictionary.
    """

    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    def claim(self, owner: Address, once: IdempotencyKey, now: datetime) -> Answer | None:
        for key in [key for key, (at, _) in self._kept.items() if at <= now - LIFE]:
            del self._kept[key]
        _, answer = self._kept.setdefault((owner, once.key), (now, Answer(once.digest, 0, 0)))
        return answer if answer.event_id else None

    def keep(self, owner: Address, once: IdempotencyKey, event_id: int, seq: int) -> None:
        at, _ = self._kept[owner, once.key]
        self._kept[owner, once.key] = (at, Answer(once.digest, event_id, seq))

    def forget(self, owner: Address) -> None:
        for key in [key for key in self._kept if key[0] == owner]:
            del self._kept[key]
