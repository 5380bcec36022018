"""
What the tests of the tools share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tools.exports import Verifier


if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def verifier(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Verifier:
    """
    Lend a verifier with a folder of its own.
    """
    return Verifier(tmp_path, capsys)
