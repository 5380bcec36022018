"""
System calls that fail: a refusal, never a loss.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults import calls
from tests.surroundings import SERVICES_ARE_REQUIRED


if TYPE_CHECKING:
    from pathlib import Path


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        calls.STRACE is None and not SERVICES_ARE_REQUIRED, reason="there is no strace"
    ),
]


def test_a_failing_call_loses_nothing(tmp_path: Path) -> None:
    """
    Whichever call fails or kills the program, what it had acknowledged stays and verifies.
    """
    figures = calls.run(tmp_path, step=11)

    assert figures.met == figures.runs > 20, figures
    assert (figures.lost, figures.corrupt, figures.complaints) == (0, 0, []), figures


def test_failing_calls_show_who_swallows_errors(tmp_path: Path) -> None:
    """
    A program that takes a commit for done when it failed is found out.
    """
    figures = calls.run(tmp_path, step=11, twist="tests.faults.controls:swallow_errors")

    assert figures.lost > 0, figures
