"""
Plays a page of the documentation: types what it says into a shell and Python, and looks.
"""

from __future__ import annotations

import io
import re
import shutil
import signal
import subprocess
import sys
from contextlib import chdir, redirect_stdout
from itertools import pairwise
from pathlib import Path
from textwrap import dedent
from typing import Any, Final, Self

import attrs

from tests.free_ports import free_port
from tests.patience import PATIENCE, until


ROOT: Final = Path(__file__).parents[2]
SERVE: Final = "calndro serve"
TOKEN: Final = re.compile(r"\bet=([0-9a-f]{40})")

_BLOCK: Final = re.compile(
    r"^(?P<indent> *)```(?P<language>[^\n]*)\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)


@attrs.frozen
class Block:
    """
    A fenced block of a page.

    Args:
        language: What follows the fence, if anything.
        text: The lines inside.
    """

    language: str
    text: str


def blocks(page: str) -> list[Block]:
    """
    Give the fenced blocks of a page, in order, but for orders to Sphinx.
    """
    found = [Block(each["language"], dedent(each["text"])) for each in _BLOCK.finditer(page)]
    return [block for block in found if not block.language.startswith("{")]


def commands(text: str) -> list[tuple[str, str]]:
    """
    Part a console block into commands and what is shown below each.

    ``$`` begins a command, ``>`` goes on with it.
    """
    found: list[tuple[str, str]] = []
    for line in text.splitlines(keepends=True):
        if line.startswith("$ "):
            found.append((line[2:], ""))
        elif line.startswith("> "):
            command, shown = found.pop()
            found.append((command + line[2:], shown))
        else:
            command, shown = found.pop()
            found.append((command, shown + line))
    return found


def matches(shown: str, printed: str) -> bool:
    """
    Compare what a page shows with what was printed; ``...`` stands for anything at all.
    """
    parts = [re.escape(part) for part in shown.strip().split("...")]
    return re.fullmatch(".*?".join(parts), printed.strip(), re.DOTALL) is not None


@attrs.define
class Player:
    """
    Somebody with an empty home who follows a page.

    A server that the page starts listens at a free port, which stands for the port 8000
    everywhere; ``token=`` and forty digits takes the token of the letter it showed last.
    """

    home: Path
    port: int
    shell: subprocess.Popen[str]
    server: subprocess.Popen[bytes] | None = None
    names: dict[str, Any] = attrs.field(factory=dict)

    @classmethod
    def at(cls, home: Path) -> Self:
        """
        Sit down at a machine whose home is *home*.
        """
        port = free_port()
        bash = shutil.which("bash")
        assert bash is not None
        environ = {
            "HOME": str(home),
            "PATH": f"{home / 'bin'}:/usr/local/bin:/usr/bin:/bin",
            "PYTHONPATH": str(ROOT / "src"),
            "TZ": "UTC",
            "LC_ALL": "C.UTF-8",
        }
        (home / "bin").mkdir()
        program = home / "bin" / "calndro"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m calndro "$@"\n')
        program.chmod(0o700)
        shell = subprocess.Popen(
            [bash, "--noprofile", "--norc"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            env=environ,
            cwd=home,
        )
        return cls(home, port, shell)

    def leave(self) -> None:
        """
        Stop what was started.
        """
        if self.server is not None:
            self.server.send_signal(signal.SIGINT)
            self.server.wait(PATIENCE)
        assert self.shell.stdin is not None
        assert self.shell.stdout is not None
        self.shell.stdin.close()
        self.shell.wait(PATIENCE)
        self.shell.stdout.close()

    def follow(self, page: str) -> int:
        """
        Do what a page says, block by block; tells how many commands and programs that were.
        """
        done = 0
        for block, following in pairwise([*blocks(page), Block("", "")]):
            if block.language == "console":
                for command, shown in commands(block.text):
                    self._type(command, shown)
                    done += 1
            elif block.language == "python":
                shown = following.text if following.language == "text" else ""
                self._run(block.text, shown)
                done += 1
        return done

    def _type(self, command: str, shown: str) -> None:
        if command.strip() == SERVE:
            printed = self._serve()
        elif re.fullmatch(r"token=[0-9a-f]{40}\n", command):
            printed = self._print(f"token={self._token()}\n")
        else:
            printed = self._print(command.replace("8000", str(self.port)))
        printed = printed.replace(str(self.port), "8000")
        assert matches(shown, printed), f"$ {command}{printed}"

    def _print(self, command: str) -> str:
        assert self.shell.stdin is not None
        assert self.shell.stdout is not None
        mark = "the command has ended"
        self.shell.stdin.write(f"{command}printf '\\n%s %s\\n' '{mark}' $?\n")
        self.shell.stdin.flush()
        printed = ""
        for line in self.shell.stdout:
            if line.startswith(mark):
                assert line == f"{mark} 0\n", f"$ {command}{printed}"
                break
            printed += line
        return printed

    def _serve(self) -> str:
        with self._screen.open("wb") as screen:
            self.server = subprocess.Popen(
                [str(self.home / "bin" / "calndro"), "serve", "--port", str(self.port)],
                stdout=screen,
                stderr=subprocess.STDOUT,
                env={"HOME": str(self.home), "PYTHONPATH": str(ROOT / "src")},
            )
        return self._await(re.compile(r"(calndro serves .*)\n(?=.*startup complete)", re.DOTALL))

    def _token(self) -> str:
        self._await(TOKEN)
        found: list[str] = TOKEN.findall(self._screen.read_text(encoding="utf-8"))
        return found[-1]

    @property
    def _screen(self) -> Path:
        return self.home / "screen"

    def _shown(self) -> str:
        return self._screen.read_text(encoding="utf-8")

    def _await(self, wanted: re.Pattern[str]) -> str:
        found = until(lambda: wanted.search(self._shown()), self._shown)
        assert found is not None
        return found[1].partition("\n")[0]

    def _run(self, program: str, shown: str) -> None:
        printed = io.StringIO()
        code = compile(program, "<page>", "exec")
        with chdir(self.home), redirect_stdout(printed):
            exec(code, self.names)  # noqa: S102  the pages are our own
        assert matches(shown, printed.getvalue()), printed.getvalue()
