"""
Storms over servers: what was acknowledged stays, and what was told could have been so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults import storm
from tests.surroundings import SERVICES_ARE_REQUIRED


if TYPE_CHECKING:
    from pathlib import Path


# What CI can bear; ``make faults`` and ``make faults-long`` do more in one go.
ROUNDS, PORTIONS, DEEDS = (5, 4, 3500) if SERVICES_ARE_REQUIRED else (2, 1, 1000)
SERVED = pytest.mark.service
KINDS = ["sqlite", pytest.param("postgres", marks=SERVED), pytest.param("mariadb", marks=SERVED)]


@pytest.mark.slow
@pytest.mark.parametrize("portion", range(PORTIONS))
def test_killed_servers_lose_nothing(tmp_path: Path, portion: int) -> None:
    """
    Whatever servers had acknowledged before SIGKILL stands in logs that verify.
    """
    figures = storm.run("sqlite", tmp_path, rounds=ROUNDS, first=portion * ROUNDS)

    assert figures.violations == 0, figures
    assert figures.least_acknowledged >= storm.WRITES
    assert figures.least_kills >= storm.KILLS


@pytest.mark.slow
def test_a_storm_shows_who_acknowledges_too_early(tmp_path: Path) -> None:
    """
    A server that acknowledges before it commits is found out by the first storm.
    """
    figures = storm.run(
        "sqlite", tmp_path, rounds=1, writes=60, twist="tests.faults.controls:acknowledge_early"
    )

    assert figures.lost > 0, figures


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_what_many_are_told_at_once_could_be_so(tmp_path: Path, kind: str) -> None:
    """
    Answers to many clients of several servers fit one order of deeds, and so does the log.
    """
    figures = storm.run_calm(kind, tmp_path, deeds=DEEDS)

    assert figures.violations == 0, figures
    assert figures.acknowledged > DEEDS / 4


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("sqlite", "ignore_if_match"),
        pytest.param("postgres", "read_without_lock", marks=SERVED),
        pytest.param("mariadb", "read_without_lock", marks=SERVED),
    ],
)
def test_the_judge_finds_servers_that_do_it_wrong(tmp_path: Path, kind: str, wrong: str) -> None:
    """
    Without the check of If-Match, or the lock of a row, the history can't be explained.
    """
    figures = storm.run_calm(
        kind, tmp_path, deeds=300, events=2, twist=f"tests.faults.controls:{wrong}"
    )

    assert figures.violations > 0, figures
