"""
Databases that go away under load: a polite refusal, and nothing lost.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.faults import cuts


if TYPE_CHECKING:
    from pathlib import Path


SERVED = pytest.mark.service
ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")


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
