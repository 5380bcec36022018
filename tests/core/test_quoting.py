"""
How errors show what somebody else wrote, and how much of it is read at all.
"""

from __future__ import annotations

import pytest

from calndro.core.errors import InvalidInputError
from calndro.core.quoting import bounded, harmless, quoted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x" * 60, f"'{'x' * 60}'"),
        ("x" * 61, f"'{'x' * 60}'..."),
        ("a\x1b[31m\n\u202e", r"'a\x1b[31m\n\u202e'"),
    ],
)
def test_what_is_shown_is_short_and_harmless(text: str, shown: str) -> None:
    """
    Sixty characters are shown in quotes, with nothing in them that a terminal would obey.
    """
    assert quoted(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("caf\xe9 \U0001f375\ntea", "caf\xe9 \U0001f375\ntea"),
        ("a\x1b[31m\r\u202e\udce9\x9b1m", r"a\x1b[31m\r\u202e\udce9\x9b1m"),
    ],
)
def test_what_is_repeated_is_harmless(text: str, shown: str) -> None:
    """
    What is told in somebody else's words has nothing in it that a terminal would obey.
    """
    assert harmless(text) == shown


def test_so_much_is_read() -> None:
    """
    Blanks around a text are taken off, other signs are not; one character too many is refused.
    """
    assert bounded(" X x ") == "X x"
    assert bounded("x" * 100) == "x" * 100
    with pytest.raises(InvalidInputError, match=r"\.\.\. is too long; at most 100 characters fit"):
        bounded("x" * 101)
