"""
The commands that the command line suggests act where the one that suggests them did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from calndro.entry.cli.asked import Asked
from tests.entry.cli_terminal import FIRST, THEY, YOU, Terminal


if TYPE_CHECKING:
    from pathlib import Path


def test_a_suggested_command_can_be_copied(tmp_path: Path) -> None:
    """
    What comes next names the database and the person that were given, and acts on these.
    """
    terminal = Terminal.of(tmp_path)
    where = f"sqlite:///{tmp_path / 'of the team.db'}"
    who = ("--party", YOU, "--party", THEY)
    shown = terminal.done("propose", *who, "--slot", FIRST, "--db", where, "--as", THEY)

    place = f"--db '{where}' --as {THEY}"
    assert f"Next: calndro notify 1 --waiting --invitation {place}\n" in shown
    shown = terminal.done("show", "1", "--db", where, "--as", YOU)
    assert f"Next: calndro narrow 1 --keep 1 --db '{where}' --as {YOU}\n" in shown
    deleted = terminal.done("delete", "1", "--yes", "--db", where)
    assert f"calndro log 1 --db '{where}' still shows" in deleted
    assert not terminal.database.exists()


def test_numbers_without_a_view_say_where_to_look(tmp_path: Path) -> None:
    """
    Who is told to look first is told the command for the database that was named.
    """
    terminal = Terminal.of(tmp_path)
    where = f"sqlite:///{tmp_path / 'team.db'}"
    terminal.json("propose", "--party", YOU, "--slot", FIRST, "--db", where)

    said = terminal.refused(2, "narrow", "1", "--keep", "1", "--db", where)
    assert f"Look first: calndro show 1 --db {where}; or" in said
    assert said.endswith("or the slots with --slot\n")
    # With --slot one keeps what one names.
    said = terminal.refused(2, "narrow", "1", "--drop", "1", "--db", where)
    assert said.endswith("with --if-revision\n")


def test_letters_that_wait_say_where(tmp_path: Path) -> None:
    """
    What is told of letters that wait names the database that they wait in.
    """
    terminal = Terminal.of(tmp_path)
    at = ("--db", f"sqlite:///{tmp_path / 'team.db'}")
    terminal.json("propose", "--party", YOU, "--party", THEY, "--slot", FIRST, *at)

    said = terminal.done("notify", "1", "--all", "--no-deliver", "--as", YOU, *at)
    assert said == f"the letters wait for calndro deliver {' '.join(at)}\n"
    terminal.done("deliver", *at)


def test_what_is_configured_goes_without_saying(tmp_path: Path) -> None:
    """
    A database and a user of the environment are not repeated.
    """
    terminal = Terminal.of(tmp_path)
    terminal.environ["CALNDRO_DATABASE_URL"] = f"sqlite:///{tmp_path / 'team.db'}"

    shown = terminal.done("propose", "--party", YOU, "--party", THEY, "--slot", FIRST)
    assert "Next: calndro notify 1 --waiting --invitation\n" in shown


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            Asked(server="https://meet.example.org", user=YOU),
            f" --server https://meet.example.org --user {YOU}",
        ),
        (
            Asked(server="https://meet.example.org", email_token="5" * 40),
            " --server https://meet.example.org --et …",
        ),
        (
            Asked(server="https://you:five@meet.example.org", api_token="5" * 40),
            " --server 'https://you:…@meet.example.org' --token …",
        ),
        (
            Asked(database="postgresql+psycopg://you:fi/ve@127.0.0.1/team"),
            " --db 'postgresql+psycopg://you:…@127.0.0.1/team'",
        ),
        (
            Asked(database="postgresql+psycopg:///team?user=you&password=five&host=here.net"),
            " --db 'postgresql+psycopg:///team?user=you&password=…&host=here.net'",
        ),
        (Asked(), ""),
    ],
)
def test_no_secret_is_repeated(given: Asked, said: str) -> None:
    """
    A token or password that was given is shown by a sign that stands for it.
    """
    assert given.repeated("calndro show 1") == f"calndro show 1{said}"
