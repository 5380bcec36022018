"""
Setting letters: the same words as plain text and as HTML.
"""

from __future__ import annotations

from functools import cache
from textwrap import fill
from typing import TYPE_CHECKING, Final

import jinja2


if TYPE_CHECKING:
    from calndro.adapters.letter.wording import Times, Wording


_WIDTH: Final = 76


def as_text(wording: Wording) -> str:
    """
    Set a letter as plain text.
    """
    blocks = [
        *map(_paragraph, wording.opening),
        *map(_set_off, (wording.lost, wording.agreed)),
        _numbered(wording.table),
        *map(_paragraph, wording.standing),
        wording.link,
        _paragraph(wording.terms),
        "\n".join(("-- ", *map(_paragraph, wording.closing), wording.receipt)),
    ]
    return "\n\n".join(filter(None, blocks)) + "\n"


def as_html(wording: Wording) -> str:
    """
    Set a letter as an HTML page that loads nothing.
    """
    return _template().render(words=wording)


def _set_off(times: Times) -> str:
    if not times.ways:
        return ""
    lines = [f"    {line}" for ways in times.ways for line in ways]
    return "\n".join((_paragraph(times.heading), "", *lines))


def _numbered(times: Times) -> str:
    lines = [
        "\n".join((f"{number:4}. {first}", *(f"      {other}" for other in others)))
        for number, (first, *others) in enumerate(times.ways, start=1)
    ]
    return "\n".join((_paragraph(times.heading), *lines))


def _paragraph(text: str) -> str:
    return fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)


@cache
def _template() -> jinja2.Template:
    surroundings = jinja2.Environment(
        loader=jinja2.PackageLoader("calndro.adapters.letter", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return surroundings.get_template("letter.html")
