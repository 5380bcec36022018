"""
Waiting for an event in scripts.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from calndro.core.errors import StorageError
from calndro.entry.local import LocalCoordinator
from tests.entry.cli_terminal import FIRST, Terminal


if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from calndro.core.event import Event


def test_waiting_outlasts_a_server_that_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    What was there once is asked again while it is away; what never was, is not.
    """
    terminal = Terminal.of(tmp_path)
    number = str(terminal.propose(FIRST))
    peek, looks = LocalCoordinator.peek, count(1)

    def at_times(desk: LocalCoordinator, event_id: int) -> Event:
        if next(looks) in {2, 3}:
            raise StorageError("away")
        return peek(desk, event_id)

    monkeypatch.setattr(LocalCoordinator, "peek", at_times)

    said = terminal.refused(8, "wait", number, "--timeout", "PT1S")
    assert said.splitlines() == ["calndro: away", "calndro: event 1 is not agreed after PT1S"]
    looks = count(2)
    terminal.refused(7, "wait", number, "--timeout", "PT1S")


def test_waiting_for_what_was_deleted(tmp_path: Path) -> None:
    """
    Waiting for a deleted event is refused, unless that was waited for; no look is logged.
    """
    terminal = Terminal.of(tmp_path)
    number = str(terminal.propose(FIRST))
    terminal.done("wait", number, "--until", "open")
    terminal.refused(8, "wait", number, "--until", "answered", "--timeout", "PT0.3S")
    assert len(terminal.json("log", number)["entries"]) == 1
    terminal.done("delete", number, "--yes")

    terminal.refused(3, "wait", number)
    assert terminal.json("wait", number, "--until", "closed") == {"id": 1, "status": "closed"}
    assert "was deleted" in terminal.done("wait", number, "--until", "closed")
    assert "--timeout" in terminal.refused(2, "wait", number, "--timeout", "soon")
