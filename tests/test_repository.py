"""
What strangers find around the code: the workflow, the way to contribute, the README.
"""

from __future__ import annotations

import pkgutil
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calndro import usecases
from calndro.core import title


ROOT = Path(__file__).parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PAGES = [
    "CONTRIBUTING.md",
    "README.md",
    "SECURITY.md",
    "CODE_OF_CONDUCT.md",
    "changelog.d/README.md",
]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_and_may_do_little(workflow: Path) -> None:
    """
    Every action is named by a whole commit, and every job may only read.
    """
    text = workflow.read_text(encoding="utf-8")

    uses = re.findall(r"uses: *(\S+)(.*)", text)
    assert uses
    for action, comment in uses:
        assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", action), action
        assert re.fullmatch(r" # v[0-9.]+", comment), action
    assert re.search(r"^permissions: \{\}$", text, re.MULTILINE)
    assert set(re.findall(r"^ +([\w-]+): (?:read|write)$", text, re.MULTILINE)) == {"contents"}
    assert ": write" not in text
    assert text.count("persist-credentials: false") == text.count("actions/checkout@")


@pytest.mark.parametrize("name", PAGES)
def test_links_of_the_front_pages_lead_somewhere(name: str) -> None:
    """
    Every link to a file of the repository has that file at its end.
    """
    page = ROOT / name
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)

    for target in re.findall(r"\]\(([^)#\s]+)", text):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("name", PAGES)
def test_make_has_what_the_front_pages_name(name: str) -> None:
    """
    Each ``make`` target that a page tells to run is one.
    """
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    named = re.findall(r"\bmake ([a-z-]+)\b", (ROOT / name).read_text(encoding="utf-8"))

    assert set(named) <= targets | {"sure"}


def test_the_first_change_goes_as_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The test that the page for newcomers shows fails before the change it asks for, not after.
    """
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    [program] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict[str, Any] = {"example": example, "given": given, "st": st}
    names["nonsense"] = title.nonsense
    exec(re.sub(r"^   ", "", program, flags=re.MULTILINE), names)  # noqa: S102  the page is ours
    written = names["test_nonsense_has_no_q"]

    with pytest.raises(AssertionError):
        written()
    monkeypatch.setattr(title, "_CONSONANTS", "bcdfghjklmnprstvwxz")
    written()


def test_the_table_of_contents_names_every_module() -> None:
    """
    Whoever looks for a verb finds its module in the docstring of the use cases.
    """
    modules = {module.name for module in pkgutil.iter_modules(usecases.__path__)}

    assert set(re.findall(r"``(\w+)``", usecases.__doc__ or "")) == modules
