"""
Verify, export, import and erase on the command line.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest

from calndro import connect
from calndro.entry.cli.heads import Heads
from tests.entry.cli_terminal import FIRST, SECOND, THEM, THEY, YOU, Terminal
from tests.patience import PATIENCE


if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """
    Give a machine with an empty home.
    """
    return Terminal.of(tmp_path)


def database(terminal: Terminal) -> Path:
    """
    Find the embedded database.
    """
    return terminal.home / "data" / "calndro" / "calndro.db"


def damage(terminal: Terminal) -> None:
    """
    Change one letter of the second entry, as the operator of a database could.
    """
    with sqlite3.connect(database(terminal)) as connection:
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in triggers.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(
            "UPDATE calndro_entry SET body = CAST(replace(CAST(body AS TEXT), 'VIEW', 'view')"
            " AS BLOB) WHERE seq = 2"
        )
    connection.close()


def test_a_good_log_is_said_to_be_good(terminal: Terminal) -> None:
    """
    Verification names the entries and the head, for one event and for all.
    """
    number = str(terminal.propose(FIRST, SECOND))
    terminal.propose(FIRST)
    terminal.done("show", number)

    said = terminal.done("audit", "verify", number)

    assert said.startswith(f"event {number}: 2 entries prove themselves; event=")
    assert len(terminal.done("audit", "verify").splitlines()) == 2
    (verdict,) = terminal.json("audit", "verify", number)
    assert verdict["good"] is True
    assert verdict["seq"] == 2


def test_a_changed_entry_is_named_and_ends_with_one(terminal: Terminal) -> None:
    """
    What the database's operator changed is found, by verify and by log --verify.
    """
    number = str(terminal.propose(FIRST))
    terminal.done("show", number)
    damage(terminal)

    for command in (("audit", "verify"), ("audit", "verify", number)):
        result = terminal.run(*command)
        assert result.exit_code == 1
        assert "entry 2: its hash does not follow" in result.stdout


def test_log_verify_says_that_the_chain_is_good(terminal: Terminal) -> None:
    """
    The last line of a log gives its receipt, and with --verify the state of its chain.
    """
    number = str(terminal.propose(FIRST))

    assert terminal.done("log", number).splitlines()[-1].startswith("event=")
    assert "1 entry proves itself" in terminal.done("log", number, "--verify").splitlines()[-1]


def test_an_export_verifies_off_line_with_receipts(terminal: Terminal, tmp_path: Path) -> None:
    """
    An exported log proves itself without the database, also against letters and lines.
    """
    number = str(terminal.propose(FIRST, SECOND))
    early = terminal.done("log", number).splitlines()[-1]
    terminal.done("narrow", number, "--slot", FIRST)
    log = tmp_path / "log.jsonl"
    log.write_text(terminal.done("audit", "export", number))
    letter = tmp_path / "letter.eml"
    letter.write_text(f"Subject: x\nX-Calndro-Audit: {early}\n\nHello\n")
    quoting = tmp_path / "quoting.eml"
    answer = EmailMessage()
    answer.set_content(f"Caf\xe9\n> {early}\n", cte="quoted-printable")
    quoting.write_bytes(bytes(answer))
    folded = tmp_path / "folded.ics"
    folded.write_text(terminal.done("ics", number))

    for receipt in (early, str(letter), str(quoting), str(folded)):
        said = terminal.done("audit", "verify", "--offline", str(log), "--receipt", receipt)
        assert "1 receipt compared" in said

    forged = early[:-4] + "0000"
    result = terminal.run("audit", "verify", "--offline", str(log), "--receipt", forged)
    assert result.exit_code == 1
    log.write_text("".join(log.read_text().splitlines(keepends=True)[:-1]))
    assert terminal.run("audit", "verify", "--offline", str(log)).exit_code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--offline", "/nowhere"),
        ("--receipt", "/nowhere"),
        ("--receipt", "event=1 seq=2 head=3"),
        ("1", "--offline", "x"),
    ],
)
def test_what_cannot_be_verified_is_a_usage_error(
    terminal: Terminal, arguments: tuple[str, ...]
) -> None:
    """
    Absent files and texts that are no receipts end with 2.
    """
    terminal.propose(FIRST)

    assert terminal.run("audit", "verify", *arguments).exit_code == 2


def test_a_file_that_is_no_export_is_refused(terminal: Terminal, tmp_path: Path) -> None:
    """
    Nonsense in place of an export is named, not traced.
    """
    for content in ("", "[]", "{}", "nonsense", '{"event": 1}\n{"body": 2}'):
        file = tmp_path / "x"
        file.write_text(content)
        result = terminal.run("audit", "verify", "--offline", str(file))
        assert result.exit_code == 2
        assert "no exported log" in result.stderr


@pytest.mark.parametrize(
    ("place", "before", "after", "words"),
    [
        (2, '"VIEW', '"LOOK', "entry 2: its hash does not follow"),
        (2, "-01-15T", "-02-30T", "entry 2: its hash does not follow"),
        (2, "{", "", "entry 2: its hash does not follow"),
        (2, '"hash"', '"hush"', "entry 2: its hash does not follow"),
        (0, '"i":2', '"i":3', "person 2 is not who the log speaks of"),
        (0, "thar.net", "thar net", "person 2 is not who the log speaks of"),
    ],
)
def test_a_damaged_export_is_found_out(
    terminal: Terminal, tmp_path: Path, place: int, before: str, after: str, words: str
) -> None:
    """
    Whatever was done to an export, the first bad entry is named, and nothing else happens.
    """
    terminal.propose("2029-01-15T09:00Z/PT1H")
    terminal.done("show", "1")
    lines = terminal.done("audit", "export", "1").replace(": ", ":").splitlines()
    assert before in lines[place]
    lines[place] = lines[place].replace(before, after, 1)
    log = tmp_path / "log.jsonl"
    log.write_text("\n".join(lines))

    result = terminal.run("audit", "verify", "--offline", str(log))

    assert result.exit_code == 1
    assert words in result.stdout


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"i":1', '"i":70000'),
        ('"i":1', '"i":"1"'),
        ('"i":1', '"i":0'),
        ('"i":1', '"i":-5'),
        ('"i":1', '"i":2'),
        ('"seq":1', '"seq":"1"'),
        ('"seq":1', '"seq":null'),
        ('"seq":1', '"seq":0'),
    ],
)
def test_a_head_that_can_not_be_is_refused(
    terminal: Terminal, tmp_path: Path, before: str, after: str
) -> None:
    """
    Numbers that no export has make a file that is none.
    """
    terminal.propose(FIRST)
    head, *entries = terminal.done("audit", "export", "1").replace(": ", ":").splitlines()
    assert before in head
    log = tmp_path / "log.jsonl"
    log.write_text("\n".join([head.replace(before, after, 1), *entries]))

    assert "no exported log" in terminal.refused(2, "audit", "verify", "--offline", str(log))


def test_an_export_may_begin_with_a_byte_order_mark_and_must_hold_its_log(
    terminal: Terminal, tmp_path: Path
) -> None:
    """
    The mark that some programs put before UTF-8 does no harm; a head alone is no good log.
    """
    terminal.propose(FIRST)
    whole = terminal.done("audit", "export", "1")
    log = tmp_path / "log.jsonl"
    log.write_text(whole, encoding="utf-8-sig")

    assert "1 entry proves itself" in terminal.done("audit", "verify", "--offline", str(log))
    log.write_text(whole.splitlines()[0])
    result = terminal.run("audit", "verify", "--offline", str(log))
    assert result.exit_code == 1
    assert "entry 1: it is missing" in result.stdout


def test_a_receipt_of_no_event_here_is_a_finding(terminal: Terminal) -> None:
    """
    Whoever holds the receipt of a log that is gone altogether is told so.
    """
    terminal.propose(FIRST)
    known = terminal.done("log", "1").splitlines()[-1]
    gone = "event=" + "0" * 8 + known[14:]

    result = terminal.run("audit", "verify", "--receipt", gone, "--receipt", known)

    assert result.exit_code == 1
    assert "event 1: 1 entry proves itself, 1 receipt compared" in result.stdout
    assert f"no event here has the log of the receipt {gone}" in result.stdout
    shown = json.loads(terminal.run("audit", "verify", "--receipt", gone, "--json").stdout)
    assert [(each["id"], each["good"]) for each in shown] == [(1, True), (None, False)]


def test_an_event_that_can_not_be_read_is_named(terminal: Terminal) -> None:
    """
    Of an event whose row is damaged that alone is told, and the others are verified.
    """
    terminal.propose(FIRST)
    terminal.propose(SECOND)
    with sqlite3.connect(database(terminal)) as connection:
        connection.execute("UPDATE calndro_event SET kept = 'x' WHERE id = 1")
    connection.close()
    words = "event 1 does not prove itself:\n  what is stored of the event can't be read\n"

    alone = terminal.run("audit", "verify", "1")
    every = terminal.run("audit", "verify")
    shown = json.loads(terminal.run("audit", "verify", "1", "--json").stdout)

    assert (alone.exit_code, alone.stdout) == (1, words)
    assert every.exit_code == 1
    assert every.stdout.startswith(f"{words}event 2: 1 entry proves itself; ")
    assert [(each["id"], each["event"], each["good"]) for each in shown] == [(1, None, False)]
    assert "event 1 can't be read" in terminal.refused(7, "audit", "export", "1")


def test_an_instance_moves_to_another_machine(terminal: Terminal, tmp_path: Path) -> None:
    """
    Export and import keep ids and heads; the file is for its owner alone.
    """
    terminal.propose(FIRST)
    terminal.propose(SECOND)
    before = terminal.done("audit", "verify")
    file = tmp_path / "all.jsonl"

    assert terminal.done("export", str(file)) == ("exported 2 users, 2 events and 2 log entries\n")
    other = Terminal.of(tmp_path / "other")
    moved = other.json("import", str(file))

    assert moved == {"users": 2, "events": 2, "entries": 2}
    assert other.done("audit", "verify") == before
    assert file.stat().st_mode & 0o077 == 0
    assert other.run("import", str(file)).exit_code == 2
    assert terminal.run("export", str(file)).exit_code == 2
    assert terminal.run("import", "/nowhere").exit_code == 2
    assert terminal.run("export", "/nowhere/x").exit_code == 2


def test_a_damaged_export_is_not_imported(terminal: Terminal, tmp_path: Path) -> None:
    """
    A line that is no JSON, or is missing, refuses the whole import.
    """
    terminal.propose(FIRST)
    whole = terminal.done("export", "-").splitlines()
    other = Terminal.of(tmp_path / "other")
    deep = "[" * 100_000 + "]" * 100_000
    damaged = {"cut": whole[:-1], "torn": [*whole[:-1], whole[-1][:5]], "deep": [*whole, deep]}
    for name, lines in damaged.items():
        file = tmp_path / name
        file.write_text("\n".join(lines))
        assert other.run("import", str(file)).exit_code == 2
    other.refused(2, "audit", "verify", "--offline", str(tmp_path / "deep"))
    assert other.json("list") == []


def test_an_instance_may_come_with_a_byte_order_mark(terminal: Terminal, tmp_path: Path) -> None:
    """
    The mark that some programs put before UTF-8 does no harm.
    """
    terminal.propose(FIRST)
    file = tmp_path / "all.jsonl"
    file.write_text(terminal.done("export", "-"), encoding="utf-8-sig")

    assert Terminal.of(tmp_path / "other").json("import", str(file))["events"] == 1


def test_export_to_stdout_is_only_the_export(terminal: Terminal) -> None:
    """
    With - every line on stdout is a record.
    """
    terminal.propose(FIRST)

    kinds = [next(iter(json.loads(line))) for line in terminal.done("export", "-").splitlines()]

    assert kinds[0] == "head"
    assert kinds[-1] == "end"


def test_erase_forgets_a_person_and_the_event_moves_on(terminal: Terminal) -> None:
    """
    After an erasure the event is agreed by the others, and the log proves itself.
    """
    number = str(terminal.propose(FIRST))
    terminal.done("narrow", number, "--slot", FIRST)

    said = terminal.done("user", "erase", THEY, "--yes", "--as", THEM)

    assert "1 event moved on without it" in said
    assert "erased-2" in terminal.done("show", number)
    assert THEY.encode() not in database(terminal).read_bytes()
    assert terminal.run("audit", "verify").exit_code == 0
    assert terminal.run("user", "erase", THEY, "--yes").exit_code == 4
    assert terminal.run("user", "erase", YOU, "--yes").exit_code == 3
    assert terminal.json("user", "erase", THEM, "--yes") == {"events": [int(number)]}


def test_erase_asks_first(terminal: Terminal) -> None:
    """
    Without --yes a person is asked, and no answer is a no.
    """
    terminal.propose(FIRST)

    assert terminal.run("user", "erase", THEY).exit_code != 0
    assert THEY in terminal.done("show", "1")


def test_the_log_is_filtered_by_person_kind_and_time(terminal: Terminal) -> None:
    """
    A log shows only what concerns a person, only some kinds, only a stretch of time.
    """
    number = str(terminal.propose(FIRST))
    terminal.done("notify", number, "--to", THEY)
    terminal.done("show", number, "--as", THEM)

    def ids(*filters: str) -> list[int]:
        return [entry["id"] for entry in terminal.json("log", number, *filters)["entries"]]

    everything = ids()
    assert ids("--kind", "view") == [everything[-1]]
    assert ids("--kind", "update", "--kind", "notify") == everything[:-1]
    assert ids("--party", THEY.upper()) == [2]
    assert ids("--party", THEM) == [everything[-1]]
    assert ids("--since", "2020-01-01T00:00Z") == everything
    assert ids("--until", "2020-01-01T00:00Z") == []
    assert terminal.run("log", number, "--since", "yesterday").exit_code == 2
    assert ids("--all", "--party", "system") == [3]
    assert terminal.run("log", number, "--party", "nobody at all").exit_code == 2


def test_the_log_says_what_it_leaves_out(terminal: Terminal) -> None:
    """
    Whoever reads a log without deliveries is told of them, unless it was asked for a part.
    """
    number = str(terminal.propose(FIRST))
    terminal.done("notify", number, "--to", YOU, "--to", THEY)
    hint = "2 entries about deliveries left out: calndro log 1 --all"

    assert hint in terminal.done("log", number)
    elsewhere = f"sqlite:///{terminal.home / 'two.db'}"
    terminal.done("propose", "--db", elsewhere, "--party", YOU, "--slot", FIRST)
    terminal.done("notify", "1", "--db", elsewhere, "--to", YOU)
    assert f"calndro log 1 --all --db {elsewhere}" in terminal.done("log", "1", "--db", elsewhere)
    for whole in (["--all"], ["--kind", "update"]):
        assert "left out" not in terminal.done("log", number, *whole)


def test_this_machine_notices_a_cut_log(terminal: Terminal) -> None:
    """
    A log that does not extend what was seen here before is pointed out, again and again.
    """
    number = str(terminal.propose(FIRST))
    terminal.done("show", number)
    assert terminal.run("log", number).stderr == ""
    with sqlite3.connect(database(terminal)) as connection:
        connection.execute("UPDATE calndro_event SET seq = 1")
    connection.close()

    for _ in range(2):
        assert "this machine saw 2: entries were cut off" in terminal.run("log", number).stderr


def test_what_was_read_before_others_wrote_is_no_doubt(terminal: Terminal) -> None:
    """
    Of two commands at once, the one that reads first and compares last accuses nobody.
    """
    number = terminal.propose(FIRST)
    with connect(f"sqlite:///{database(terminal)}", acting_as=YOU) as desk:
        early = desk.peek(number)
        terminal.done("show", str(number))
        heads = Heads.of(terminal.home / "state" / "calndro", f"sqlite:///{database(terminal)}")

        assert heads.doubt(early, desk, desk.peek) == ""
        heads.remember(early)
        assert "cut off" in heads.doubt(early, desk, lambda _: early)


def test_a_database_is_known_by_its_whole_path(terminal: Terminal, tmp_path: Path) -> None:
    """
    The same name in two folders is not taken for one database.
    """
    for place in ("one", "other"):
        (tmp_path / place).mkdir()
        for words in (("propose", "--party", YOU, "--slot", FIRST), ("show", "1")):
            line = terminal.command(*words, "--db", "sqlite:///team.db", "--quiet")
            done = subprocess.run(
                line,
                cwd=tmp_path / place,
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=True,
            )
            assert done.stderr == ""


def test_this_machine_notices_another_hash_and_another_event(terminal: Terminal) -> None:
    """
    A changed entry and a changed identity are told apart.
    """
    number = str(terminal.propose(FIRST))
    (file,) = (terminal.home / "state" / "calndro" / "heads").glob(f"*/{number}")
    receipt = file.read_text()

    file.write_text(receipt[:-4] + "0000")
    assert "was rewritten: entry 1" in terminal.run("show", number).stderr
    file.write_text("event=" + "0" * 8 + receipt[14:])
    assert "not the one that this machine saw" in terminal.run("show", number).stderr
    file.write_text("nonsense")
    assert terminal.run("show", number).stderr == ""
