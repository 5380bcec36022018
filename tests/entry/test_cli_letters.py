"""
Notify and deliver on the command line, and what becomes of the letters of other commands.
"""

from __future__ import annotations

import json
import shlex
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from calndro import connect
from tests.entry.cli_terminal import FIRST, SECOND, THEM, THEY, YOU, Terminal
from tests.patience import PATIENCE


if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """
    Give a machine with event 1 of three parties, whose letters become files.
    """
    terminal = Terminal.of(tmp_path)
    mail = tmp_path / "mail"
    mail.mkdir()
    terminal.environ["CALNDRO_EMAIL_BACKEND"] = "filebased"
    terminal.environ["CALNDRO_EMAIL_FILE_PATH"] = str(mail)
    terminal.propose(FIRST, SECOND, parties=(YOU, THEY, THEM))
    return terminal


def letters(terminal: Terminal) -> list[str]:
    """
    Give whom the letters sent so far went to, in alphabetical order.
    """
    texts = [file.read_text() for file in (terminal.home / "mail").iterdir()]
    lines = [line for text in texts for line in text.split("\n\n")[0].splitlines()]
    return sorted(line.removeprefix("To: ") for line in lines if line.startswith("To: "))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--to", THEY), [THEY]),
        (("--to", THEM, "--to", THEY), [THEM, THEY]),
        (("--all",), [THEM, THEY, YOU]),
        (("--waiting",), [THEM, THEY]),
    ],
    ids=["one", "two", "all", "waiting"],
)
def test_notify_tells_whom_it_is_told_to(
    terminal: Terminal, words: tuple[str, ...], told: list[str]
) -> None:
    """
    ``notify`` tells the named, all, or those whose answer is missing, and delivers at once.
    """
    said = terminal.done("notify", "1", *words)

    assert letters(terminal) == told
    assert sorted(said.splitlines()) == [f"sent a letter to {each}" for each in told]


def test_notify_when_nobody_is_awaited(terminal: Terminal) -> None:
    """
    ``--waiting`` on an event that waits for nobody tells nobody.
    """
    for party in (THEY, THEM):
        terminal.done("extend", "1", "--slot", FIRST, "--as", party)

    said = terminal.done("notify", "1", "--waiting")
    assert said == "event 1 waits for nobody: nobody was told\n"
    assert letters(terminal) == []


def test_only_who_was_told_is_named(terminal: Terminal) -> None:
    """
    Parties that stopped their letters or are forgotten are not among those that were told.
    """
    with connect(f"sqlite:///{terminal.database}", acting_as=THEM) as desk:
        desk.stop_mail(1)
    assert terminal.json("notify", "1", "--all")["parties"] == [YOU, THEY]

    terminal.done("user", "erase", THEY, "--yes")
    assert terminal.json("notify", "1", "--all")["parties"] == [YOU]
    assert terminal.json("notify", "1", "--waiting")["parties"] == []
    result = terminal.run("notify", "1", "--waiting")
    assert (result.exit_code, result.stdout) == (0, "nobody was told\n")


def test_notify_names_sender_and_kind(terminal: Terminal) -> None:
    """
    ``--sender`` and ``--invitation`` are logged, and answered as the HTTP interface does.
    """
    told = terminal.json("notify", "1", "--to", THEY, "--sender", THEM, "--invitation")

    assert told["parties"] == [THEY]
    assert told["sender"] == THEM
    assert len(told["slots"]) == 2
    entry = terminal.json("log", "1")["entries"][-1]
    assert entry["data"]["sender"] == THEM
    assert entry["data"]["invitation"] is True
    assert f"{YOU} invited {THEY} on behalf of {THEM}" in terminal.done("log", "1")


def test_notify_of_a_stranger(terminal: Terminal) -> None:
    """
    Telling somebody who is no party is refused by the rule, and nobody is told.
    """
    said = terminal.refused(3, "notify", "1", "--to", THEY, "--to", "else@example.org")

    assert "else@example.org is no party of event 1" in said
    assert letters(terminal) == []
    assert len(terminal.json("log", "1")["entries"]) == 1


def test_notify_leaves_out_who_is_barred(terminal: Terminal) -> None:
    """
    ``--all`` leaves out who can't be sent letters, and says so; ``--to`` is refused.
    """
    terminal.done("user", "deactivate", THEM)

    result = terminal.run("notify", "1", "--all")

    assert result.exit_code == 0
    assert f"left out {THEM}" in result.stderr
    assert letters(terminal) == [THEY, YOU]
    assert THEM in terminal.refused(3, "notify", "1", "--to", THEM)


def test_notify_leaves_out_who_has_stopped_mail(terminal: Terminal) -> None:
    """
    ``--all`` leaves out who wants no letters, and ``show`` names them.
    """
    with connect(f"sqlite:///{terminal.database}", acting_as=THEM) as desk:
        desk.stop_mail(1)

    result = terminal.run("notify", "1", "--all")

    assert f"left out {THEM}" in result.stderr
    assert letters(terminal) == [THEY, YOU]
    assert f"No letters wanted by {THEM}." in terminal.done("show", "1")
    assert f"{THEM} wants no more letters" in terminal.done("log", "1")


def test_no_deliver_leaves_the_letters_to_deliver(terminal: Terminal) -> None:
    """
    With ``--no-deliver`` letters wait; ``deliver`` sends them, each once.
    """
    assert "wait for calndro deliver" in terminal.done("notify", "1", "--to", THEY, "--no-deliver")
    assert letters(terminal) == []

    assert terminal.json("deliver") == [
        {"event": 1, "recipient": THEY, "outcome": "sent", "reason": ""}
    ]
    assert letters(terminal) == [THEY]
    assert terminal.done("deliver") == "no letter waits\n"


def test_a_command_delivers_letters_of_its_event_only(terminal: Terminal) -> None:
    """
    What waits of another event is left alone.
    """
    terminal.propose(FIRST)
    terminal.done("notify", "2", "--to", THEY, "--no-deliver")

    terminal.done("notify", "1", "--to", THEM)

    assert letters(terminal) == [THEM]


def test_an_agreement_is_told(terminal: Terminal) -> None:
    """
    The command that makes an agreement tells everybody; the one that breaks it as well.
    """
    terminal.done("narrow", "1", "--slot", FIRST)
    terminal.done("agree", "1", "--as", THEY)
    terminal.done("agree", "1", "--as", THEM)
    assert letters(terminal) == [THEM, THEY, YOU]

    terminal.done("delete", "1", "--yes")
    assert letters(terminal) == [THEM, THEM, THEY, THEY, YOU, YOU]


def test_what_can_not_be_sent_is_named(terminal: Terminal) -> None:
    """
    The deed stands, the letter stays queued and is named, and the status says so.
    """
    terminal.environ["CALNDRO_EMAIL_BACKEND"] = "smtp"
    terminal.environ["CALNDRO_EMAIL_HOST"] = "127.0.0.1"
    terminal.environ["CALNDRO_EMAIL_PORT"] = "1"

    said = terminal.refused(7, "notify", "1", "--to", THEY)

    assert f"the letter to {THEY} could not be sent and stays queued" in said
    assert terminal.json("log", "1")["entries"][-1]["data"]["recipient"] == THEY

    said = terminal.refused(7, "notify", "1", "--all", "--json")
    queued = "\n".join(line for line in said.splitlines() if "stays queued" in line)
    assert [queued.count(whom) for whom in (YOU, THEY, THEM)] == [1, 1, 1]

    tried = json.loads(terminal.run("deliver", "--json").stdout)
    assert [each["recipient"] for each in tried] == [YOU]


@pytest.mark.parametrize("place", ["/dev/full", "/dev/null"])
def test_letters_go_out_whatever_becomes_of_the_answer(terminal: Terminal, place: str) -> None:
    """
    A command that may write no more sends the letters that it has caused all the same.
    """
    terminal.done("agree", "1", "--slot", FIRST)
    terminal.done("agree", "1", "--as", THEY)
    lines = [("agree", "1", "--as", THEM), ("delete", "1", "--yes")]
    for count, words in enumerate(lines, start=1):
        line = f"{shlex.join(terminal.command(*words))} >{place}"
        done = subprocess.run(
            ["/bin/sh", "-c", line], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert done.returncode == (1 if place == "/dev/full" else 0)
        assert letters(terminal) == sorted([YOU, THEY, THEM] * count)


def test_letters_of_every_event_are_tried(terminal: Terminal) -> None:
    """
    Forgetting a person tells of each event that this makes agreed; what fails is named for all.
    """
    terminal.propose(FIRST, parties=(YOU, THEY, THEM))
    terminal.done("narrow", "1", "--slot", FIRST)
    for number in ("1", "2"):
        terminal.done("agree", number, "--slot", FIRST, "--as", THEM)
    terminal.environ["CALNDRO_EMAIL_FILE_PATH"] = "/dev/null/nowhere"

    said = terminal.refused(7, "user", "erase", THEY, "--yes")

    named = [whom for line in said.splitlines() for whom in (YOU, THEM) if whom in line]
    assert sorted(named) == sorted([YOU, THEM] * 2)


@pytest.mark.parametrize("goes", [True, False])
def test_somebody_who_reads_keeps_no_letter_back(terminal: Terminal, *, goes: bool) -> None:
    """
    When scrubbing fails that is told, whether the others' letters could be sent or not.
    """
    terminal.done("narrow", "1", "--slot", FIRST)
    terminal.done("agree", "1", "--as", THEM)
    if not goes:
        terminal.environ["CALNDRO_EMAIL_FILE_PATH"] = "/dev/null/nowhere"
    with closing(sqlite3.connect(terminal.database)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM calndro_event").fetchone()
        result = terminal.run("user", "erase", THEY, "--yes")

    assert result.exit_code == 7
    assert "a person is forgotten; 1 event moved on without it" in result.stdout
    assert "calndro: the person is forgotten, but what was removed may still" in result.stderr
    assert result.stderr.count("stays queued") == (0 if goes else 2)
    if goes:
        assert letters(terminal) == [THEM, YOU]


def test_what_can_not_be_sent_is_named_whatever_becomes_of_the_answer(terminal: Terminal) -> None:
    """
    A command that may write no more still names the letters that stay queued.
    """
    terminal.environ["CALNDRO_EMAIL_FILE_PATH"] = "/dev/null/nowhere"
    line = f"{shlex.join(terminal.command('notify', '1', '--all', '--json'))} >/dev/full"

    done = subprocess.run(
        ["/bin/sh", "-c", line], capture_output=True, text=True, timeout=PATIENCE, check=False
    )

    assert done.returncode == 1
    assert done.stderr.count("stays queued for calndro deliver") == 3
    assert done.stderr.endswith("could be written: No space left on device\n")


def test_the_console_backend_writes_to_stderr(terminal: Terminal) -> None:
    """
    Letters on the console mix with no answer but that of deliver, which they are.
    """
    terminal.environ["CALNDRO_EMAIL_BACKEND"] = "console"

    result = terminal.run("notify", "1", "--to", THEY, "--json")
    assert f"To: {THEY}" in result.stderr
    assert "To:" not in result.stdout

    terminal.done("notify", "1", "--to", THEM, "--no-deliver")
    assert f"To: {THEM}" in terminal.done("deliver")
