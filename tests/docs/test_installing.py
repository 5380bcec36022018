"""
What the pages say about ``pip install`` is typed in a clone, without the net.
"""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
from typing import TYPE_CHECKING, Final

import pytest

from tests.docs.checkouts import cloned, typed
from tests.docs.playing import ROOT


if TYPE_CHECKING:
    from pathlib import Path


PAGES: Final = (ROOT / "README.md", *sorted(ROOT.glob("docs/*/*.md")))
COMMANDS: Final = sorted(
    {
        command
        for page in PAGES
        for command in re.findall(
            r"(?<![\w/])pip install (?!httpie\b)[^\n`]+", page.read_text("utf-8")
        )
    }
)
"""All but what installs a tool of somebody else."""


@pytest.mark.slow
def test_calndro_is_installed_as_told(tmp_path: Path) -> None:
    """
    Every command installs calndro from its clone, with extras that there are; another is noticed.

    The environment is new, but finds what calndro needs.
    """
    clone = cloned(tmp_path)
    fresh = tmp_path / "fresh"
    subprocess.run([sys.executable, "-m", "venv", str(fresh)], check=True)
    [packages] = fresh.glob("lib/python*/site-packages")
    (packages / "needed.pth").write_text(sysconfig.get_path("purelib"), "utf-8")
    wrong = "pip install '.[oracle]'"
    where = "calndro --help; cd /; python -c 'import calndro; print(calndro.__file__)'"
    status, said = typed(
        clone,
        "\n".join((*COMMANDS, wrong, where)),
        PATH=f"{fresh / 'bin'}:/usr/bin:/bin",
        PYTHONPATH="",
        PIP_NO_INDEX="1",
        PIP_NO_BUILD_ISOLATION="0",  # as pip has it, this says no
        PIP_DISABLE_PIP_VERSION_CHECK="1",
    )
    *told, place = said.splitlines()

    assert status == 0, said
    assert "pip install ." in COMMANDS
    assert len(COMMANDS) > 3
    done = [line for line in told if line.startswith("Successfully installed calndro")]
    assert len(done) == len(COMMANDS) + 1
    [complaint] = [line for line in told if "does not provide" in line]
    assert "oracle" in complaint
    assert place.startswith(str(fresh))
