"""
The table of measurements: printed, and kept in the documentation between two marks.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs


if TYPE_CHECKING:
    from collections.abc import Iterable


PAGE: Final = Path(__file__).parents[1] / "docs" / "explanation" / "measurements.md"
_HEAD: Final = ("what", "found", "wanted", "absolute", "")


@attrs.frozen
class Row:
    """
    One measurement.

    Args:
        what: Was measured.
        found: The ratio.
        wanted: The bound of it.
        absolute: What it was made from.
        good: Whether the bound holds; None when there is none.
    """

    what: str
    found: str
    wanted: str
    absolute: str
    good: bool | None

    @property
    def cells(self) -> tuple[str, ...]:
        """
        What stands in the table.
        """
        verdict = {True: "holds", False: "**missed**", None: ""}[self.good]
        return self.what, self.found, self.wanted, self.absolute, verdict

    def __str__(self) -> str:
        return "  ".join(cell.ljust(30) for cell in self.cells).rstrip()


def table(rows: Iterable[Row]) -> str:
    """
    Write rows in Markdown.
    """
    lines = [_HEAD, ("---",) * len(_HEAD), *(row.cells for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def keep(name: str, text: str, page: Path = PAGE) -> None:
    """
    Replace what stands between the two marks of a name in a page.

    Args:
        name: Of the marks ``<!-- name -->`` and ``<!-- /name -->``.
        text: In Markdown.
        page: Where.

    Raises:
        ValueError: The marks are not there.
    """
    opening, closing = f"<!-- {name} -->", f"<!-- /{name} -->"
    written = page.read_text()
    before, found, rest = written.partition(opening)
    _, ended, behind = rest.partition(closing)
    if not (found and ended):
        raise ValueError(f"{page} has no marks {opening} and {closing}")
    page.write_text(f"{before}{opening}\n\n{text.strip()}\n\n{closing}{behind}")
