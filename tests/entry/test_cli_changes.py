"""
Narrow, agree, extend, replace and title on the command line, and the numbers of slots.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.entry.cli_terminal import FIRST, SECOND, THEM, THEY, THIRD, YOU, Terminal


if TYPE_CHECKING:
    from pathlib import Path


BEGINS = ("2046-12-04T09:00:00Z", "2046-12-05T10:00:00Z", "2046-12-06T11:00:00Z")


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """
    Give a machine with an empty home on which event 1 has three slots, not yet shown.
    """
    terminal = Terminal.of(tmp_path)
    terminal.propose(FIRST, SECOND, THIRD)
    return terminal


def begins(terminal: Terminal) -> tuple[str, ...]:
    """
    Give the begins of the slots of event 1.
    """
    (event,) = terminal.json("list")
    return tuple(slot["begin"] for slot in event["slots"])


def entries(terminal: Terminal) -> int:
    """
    Count the entries of the log of event 1.
    """
    return len(terminal.json("log", "1", "--all")["entries"])


@pytest.mark.parametrize(
    ("option", "numbers", "left"),
    [
        ("--keep", "1,3", (0, 2)),
        ("--keep", "2-3", (1, 2)),
        ("--keep", " 2 , 2", (1,)),
        ("--drop", "1", (1, 2)),
        ("--drop", "1-2,3", ()),
    ],
)
def test_narrow_by_number(
    terminal: Terminal, option: str, numbers: str, left: tuple[int, ...]
) -> None:
    """
    Numbers are those of the table that show has printed, alone, in lists or in ranges.
    """
    terminal.done("show", "1")

    terminal.done("narrow", "1", option, numbers, "--as", THEY)

    assert begins(terminal) == tuple(BEGINS[place] for place in left)


def test_keep_accepts_and_drop_answers_nothing(terminal: Terminal) -> None:
    """
    ``--keep`` makes what is left one's answer; ``--drop`` leaves one's answer open.
    """
    terminal.done("show", "1")
    dropped = terminal.json("narrow", "1", "--drop", "1", "--as", THEY)
    terminal.done("show", "1")
    kept = terminal.json("narrow", "1", "--keep", "1-2", "--as", THEY)

    assert dropped["kept"][THEY] == []
    assert dropped["waiting_on"] == [THEY]
    assert len(kept["kept"][THEY]) == 2


def test_numbers_need_a_look(terminal: Terminal) -> None:
    """
    On a machine that has shown nothing, numbers mean nothing; a revision names the table.
    """
    said = terminal.refused(2, "narrow", "1", "--keep", "1")

    assert "Look first: calndro show 1" in said
    assert entries(terminal) == 1
    terminal.done("narrow", "1", "--keep", "1", "--if-revision", "1")
    assert begins(terminal) == BEGINS[:1]


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ("2-1", "--keep: 2-1 goes backwards; write 1-2"),
        ("1,5-9", "there is no slot 5, 6, 7, 8 and 9; the table has 1 to 2"),
        ("1-9999", "there is no slot 3, 4, 5, 6, 7 and 9992 more; the table has 1 to 2"),
    ],
)
def test_numbers_that_mean_nothing(terminal: Terminal, numbers: str, said: str) -> None:
    """
    A range that goes backwards or beyond the table is refused, and empties nothing.
    """
    number = terminal.propose(FIRST, SECOND)
    terminal.done("show", str(number))

    assert said in terminal.refused(2, "narrow", str(number), "--keep", numbers)
    assert len(terminal.json("show", str(number))["slots"]) == 2


def test_numbers_of_a_table_that_has_changed(terminal: Terminal) -> None:
    """
    When the event has moved on since it was shown, nothing is done and it is shown anew.
    """
    terminal.done("show", "1")
    other = Terminal.of(terminal.home / "other")
    database = f"sqlite:///{terminal.database}"
    other.done("narrow", "1", "--slot", SECOND, "--slot", THIRD, "--db", database, "--as", THEY)
    before = entries(terminal)

    result = terminal.run("narrow", "1", "--keep", "1")

    assert result.exit_code == 6
    assert "1  Wed 5 Dec 2046 10:00-11:00" in result.stdout
    assert "event 1 is at revision 2, not 1" in result.stderr
    assert entries(terminal) == before
    terminal.done("narrow", "1", "--keep", "1")
    assert begins(terminal) == BEGINS[1:2]


def test_numbers_of_another_event_of_that_id(terminal: Terminal) -> None:
    """
    A view of an event in a database that was made anew is no view of the new event.
    """
    terminal.done("show", "1")
    for file in terminal.database.parent.iterdir():
        file.unlink()
    terminal.propose(THIRD, SECOND, FIRST)

    assert terminal.run("narrow", "1", "--keep", "1").exit_code == 6
    assert begins(terminal) == BEGINS


def test_a_view_belongs_to_its_database(terminal: Terminal, tmp_path: Path) -> None:
    """
    What was shown of one database says nothing about event 1 of another.
    """
    terminal.done("show", "1")
    other = ("--db", f"sqlite:///{tmp_path / 'other.db'}")
    terminal.done("propose", "--party", THEY, "--slot", FIRST, "--json", *other)

    assert "Look first" in terminal.refused(2, "narrow", "1", "--keep", "1", *other)


def test_a_view_that_can_not_be_read(terminal: Terminal) -> None:
    """
    A damaged memory is as good as none.
    """
    terminal.done("show", "1")
    (file,) = (terminal.home / "state" / "calndro" / "views").glob("*/1.json")
    file.write_text('{"uuid": 1}')

    assert "Look first" in terminal.refused(2, "narrow", "1", "--keep", "1")


def test_a_home_that_can_not_be_written(terminal: Terminal) -> None:
    """
    Where nothing can be remembered everything else still works.
    """
    shutil.rmtree(terminal.home / "state")
    (terminal.home / "state").write_text("no directory")

    assert "Waiting for" in terminal.done("show", "1")
    assert "Look first" in terminal.refused(2, "narrow", "1", "--keep", "1")


def test_every_table_shown_is_remembered(terminal: Terminal) -> None:
    """
    A change prints the new table, so the next numbers are of that one.
    """
    terminal.done("show", "1")
    terminal.done("narrow", "1", "--keep", "2,3")
    terminal.done("narrow", "1", "--keep", "1")

    assert begins(terminal) == BEGINS[1:2]


def test_json_shows_no_numbers(terminal: Terminal) -> None:
    """
    A JSON document has no numbers, and replaces no table that had.
    """
    terminal.done("show", "1")
    terminal.json("narrow", "1", "--keep", "2,3")

    assert terminal.run("narrow", "1", "--keep", "1").exit_code == 6


def test_narrow_by_slot_says_what_was_ignored(terminal: Terminal) -> None:
    """
    ``--slot`` needs no look; slots that are not on the table are named and ignored.
    """
    stray = "2046-12-24T18:00Z/PT1H"

    result = terminal.run("narrow", "1", "--slot", SECOND, "--slot", stray)

    assert result.exit_code == 0
    assert f"ignored 1 slot not on the table: {stray}" in result.stderr
    assert begins(terminal) == BEGINS[1:2]


def test_narrow_never_empties_the_table_by_mistake(terminal: Terminal) -> None:
    """
    Where none of the slots to keep is on the table, one was mistyped, and nothing is done.
    """
    number = str(terminal.propose(FIRST, parties=(YOU,)))
    said = terminal.refused(3, "narrow", number, "--slot", SECOND)

    assert f"none of these slots is on the table of event {number}" in said
    assert f"calndro show {number} tells" in said
    assert terminal.json("show", number)["status"] == "agreed"


def test_narrow_by_slots_of_stdin(terminal: Terminal) -> None:
    """
    ``--slot -`` narrows to the lines of stdin.
    """
    terminal.done("narrow", "1", "--slot", "-", stdin=f"{FIRST}\n{THIRD}\n")

    assert begins(terminal) == (BEGINS[0], BEGINS[2])


def test_an_update_by_no_party_says_so(terminal: Terminal) -> None:
    """
    Whoever is no party changes the table but nobody's answer, and is told.
    """
    result = terminal.run("narrow", "1", "--slot", FIRST, "--as", THEM)

    assert result.exit_code == 0
    assert (
        f"you act as {THEM}, who is no party of event 1: nobody's answer changed; use --as"
        in result.stderr
    )


def test_a_party_is_known_however_it_is_written(terminal: Terminal) -> None:
    """
    Capitals do not make a stranger of a party.
    """
    result = terminal.run("narrow", "1", "--slot", FIRST, "--as", THEY.upper())

    assert "no party" not in result.stderr
    assert result.exit_code == 0


def test_agree_to_all_that_was_shown(terminal: Terminal) -> None:
    """
    ``agree`` keeps the whole table as it was last shown.
    """
    terminal.done("show", "1")

    event = terminal.json("agree", "1", "--as", THEY)

    assert len(event["kept"][THEY]) == 3
    assert event["waiting_on"] == []


@pytest.mark.parametrize("slot", ["2", SECOND, "2046-12-05T11:00+01:00 60m"])
def test_agree_to_one_slot(terminal: Terminal, slot: str) -> None:
    """
    ``agree --slot`` takes a number or a slot in full, and makes the agreement.
    """
    terminal.done("show", "1")

    said = terminal.done("agree", "1", "--slot", slot, "--as", THEY)

    assert "Everybody agrees on Wed 5 Dec 2046 10:00-11:00 (UTC)." in said
    assert f"sent a letter to {YOU}\nsent a letter to {THEY}\n" in said


def test_agree_to_a_slot_that_is_not_there(terminal: Terminal) -> None:
    """
    Agreeing to what is not on the table is refused, and empties no table.
    """
    said = terminal.refused(3, "agree", "1", "--slot", "2046-12-24T18:00Z/PT1H", "--as", THEY)

    assert "is not on the table of event 1" in said
    assert begins(terminal) == BEGINS


def test_agree_is_for_parties(terminal: Terminal) -> None:
    """
    Who is no party has nothing to agree to.
    """
    terminal.done("show", "1")
    before = entries(terminal)

    assert f"{THEM} is no party of event 1" in terminal.refused(3, "agree", "1", "--as", THEM)
    assert entries(terminal) == before


def test_extend_and_replace(terminal: Terminal) -> None:
    """
    ``extend`` adds to the table, ``replace`` leaves nothing else on it; both echo.
    """
    extended = terminal.done("extend", "1", "--slot", "2046-12-07T09:00Z/PT30M")
    assert "2046-12-07T09:00Z/PT30M is Fri 7 Dec 2046 09:00-09:30 (UTC), 30 minutes" in extended
    assert begins(terminal) == (*BEGINS, "2046-12-07T09:00:00Z")

    replaced = terminal.done("replace", "1", "--slot", "-", "--title", "Tea", stdin=SECOND)
    assert f"{SECOND} is Wed 5 Dec 2046" in replaced
    assert "Event 1  Tea" in replaced
    assert begins(terminal) == BEGINS[1:2]


def test_if_revision_guards_every_change(terminal: Terminal) -> None:
    """
    A change that names a revision the event has left does nothing.
    """
    terminal.done("title", "1", "Tea")
    before = entries(terminal)

    for words in (
        ("narrow", "1", "--slot", FIRST),
        ("extend", "1", "--slot", FIRST),
        ("replace", "1", "--slot", FIRST),
        ("title", "1", "Coffee"),
        ("agree", "1"),
        ("narrow", "1", "--drop", "1"),
        ("notify", "1", "--all"),
        ("notify", "1", "--to", THEY),
        ("delete", "1", "--yes"),
    ):
        assert "revision 2, not 1" in terminal.refused(6, *words, "--if-revision", "1")
    assert entries(terminal) == before


def test_too_many_slots(terminal: Terminal) -> None:
    """
    A table of more than 30 slots is refused by the rule, whole.
    """
    lines = "".join(f"2046-12-04T09:{minute:02}Z/PT30M\n" for minute in range(31))

    said = terminal.refused(3, "replace", "1", "--slot", "-", stdin=lines)

    assert "31 slots" in said
    assert begins(terminal) == BEGINS


@pytest.mark.parametrize("several", ["1,2", "1-3", "1, 2"])
def test_one_slot_is_agreed_to(terminal: Terminal, several: str) -> None:
    """
    Who names several numbers is told that one is agreed to, and what keeps several.
    """
    said = terminal.refused(2, "agree", "1", "--slot", several)

    assert "say one number; narrow --keep takes several" in said


@pytest.mark.parametrize(
    "words",
    [
        ("narrow", "1"),
        ("narrow", "1", "--keep", "1", "--drop", "2"),
        ("narrow", "1", "--keep", ""),
        ("narrow", "1", "--keep", "1,two,3-"),
        ("narrow", "1", "--keep", "4"),
        ("narrow", "1", "--drop", "0"),
        ("narrow", "1", "--slot", "soon"),
        ("narrow", "1", "--slot", "-"),
        ("narrow", "one", "--keep", "1"),
        ("agree", "1", "--slot", "0"),
        ("agree", "1", "--slot", "soon"),
        ("extend", "1"),
        ("extend", "1", "--slot", "2046-12-04T09:00Z/PT0S"),
        ("extend", "1", "--slot", "2046-12-04T09:00Z/09:30"),
        ("replace", "1", "--slot", "2046-12-04 25:00 1h"),
        ("replace", "1", "--slot", FIRST, "--title", ""),
        ("title", "1", " "),
        ("title", "1", "two\nlines"),
        ("title", "1"),
        ("notify", "1"),
        ("notify", "1", "--all", "--waiting"),
        ("notify", "1", "--to", "nobody"),
        ("notify", "1", "--all", "--sender", "nobody"),
        ("propose", "--party", ""),
        ("propose", "--party", YOU, "--like", "x"),
        ("list", "--status", "asleep"),
        ("list", "--as", "nobody"),
        ("list", "--db", "nonsense"),
        ("list", "--frob"),
        ("frob",),
    ],
    ids=" ".join,
)
def test_bad_input_changes_nothing(terminal: Terminal, words: tuple[str, ...]) -> None:
    """
    Words that can't be read end with the status for usage, and leave the log as it was.
    """
    terminal.done("show", "1")
    before = entries(terminal)

    said = terminal.refused(2, *words)

    assert said
    assert entries(terminal) == before
    assert begins(terminal) == BEGINS


@pytest.mark.parametrize("command", ["list", "db current", "db upgrade", "db check"])
def test_a_database_that_is_none_is_named(terminal: Terminal, command: str) -> None:
    """
    A URL of a database that can't be used is refused by the name of where it was set.
    """
    url = "postgresql+psycopg://me:abc@x:canary@db.example.org/team"
    said = terminal.refused(2, *command.split(), "--db", url)
    assert said.startswith("calndro: --db: this is no URL of a database")
    assert "canary" not in said

    terminal.environ["CALNDRO_DATABASE_URL"] = url
    assert terminal.refused(2, *command.split()).startswith("calndro: CALNDRO_DATABASE_URL: ")
