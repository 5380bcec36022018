"""
Long work shows how far it has come, to whoever sits at a terminal and to nobody else.
"""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from tests.entry.cli_terminal import FIRST, Terminal
from tests.entry.pseudo_terminal import on_terminal


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


ORIGINAL = str(Path(__file__).parent.parent / "data" / "original.json")

LONG = {
    "export again.jsonl": "exporting",
    "import all.jsonl": "importing",
    f"import --from-original {ORIGINAL}": "importing",
    "audit verify": "verifying",
    "audit verify --offline log.jsonl": "verifying",
    "deliver": "sending",
}
NAMES = [words.replace(ORIGINAL, "FILE") for words in LONG]


@pytest.fixture
def seated(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """
    Sit where the files lie that long work reads.
    """
    monkeypatch.chdir(terminal.home)
    terminal.done("export", "all.jsonl")
    (terminal.home / "log.jsonl").write_text(terminal.done("audit", "export", "1"))
    return terminal


@pytest.mark.parametrize("words", LONG, ids=NAMES)
def test_a_person_sees_how_far_long_work_has_come(seated: Terminal, words: str) -> None:
    """
    A terminal shows a bar, which has gone when the answer stands there.
    """
    doing = LONG[words]

    seen = on_terminal(elsewhere(seated) if doing == "importing" else seated, *words.split())

    before, _, after = seen.rpartition("\x1b[2K")
    assert f"{doing} " in before
    assert doing not in after
    assert "event" in after or "sent a letter" in after


@pytest.mark.parametrize("words", LONG, ids=NAMES)
@pytest.mark.parametrize("option", ["--json", "--quiet"])
def test_no_bar_for_who_wants_none(seated: Terminal, words: str, option: str) -> None:
    """
    With --json or --quiet there is no bar, on a terminal neither.
    """
    at_work = elsewhere(seated) if LONG[words] == "importing" else seated

    assert "\x1b" not in on_terminal(at_work, *words.split(), option)


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
