"""
Standard streams that are closed, or can take no more.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TYPE_CHECKING, TextIO


if TYPE_CHECKING:
    from collections.abc import Iterator


_UNWRITTEN = 1
_INTERRUPTED = 130


@contextmanager
def usable_streams() -> Iterator[None]:
    """
    Let a program say what it has to say, whatever its streams are.

    What goes to a closed stream is let go. When an open one takes no more, as on a full disk,
    that is told in one line, and the status is 1.

    Raises:
        SystemExit: A stream takes no more, or Ctrl-C was pressed where nobody else heeds it.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, _nowhere())
    _leave_out_mark()
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    except OSError as error:
        # Only what has no name of its own is a stream.
        if error.filename is not None:
            raise
        _let_go()
        from calndro.entry.cli.exits import complain

        complain((f"not all of the answer could be written: {error.strerror}",))
        sys.exit(_UNWRITTEN)


def _leave_out_mark() -> None:
    """
    Let stdin begin with the mark that some programs put before UTF-8; nobody has typed it.
    """
    stdin = sys.stdin
    if isinstance(stdin, TextIOWrapper) and not stdin.isatty() and stdin.encoding == "utf-8":
        stdin.reconfigure(encoding="utf-8-sig", errors=stdin.errors)


def _nowhere() -> TextIO:
    # It stays open until the very end, when there is nobody left to close it.
    return os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", closefd=False)


def _let_go() -> None:
    # At its end the program would try once more to write what is left.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
