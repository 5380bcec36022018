"""
What the command line remembers: files that are replaced whole or not at all.
"""

from __future__ import annotations

from stat import S_IMODE
from typing import TYPE_CHECKING

import pytest

from calndro.entry.cli.files import keep_text


if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_is_replaced_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    """
    The newer text stands in place of the older one, in a file and folder of the owner's.
    """
    path = tmp_path / "heads" / "7"
    keep_text(path, "older")
    keep_text(path, "newer \u2013 Z\u00fcrich")

    assert path.read_text("utf-8") == "newer \u2013 Z\u00fcrich"
    assert [each.name for each in path.parent.iterdir()] == ["7"]
    assert S_IMODE(path.stat().st_mode) == 0o600
    assert S_IMODE(path.parent.stat().st_mode) == 0o700


def test_what_cannot_be_kept_leaves_nothing_behind(tmp_path: Path) -> None:
    """
    When a file can't be replaced, no half of the new one lies about.
    """
    (tmp_path / "7").mkdir()

    with pytest.raises(OSError, match="7"):
        keep_text(tmp_path / "7", "text")
    assert [each.name for each in tmp_path.iterdir()] == ["7"]
