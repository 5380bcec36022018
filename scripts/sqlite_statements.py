"""
Write the statements for SQLite ahead, as SQLAlchemy writes them: ``make statements``.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

import attrs
from sqlalchemy import create_engine, create_mock_engine

from calndro.adapters.sql.schema import version_table
from calndro.adapters.sql.statements import statements, write
from calndro.adapters.sql.tables import metadata


if TYPE_CHECKING:
    from calndro.adapters.sql.prepared import Prepared


PLACE: Final = Path(__file__).parent.parent / "src/calndro/adapters/sql/sqlite_statements.py"
HEAD: Final = '''\
"""
The statements for SQLite, and those that make its schema.

Made by ``make statements`` from ``statements`` and ``tables``; do not edit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from calndro.adapters.sql.prepared import Prepared


if TYPE_CHECKING:
    from collections.abc import Mapping


'''


def schema() -> tuple[str, ...]:
    """
    Write the statements that make the schema.
    """
    written: list[str] = []

    def note(statement: Any, *_: object, **__: object) -> None:
        written.append(_on_one_line(str(statement.compile(dialect=engine.dialect))))

    engine = create_mock_engine("sqlite://", note)
    for each in (metadata, version_table.metadata):
        each.create_all(engine, checkfirst=False)
    # Of the indexes of a table SQLAlchemy keeps no order.
    return tuple(sorted(written, key=lambda text: text * text.startswith("CREATE INDEX ")))


def prepared() -> dict[str, Prepared]:
    """
    Write every statement.
    """
    dialect = create_engine("sqlite://", paramstyle="named").dialect
    written = {name: write(name, dialect) for name in statements(dialect.name)}
    return {
        name: attrs.evolve(each, text=_on_one_line(each.text)) for name, each in written.items()
    }


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _module() -> str:
    made = "".join(f"{_literal(text)},\n" for text in schema())
    found = "".join(
        f"{_quoted(name)}: Prepared({_literal(each.text)}, {_rest(each)}),\n"
        for name, each in prepared().items()
    )
    return (
        f"{HEAD}SCHEMA: Final = (\n{made})\n\n"
        f"STATEMENTS: Final[Mapping[str, Prepared]] = {{\n{found}}}\n"
    )


def _rest(statement: Prepared) -> str:
    brought = ", ".join(
        f"{_quoted(name)}: {_quoted(value) if isinstance(value, str) else repr(value)}"
        for name, value in statement.constants.items()
    )
    if statement.listed:
        return f"{{{brought}}}, {_quoted(statement.listed)}, {_quoted(statement.place)}"
    return brought and f"{{{brought}}}"


def _literal(text: str) -> str:
    """
    Write a text as literals on lines of their own, none of them long.
    """
    *lines, last = wrap(text, 80, break_long_words=False, break_on_hyphens=False)
    return f"({' '.join(map(_quoted, [*(f'{line} ' for line in lines), last]))})"


def _quoted(text: str) -> str:
    return repr(text) if '"' in text else f'"{text}"'


def main() -> None:
    """
    Write the module, in the form that all modules have.
    """
    PLACE.write_text(_module(), encoding="utf-8")
    ruff = Path(sys.executable).with_name("ruff")
    subprocess.run([ruff, "format", "--quiet", PLACE], check=True)  # noqa: S603  our own


if __name__ == "__main__":
    main()
