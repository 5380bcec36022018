"""
The title of an event.
"""

from __future__ import annotations

import unicodedata

from calndro.core.errors import InvalidInputError


MOST_CHARACTERS = 256
LEAST_ENTROPY = 8

_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_REFUSED = {
    "Cc": "control characters",
    "Cs": "broken characters, as of a file or terminal that is not in UTF-8",
    "Zl": "line separators",
    "Zp": "paragraph separators",
}
_CONSONANTS = "bcdfghjklmnpqrstvwxz"
_VOWELS = "aeiouy"


def parse_title(text: str) -> str:
    """
    Take a title as somebody wrote it.

    Args:
        text: Anything; blanks around it do not count.

    Returns:
        1 to 256 characters on one line, NFC.

    Raises:
        InvalidInputError: It shows nothing, is too long, or has characters that break a line
            or turn its direction.

    Source: docs/reference/glossary.md; UAX 15 (NFC); UAX 9 (the direction-turning characters).
    """
    title = unicodedata.normalize("NFC", text.strip())
    if len(title) > MOST_CHARACTERS:
        raise InvalidInputError.of(
            f"a title has at most {MOST_CHARACTERS} characters, not {len(title)}; shorten it"
        )
    categories = {unicodedata.category(character) for character in title}
    for category, name in _REFUSED.items():
        if category in categories:
            raise InvalidInputError.of(f"a title is one line without {name}; leave them out")
    if not _BIDI.isdisjoint(title):
        raise InvalidInputError.of(
            "a title has no characters that turn the direction of writing; leave them out"
        )
    if not any(category[0] in "LNPS" for category in categories):
        raise InvalidInputError.of("a title can't be empty; write at least one character")
    return title


def nonsense(entropy: bytes) -> str:
    """
    Make a title that can be pronounced for an event without one.

    Args:
        entropy: At least 8 bytes, evenly drawn; the same bytes give the same word.

    Returns:
        Five letters, vowels and consonants in turn, such as ``cybes`` or ``pisaj``. Every
        such word is equally likely, whichever kind of letter it starts with.

    Raises:
        InvalidInputError: There are too few bytes.

    Source: docs/explanation/narrowing.md.
    """
    if len(entropy) < LEAST_ENTROPY:
        raise InvalidInputError.of(f"a title is made of at least {LEAST_ENTROPY} random bytes")
    kinds = [(_CONSONANTS, _VOWELS)[place % 2] for place in range(5)]
    turned = [(_VOWELS, _CONSONANTS)[place % 2] for place in range(5)]
    first = len(_CONSONANTS) ** 3 * len(_VOWELS) ** 2
    second = len(_VOWELS) ** 3 * len(_CONSONANTS) ** 2
    number = int.from_bytes(entropy, "big") % (first + second)
    if number >= first:
        number, kinds = number - first, turned
    letters = []
    for letters_of_kind in kinds:
        number, which = divmod(number, len(letters_of_kind))
        letters.append(letters_of_kind[which])
    return "".join(letters)
