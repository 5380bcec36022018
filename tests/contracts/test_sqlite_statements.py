"""
What is written ahead for SQLite is what SQLAlchemy writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Table, insert

from calndro.adapters.sql import statements, tables
from calndro.adapters.sql.sqlite_statements import SCHEMA, STATEMENTS
from scripts import sqlite_statements


if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def _afresh() -> Iterator[None]:
    """
    Have the statements made anew, for this test alone.
    """
    statements.statements.cache_clear()
    yield
    statements.statements.cache_clear()


def test_they_are_the_ones_that_sqlalchemy_writes() -> None:
    """
    ``make statements`` would change nothing.
    """
    assert sqlite_statements.schema() == SCHEMA
    assert sqlite_statements.prepared() == STATEMENTS


@pytest.mark.usefixtures("_afresh")
def test_a_change_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A control: another table, or a statement in other words, is not what was written.
    """
    other = Table("calndro_other", tables.metadata)
    try:
        assert sqlite_statements.schema() != SCHEMA
    finally:
        tables.metadata.remove(other)
    monkeypatch.setattr(
        statements, "event_statements", lambda _: {"event.add_under_id": insert(other)}
    )

    assert sqlite_statements.prepared() != STATEMENTS
