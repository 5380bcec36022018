"""
Accounts, settings and the schema on the command line.
"""

from __future__ import annotations

import json
import re
import sqlite3
from typing import TYPE_CHECKING

import pytest

from tests.entry.cli_terminal import FIRST, THEY, YOU, Terminal
from tests.entry.pseudo_terminal import on_terminal


if TYPE_CHECKING:
    from pathlib import Path


PASSWORD = "correct horse"


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """
    Give a machine with an empty home.
    """
    return Terminal.of(tmp_path)


def account(terminal: Terminal, email: str) -> dict[str, object]:
    """
    Give what the list of users says of one of them.
    """
    found = {user["email"]: user for user in terminal.json("user", "list")}
    return dict(found[email])


def test_add_reads_the_password_from_stdin(terminal: Terminal) -> None:
    """
    With ``--password-stdin`` a user is registered without any question.
    """
    said = terminal.done("user", "add", THEY, "--staff", "--password-stdin", stdin=f"{PASSWORD}\n")

    assert said == f"{THEY} has an account\n"
    assert account(terminal, THEY) == {
        "email": THEY,
        "active": True,
        "staff": True,
        "barred": False,
        "password": True,
    }


def test_add_asks_for_the_password_twice(terminal: Terminal) -> None:
    """
    Without ``--password-stdin`` the password is asked for, and never shown.
    """
    seen = on_terminal(terminal, "user", "add", THEY, typed=f"{PASSWORD}\n{PASSWORD}\n")

    assert f"Password for {THEY}" in seen
    assert f"{THEY} has an account" in seen
    assert PASSWORD not in seen


def test_add_without_a_password(terminal: Terminal) -> None:
    """
    ``--no-password`` registers a user who signs in by API token only.
    """
    terminal.done("user", "add", THEY, "--no-password")

    assert account(terminal, THEY)["password"] is False
    terminal.refused(2, "user", "add", "them@whar.net", "--no-password", "--password-stdin")


@pytest.mark.parametrize(
    ("email", "password", "complaint"),
    [
        (THEY, "short", "8 to 1024 characters"),
        (THEY, "", "8 to 1024 characters"),
        (THEY, b"\xff\xfecorrect horse", "password: it holds bytes that are no UTF-8"),
        ("nobody", PASSWORD, "is no email address"),
    ],
)
def test_add_refuses(terminal: Terminal, email: str, password: str | bytes, complaint: str) -> None:
    """
    A bad address or password is refused, and nobody is registered.
    """
    said = terminal.refused(2, "user", "add", email, "--password-stdin", stdin=password)

    assert complaint in said
    assert [user["email"] for user in terminal.json("user", "list")] == []


def test_bytes_that_are_no_text_come_in_on_stdin(terminal: Terminal) -> None:
    """
    Whatever is read from stdin, other bytes than UTF-8 are refused, and end in no traceback.
    """
    assert "no order" in terminal.refused(2, "tui", stdin=b"d\xff\nq\n")
    assert "begins with no day" in terminal.refused(
        2, "propose", "--party", THEY, "--slot", "-", stdin=b"\xff 9:00 1h\n"
    )


def test_password_of_somebody(terminal: Terminal) -> None:
    """
    ``user password`` sets one for a known user, and finds no unknown one.
    """
    terminal.propose(FIRST)

    terminal.done("user", "password", THEY, "--password-stdin", stdin=PASSWORD)

    assert account(terminal, THEY)["password"] is True
    terminal.refused(4, "user", "password", "x@here.net", "--password-stdin", stdin=PASSWORD)


def test_staff_on_and_off(terminal: Terminal) -> None:
    """
    ``user staff`` gives the rights, ``--off`` takes them back.
    """
    terminal.done("user", "add", THEY, "--no-password")
    terminal.done("user", "staff", THEY)
    assert account(terminal, THEY)["staff"] is True

    assert terminal.json("user", "staff", THEY, "--off")["staff"] is False


def test_deactivate_and_activate(terminal: Terminal) -> None:
    """
    A dismissed user is barred until it is activated.
    """
    terminal.done("user", "add", THEY, "--no-password")
    assert terminal.json("user", "deactivate", THEY)["barred"] is True
    assert "dismissed" in terminal.done("user", "list")

    terminal.done("user", "activate", THEY)

    assert account(terminal, THEY)["active"] is True
    terminal.refused(4, "user", "activate", "x@here.net")


def test_token_is_shown_once_and_revoked(terminal: Terminal) -> None:
    """
    ``user token`` prints a new API token alone on a line; ``--revoke`` takes all back.
    """
    terminal.done("user", "add", THEY, "--no-password")

    assert re.fullmatch(r"[0-9a-f]{40}\n", terminal.done("user", "token", THEY))
    assert re.fullmatch(r"[0-9a-f]{40}", terminal.json("user", "token", THEY)["token"])
    assert terminal.json("user", "token", THEY, "--revoke") == {"revoked": 2}
    assert "took back 0 API tokens" in terminal.done("user", "token", THEY, "--revoke")


def test_config_shows_every_setting(terminal: Terminal) -> None:
    """
    ``config`` tells value, source and meaning of each setting, and no secret.
    """
    terminal.environ["CALNDRO_EMAIL_HOST_PASSWORD"] = "canary"

    rows = {row["name"]: row for row in terminal.json("config")}
    said = terminal.done("config")

    assert rows["CALNDRO_USER"]["value"] == YOU
    assert rows["CALNDRO_USER"]["source"] == "the environment"
    assert all(row["meaning"] for row in rows.values())
    assert all(name in said for name in rows)
    assert "canary" not in said + str(rows)


def test_config_set_keeps_the_user(terminal: Terminal) -> None:
    """
    ``config set user`` is what later commands act as.
    """
    del terminal.environ["CALNDRO_USER"]

    terminal.done("config", "set", "user", THEY)

    assert terminal.json("propose", "--party", YOU)["proposer"] == THEY
    assert terminal.json("propose", "--party", YOU, "--as", YOU)["proposer"] == YOU


@pytest.mark.parametrize(
    "words", [("user", "nobody"), ("usr", YOU), ("max_slots", "many"), ("user",)]
)
def test_config_set_refuses(terminal: Terminal, words: tuple[str, ...]) -> None:
    """
    What is no setting, or no value for it, is not kept.
    """
    terminal.refused(2, "config", "set", *words)

    assert not list(terminal.home.glob("config/**/*.env"))


def test_config_example_is_read_back(terminal: Terminal, tmp_path: Path) -> None:
    """
    ``config --example`` prints a file in which all is off, and which can be read.
    """
    example = terminal.done("config", "--example")
    file = tmp_path / "example.env"
    file.write_text(example)
    terminal.environ["CALNDRO_ENV_PATH"] = str(file)

    assert terminal.json("list") == []
    assert terminal.json("config", "--example")["example"] == example


def test_bad_settings_are_all_named(terminal: Terminal) -> None:
    """
    Each bad setting has its line, and the status is that for usage.
    """
    terminal.environ.update(CALNDRO_EMAIL_PORT="x", CALNDRO_MAX_SLOTS="99")

    said = terminal.refused(2, "list").splitlines()

    assert sorted(line.split(":")[1].strip() for line in said) == [
        "CALNDRO_EMAIL_PORT",
        "CALNDRO_MAX_SLOTS",
    ]


def test_an_unknown_setting_is_a_warning(terminal: Terminal) -> None:
    """
    A misspelt name in the environment is pointed out, and stops nothing.
    """
    terminal.environ["CALNDRO_USR"] = YOU

    result = terminal.run("list")

    assert result.exit_code == 0
    assert "CALNDRO_USR" in result.stderr


def test_db_upgrade_current_check(terminal: Terminal) -> None:
    """
    ``db`` makes the schema, names it and finds it right.
    """
    assert terminal.json("db", "upgrade")["before"] is None
    now = terminal.json("db", "current")["now"]
    assert terminal.done("db", "current") == f"{now}\n"
    assert terminal.done("db", "upgrade") == f"the schema is {now} already\n"
    assert terminal.done("db", "check") == "the database is as it should be\n"


def test_db_check_names_what_differs(terminal: Terminal) -> None:
    """
    A database that is not as it should be ends ``db check`` with the status for storage.
    """
    terminal.done("db", "upgrade")
    with sqlite3.connect(terminal.database) as connection:
        connection.execute("CREATE TABLE calndro_stray (id INTEGER)")
    connection.close()

    result = terminal.run("db", "check", "--json")

    assert result.exit_code == 7
    assert len(json.loads(result.stdout)["differences"]) == 1
    assert "calndro_stray" in result.stderr


@pytest.mark.parametrize("words", ["db current", "db check", "backup copy.db"])
def test_looking_makes_no_database(terminal: Terminal, tmp_path: Path, words: str) -> None:
    """
    What only reads a database leaves nothing where there is none, and says which it is.
    """
    file = tmp_path / "mistyped" / "team.db"

    said = terminal.refused(7, *words.split(), "--db", f"sqlite:///{file}")

    assert said == f"calndro: there is no database {file}\n"
    assert not file.parent.exists()


def test_a_database_that_is_away(terminal: Terminal, tmp_path: Path) -> None:
    """
    A database that can't be opened is one clear sentence, and the status for storage.
    """
    file = tmp_path / "no.db"
    file.write_text("this is no database, whatever its name may say of it")

    said = terminal.refused(7, "list", "--db", f"sqlite:///{file}")

    assert said.startswith("calndro: ")
    assert said.count("\n") == 1
