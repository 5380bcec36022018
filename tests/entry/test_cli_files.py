"""
What the command line remembers: files that are replaced whole or not at all.
"""

from __future__ import annotations

from stat import S_IMODE
from typing import TYPE_CHECKING

import pytest

from calndro.core.errors import InvalidInputError
from calndro.entry.cli.files import keep_text, new_file


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


def test_a_new_file_has_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    """
    While it is written, and when that is cut short, nothing stands under its name.
    """
    target = tmp_path / "all.jsonl"

    def write(text: str, *, cut: bool) -> None:
        with new_file(target) as part:
            part.write_text(text)
            assert not target.exists()
            if cut:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write("half", cut=True)
    assert list(tmp_path.iterdir()) == []
    write("whole", cut=False)
    assert [each.name for each in tmp_path.iterdir()] == ["all.jsonl"]
    with pytest.raises(InvalidInputError, match="is there already"):
        write("other", cut=False)
    assert target.read_text() == "whole"


def test_a_new_file_replaces_none_that_came_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A file that somebody else has made meanwhile stays, be there links or not.
    """
    target = tmp_path / "all.jsonl"

    def write(*, meanwhile: bool) -> None:
        with new_file(target) as part:
            part.write_text("ours")
            if meanwhile:
                target.write_text("theirs")

    def no_link(*_: object) -> None:
        raise PermissionError(1, "not permitted")

    with pytest.raises(InvalidInputError, match="is there already"):
        write(meanwhile=True)
    assert target.read_text() == "theirs"
    target.unlink()
    monkeypatch.setattr("os.link", no_link)
    with pytest.raises(InvalidInputError, match="is there already"):
        write(meanwhile=True)
    assert target.read_text() == "theirs"
    target.unlink()
    write(meanwhile=False)
    assert target.read_text() == "ours"
    assert [each.name for each in tmp_path.iterdir()] == ["all.jsonl"]
