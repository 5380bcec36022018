"""
Servers as programs of their own, as an operator starts them.
"""

from __future__ import annotations

import json
import signal
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import attrs

from tests.patience import PATIENCE


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.entry.cli_terminal import Terminal


@attrs.frozen
class Server:
    """
    A server that was started.

    Args:
        url: Where it listens.
        process: The program, or the parent of its workers.
        log: The file that holds what it logs.
    """

    url: str
    process: subprocess.Popen[str]
    log: Path

    @property
    def port(self) -> int:
        """
        The port in its address.
        """
        return int(self.url.rpartition(":")[2])

    def lines(self) -> list[dict[str, Any]]:
        """
        Read what it has logged so far, without what is no JSON.
        """
        text = self.log.read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]

    def answered(self) -> list[dict[str, Any]]:
        """
        Read which requests it has answered so far.
        """
        return [line for line in self.lines() if line["logger"] == "calndro.access"]

    def stop(self) -> int:
        """
        Tell it to stop, wait for that, and tell its status.
        """
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@contextmanager
def served(terminal: Terminal, log: Path, *words: str, **environ: str) -> Iterator[Server]:
    """
    Run a server at a free port, and end it if that was not done.
    """
    with (
        log.open("wb") as stream,
        subprocess.Popen(
            terminal.command("serve", "--port", "0", "--json", *words, **environ),
            stdout=subprocess.PIPE,
            stderr=stream,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        try:
            first = process.stdout.readline()
            assert first, log.read_text(encoding="utf-8")
            yield Server(json.loads(first)["url"], process, log)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(PATIENCE)
