"""
What marks a request that is to have one effect.
"""

from __future__ import annotations

import pytest

from calndro.core.errors import InvalidInputError, KeyReusedError
from calndro.core.idempotency import Answer, IdempotencyKey


@pytest.mark.parametrize("key", ["a", "~", "!" * 255, '"8e03978e-40d5-43dd"'])
def test_keys_are_visible_ascii(key: str) -> None:
    """
    Any 1 to 255 visible ASCII characters are a key.
    """
    assert IdempotencyKey(key, b"").key == key


@pytest.mark.parametrize("key", ["", " ", "a b", "\x7f", "a\n", "\xe9", "a" * 256])
def test_anything_else_is_no_key(key: str) -> None:
    """
    Blanks, control characters, other letters and more than 255 of any are refused.
    """
    with pytest.raises(InvalidInputError) as refused:
        IdempotencyKey(key, b"")

    assert [fault.path for fault in refused.value.faults] == ["Idempotency-Key"]


def test_a_key_belongs_to_one_request() -> None:
    """
    An answer is told to the request it was given to, and to no other under its key.
    """
    answer = Answer(b"one", 1, 1)

    answer.check(IdempotencyKey("k", b"one"))
    with pytest.raises(KeyReusedError) as refused:
        answer.check(IdempotencyKey("k", b"two"))
    assert refused.value.key == "k"
