"""
What becomes of an error on the command line: words on stderr and an exit status.
"""

from __future__ import annotations

import re
from contextlib import suppress
from traceback import format_exception
from typing import TYPE_CHECKING, Final

import typer

from calndro.core import errors
from calndro.core.quoting import harmless
from calndro.entry.settings import SettingsError, read_settings


if TYPE_CHECKING:
    from collections.abc import Iterable


STATUSES: Final = (
    (errors.InvalidInputError, 2),
    (SettingsError, 2),
    (errors.RuleError, 3),
    (errors.TooManyError, 3),
    (errors.NotFoundError, 4),
    (errors.GoneError, 4),
    (errors.NotAllowedError, 5),
    (errors.SignInError, 5),
    (errors.TokenError, 5),
    (errors.StaleRevisionError, 6),
    (errors.PortError, 7),
)
"""0 is done, 1 unexpected; whatever is wrong with the words of a command is 2 as well."""

UNSENT: Final = 7
"""The status of a command that did its work, but could not send all of its letters."""

UNREADABLE: Final = 2
REFUSED: Final = 3
NOT_SIGNED_IN: Final = 5
STALE: Final = 6

TIMED_OUT: Final = 8
"""The status of waiting in vain."""

_PLACE: Final = re.compile(r"(?P<list>[a-z]+)\[(?P<place>\d+)\](?:\.\w+)?")
_SINGULAR: Final = {
    "slots": "slot",
    "keep": "slot",
    "drop": "slot",
    "accept": "slot",
    "add": "slot",
    "parties": "party",
}


def status_of(error: errors.CalndroError) -> int:
    """
    Find the exit status of an error.
    """
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 1)


def say(error: errors.CalndroError) -> None:
    """
    Tell on stderr what went wrong, a line for each fault; with CALNDRO_DEBUG also where.
    """
    complain(_lines(error))
    if _is_debugging():
        with suppress(OSError):
            typer.echo("".join(format_exception(error)), err=True, nl=False)


def _is_debugging() -> bool:
    try:
        return read_settings().debug
    except SettingsError:
        return False


def complain(lines: Iterable[str]) -> None:
    """
    Write errors on stderr, one a line; the status tells them too when it takes no more.

    What somebody else put into them is harmless on a terminal.
    """
    with suppress(OSError):
        for line in lines:
            typer.echo(f"calndro: {harmless(line)}", err=True)


def _lines(error: errors.CalndroError) -> list[str]:
    if isinstance(error, errors.InvalidInputError):
        return [_in_words(fault) for fault in error.faults]
    if isinstance(error, SettingsError):
        return list(error.faults)
    return [str(error)]


def _in_words(fault: errors.Fault) -> str:
    found = _PLACE.fullmatch(fault.path)
    if found is None:
        return str(fault)
    name = _SINGULAR.get(found["list"], found["list"])
    return f"{name} {int(found['place']) + 1}: {fault.message}"
