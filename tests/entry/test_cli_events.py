"""
Propose, list, show, log and delete on the command line.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from calndro.core.errors import TooManyError
from calndro.entry.local import LocalCoordinator
from tests.entry import http_site
from tests.entry.cli_terminal import FIRST, SECOND, THEM, THEY, THIRD, YOU, Terminal
from tests.serving import running


if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """
    Give a machine with an empty home.
    """
    return Terminal.of(tmp_path)


def test_propose_shows_the_event_and_says_that_nobody_knows(terminal: Terminal) -> None:
    """
    After propose the table is shown with numbers, and how to tell the parties is said.
    """
    said = terminal.done("propose", "--party", YOU, "--party", THEY, "--slot", FIRST)

    assert "Tue 4 Dec 2046 09:00-09:30" in said
    assert f"Waiting for {THEY}." in said
    assert "Nobody has been told yet.\nNext: calndro notify 1 --waiting --invitation" in said


def test_propose_without_slots_asks_for_some(terminal: Terminal) -> None:
    """
    What comes next for an empty table are slots, not letters about nothing.
    """
    said = terminal.done("propose", "--party", YOU)

    assert "Nobody has been told yet." in said
    assert said.endswith("Next: calndro extend 1 --slot BEGIN/DURATION\n")


def test_propose_tells_nobody(terminal: Terminal) -> None:
    """
    Propose writes one log entry and no letter.
    """
    number = terminal.propose(FIRST)

    entries = terminal.json("log", str(number), "--all")["entries"]
    assert [entry["occurrence"] for entry in entries] == ["UPDATE"]


def test_propose_echoes_how_each_slot_was_read(terminal: Terminal) -> None:
    """
    Each slot is said in words, with the event's zone and its length.
    """
    said = terminal.done(
        "propose",
        *("--party", THEY, "--zone", "europe/paris"),
        *("--slot", "2046-12-04T09:00/PT90M", "--slot", "2046-12-05T09:00 1h30m"),
    )

    assert (
        "2046-12-04T09:00/PT90M is Tue 4 Dec 2046 09:00-10:30 (Europe/Paris), 1 hour 30 minutes"
        in said
    )
    assert "2046-12-05T09:00 1h30m is Wed 5 Dec 2046 09:00-10:30 (Europe/Paris)" in said


def test_propose_points_out_what_is_hardly_meant(terminal: Terminal) -> None:
    """
    Slots shorter than a minute and slots in the past are taken, and pointed out on stderr.
    """
    result = terminal.run(
        "propose",
        *("--party", THEY),
        *("--slot", "2046-12-04T09:00Z 00:30", "--slot", "2020-01-01T09:00Z/PT1H"),
    )

    assert result.exit_code == 0
    assert "lasts only 30 seconds" in result.stderr
    assert "Wed 1 Jan 2020 09:00-10:00 is in the past" in result.stderr


def test_propose_reads_slots_from_stdin(terminal: Terminal) -> None:
    """
    ``--slot -`` takes the lines of stdin, blank ones left out, beside other slots.
    """
    event = terminal.json(
        "propose",
        *("--party", THEY, "--slot", THIRD, "--slot", "-"),
        stdin=f"{FIRST}\n\n  2046-12-05T10:00Z 60m  \n",
    )

    assert [slot["begin"] for slot in event["slots"]] == [
        "2046-12-04T09:00:00Z",
        "2046-12-05T10:00:00Z",
        "2046-12-06T11:00:00Z",
    ]


def test_empty_stdin_is_refused(terminal: Terminal) -> None:
    """
    A pipe that brings no slot is a fault, not an empty table.
    """
    said = terminal.refused(2, "propose", "--party", THEY, "--slot", "-", stdin="\n \n")

    assert "no slot came in on stdin" in said


def test_propose_like_takes_what_is_not_given(terminal: Terminal) -> None:
    """
    ``--like`` copies parties, slots and zone, and what is given wins.
    """
    model = terminal.propose(FIRST, SECOND, title="Tea", zone="Europe/Paris")

    event = terminal.json("propose", "--like", str(model), "--title", "Coffee")

    assert event["parties"] == [YOU, THEY]
    assert len(event["slots"]) == 2
    assert (event["zone"], event["title"]) == ("Europe/Paris", "Coffee")


def test_propose_notify_invites_the_others(terminal: Terminal) -> None:
    """
    ``--notify`` sends an invitation to each party but the one that proposes.
    """
    said = terminal.done(
        "propose", "--party", YOU, "--party", THEY, "--party", THEM, "--slot", FIRST, "--notify"
    )

    assert f"sent a letter to {THEY}\nsent a letter to {THEM}\n" in said
    told = terminal.json("log", "1")["entries"][1:]
    assert [entry["data"]["recipient"] for entry in told] == [THEY, THEM]
    assert all(entry["data"]["invitation"] for entry in told)


def test_propose_notify_says_which_way_letters_go(terminal: Terminal) -> None:
    """
    What was told with the proposal is not recommended again, and how it goes is said.
    """
    words = ("propose", "--party", YOU, "--party", THEY, "--slot", FIRST, "--notify")

    assert "Next: calndro show 1\nsent a letter" in terminal.done(*words)
    said = terminal.done(*words, "--no-deliver")
    assert said.endswith("Next: calndro show 2\nthe letters wait for calndro deliver\n")
    site = http_site.Site()
    terminal.environ["CALNDRO_PASSWORD"] = http_site.PASSWORD
    with running(site.app) as url:
        said = terminal.done(*words, "--server", url)
    assert said.endswith(f"the server sends 1 letter, to {THEY}\n")


def test_propose_notify_when_nobody_may_be_told(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    An event whose letters are refused is there all the same, and shown with its number.
    """

    def refuse(*_: object, **__: object) -> None:
        raise TooManyError("letters", 60)

    monkeypatch.setattr(LocalCoordinator, "notify", refuse)
    words = ("propose", "--party", YOU, "--party", THEY, "--slot", FIRST, "--notify")

    result = terminal.run(*words)
    assert (result.exit_code, "Event 1  " in result.stdout) == (3, True)
    assert "letters" in result.stderr
    assert json.loads(terminal.run(*words, "--json").stdout)["id"] == 2


def test_propose_notify_with_nobody_else(terminal: Terminal) -> None:
    """
    ``--notify`` among nobody but oneself sends nothing, and says so.
    """
    said = terminal.done("propose", "--party", YOU, "--slot", FIRST, "--notify")

    assert "there is nobody to invite" in said
    assert "sent a letter" not in said


def test_every_fault_is_named(terminal: Terminal) -> None:
    """
    Input with several faults is refused with a line for each, and leaves no database row.
    """
    said = terminal.refused(
        2,
        "propose",
        *("--party", THEY, "--party", "nobody", "--zone", "Nowhere"),
        *("--slot", FIRST, "--slot", "tomorrow", "--slot", "2046-12-04T09:00/10:30"),
    ).splitlines()

    starts = [line.split(":")[1].strip() for line in said]
    assert starts == ["party 2", "zone", "slot 2", "slot 3"]
    assert terminal.json("list", "--closed") == []


def test_list_shows_events_in_words(terminal: Terminal) -> None:
    """
    The list names each event with status, time and parties, and marks who is awaited.
    """
    terminal.propose(FIRST, SECOND, title="Tea")
    terminal.propose(parties=(THEM,), title="Void")

    said = terminal.done("list")

    tea, void = said.splitlines()[-2:]
    assert tea.split() == (
        f"1 Tea open 2 slots from Tue 4 Dec 2046 09:00, UTC {YOU}, {THEY} ?".split()
    )
    assert void.split() == ["2", "Void", "void", THEM]


def test_an_empty_list_says_what_it_is_of(terminal: Terminal) -> None:
    """
    That no event has a status does not mean that there are none.
    """
    terminal.propose(FIRST)

    said = terminal.done("list", "--status", "agreed")
    assert said == "there are no agreed events; calndro list lists all\n"


def test_a_confirmation_keeps_off_stdout(terminal: Terminal) -> None:
    """
    A question is asked on stderr, and nothing but the answer stands on stdout.
    """
    terminal.propose(FIRST)

    done = terminal.program("delete", "1", "--json", stdin="y\n")
    assert done.stdout == '{"id":1,"status":"closed"}\n'
    assert "Delete event 1" in done.stderr


@pytest.mark.parametrize("word", ["zo", "erased", "erased-x"])
def test_a_log_is_of_somebody(terminal: Terminal, word: str) -> None:
    """
    Whose part of a log is wanted is an address, or the place of somebody forgotten.
    """
    terminal.propose(FIRST)

    assert "--party: " in terminal.refused(2, "log", "1", "--party", word)
    terminal.done("log", "1", "--party", "erased-2")


def test_list_filters_by_status(terminal: Terminal) -> None:
    """
    ``--status`` leaves the others out, and ``--closed`` shows the deleted as well.
    """
    terminal.propose(FIRST)
    terminal.propose()
    terminal.propose(FIRST)
    terminal.done("delete", "3", "--yes")

    def ids(*words: str) -> list[int]:
        return [event["id"] for event in terminal.json("list", *words)]

    assert ids() == [1, 2]
    assert ids("--closed") == [1, 2, 3]
    assert ids("--status", "void") == [2]
    assert ids("--status", "closed") == [3]


def test_empty_list_says_how_to_begin(terminal: Terminal) -> None:
    """
    Without events the list names the command that makes one.
    """
    assert "calndro propose" in terminal.done("list")


def test_show_is_a_grid_of_who_keeps_what(terminal: Terminal) -> None:
    """
    ``show`` marks for each slot and party: kept, not kept, no answer yet.
    """
    terminal.propose(FIRST, SECOND, parties=(YOU, THEY, THEM))
    terminal.done("extend", "1", "--slot", THIRD, "--as", THEY)

    rows = [line.split() for line in terminal.done("show", "1").splitlines()]

    marks = [row[-3:] for row in rows if row and row[0] in {"1", "2", "3"}]
    assert marks == [["yes", "no", "?"], ["yes", "no", "?"], ["no", "yes", "?"]]


def test_show_logs_a_view(terminal: Terminal) -> None:
    """
    ``show`` is a look and is logged; list and log are none.
    """
    number = str(terminal.propose(FIRST))
    terminal.done("show", number)
    terminal.done("list")

    entries = terminal.json("log", number)["entries"]

    assert [entry["occurrence"] for entry in entries] == ["UPDATE", "VIEW"]


def test_show_gives_the_readers_time_when_it_differs(terminal: Terminal) -> None:
    """
    Times are in the event's zone, and in the reader's own when that is another.
    """
    number = str(terminal.propose("2046-12-04T09:00/PT30M", zone="Europe/Paris"))

    elsewhere = terminal.program("show", number, TZ="America/New_York").stdout
    alike = terminal.program("show", number, TZ="Europe/Berlin").stdout

    assert "America/New_York" in elsewhere
    assert "Tue 4 Dec 2046 09:00-09:30  Tue 4 Dec 2046 03:00-03:30" in elsewhere
    assert "Tue 4 Dec 2046 09:00-09:30  yes" in alike
    assert "your time" not in alike


@pytest.mark.parametrize(
    ("deeds", "sentence", "then"),
    [
        ([], f"Waiting for {THEY}.", "calndro notify 1 --waiting"),
        (
            [("agree", "1", "--as", THEY)],
            "Everybody can do these: anyone may choose.",
            "calndro agree 1 --slot 1",
        ),
        (
            [("narrow", "1", "--slot", FIRST, "--as", THEY)],
            "Everybody agrees on Tue 4 Dec 2046 09:00-09:30 (UTC).",
            "calndro log 1",
        ),
        (
            [("extend", "1", "--slot", THIRD, "--as", THEY)],
            "No time suits all yet.",
            "calndro extend 1 --slot BEGIN/DURATION",
        ),
        (
            [("narrow", "1", "--drop", "1-2")],
            "No slot is on the table.",
            "calndro extend 1 --slot BEGIN/DURATION",
        ),
    ],
    ids=["waiting", "choose", "agreed", "none-suits", "void"],
)
def test_show_says_where_it_stands_and_what_comes_next(
    terminal: Terminal, deeds: list[tuple[str, ...]], sentence: str, then: str
) -> None:
    """
    Each standing of an event has its sentence and its next step.
    """
    terminal.done("propose", "--party", YOU, "--party", THEY, "--slot", FIRST, "--slot", SECOND)
    for deed in deeds:
        terminal.done(*deed)

    lines = terminal.done("show", "1").splitlines()

    assert lines[-2:] == [sentence, f"Next: {then}"]


def test_show_names_no_step_where_nobody_is_left(terminal: Terminal) -> None:
    """
    Once all parties were erased nobody can agree: what is left to do is to read the log.
    """
    terminal.done("propose", "--party", THEY, "--slot", FIRST, "--slot", SECOND)
    terminal.done("user", "erase", THEY, "--yes")
    left = ["Nobody is left to agree.", "Next: calndro log 1"]

    assert terminal.done("show", "1").splitlines()[-2:] == left
    terminal.done("narrow", "1", "--drop", "1-2")
    assert terminal.done("show", "1").splitlines()[-2:] == left


def test_show_tells_the_awaited_to_answer(terminal: Terminal) -> None:
    """
    Whoever is waited on is told how to answer, not how to remind itself.
    """
    terminal.propose(FIRST, SECOND)

    said = terminal.done("show", "1", "--as", THEY)

    assert said.endswith(f"Next: calndro narrow 1 --keep 1,2 --as {THEY}\n")


def test_log_is_a_readable_timeline(terminal: Terminal) -> None:
    """
    The log says day by day who did what, in words.
    """
    terminal.done(
        "propose",
        "--party",
        YOU,
        "--party",
        THEY,
        "--slot",
        FIRST,
        "--slot",
        SECOND,
        "--title",
        "Tea",
    )
    terminal.done("narrow", "1", "--keep", "1", "--as", THEY)
    terminal.done("title", "1", "Coffee")
    terminal.done("show", "1")

    said = terminal.done("log", "1")

    first = "Tue 4 Dec 2046 09:00-09:30"
    deeds = [found[1] for found in re.finditer(r"^ *\d+  \S{8}  (.*)$", said, re.MULTILINE)]
    assert deeds == [
        f'{YOU} proposed "Tea" with 2 slots (locally)',
        f"{THEY} narrowed to {first}; took off Wed 5 Dec 2046 10:00-11:00 (locally)",
        f"{THEY} told {YOU} that all agree (locally)",
        f"{THEY} told {THEY} that all agree (locally)",
        f'{YOU} named it "Coffee" (locally)',
        f"{YOU} told {YOU} that it has changed (locally)",
        f"{YOU} told {THEY} that it has changed (locally)",
        f"{YOU} looked (locally)",
    ]


def test_log_all_shows_deliveries(terminal: Terminal) -> None:
    """
    How letters went is shown when asked for, and otherwise left out.
    """
    terminal.propose(FIRST)
    terminal.done("notify", "1", "--to", THEY)

    assert "sent" not in terminal.done("log", "1")
    assert f"system letter 2 to {THEY}: sent" in terminal.done("log", "1", "--all")


def test_log_of_a_deleted_event_stays(terminal: Terminal) -> None:
    """
    A deleted event answers "gone", its log stays readable as text and as JSON.
    """
    terminal.propose(FIRST, title="Tea")
    terminal.done("delete", "1", "--yes")

    assert "was deleted" in terminal.refused(4, "show", "1")
    assert "deleted the event" in terminal.done("log", "1")
    log = terminal.json("log", "1")
    assert log["parties"] == [YOU, THEY]
    assert log["entries"][-1]["data"]["closed"] == "deleted"


def test_delete_asks_first(terminal: Terminal) -> None:
    """
    Without ``--yes`` delete asks, and a no leaves everything as it was.
    """
    terminal.propose(FIRST, title="Tea")

    refused = terminal.run("delete", "1", stdin="n\n")

    assert refused.exit_code == 1
    assert "Delete event 1, Tea, for good?" in refused.stderr
    assert len(terminal.json("log", "1")["entries"]) == 1
    assert terminal.run("delete", "1", stdin="y\n").exit_code == 0
    assert terminal.json("list") == []


def test_delete_answers_as_json(terminal: Terminal) -> None:
    """
    With ``--json`` delete tells the id and the status, its messages on stderr.
    """
    terminal.propose(FIRST)

    result = terminal.run("delete", "1", "--yes", "--json")

    assert json.loads(result.stdout) == {"id": 1, "status": "closed"}
    assert "is deleted" in result.stderr


@pytest.mark.parametrize("command", ["show", "log", "delete", "agree", "notify"])
def test_an_absent_event_is_not_found(terminal: Terminal, command: str) -> None:
    """
    An id that nothing has ends with the status for not found.
    """
    more = ["--all"] if command == "notify" else []

    assert terminal.refused(4, command, "7", *more) == "calndro: there is no event 7\n"
