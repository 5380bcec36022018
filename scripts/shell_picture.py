"""
Draw the shell of few letters as an SVG picture, as tmux shows it to who types in it.

    python scripts/shell_picture.py docs/pictures/shell.svg
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.text import Text


WIDTH = 100
PAUSE = 1.5
TYPED = (
    *("c", "Tea", "you@here.net, they@thar.net", ""),
    *("2046-12-04T09:00Z 45m", "2046-12-05 14-16 /1h", ""),
    *("p1", "1,3", "l"),
)


def shown(socket: str, home: str) -> str:
    """
    Type into a shell in a terminal of its own, and give what stands there with its colours.
    """

    def tmux(*words: str) -> str:
        command = ["tmux", "-S", socket, "-f", "/dev/null", *words]
        return subprocess.run(  # noqa: S603  our own words
            command, check=True, capture_output=True, text=True
        ).stdout

    settings = (f"HOME={home}", "CALNDRO_USER=you@here.net", "TZ=UTC", "LC_ALL=C.UTF-8")
    program = ("env", *settings, sys.executable, "-m", "calndro", "tui")
    tmux("new-session", "-d", "-s", "one", "-x", str(WIDTH), "-y", "60", *program)
    try:
        while not tmux("capture-pane", "-p", "-t", "one").rstrip().endswith("\n>"):
            time.sleep(PAUSE)
        for line in TYPED:
            tmux("send-keys", "-t", "one", line, "Enter")
            time.sleep(PAUSE)
        time.sleep(2 * PAUSE)
        return tmux("capture-pane", "-e", "-p", "-t", "one").rstrip()
    finally:
        tmux("kill-server")


def main() -> None:
    """
    Draw the picture in the file that the command line names.
    """
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    with tempfile.TemporaryDirectory() as home:
        console.print(Text.from_ansi(shown(f"{home}/tmux", home)))
    Path(sys.argv[1]).write_text(console.export_svg(title="calndro tui"), encoding="utf-8")


if __name__ == "__main__":
    main()
