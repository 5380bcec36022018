"""
Idempotency: a request that carries a key has one effect, however often it arrives.

What is kept for that is no answer but a place in a log. What the event was there follows
from the log alone, so that nothing about anybody is stored twice.

Source: docs/reference/http.md.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

import attrs

from calndro.core.errors import InvalidInputError, KeyReusedError


LIFE: Final = timedelta(days=1)
"""How long an answer is kept."""

_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")


@attrs.frozen
class IdempotencyKey:
    """
    What tells one request from another.

    Args:
        key: 1 to 255 visible ASCII characters, chosen by who asks.
        digest: SHA-256 of all that is asked for, 32 bytes.

    Raises:
        InvalidInputError: The key is something else.
    """

    key: str = attrs.field()
    digest: bytes

    @key.validator
    def _check_key(self, _: object, key: str) -> None:
        if not _KEY.fullmatch(key):
            fault = "a key has 1 to 255 visible ASCII characters"
            raise InvalidInputError.of(fault, "Idempotency-Key")


@attrs.frozen
class Answer:
    """
    What came of a request: an event as it was after one of its entries.

    Args:
        digest: Of the request.
        event_id: Which event.
        seq: The place in its log.
    """

    digest: bytes
    event_id: int
    seq: int

    def check(self, once: IdempotencyKey) -> None:
        """
        Let a request pass that is the one answered.

        Raises:
            KeyReusedError: It is another one under the same key.
        """
        if once.digest != self.digest:
            raise KeyReusedError(once.key)
