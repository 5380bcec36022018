"""
A clone of the project for tests, in which somebody changes something.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.docs.playing import ROOT


# What mypy found out of files that are the same here saves minutes; what other tests measure at
# this moment comes and goes.
_MADE: Final = shutil.ignore_patterns(
    *(".git", ".hypothesis", ".import_linter_cache", ".pytest_cache", ".ruff_cache", ".venv"),
    *(".coverage", ".coverage.*", "__pycache__", "_build", "build", "dist", "mutants"),
)


def cloned(folder: Path) -> Path:
    """
    Copy what a clone holds, and set it up with the very libraries that the tests run with.

    Raises:
        Skipped: A wheel is tested, and there is no source to change.
    """
    if not (ROOT / "src").is_dir():
        pytest.skip("there is no source")
    clone = folder / "calndro"
    shutil.copytree(ROOT, clone, ignore=_MADE)
    environment = clone / ".venv"
    environment.mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (environment / name).symlink_to(Path(sys.prefix) / name)
    for name in ("installed", "installed-dev"):
        (environment / name).touch()
    return clone


def typed(clone: Path, script: str, **environ: str) -> tuple[int, str]:
    """
    Have a shell do what a block says in a clone; gives the status and all that was printed.

    The tests that it starts run in one process.
    """
    bash = shutil.which("bash")
    assert bash is not None
    values = {
        "HOME": str(clone.parent),
        "MAKEFLAGS": "JOBS=0",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": str(clone / "src"),
        **environ,
    }
    done = subprocess.run(
        [bash, "-euo", "pipefail", "-c", script],
        cwd=clone,
        env=values,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout
