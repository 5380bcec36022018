"""
Databases that go away under load: a polite refusal, and nothing lost.
"""

from __future__ import annotations

import os
from math import inf, isfinite
from typing import TYPE_CHECKING, Final

import pytest

from tests.faults import cuts


if TYPE_CHECKING:
    from pathlib import Path


SERVED = pytest.mark.service
ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
_TWISTS: Final = "tests.faults.controls:"
_SOON: Final = 5.0


@pytest.mark.slow
@pytest.mark.parametrize(
    "way",
    [
        pytest.param("full-sqlite", marks=ROOT),
        pytest.param("cut-postgres", marks=SERVED),
        pytest.param("cut-mariadb", marks=SERVED),
        pytest.param("restart-postgres", marks=SERVED),
    ],
)
def test_a_database_that_goes_away_is_missed_politely(tmp_path: Path, way: str) -> None:
    """
    Without its database a server says 503, loses nothing, and is soon well without a restart.
    """
    figures = cuts.run(way, tmp_path, times=1)

    assert figures.refused > 0, figures
    assert (figures.violations, figures.unpolite) == (0, 0), figures
    assert figures.all_lived
    assert isfinite(figures.worst_recovery)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("way", "wrong"),
    [
        pytest.param("full-sqlite", "swallow_errors", marks=ROOT),
        pytest.param("cut-postgres", "acknowledge_early", marks=SERVED),
        pytest.param("cut-mariadb", "acknowledge_early", marks=SERVED),
        pytest.param("restart-postgres", "acknowledge_early", marks=SERVED),
    ],
)
def test_an_absence_shows_who_loses_something(tmp_path: Path, way: str, wrong: str) -> None:
    """
    A server that acknowledges what its database never took is found out, whatever happened.
    """
    # On a busy machine little is under way at any one moment.
    figures = cuts.run(way, tmp_path, times=3, twist=f"{_TWISTS}{wrong}")

    assert figures.lost > 0, figures


@pytest.mark.slow
@pytest.mark.service
@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ("stumble", "was answered 500"),
        ("forget_retry_after", "a 503 did not say when to come again"),
    ],
)
def test_an_absence_shows_who_is_unpolite(tmp_path: Path, wrong: str, complaint: str) -> None:
    """
    A server that says something else than 503, or not when to come again, is found out.
    """
    figures = cuts.run("cut-postgres", tmp_path, times=1, many=1, twist=f"{_TWISTS}{wrong}")

    assert any(complaint in each for each in figures.complaints), figures


@pytest.mark.slow
@pytest.mark.service
@pytest.mark.parametrize(("wrong", "lives"), [("stay_away", True), ("die_of_it", False)])
def test_an_absence_shows_who_does_not_come_back(tmp_path: Path, wrong: str, lives: bool) -> None:
    """
    Servers that refuse everything from then on, or have ended, are found out.
    """
    twist = f"{_TWISTS}{wrong}"

    figures = cuts.run("cut-postgres", tmp_path, times=1, many=1, twist=twist, patience=_SOON)

    assert figures.worst_recovery == inf
    assert figures.all_lived is lives
