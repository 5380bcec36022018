from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from calndro.core.errors import InvalidInputError
from calndro.core.title import nonsense, parse_title
from tests import strategies


@given(strategies.titles())
def test_stored_titles_are_left_alone(title: str) -> None:
    """
    A title in the form that is stored is taken as it stands.
    """
    assert parse_title(title) == title


@given(strategies.hostile_texts("Lunch at noon", "Cafe\u0301"))
def test_title_is_good_or_refused(text: str) -> None:
    """
    Whatever is written, there is a good title or one clear error; a good one stays as it is.
    """
    try:
        title = parse_title(text)
    except InvalidInputError:
        return

    assert 1 <= len(title) <= 256
    assert title.splitlines() == [title]
    assert unicodedata.is_normalized("NFC", title)
    assert title.encode()
    assert parse_title(title) == title


@given(strategies.titles(), st.sampled_from("\x00\n\r\x1b\x7f\x85\u2028\u202e\u2066\udc80"))
def test_no_place_hides_what_is_refused(title: str, refused: str) -> None:
    """
    One character that is not allowed spoils a title, wherever it stands within.
    """
    assume(len(title) > 1)
    for place in (1, len(title) // 2, len(title) - 1):
        with pytest.raises(InvalidInputError):
            parse_title(title[:place] + refused + title[place:])


@example(bytes(8))
@example(b"\xff" * 64)
@given(st.binary(min_size=8, max_size=64))
def test_nonsense_can_be_pronounced(entropy: bytes) -> None:
    """
    The word has five letters, vowels and consonants in turn, and is a good title.
    """
    word = nonsense(entropy)
    kinds = [letter in "aeiouy" for letter in word]

    assert len(word) == 5
    assert word.isascii()
    assert word.isalpha()
    assert word.islower()
    assert kinds in ([True, False] * 2 + [True], [False, True] * 2 + [False])
    assert parse_title(word) == word
    assert nonsense(entropy) == word
