"""
Forms as browsers send them: names and values, some names more than once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from calndro.core.ballot import Ballot, Press
from calndro.core.errors import InvalidInputError
from calndro.core.reading import read_table
from calndro.entry.http.asking import MOST_ID
from calndro.entry.http.bodies import MOST_DIGITS


if TYPE_CHECKING:
    from collections.abc import Iterator


SLOT: Final = "slot:"
"""What the name of a choice about a slot begins with."""

PARTIES: Final = "parties"
"""The field that only the form has which opens an event."""

CHOOSE: Final = "choose"
"""The button that agrees on one of the times that suit all."""


@attrs.frozen
class Fields:
    """
    What a form says.

    Args:
        pairs: In the order of the form.
    """

    pairs: tuple[tuple[str, str], ...] = ()

    def one(self, name: str, default: str = "") -> str:
        """
        Give the first value of a field.
        """
        return next(self._values(name), default)

    def all(self, name: str) -> list[str]:
        """
        Give every value of a field.
        """
        return list(self._values(name))

    def number(self, name: str, most: int = MOST_ID) -> int:
        """
        Give the first value of a field as a number, at most *most*; 0 when it is none.
        """
        digits = self.one(name)
        if not digits.isdecimal():
            return 0
        # Python refuses to read thousands of digits.
        return most if len(digits) > MOST_DIGITS else min(int(digits), most)

    def without(self, name: str) -> Fields:
        """
        Leave a field out.
        """
        return Fields(tuple(pair for pair in self.pairs if pair[0] != name))

    def _values(self, name: str) -> Iterator[str]:
        return (value for each, value in self.pairs if each == name)


@attrs.frozen
class Typed:
    """
    A row of the slot editor, as it was filled in.
    """

    date: str = ""
    time: str = ""
    length: str = "30m"

    @property
    def is_empty(self) -> bool:
        """
        Whether nothing was filled in that counts.
        """
        return not (self.date or self.time)

    def begin(self) -> str:
        """
        Write when it begins as one text, to be read in a zone.

        Raises:
            InvalidInputError: Only one of date and time was filled in, or none.
        """
        if not (self.date and self.time):
            raise InvalidInputError.of("fill in date and time")
        return f"{self.date}T{self.time}"


def typed_rows(fields: Fields) -> list[Typed]:
    """
    Read the rows of the slot editor, the empty ones too.
    """
    columns = (fields.all("date"), fields.all("time"), fields.all("length"))
    return [Typed(*row) for row in zip(*columns, strict=False)]


def typed_parties(fields: Fields) -> list[str]:
    """
    Read the addresses that somebody wrote, one a line or with marks between them.
    """
    return fields.one(PARTIES).replace(",", " ").replace(";", " ").split()


def ballot_of(fields: Fields) -> Ballot:
    """
    Read the form in which slots are judged.

    Raises:
        InvalidInputError: It is no form of ours.
    """
    seen = read_table(fields.all("seen"), "UTC", "seen")
    kept = read_table(fields.all("kept"), "UTC", "kept")
    sure = fields.one("sure") == "yes"
    pressed = fields.one("press", Press.SAVE)
    if pressed == CHOOSE:
        works = read_table(fields.all("choice"), "UTC", "choice")
        press = Press.ONLY if works else Press.SAVE
        return Ballot(press=press, seen=seen, kept=works and kept, works=works, fails=())
    if pressed not in set(Press):
        raise InvalidInputError.of("the form has no such button", "press")
    return Ballot(
        press=Press(pressed),
        seen=seen,
        kept=kept,
        works=read_table(_chosen(fields, "works"), "UTC", "works"),
        fails=read_table(_chosen(fields, "fails"), "UTC", "fails"),
        is_sure=sure,
    )


def _chosen(fields: Fields, choice: str) -> list[str]:
    return [
        name.removeprefix(SLOT)
        for name, value in fields.pairs
        if name.startswith(SLOT) and value == choice
    ]
