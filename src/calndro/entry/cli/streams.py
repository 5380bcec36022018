"""
Standard streams that are closed, can take no more, or know few characters.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from io import TextIOWrapper
from typing import IO, TYPE_CHECKING, Any

from typer._click.exceptions import ClickException


if TYPE_CHECKING:
    from collections.abc import Iterator


_UNWRITTEN = 1
_INTERRUPTED = 130


@contextmanager
def usable_streams() -> Iterator[None]:
    """
    Let a program say what it has to say, whatever its streams are.

    What goes to a closed stream is let go, and nothing comes from one. A character that is not
    in the encoding of a stream is spelt out; bytes on stdin that are no character come in as
    surrogates. When an open one takes no more, as on a full disk, that is told in one line, and the
    status is 1; it stays that of a command that was written wrong.

    Raises:
        SystemExit: A stream takes no more, or Ctrl-C was pressed where nobody else heeds it.
    """
    _open_closed()
    _spell_out()
    _take_in()
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    except OSError as error:
        # Only what has no name of its own is a stream.
        if error.filename is not None:
            raise
        _let_go()
        if isinstance(error.__context__, ClickException):
            sys.exit(error.__context__.exit_code)
        from calndro.entry.cli.exits import complain

        complain((f"not all of the answer could be written: {error.strerror}",))
        sys.exit(_UNWRITTEN)


def _open_closed() -> None:
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, _nowhere(mode))


def _spell_out() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _take_in() -> None:
    """
    Let stdin hold any bytes, for whoever reads them to refuse, under every locale.

    It may begin with the mark that some programs put before UTF-8; nobody has typed it.
    """
    stdin = sys.stdin
    if isinstance(stdin, TextIOWrapper):
        is_marked = not stdin.isatty() and stdin.encoding == "utf-8"
        stdin.reconfigure(encoding="utf-8-sig" if is_marked else None, errors="surrogateescape")


def _nowhere(mode: str) -> IO[Any]:
    # It stays open until the very end, when there is nobody left to close it.
    return os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8", closefd=False)


def _let_go() -> None:
    # At its end the program would try once more to write what is left.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
