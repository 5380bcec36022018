"""
What is written ahead for SQLite is what SQLAlchemy writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Table, create_engine, insert

from calndro.adapters.sql import statements, tables
from calndro.adapters.sql.sqlite_statements import SCHEMA, STATEMENTS
from calndro.adapters.sql.statements import write
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


@pytest.mark.parametrize("url", ["sqlite://", "postgresql+psycopg://", "mariadb+pymysql://"])
def test_a_list_is_written_as_sqlalchemy_writes_it(url: str) -> None:
    """
    A list of three values stands in a statement as SQLAlchemy has it, whatever the database.
    """
    dialect = create_engine(url, paramstyle="named" if url == "sqlite://" else None).dialect
    written = {name: write(name, dialect) for name in statements.statements(dialect.name)}
    lists = {name: each for name, each in written.items() if each.listed}
    for name, each in lists.items():
        statement: Any = statements.statements(dialect.name)[name]
        compiled = statement.compile(dialect=dialect)
        values = {bind: 0 for bind, known in compiled.binds.items() if known.required}
        state = compiled.construct_expanded_state({**values, each.listed: [1, 2, 3]})

        assert each.of_length(3).text == state.statement

    assert len(lists) == 4


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
