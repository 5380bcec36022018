from __future__ import annotations

import re
from pathlib import Path

import pytest

import calndro
from scripts.reference import PAGES, REFERENCE


DOCS = REFERENCE.parent


@pytest.mark.parametrize("name", PAGES)
def test_pages_made_from_the_code_are_as_it_is(name: str) -> None:
    """
    A page made from the code says what the code says now; ``make reference`` mends it.
    """
    assert (REFERENCE / name).read_text(encoding="utf-8") == PAGES[name]()


def test_every_supported_name_is_described() -> None:
    """
    The page on the library has one chapter for each name of ``calndro.__all__``.
    """
    page = (REFERENCE / "api.md").read_text(encoding="utf-8")

    assert sorted(re.findall(r"^## (\w+)$", page, re.MULTILINE)) == sorted(calndro.__all__)


def test_every_page_is_listed_by_one_index() -> None:
    """
    Each page stands in the table of contents of its folder, and no table names one that is not.
    """
    for index in DOCS.glob("*/index.md"):
        tables = re.findall(
            r"```\{toctree\}\n(.*?)```", index.read_text(encoding="utf-8"), re.DOTALL
        )
        listed = [
            line for line in "".join(tables).splitlines() if line and not line.startswith(":")
        ]
        assert sorted(listed) == sorted(
            page.stem for page in index.parent.glob("*.md") if page != index
        )


@pytest.mark.parametrize(
    "page", sorted(DOCS.glob("*/*.md")), ids=lambda page: str(Path(page).relative_to(DOCS))
)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """
    Every link to another file of the documentation has that file at its end.
    """
    text = re.sub(
        r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    for target in re.findall(r"\]\(([^)#\s]+)", text):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_what_the_code_names_as_its_source_is_there() -> None:
    """
    Every page of the documentation that a docstring or comment in the code names exists.
    """
    named = {
        page
        for module in (DOCS.parent / "src").rglob("*.py")
        for page in re.findall(r"\bdocs/[\w/-]+\.md\b", module.read_text(encoding="utf-8"))
    }

    assert len(named) > 10
    assert {page for page in named if not (DOCS.parent / page).is_file()} == set()
