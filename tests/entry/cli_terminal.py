"""
A terminal for tests: runs commands in this process or as a program of their own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
from typer.testing import CliRunner

from calndro.entry.cli.app import app
from tests.patience import PATIENCE


if TYPE_CHECKING:
    from typer.testing import Result


SOURCE = Path(__file__).parents[2] / "src"

YOU = "you@here.net"
THEY = "they@thar.net"
THEM = "them@whar.net"

FIRST = "2046-12-04T09:00Z/PT30M"
SECOND = "2046-12-05T10:00Z/PT1H"
THIRD = "2046-12-06T11:00Z/PT45M"


@attrs.frozen
class Terminal:
    """
    Somebody at a machine with an empty home.

    Args:
        home: Where its data, state and settings are.
        environ: What its programs find in their environment.
    """

    home: Path
    environ: dict[str, str]

    @classmethod
    def of(cls, home: Path) -> Terminal:
        """
        Sit down at a machine whose home is *home*; it acts as you and drops letters.
        """
        environ = {
            "HOME": str(home),
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_STATE_HOME": str(home / "state"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "CALNDRO_USER": YOU,
            "CALNDRO_EMAIL_BACKEND": "dummy",
            "TZ": "UTC",
        }
        return cls(home, environ)

    @property
    def database(self) -> Path:
        """
        The file of the embedded database.
        """
        return self.home / "data" / "calndro" / "calndro.db"

    def run(self, *words: str, stdin: str | bytes | None = None) -> Result:
        """
        Run a command in this process.
        """
        return CliRunner().invoke(
            app, words, input=stdin, env=self.environ, prog_name="calndro", catch_exceptions=False
        )

    def done(self, *words: str, stdin: str | None = None) -> str:
        """
        Run a command that must succeed; gives what it printed.
        """
        result = self.run(*words, stdin=stdin)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *words: str, stdin: str | None = None) -> Any:
        """
        Run a command that must succeed with ``--json``; gives its document.
        """
        return json.loads(self.done(*words, "--json", stdin=stdin))

    def refused(self, status: int, *words: str, stdin: str | bytes | None = None) -> str:
        """
        Run a command that must end with *status*; gives what it said on stderr.
        """
        result = self.run(*words, stdin=stdin)
        assert result.exit_code == status, result.output
        assert "Traceback" not in result.output
        return result.stderr

    def command(self, *words: str, **environ: str) -> list[str]:
        """
        Spell out how a command is started as a program, in its environment.
        """
        surroundings = {"PYTHONPATH": str(SOURCE), "PYTHONWARNINGS": "error", **self.environ}
        values = [f"{name}={value}" for name, value in (surroundings | environ).items()]
        return ["env", *values, sys.executable, "-m", "calndro", *words]

    def program(
        self, *words: str, stdin: str = "", **environ: str
    ) -> subprocess.CompletedProcess[str]:
        """
        Run a command as a program of its own.
        """
        return subprocess.run(
            self.command(*words, **environ),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def propose(self, *slots: str, parties: tuple[str, ...] = (YOU, THEY), **more: str) -> int:
        """
        Propose an event; gives its id.
        """
        words = [word for party in parties for word in ("--party", party)]
        words += [word for slot in slots for word in ("--slot", slot)]
        words += [word for name, value in more.items() for word in (f"--{name}", value)]
        found: int = self.json("propose", *words)["id"]
        return found
