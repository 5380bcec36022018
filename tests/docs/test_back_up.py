"""
The drill of the how-to on backups, as it is written, on each kind of database.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest
import sqlalchemy

from calndro.adapters.sql.storage import SqlStorage
from tests.contracts.deposits import log, page, propose
from tests.docs.playing import ROOT
from tests.patience import PATIENCE
from tests.surroundings import SERVICES_ARE_REQUIRED


if TYPE_CHECKING:
    from pathlib import Path


PAGE = (ROOT / "docs" / "how-to" / "back-up.md").read_text("utf-8")


def scripts(title: str) -> list[str]:
    """
    Give the commands of a chapter, block by block.
    """
    (chapter,) = re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    found: list[str] = re.findall(r"^```sh\n(.*?)^```$", chapter, re.MULTILINE | re.DOTALL)
    return found


def type_in(home: Path, script: str, **environ: str) -> str:
    """
    Have a shell do what a block says; a command that fails ends it.
    """
    (home / "bin").mkdir(exist_ok=True)
    program = home / "bin" / "calndro"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m calndro "$@"\n')
    program.chmod(0o700)
    bash = shutil.which("bash")
    assert bash is not None
    done = subprocess.run(
        [bash, "-euo", "pipefail", "-c", script],
        cwd=home,
        env={
            "HOME": str(home),
            "PATH": f"{home / 'bin'}:/usr/local/bin:/usr/bin:/bin",
            "PYTHONPATH": str(ROOT / "src"),
            **environ,
        },
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def bodies(url: str) -> list[tuple[int, bytes, bytes]]:
    """
    Read every entry of every log.
    """
    with SqlStorage(url) as storage:
        return [
            (ledger.id, entry.body, entry.hash)
            for ledger in page(storage)
            for entry in log(storage, ledger.id)
        ]


@pytest.mark.slow
def test_sqlite_comes_back(tmp_path: Path) -> None:
    """
    A copy made while somebody writes holds what was there before, and replaces a lost file.
    """
    url = f"sqlite:///{tmp_path / '.local/share/calndro/calndro.db'}"
    save, bring_back = scripts("SQLite")
    ended = Event()
    with SqlStorage(url) as storage:
        for number in range(5):
            propose(storage, number)

        def write() -> None:
            while not ended.is_set():
                propose(storage, 1)

        writer = Thread(target=write)
        writer.start()
        try:
            before = [body for body in bodies(url) if body[0] <= 5]
            type_in(tmp_path, save)
        finally:
            ended.set()
            writer.join(PATIENCE)
    said = type_in(tmp_path, bring_back)

    assert "as it should be" in said
    found = bodies(url)
    assert found[: len(before)] == before
    assert type_in(tmp_path, "calndro show 1")


@pytest.mark.slow
@pytest.mark.service
@pytest.mark.parametrize(("title", "kind"), [("PostgreSQL", "postgres"), ("MariaDB", "mariadb")])
def test_servers_come_back(
    request: pytest.FixtureRequest, tmp_path: Path, title: str, kind: str
) -> None:
    """
    A dump of a server brings back each byte of each log, and the triggers that guard them.
    """
    tool = {"postgres": "pg_dump", "mariadb": "mariadb-dump"}[kind]
    if shutil.which(tool) is None:
        assert not SERVICES_ARE_REQUIRED, f"no {tool}"
        pytest.skip(f"no {tool}")
    url = sqlalchemy.make_url(request.getfixturevalue(f"clean_{kind}"))
    name = str(url.database)
    shown = url.render_as_string(hide_password=False)
    with SqlStorage(shown) as storage:
        for number in range(1, 4):
            propose(storage, number)
    restored = url.set(database=f"{name}_restored").render_as_string(hide_password=False)
    save, bring_back = (
        re.sub(r"CALNDRO_DATABASE_URL=\S+", f"CALNDRO_DATABASE_URL='{restored}'", script)
        for script in scripts(title)
    )
    names = {
        " calndro\n": f" {name}\n",
        " calndro >": f" {name} >",
        "calndro_restored": f"{name}_restored",
    }
    for old, new in names.items():
        save, bring_back = save.replace(old, new), bring_back.replace(old, new)
    where = {
        "PGHOST": str(url.host),
        "PGPORT": str(url.port or 5432),
        "PGUSER": str(url.username),
        "PGPASSWORD": str(url.password or ""),
    }
    # Not each of MariaDB's programs asks the environment for the host.
    (tmp_path / ".my.cnf").write_text(
        f"[client]\nhost={url.host}\nport={url.port or 3306}\n"
        f'user={url.username}\npassword="{url.password or ""}"\n'
    )
    try:
        type_in(tmp_path, save, **where)
        said = type_in(tmp_path, bring_back, **where)
        assert "as it should be" in said
        assert bodies(restored) == bodies(shown) != []
    finally:
        engine = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}_restored")
        engine.dispose()


@pytest.mark.slow
def test_an_export_comes_back(tmp_path: Path) -> None:
    """
    An export read elsewhere holds the same logs.
    """
    url = f"sqlite:///{tmp_path / '.local/share/calndro/calndro.db'}"
    with SqlStorage(url) as storage:
        propose(storage, 1, 2)
    (drill,) = scripts("Whatever the database")
    type_in(tmp_path, drill)

    assert bodies(f"sqlite:///{tmp_path / 'elsewhere.db'}") == bodies(url)


def test_a_drill_that_fails_is_noticed(tmp_path: Path) -> None:
    """
    The drill ends with what it finds: a database without its triggers does not pass it.
    """
    url = f"sqlite:///{tmp_path / '.local/share/calndro/calndro.db'}"
    with SqlStorage(url) as storage, storage.database.engine.connect() as connection:
        connection.exec_driver_sql("DROP TRIGGER calndro_entry_no_delete")

    with pytest.raises(AssertionError, match="calndro_entry_no_delete is missing"):
        type_in(tmp_path, "calndro db check")
