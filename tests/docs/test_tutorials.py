from __future__ import annotations

import shutil

import pytest

from tests.docs.playing import ROOT, Block, Player, blocks, commands, matches


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_the_first_appointment_goes_as_told(player: Player) -> None:
    """
    Every command and program of the tutorial does and prints what stands below it.
    """
    page = (ROOT / "docs" / "tutorials" / "first-appointment.md").read_text(encoding="utf-8")

    assert player.follow(page) == 24


def test_the_readme_runs(player: Player) -> None:
    """
    The Python program of the README does what it shows: it prints a log of three entries.
    """
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    program = next(block.text for block in blocks(page) if block.language == "python")

    player.follow(f"```python\n{program}```\n```text\n...UPDATE ...UPDATE ...NOTIFY ...\n```\n")


def test_a_page_that_is_wrong_is_noticed(player: Player) -> None:
    """
    Another output, or a command that fails, does not pass for what a page shows.
    """
    for page in ("```console\n$ echo two\none\n```\n", "```console\n$ false\n```\n"):
        with pytest.raises(AssertionError):
            player.follow(page)


def test_a_console_is_read_as_it_is_shown() -> None:
    """
    Commands go on after ``>``, and what follows them is their output.
    """
    page = "```console\n$ echo a \\\n>   b\na b\n$ true\n```\n"

    assert blocks(page) == [Block("console", "$ echo a \\\n>   b\na b\n$ true\n")]
    assert commands(blocks(page)[0].text) == [("echo a \\\n  b\n", "a b\n"), ("true\n", "")]


def test_three_dots_stand_for_anything() -> None:
    """
    An ellipsis spans words and lines; everything else must be the same.
    """
    assert matches("one ... four\n", "one two\nthree four")
    assert not matches("one ... four", "one two\nthree five")
    assert not matches("", "one")
