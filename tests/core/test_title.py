from __future__ import annotations

import pytest

from calndro.core.errors import InvalidInputError
from calndro.core.title import nonsense, parse_title


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Lunch", "Lunch"),
        ("  Lunch at noon\t\n", "Lunch at noon"),
        ("Cafe\u0301", "Caf\u00e9"),
        ("x" * 256, "x" * 256),
        ("e\u0301" * 256, "\u00e9" * 256),
        (
            "\U0001f468\u200d\U0001f469\u200d\U0001f467",
            "\U0001f468\u200d\U0001f469\u200d\U0001f467",
        ),
        ("\u05e4\u05d2\u05d9\u05e9\u05d4\u200f!", "\u05e4\u05d2\u05d9\u05e9\u05d4\u200f!"),
    ],
)
def test_title_is_taken(text: str, title: str) -> None:
    """
    A title is trimmed and composed; joined emoji and right-to-left scripts are as good as any.
    """
    assert parse_title(text) == title


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "can't be empty"),
        (" \n\t ", "can't be empty"),
        ("\u200b\u200d", "can't be empty"),
        ("x" * 257, "at most 256 characters, not 257"),
        ("two\nlines", "control characters"),
        ("nul\x00l", "control characters"),
        ("bell\x07s", "control characters"),
        ("next\x85line", "control characters"),
        ("two\u2028lines", "line separators"),
        ("two\u2029lines", "paragraph separators"),
        ("lone\ud800surrogate", "broken characters"),
        *[
            (f"turn{turn}ed", "direction of writing")
            for turn in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
        ],
    ],
)
def test_title_is_refused(text: str, says: str) -> None:
    """
    A title that shows nothing, is too long, breaks the line or turns its direction is refused.
    """
    with pytest.raises(InvalidInputError, match=says):
        parse_title(text)


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (0, "babab"),
        (20**3 * 6**2 - 1, "zyzyz"),
        (20**3 * 6**2, "ababa"),
        (20**3 * 6**2 + 6**3 * 20**2 - 1, "yzyzy"),
        (20**3 * 6**2 + 6**3 * 20**2, "babab"),
    ],
)
def test_nonsense_counts_through_all_words(number: int, word: str) -> None:
    """
    Each word has its own number, and there is no word without one.
    """
    assert nonsense(number.to_bytes(8, "big")) == word


def test_nonsense_wants_entropy() -> None:
    """
    Fewer than eight bytes would favour some words.
    """
    with pytest.raises(InvalidInputError, match="at least 8 random bytes"):
        nonsense(bytes(7))
