"""
Commands about waiting letters and the mail server.
"""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.adapters.post_office import PostOffice
from tests.entry.cli_terminal import FIRST, THEM, THEY, YOU, Terminal
from tests.patience import PATIENCE


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def office() -> Iterator[PostOffice]:
    """
    Run a mail server.
    """
    with PostOffice() as office:
        yield office


@pytest.fixture
def terminal(tmp_path: Path, office: PostOffice) -> Terminal:
    """
    Give a machine with event 1 of three parties, whose letters go to the mail server.
    """
    terminal = Terminal.of(tmp_path)
    terminal.environ["CALNDRO_EMAIL_BACKEND"] = "smtp"
    terminal.environ["CALNDRO_EMAIL_HOST"] = "127.0.0.1"
    terminal.environ["CALNDRO_EMAIL_PORT"] = str(office.port)
    terminal.propose(FIRST, parties=(YOU, THEY, THEM))
    return terminal


def test_nothing_waits(terminal: Terminal) -> None:
    """
    An empty outbox is said to be empty.
    """
    assert terminal.done("outbox", "list") == "no letter waits\n"
    assert terminal.json("outbox", "list") == []
    assert terminal.json("outbox", "retry", "--no-deliver") == {"due": 0}


def test_a_letter_that_was_put_off_is_listed_and_hurried(
    terminal: Terminal, office: PostOffice
) -> None:
    """
    What the server puts off waits, is listed with its reply, and goes when told to.
    """
    office.answer("RCPT", "452 4.2.2 Full")
    terminal.refused(7, "notify", "1", "--to", THEY)

    (found,) = terminal.json("outbox", "list")
    assert (found["recipient"], found["state"], found["attempts"]) == (THEY, "waiting", 1)
    assert found["code"] == 452
    shown = terminal.done("outbox", "list")
    assert THEY in shown
    assert "452" in shown
    assert terminal.done("deliver") == "no letter waits\n"

    said = terminal.done("outbox", "retry", str(found["letter"]))
    assert said.splitlines() == ["1 letter due now", f"sent a letter to {THEY}"]
    assert len(office.letters) == 1


def test_letters_are_dropped(terminal: Terminal, office: PostOffice) -> None:
    """
    A dropped letter is not sent, and the log says so.
    """
    terminal.done("notify", "1", "--to", THEY, "--no-deliver")
    (found,) = terminal.json("outbox", "list")

    assert terminal.json("outbox", "drop", str(found["letter"]), "--yes") == {"dropped": 1}
    assert terminal.done("deliver") == "no letter waits\n"
    assert office.letters == []
    entries = terminal.json("log", "1", "--all")["entries"]
    assert entries[-1]["data"]["delivery"] == "dropped"


def test_what_does_not_wait_is_refused(terminal: Terminal) -> None:
    """
    A letter that failed is no more to be retried; it is named.
    """
    assert "no waiting letter 7" in terminal.refused(4, "outbox", "retry", "7")
    assert "no waiting letter 7" in terminal.refused(4, "outbox", "drop", "7", "--yes")


def test_a_failure_is_shown_with_the_event(terminal: Terminal, office: PostOffice) -> None:
    """
    ``show`` names who could not be reached.
    """
    office.answer("RCPT", "550 5.1.1 Unknown")
    terminal.refused(7, "notify", "1", "--to", THEY)

    assert terminal.json("show", "1")["undelivered"] == [THEY]
    assert f"could not be delivered to {THEY}" in " ".join(terminal.done("show", "1").split())


def test_a_trial_letter(terminal: Terminal, office: PostOffice) -> None:
    """
    ``mail test`` sends one letter and tells each step.
    """
    said = terminal.done("mail", "test", THEM)
    assert "ok   sign in" not in said
    assert "ok   hand the letter over: 250" in said
    assert office.letters[0].rcpt_tos == [THEM]

    told = terminal.json("mail", "test", THEM)
    assert [each["passed"] for each in told["steps"]] == [True] * 6
    assert told["mend"] == ""


def test_a_trial_that_fails(terminal: Terminal, office: PostOffice) -> None:
    """
    ``mail test`` names the step that failed and what to do, and ends with the mail status.
    """
    office.close()
    said = terminal.refused(7, "mail", "test", THEM)
    assert "could not connect: correct CALNDRO_EMAIL_HOST and CALNDRO_EMAIL_PORT" in said

    terminal.environ["CALNDRO_EMAIL_BACKEND"] = "dummy"
    assert "letters go to the dummy backend now" in terminal.refused(7, "mail", "test", THEM)


def test_watching_sends_letters_as_they_come(terminal: Terminal, office: PostOffice) -> None:
    """
    ``deliver --watch`` sends what comes, rests while no mail can be sent, and ends when told.
    """
    office.answer("RCPT", "452 4.2.2 Full")
    program = subprocess.Popen(
        terminal.command("deliver", "--watch", "--json"), stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    try:
        terminal.done("notify", "1", "--to", THEY, "--no-deliver")
        terminal.done("notify", "1", "--to", THEM, "--no-deliver")
        told = [json.loads(program.stdout.readline()) for _ in range(2)]
        assert [(each["recipient"], each["outcome"]) for each in told] == [
            (THEY, None),
            (THEM, "sent"),
        ]
        office.close()
        terminal.done("notify", "1", "--to", YOU, "--no-deliver")
        assert json.loads(program.stdout.readline())["reason"] == "the mail server can't be reached"
        program.terminate()
        assert program.wait(PATIENCE) == 0
    finally:
        program.kill()
        program.wait()
        program.stdout.close()
