"""
What the pages say, in the languages they can say it in.

Every text stands in ``texts/``, one file a language; a new language is a new file there.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import attrs


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


DEFAULT: Final = "en"

_FOLDER: Final = files("calndro.entry.http.pages") / "texts"
_WISH: Final = re.compile(
    r"([A-Za-z]{1,8}|\*)(?:-[A-Za-z0-9-]*)?(?:\s*;\s*q=([01](?:\.\d{0,3})?))?"
)


@attrs.frozen
class Language:
    """
    One language.

    Args:
        code: As BCP 47 writes it, such as ``de``.
        texts: By key; one that depends on a number is a table of ``one`` and ``other``.
    """

    code: str
    texts: Mapping[str, Any]

    def say(self, key: str, **values: object) -> str:
        """
        Say a text, with the values that it names filled in.
        """
        text: str = self.texts[key]
        return text.format(**values)

    def count(self, key: str, number: int, **values: object) -> str:
        """
        Say a text about a number of things, which it names ``{n}``.
        """
        text: str = self.texts[key]["one" if number == 1 else "other"]
        return text.format(n=number, **values)

    def listed(self, items: Sequence[str]) -> str:
        """
        Say several things one after the other; at least one.
        """
        *others, last = items
        return self.say("list", others=", ".join(others), last=last) if others else last


@cache
def languages() -> Mapping[str, Language]:
    """
    Read all languages there are, by code, the default one first.
    """
    codes = sorted(
        (each.name.removesuffix(".toml") for each in _FOLDER.iterdir()),
        key=lambda code: (code != DEFAULT, code),
    )
    return {code: Language(code, _read(code)) for code in codes}


def preferred_language(wishes: str) -> Language:
    """
    Choose a language.

    Args:
        wishes: An Accept-Language header; whatever in it can't be read is passed over.

    Source: RFC 9110, section 12.5.4.
    """
    known = languages()
    best, most = known[DEFAULT], 0.0
    for wish in wishes.split(","):
        written = _WISH.fullmatch(wish.strip())
        quality = float(written[2] or 1) if written else 0.0
        if written and quality > most:
            code = DEFAULT if written[1] == "*" else written[1].lower()
            best, most = (known[code], quality) if code in known else (best, most)
    return best


def _read(code: str) -> Mapping[str, Any]:
    return tomllib.loads((_FOLDER / f"{code}.toml").read_text(encoding="utf-8"))
