"""
Text that somebody else wrote: how long it may be, and how an error message shows it.
"""

from __future__ import annotations

from calndro.core.errors import InvalidInputError


def quoted(text: str, most: int = 60) -> str:
    """
    Show *text* in quotes, harmless on a terminal and of bounded length.

    Args:
        text: Anything, hostile text too.
        most: How many of its characters are shown.

    Returns:
        Printable characters alone: control, bidi and surrogate characters come out escaped.
    """
    return repr(text) if len(text) <= most else f"{text[:most]!r}..."


def harmless(text: str) -> str:
    """
    Show *text* as it is, but for what a terminal might obey.

    Args:
        text: One line or more; hostile text too.

    Returns:
        Printable characters and line feeds alone: all others come out escaped.
    """
    return "".join(
        each if each.isprintable() or each == "\n" else each.encode("unicode_escape").decode()
        for each in text
    )


def bounded(text: str, most: int = 100) -> str:
    """
    Take *text* without the blanks around it, unless it is too long to be what it should.

    Raises:
        InvalidInputError: It has more than *most* characters.
    """
    if len(text) > most:
        raise InvalidInputError.of(f"{quoted(text)} is too long; at most {most} characters fit")
    return text.strip(" ")
