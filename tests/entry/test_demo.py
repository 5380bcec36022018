"""
The story that ``calndro demo`` tells.
"""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING

import pytest

from tests.entry.cli_terminal import Terminal


if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """
    Give a machine with an empty home.
    """
    return Terminal.of(tmp_path)


def test_demo_ends_in_an_agreement(terminal: Terminal) -> None:
    """
    Whoever of the two narrows first, both are heard, all agree, and everybody is told.
    """
    said = terminal.done("demo")

    assert said.count("[calndro] ") == 5
    assert len(set(re.findall(r"/1/\?et=\w+", said))) == 5
    agreement = r"^Everybody agrees on Tue .* 14:30-15:15 \(Europe/Paris\)\.$"
    assert re.search(agreement, said, re.MULTILINE)
    assert re.findall(r"you@here.net told (\S+) that all agree", said) == [
        "you@here.net",
        "they@thar.net",
        "them@whar.net",
    ]


def test_demo_as_json_is_its_log(terminal: Terminal) -> None:
    """
    With ``--json`` the log is the answer, and the story goes to stderr.
    """
    result = terminal.run("demo", "--json")

    entries = json.loads(result.stdout)["entries"]
    narrowed = [entry["effector"] for entry in entries if entry["data"].get("form") == "narrow"]
    assert sorted(narrowed[:2]) == ["them@whar.net", "they@thar.net"]
    assert narrowed[2:] == ["you@here.net"]
    assert "At the same moment" in result.stderr


def test_demo_leaves_everything_alone(
    terminal: Terminal, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The story touches neither one's own database nor one's settings, and is cleared away.
    """
    aside = tmp_path_factory.mktemp("aside")
    monkeypatch.setattr("tempfile.tempdir", str(aside))
    terminal.environ["CALNDRO_MAX_SLOTS"] = "1"
    terminal.environ["CALNDRO_EMAIL_BACKEND"] = "smtp"

    terminal.done("demo")

    assert list(terminal.home.iterdir()) == []
    assert list(aside.iterdir()) == []


def test_the_commands_to_try_next_work(terminal: Terminal) -> None:
    """
    The three commands at the end of the story do what they promise on a new machine.
    """
    lines = terminal.done("demo").splitlines()[-3:]

    for line in lines:
        program, *words = shlex.split(line)
        assert program == "calndro"
        assert "they@thar.net" in terminal.done(*words)
