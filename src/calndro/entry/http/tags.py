"""
Entity tags: which state of something a client has seen.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple


if TYPE_CHECKING:
    from collections.abc import Iterable


ANY: Final = "*"
"""What stands for whatever is there."""

_TAG: Final = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_LIST: Final = re.compile(rf"{_TAG.pattern}(?:[ \t]*,[ \t]*{_TAG.pattern})*")


class Tag(NamedTuple):
    """
    One tag.

    Args:
        text: What stands between its quotes.
        is_weak: Whether it names what is as good as the same, and not the very same.
    """

    text: str
    is_weak: bool = False

    def __str__(self) -> str:
        mark = "W/" if self.is_weak else ""
        return f'{mark}"{self.text}"'


def read_tags(lines: Iterable[str]) -> list[Tag] | None:
    """
    Read the tags of an If-Match or If-None-Match, which may come in several lines.

    Returns:
        None when they can't be read.

    Source: RFC 9110, sections 5.3 and 8.8.3.
    """
    written = ", ".join(lines).strip()
    if not _LIST.fullmatch(written):
        return None
    return [Tag(text, bool(weak)) for weak, text in _TAG.findall(written)]
