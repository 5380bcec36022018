"""
The first change of CONTRIBUTING is made in a clone, step by step.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.docs.checkouts import cloned, typed
from tests.docs.playing import ROOT, blocks


if TYPE_CHECKING:
    from pathlib import Path


README = (ROOT / "README.md").read_text("utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")


@pytest.mark.slow
def test_the_first_change_goes_as_told(tmp_path: Path) -> None:
    """
    The new test fails, the letter goes, the checks agree, and four older tests have to follow.
    """
    clone = cloned(tmp_path)
    begin, test, failing, passing = blocks(CONTRIBUTING)
    # Of all tests that are typed only those run that a change of titles can reach.
    few = {"PYTEST_ADDOPTS": "-q -k 'title or nonsense'"}

    status, said = typed(clone, begin.text, **few)
    assert status == 0, said
    assert "That database is gone again" in said
    assert "tests/core" in said

    [old] = re.findall(r"`(tests/property/\S+)` *\.", CONTRIBUTING)
    [rule] = re.findall(r"made in\s+`(src/\S+)`", CONTRIBUTING)
    with (clone / old).open("a", encoding="utf-8") as file:
        file.write(f"\n\n{test.text}")
    status, said = typed(clone, failing.text)
    assert status != 0
    assert re.findall(r"^FAILED (\S+)", said, re.MULTILINE) == [f"{old}::test_nonsense_has_no_q"]

    source = (clone / rule).read_text("utf-8")
    without = re.sub(r'(_CONSONANTS = "\w+)q', r"\1", source)
    assert without != source
    (clone / rule).write_text(without, "utf-8")
    check, _, tests = passing.text.partition("\n")
    status, said = typed(clone, check)
    assert status == 0, said
    status, said = typed(clone, tests, **few)
    assert status != 0
    failed = re.findall(r"^FAILED (\S+)\[", said, re.MULTILINE)
    assert failed == ["tests/core/test_title.py::test_nonsense_counts_through_all_words"] * 4


@pytest.mark.slow
def test_the_readme_begins_with_what_works(tmp_path: Path) -> None:
    """
    Of the two commands the first plays its story, and the second is an order that make knows.
    """
    [two] = [block.text for block in blocks(README) if block.text.startswith("make demo")]
    demo, test = two.splitlines()
    clone = cloned(tmp_path)

    status, said = typed(clone, demo)
    assert status == 0, said
    assert "Everybody agrees on" in said
    status, said = typed(clone, f"make --dry-run {test.removeprefix('make ')}")
    assert status == 0, said
    assert "-m pytest" in said
    assert typed(clone, "make --dry-run dance")[0] != 0
