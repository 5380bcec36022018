"""
A pseudo-terminal for tests, for what a program only says to a person.
"""

from __future__ import annotations

import os
import pty
import select
import subprocess
from typing import TYPE_CHECKING

from tests.patience import PATIENCE


if TYPE_CHECKING:
    from tests.entry.cli_terminal import Terminal


def _read(terminal: int) -> bytes:
    # A terminal that its program has left answers with an error.
    ready, _, _ = select.select([terminal], [], [], 30)
    try:
        return os.read(terminal, 4096) if ready else b""
    except OSError:
        return b""


def on_terminal(
    terminal: Terminal, *words: str, typed: str = "", status: int = 0, **environ: str
) -> str:
    """
    Run a command on a terminal of 80 columns; gives what the person sees.

    A line of what is typed follows each question.
    """
    mine, theirs = pty.openpty()
    process = subprocess.Popen(
        terminal.command(*words, TERM="xterm-256color", COLUMNS="80", **environ),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    seen, lines = b"", typed.splitlines(keepends=True)
    while piece := _read(mine):
        seen += piece
        if lines and seen.endswith(b": "):
            os.write(mine, lines.pop(0).encode())
    os.close(mine)
    assert process.wait(timeout=PATIENCE) == status, seen
    return seen.decode()
