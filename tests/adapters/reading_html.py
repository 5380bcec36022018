"""
Letters in HTML, taken apart as a mail program does.
"""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

import attrs


if TYPE_CHECKING:
    from collections.abc import Sequence


@attrs.frozen
class Page:
    """
    What a page consists of.

    Args:
        form: Its tags in order, with their attributes, and marks of other things.
        words: Its text, each piece between two tags on its own.
    """

    form: tuple[tuple[str, tuple[tuple[str, str | None], ...]], ...]
    words: tuple[str, ...]

    def values(self, name: str) -> list[str | None]:
        """
        Give the values of all attributes called *name*.
        """
        return [value for _, found in self.form for key, value in found if key == name]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.form: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attributes: Sequence[tuple[str, str | None]]) -> None:
        self.form.append((tag, tuple(attributes)))
        self.words.append("")

    def handle_endtag(self, tag: str) -> None:
        self.form.append((f"/{tag}", ()))
        self.words.append("")

    def handle_comment(self, data: str) -> None:
        self.form.append((f"!{data}", ()))

    def handle_data(self, data: str) -> None:
        self.words[-1:] = ["".join((*self.words[-1:], data))]


def read_html(text: str) -> Page:
    """
    Take a page apart.
    """
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return Page(tuple(reader.form), tuple(word.strip("\n") for word in reader.words))
