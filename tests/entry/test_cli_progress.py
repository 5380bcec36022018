"""
Long work shows how far it has come, to whoever sits at a terminal and to nobody else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest

from tests.entry.cli_terminal import FIRST, Terminal
from tests.entry.pseudo_terminal import on_terminal


if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """
    Give a machine with an event whose letter waits.
    """
    seated = Terminal.of(tmp_path)
    seated.propose(FIRST)
    seated.done("notify", "1", "--all", "--no-deliver")
    return seated


def elsewhere(terminal: Terminal) -> Terminal:
    """
    Sit at the same machine with an empty database.
    """
    empty = {"CALNDRO_DATABASE_URL": f"sqlite:///{terminal.home}/elsewhere.db"}
    return attrs.evolve(terminal, environ=terminal.environ | empty)


LONG = {
    "exporting": ("export", "again.jsonl"),
    "importing": ("import", "all.jsonl"),
    "verifying": ("audit", "verify"),
    "sending": ("deliver",),
}


@pytest.mark.parametrize("doing", LONG)
def test_a_person_sees_how_far_long_work_has_come(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, doing: str
) -> None:
    """
    A terminal shows a bar, which has gone when the answer stands there.
    """
    monkeypatch.chdir(terminal.home)
    terminal.done("export", "all.jsonl")
    seated = elsewhere(terminal) if doing == "importing" else terminal

    seen = on_terminal(seated, *LONG[doing])

    before, _, after = seen.rpartition("\x1b[2K")
    assert f"{doing} " in before
    assert doing not in after
    assert "event" in after or "sent a letter" in after


@pytest.mark.parametrize(
    ("doing", "option"),
    [
        ("exporting", "--json"),
        ("importing", "--quiet"),
        ("verifying", "--quiet"),
        ("sending", "--json"),
    ],
)
def test_no_bar_for_who_wants_none(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, doing: str, option: str
) -> None:
    """
    With --json or --quiet there is no bar, on a terminal neither.
    """
    monkeypatch.chdir(terminal.home)
    terminal.done("export", "all.jsonl")
    seated = elsewhere(terminal) if doing == "importing" else terminal

    assert "\x1b" not in on_terminal(seated, *LONG[doing], option)


def test_a_pipe_gets_no_bar(terminal: Terminal) -> None:
    """
    Where stderr is no terminal, nothing is drawn on it.
    """
    assert terminal.program("audit", "verify").stderr == ""


def test_what_shows_itself_has_no_bar(terminal: Terminal) -> None:
    """
    An export written to the screen, and letters that are printed, are not drawn over.
    """
    assert "exporting" not in on_terminal(terminal, "export", "-")
    assert "sending" not in on_terminal(terminal, "deliver", CALNDRO_EMAIL_BACKEND="console")


def test_what_went_wrong_stands_alone(terminal: Terminal) -> None:
    """
    When the work fails, the bar goes before the reason is told.
    """
    broken = terminal.home / "broken.jsonl"
    broken.write_text("no json\n")

    seen = on_terminal(elsewhere(terminal), "import", str(broken), status=2)

    assert "importing" in seen
    assert seen.rindex("\x1b[2K") < seen.rindex("is no JSON")
