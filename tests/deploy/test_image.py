"""
The check of the image, where there is nothing to check it with.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


CHECK = Path(__file__).parents[2] / "scripts" / "image.py"


@pytest.mark.parametrize(("required", "status"), [("0", 0), ("1", 1)])
def test_without_an_engine_nothing_is_claimed(tmp_path: Path, required: str, status: int) -> None:
    """
    Where no engine answers, the check says that it looked at nothing, and fails if it had to.
    """
    engine = tmp_path / "docker"
    engine.write_text("#!/bin/sh\nexit 1\n")
    engine.chmod(0o700)
    surroundings = {"PATH": str(tmp_path), "CALNDRO_REQUIRE_SERVICES": required}

    done = subprocess.run(
        [sys.executable, str(CHECK)], env=surroundings, capture_output=True, text=True, check=False
    )

    assert done.returncode == status
    assert "nothing was checked" in done.stdout
