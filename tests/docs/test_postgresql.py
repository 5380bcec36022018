"""
The page use-postgresql is followed on a server of the tests, under names that are its own.
"""

from __future__ import annotations

import re
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import sqlalchemy

from calndro.adapters.sql.storage import SqlStorage
from tests.contracts.deposits import propose
from tests.databases import server_of
from tests.docs.playing import ROOT, blocks
from tests.docs.test_back_up import bodies, type_in
from tests.surroundings import SERVICES_ARE_REQUIRED


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def taken_away(server: sqlalchemy.URL, name: str) -> Iterator[None]:
    """
    Take away at the end the database and the user of this name.
    """
    engine = sqlalchemy.create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        yield
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}")
            connection.exec_driver_sql(f"DROP USER IF EXISTS {name}")
        engine.dispose()


@pytest.mark.service
@pytest.mark.slow
def test_postgresql_is_set_up_and_moved_to_as_told(postgres_url: str, tmp_path: Path) -> None:
    """
    The user that the page makes owns a database, and an instance on SQLite arrives there whole.
    """
    if shutil.which("createuser") is None:
        assert not SERVICES_ARE_REQUIRED, "no createuser"
        pytest.skip("no createuser")
    server = sqlalchemy.make_url(server_of("postgres"))
    name = f"{sqlalchemy.make_url(postgres_url).database}_told"
    place = f"{server.host}:{server.port or 5432}"

    _, made, named, _, moved = blocks((ROOT / "docs/how-to/use-postgresql.md").read_text("utf-8"))
    administrator = {
        "PGHOST": str(server.host),
        "PGPORT": str(server.port or 5432),
        "PGUSER": str(server.username),
        "PGPASSWORD": str(server.password or ""),
    }
    with taken_away(server, name):
        making = re.sub(r"\bcalndro$", name, made.text, flags=re.MULTILINE)
        making = making.replace("--owner calndro", f"--owner {name}")
        assert making.count(name) == 3
        # The password is asked for twice, and read from stdin where there is no terminal.
        asked = f"setsid --wait {making}".replace("\n", " <<< $'secret\\nsecret'\n", 1)
        type_in(tmp_path, asked, **administrator)

        renamed = f"//{name}:secret@{place}/{name}"
        naming = named.text.replace("//calndro:PASSWORD@db.example.org:5432/calndro", renamed)
        assert renamed in naming
        type_in(tmp_path, naming)

        home = "/home/calndro/"
        old = f"sqlite:///{tmp_path}/.local/share/calndro/calndro.db"
        with SqlStorage(old) as storage:
            propose(storage, 1, 2)
        export, _, _ = naming.partition("\n")
        said = type_in(tmp_path, f"{export}\n{moved.text.replace(home, f'{tmp_path}/')}")

        assert "imported" in said
        assert bodies(f"postgresql+psycopg:{renamed}") == bodies(old) != []
