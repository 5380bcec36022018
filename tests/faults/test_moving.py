"""
Logs that are led through schemas, written out and read in again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from benchmarks.generate import Shape
from calndro.usecases.paging import PAGE
from tests.faults import moving
from tests.stepping import LATER


if TYPE_CHECKING:
    from pathlib import Path


FEW: Final = Shape(events=30, entries=5, first_entries=2 * PAGE)
SERVED = pytest.mark.service
KINDS = ["sqlite", pytest.param("postgres", marks=SERVED), pytest.param("mariadb", marks=SERVED)]

# It takes the trigger away that would refuse it, and puts it back.
_CARELESS: Final = """
    trigger = "SELECT sql FROM sqlite_master WHERE name = 'calndro_entry_no_update'"
    (made,) = op.get_bind().exec_driver_sql(trigger).one()
    op.execute("DROP TRIGGER calndro_entry_no_update")
    longer = "CAST(body || x'20' AS BLOB)"
    op.execute(f"UPDATE calndro_entry SET body = {longer} WHERE event_id = 7 AND seq = 2")
    op.execute(made)
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_moving_changes_no_byte(tmp_path: Path, kind: str) -> None:
    """
    Up, down and up again, out and in again, each byte of each log is the same.
    """
    figures = moving.run(kind, tmp_path, FEW)

    assert (figures.entries, figures.changed, figures.drift) == (29 * 5 + 2 * PAGE, 0, 0), figures


def test_moving_shows_a_step_that_changes_a_log(tmp_path: Path) -> None:
    """
    A step that adds one byte to one entry is seen each time that somebody looks.
    """
    step = LATER.replace("def upgrade():", f"def upgrade():{_CARELESS}")

    figures = moving.run("sqlite", tmp_path, FEW, step=step)

    assert figures.changed > 0, figures
