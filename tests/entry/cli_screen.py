"""
A terminal of tmux for tests, in which a program runs and somebody types.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tests.patience import PATIENCE, until


if TYPE_CHECKING:
    from pathlib import Path


class Screen:
    """
    A terminal of tmux.

    Args:
        socket: The file by which tmux is reached.
        command: What runs in it.
        width: In characters.
    """

    def __init__(self, socket: Path, command: list[str], width: int) -> None:
        self._socket = socket
        size = ("-x", str(width), "-y", "100")
        self._tmux("new-session", "-d", "-s", "one", *size, *command)

    def _tmux(self, *words: str) -> str:
        return subprocess.run(
            ["tmux", "-S", self._socket, "-f", "/dev/null", *words],  # noqa: S607 - any tmux will do
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=True,
        ).stdout

    def shows(self, text: str) -> str:
        """
        Wait until a text stands on the screen; gives all of it.
        """
        return until(lambda: (seen := self.text) * (text in seen), lambda: self.text)

    @property
    def text(self) -> str:
        """
        What stands on the screen.
        """
        return self._tmux("capture-pane", "-p", "-t", "one")

    def type(self, *keys: str) -> None:
        """
        Press keys.
        """
        self._tmux("send-keys", "-t", "one", *keys)

    def answer(self, prompt: str, *keys: str) -> None:
        """
        Wait for a prompt as the last line, then type a line.
        """
        until(lambda: self.text.rstrip("\n ").endswith(prompt.rstrip()), lambda: self.text)
        self.type(*keys, "Enter")

    def close(self) -> None:
        """
        Take it away.
        """
        subprocess.run(
            ["tmux", "-S", self._socket, "kill-server"],  # noqa: S607 - any tmux will do
            capture_output=True,
            check=False,
        )
