"""
``calndro import --from-original``, from a file to people at work.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from io import StringIO
from pathlib import Path

import pytest

from calndro.core.errors import SignInError
from calndro.core.party import Address
from calndro.entry.settings import read_settings
from calndro.entry.wiring import open_services
from calndro.usecases.accounts import sign_in
from tests.entry.cli_terminal import YOU, Terminal
from tools import verify


FIXTURE = str(Path(__file__).parent.parent / "data" / "original.json")
TOKEN = "1fe36bfa6f2f2567b5f7ea5a06e1e2202ad57ea7"


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """
    Sit down with an empty home.
    """
    return Terminal.of(tmp_path)


def test_the_original_moves_in(terminal: Terminal, tmp_path: Path) -> None:
    """
    Events keep their ids, logs tell what happened, and both verifiers find them good.
    """
    assert terminal.done("import", "--from-original", FIXTURE) == (
        "imported 4 users, 3 events and 9 log entries, and 1 link of letters\n"
    )

    shown = terminal.json("show", "1", "--as", "desk@example.org")
    assert (shown["title"], shown["status"], shown["waiting_on"]) == (
        "cybes",
        "open",
        ["them@whar.net"],
    )
    assert [len(shown["kept"][party] or []) for party in shown["parties"]] == [2, 2, 0]
    log = terminal.done("log", "1")
    assert "you@here.net proposed" in log
    assert "they@thar.net put 2 slots on the table (by link " in log
    assert 'system took over "ovuky" with 1 slot' in terminal.done("log", "4")
    assert terminal.run("audit", "verify").exit_code == 0
    for number in ("1", "3", "4"):
        export = tmp_path / number
        export.write_text(terminal.done("audit", "export", number))
        assert verify.main([str(export)]) == 0


def test_a_file_with_a_log_beside_it_is_refused(terminal: Terminal, tmp_path: Path) -> None:
    """
    What stands in a write-ahead log alone is not left behind in silence.
    """
    path = tmp_path / "db.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE schedul_event (id integer primary key, title text)")
        said = terminal.refused(2, "import", "--from-original", str(path))
        assert "wal_checkpoint(TRUNCATE)" in said
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        said = terminal.refused(2, "import", "--from-original", str(path))
    assert "no event of the original was found" in said


def test_an_old_password_signs_in_and_is_hashed_anew(terminal: Terminal) -> None:
    """
    The first API token asked for with the old password leaves argon2id behind.
    """
    terminal.done("import", "--from-original", FIXTURE)

    def hashed() -> str:
        with closing(sqlite3.connect(terminal.database)) as connection:
            found: tuple[str] = connection.execute(
                "SELECT password FROM calndro_user WHERE address = ?", (YOU,)
            ).fetchone()
        return found[0]

    assert hashed().startswith("pbkdf2_sha256$")
    settings = read_settings(environ={"CALNDRO_DATABASE_URL": f"sqlite:///{terminal.database}"})
    with open_services(settings, StringIO()) as services:
        for _ in range(2):
            assert sign_in(services, YOU, "correct horse").user == Address.parse(YOU)
            assert hashed().startswith("$argon2id$")
        with pytest.raises(SignInError):
            sign_in(services, YOU, "correct house")


def test_no_token_is_in_the_database(terminal: Terminal) -> None:
    """
    Neither the log nor the tokens hold a secret in clear.
    """
    terminal.done("import", "--from-original", FIXTURE)

    assert TOKEN.encode() not in terminal.database.read_bytes()


def test_the_answer_for_programs(terminal: Terminal) -> None:
    """
    With --json the figures come alone.
    """
    assert terminal.json("import", "--from-original", FIXTURE, "--zone", "Europe/Paris") == {
        "users": 4,
        "events": 3,
        "entries": 9,
        "incomplete": 0,
        "links": 1,
    }
    assert terminal.json("show", "1")["zone"] == "Europe/Paris"


def test_what_was_left_out_is_said(terminal: Terminal, tmp_path: Path) -> None:
    """
    Somebody who moves hears that not everything could be taken over.
    """
    file = tmp_path / "odd.json"
    file.write_text(
        Path(FIXTURE).read_text().replace('"effector": "they@thar.net"', '"effector": "zo"')
    )

    said = terminal.done("import", "--from-original", str(file))

    assert "3 log entries held something that calndro has no form for" in said


def test_what_does_not_go_together_is_refused(terminal: Terminal, tmp_path: Path) -> None:
    """
    A wrong file, two exports, or a zone for an export are named; nothing is stored.
    """
    assert "is no JSON" in terminal.refused(2, "import", "/etc/hostname")
    assert "can't be read" in terminal.refused(2, "import", "--from-original", str(tmp_path))
    assert "one file" in terminal.refused(2, "import", FIXTURE, FIXTURE)
    assert "--from-original" in terminal.refused(2, "import", FIXTURE, "--zone", "UTC")
    assert "stands twice" in terminal.refused(2, "import", "--from-original", FIXTURE, FIXTURE)
    assert terminal.json("list") == []
