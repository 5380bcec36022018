"""
The page use-mariadb is followed on a server of the tests, under names that are its own.
"""

from __future__ import annotations

import shlex
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import sqlalchemy
from sqlalchemy.exc import DBAPIError

from tests.docs.playing import ROOT, blocks, commands
from tests.entry.cli_terminal import FIRST, SECOND, Terminal


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@contextmanager
def administering(url: sqlalchemy.URL, name: str) -> Iterator[Callable[[str], None]]:
    """
    Lend what runs SQL as the administrator; takes away at the end what *name* names.
    """
    engine = sqlalchemy.create_engine(url.set(database=None), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:

        def run(script: str) -> None:
            for statement in filter(None, map(str.strip, script.split(";"))):
                connection.exec_driver_sql(statement.replace("%", "%%"))

        try:
            yield run
        finally:
            run(f"DROP DATABASE IF EXISTS {name}; DROP USER IF EXISTS {name}@'%'")
    engine.dispose()


@pytest.mark.service
@pytest.mark.slow
def test_mariadb_is_set_up_as_told(mariadb_url: str, tmp_path: Path) -> None:
    """
    What the page types makes a database, and the rights it names are enough and not too many.
    """
    server = sqlalchemy.make_url(mariadb_url)
    name, place = f"{server.database}_told", f"{server.host}:{server.port or 3306}"

    def ours(text: str) -> str:
        renamed = text.replace("calndro@localhost", f"{name}@'%'").replace("\u2026", "secret")
        renamed = renamed.replace(
            "calndro:secret@localhost/calndro", f"{name}:secret@{place}/{name}"
        )
        return renamed.replace("DATABASE calndro", f"DATABASE {name}").replace(
            "calndro.*", f"{name}.*"
        )

    made, used, rights = blocks((ROOT / "docs/how-to/use-mariadb.md").read_text(encoding="utf-8"))
    terminal = Terminal.of(tmp_path)
    with administering(server, name) as run:
        for command, _ in commands(made.text):
            words = shlex.split(ours(command))
            if words[:2] == ["mariadb", "-e"]:
                run(words[2])
        (export, _), (upgrade, _) = commands(ours(used.text))
        variable, _, url = shlex.split(export)[1].partition("=")
        terminal.environ[variable] = url
        assert terminal.done(*shlex.split(upgrade)[1:])
        run(ours(rights.text))

        number = str(terminal.propose(FIRST, SECOND))
        terminal.done("narrow", number, "--slot", FIRST)
        terminal.done("audit", "verify")
        terminal.environ[variable] = url.replace("mysql+", "mariadb+")
        assert [event["id"] for event in terminal.json("list")] == [int(number)]
        engine = sqlalchemy.create_engine(url)
        with engine.connect() as connection:
            for table in connection.exec_driver_sql("SHOW TABLES").scalars().all():
                with pytest.raises(DBAPIError, match="DROP command denied"):
                    connection.exec_driver_sql(f"TRUNCATE TABLE {table}")
        engine.dispose()
