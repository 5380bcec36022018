"""
Draw what a command prints in a terminal as an SVG picture.

    python scripts/picture.py docs/pictures/demo.svg 100 calndro demo
"""

from __future__ import annotations

import io
import os
import pty
import shlex
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text


def printed(command: list[str], width: int) -> str:
    """
    Run a command in a terminal of its own and give all that it prints.
    """
    output = bytearray()

    def read(descriptor: int) -> bytes:
        part = os.read(descriptor, 4096)
        output.extend(part)
        return part

    os.environ.update(COLUMNS=str(width), LINES="200", TERM="xterm-256color")
    pty.spawn(command, read)
    return output.decode().replace("\r\n", "\n")


def main() -> None:
    """
    Draw the picture that the command line asks for.
    """
    target, width, *command = sys.argv[1:]
    console = Console(record=True, width=int(width), file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(printed(command, int(width))))
    Path(target).write_text(console.export_svg(title=shlex.join(command)))


if __name__ == "__main__":
    main()
