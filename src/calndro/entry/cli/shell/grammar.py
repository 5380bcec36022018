"""
The orders of the shell: one letter each, some with the number of an event.
"""

from __future__ import annotations

import re
from typing import Final

import attrs

from calndro.core.errors import InvalidInputError


ORDERS: Final = "l c d[n] p[n] n[n] g[n] ? q"

HELP: Final = (
    ("l", "list events"),
    ("c", "create: asks for a title, emails and slots"),
    ("d[n]", "detail: who keeps which slots of event n, as in d7"),
    ("p[n]", "patch: choose the slots of event n to keep"),
    ("n[n]", "notify parties of event n"),
    ("g[n]", "log: who did what in event n"),
    ("?", "help: this help"),
    ("q", "quit"),
    ("Ctrl-C", "leave off; a half-made event is kept, and c takes it up again"),
)

_LONE: Final = frozenset("lc?q")
_NUMBERED: Final = frozenset("dpng")
_FORM: Final = re.compile(r"(?P<letter>\S)\s*(?P<number>[0-9]{1,15})?")


@attrs.frozen
class Order:
    """
    What somebody wants of the shell.

    Args:
        letter: One of those in ``HELP``.
        event_id: Which event, for the letters that take one; else 0.
    """

    letter: str
    event_id: int = 0


def read_order(text: str) -> Order:
    """
    Read an order.

    Args:
        text: One line, not blank.

    Raises:
        InvalidInputError: It is none.
    """
    form = _FORM.fullmatch(text.strip())
    letter = form["letter"].lower() if form else ""
    if form is None or letter not in _LONE | _NUMBERED:
        raise InvalidInputError.of(f"{text.strip()!r} is no order; there are {ORDERS}")
    if letter in _LONE and form["number"]:
        raise InvalidInputError.of(f"{letter} takes no number")
    if letter in _NUMBERED and not form["number"]:
        raise InvalidInputError.of(f"{letter} of which event? Write {letter}7 for event 7")
    return Order(letter, int(form["number"] or 0))
