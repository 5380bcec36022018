"""
What the pages about slots and free times show is what happens.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import time_machine

from calndro.core.errors import InvalidInputError
from calndro.core.spoken import say_slot
from calndro.core.times import parse_slot
from calndro.core.written import read_written
from tests.core.test_written import NOW, PARIS
from tests.docs.playing import blocks, commands
from tests.entry.cli_terminal import Terminal


if TYPE_CHECKING:
    from collections.abc import Iterator


DOCS = Path(__file__).parents[2] / "docs"
SLOTS = (DOCS / "reference" / "slots.md").read_text(encoding="utf-8")
HOW_TO = (DOCS / "how-to" / "find-a-free-time.md").read_text(encoding="utf-8")
CONSOLES = [
    (line.replace("\\\n", ""), screen)
    for block in blocks(HOW_TO)
    for line, screen in commands(block.text)
]


def rows(heading: str) -> list[tuple[str, str]]:
    """
    Give the rows of the table of slots.md that has *heading*.
    """
    rest = SLOTS.partition(f"{heading}\n|---|---|\n")[2].partition("\n\n")[0]
    return [(row[0], row[1]) for row in re.findall(r"\| `(.+)` \| (.+) \|", rest)]


def test_the_tables_are_found() -> None:
    """
    The pages have the tables and examples that are tried here.
    """
    assert len(rows("| text | slots |")) == 8
    assert len(rows("| text | could be |")) == 9
    assert len(CONSOLES) == 5


@pytest.mark.parametrize("text", [row[1].strip("`") for row in rows("| form | example |")])
def test_strict_forms_are_read(text: str) -> None:
    """
    Every strict form that is shown is one, for the same slot.
    """
    assert parse_slot(text, PARIS).duration.total_seconds() == 45 * 60


@pytest.mark.parametrize(("text", "slots"), rows("| text | slots |"))
def test_short_forms_are_read_as_shown(text: str, slots: str) -> None:
    """
    Every short form that is shown means what stands beside it.
    """
    read = read_written(text, PARIS, NOW).slots

    assert ", ".join(say_slot(slot, PARIS) for slot in read) == slots


@pytest.mark.parametrize(("text", "readings"), rows("| text | could be |"))
def test_ambiguous_texts_are_refused_as_shown(text: str, readings: str) -> None:
    """
    Every ambiguous text that is shown is refused with the readings beside it.
    """
    with pytest.raises(InvalidInputError) as caught:
        read_written(text, PARIS, NOW)
    assert readings in str(caught.value)


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """
    Sit down in November 2026, where the calendar files are.
    """
    monkeypatch.chdir(DOCS / "how-to" / "calendars")
    with time_machine.travel(NOW, tick=False):
        yield Terminal.of(tmp_path)


def printed(terminal: Terminal, line: str) -> str:
    """
    Run the commands of a pipe; gives what stands on the screen then.
    """
    screen, stdin = "", ""
    *before, last = line.split(" | ")
    for command in before:
        result = terminal.run(*shlex.split(command)[1:], stdin=stdin)
        assert result.exit_code == 0, result.output
        screen, stdin = screen + result.stderr, result.stdout
    result = terminal.run(*shlex.split(last)[1:], stdin=stdin)
    assert result.exit_code == 0, result.output
    return screen + result.output


@pytest.mark.parametrize(("line", "screen"), CONSOLES)
def test_commands_print_what_is_shown(terminal: Terminal, line: str, screen: str) -> None:
    """
    Every command of the how-to prints what stands below it.
    """
    assert printed(terminal, line) == screen
