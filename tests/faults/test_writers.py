"""
Many processes that write one file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults import writers


if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
def test_many_writers_wait_for_each_other(tmp_path: Path) -> None:
    """
    Of sixteen processes that write one file none is told that it is locked, and all is there.
    """
    figures = writers.run(tmp_path, processes=16, seconds=2)

    assert (figures["refused"], figures["lost"]) == (0, 0), figures


@pytest.mark.slow
def test_writers_that_push_are_told_so(tmp_path: Path) -> None:
    """
    It is the lock that lets them wait: without it, and without SQLite's own, they are refused.
    """
    figures = writers.run(tmp_path, processes=4, seconds=1, locked=False)

    assert figures["refused"] > 0, figures
