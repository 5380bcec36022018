"""
The command line as a program: what it imports, its help, its statuses, its streams.
"""

from __future__ import annotations

import importlib
import json
import re
import shlex
import subprocess
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

import calndro
from calndro.core import errors
from calndro.entry.cli.app import COMMANDS
from calndro.entry.cli.exits import status_of
from calndro.entry.cli.render import draw_events
from calndro.usecases import accounts
from tests.entry.cli_terminal import FIRST, SECOND, THEY, YOU, Terminal
from tests.entry.pseudo_terminal import on_terminal
from tests.patience import PATIENCE


if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """
    Give a machine with an empty home.
    """
    return Terminal.of(tmp_path)


def imported(terminal: Terminal, *words: str) -> set[str]:
    """
    Run a command as a program; gives the modules that it imports.
    """
    done = terminal.program(*words, PYTHONPROFILEIMPORTTIME="1")
    return set(re.findall(r"\| +([\w.]+)$", done.stderr, re.MULTILINE))


def test_a_list_fits_a_narrow_terminal() -> None:
    """
    On 40 columns titles and addresses still have words, since times give way as well.
    """
    with calndro.connect("memory://", acting_as=YOU) as desk:
        event = desk.propose(parties=[YOU, THEY], slots=[FIRST, SECOND], title="Planning")
    drawn = StringIO()
    draw_events(Console(file=drawn, width=40, force_terminal=True, color_system=None), [event])

    assert "Planning" in drawn.getvalue()
    assert "you@" in drawn.getvalue()
    assert max(map(len, drawn.getvalue().splitlines())) <= 40


def test_a_file_of_windows_is_read(terminal: Terminal) -> None:
    """
    The mark before UTF-8 and the ends of lines of Windows belong to no slot and no password.
    """
    slots = f"\ufeff{FIRST}\r\ntue 14:00 45m\r\n"
    done = terminal.program("propose", "--party", YOU, "--slot", "-", "--json", stdin=slots)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["slots"]) == 2

    whom = "x@here.net"
    secret = "five of five"
    add = ("user", "add", whom, "--password-stdin")
    assert terminal.program(*add, stdin=f"\ufeff{secret}\r\n").returncode == 0
    with calndro.connect(f"sqlite:///{terminal.database}", acting_as=YOU) as desk:
        assert str(accounts.sign_in(desk.services, whom, secret).user) == whom


def test_bytes_in_another_encoding_are_named(terminal: Terminal) -> None:
    """
    A title or a database that was typed in another encoding is refused in words.
    """
    said = terminal.refused(2, "propose", "--party", YOU, "--title", "caf\udce9")
    assert "without broken characters, as of a file or terminal that is not in UTF-8" in said
    assert "no UTF-8" in terminal.refused(2, "list", "--db", "sqlite:///caf\udce9.db")


def test_quiet_drops_every_remark(terminal: Terminal, tmp_path: Path) -> None:
    """
    What was not asked for is not told with --quiet, whatever the command; answers are.
    """
    whom = "x@here.net"
    lines = ["deliver", "outbox list", "outbox retry", f"user add {whom} --no-password"]
    lines += [f"user staff {whom}", f"user deactivate {whom}", f"user activate {whom}"]
    lines += [f"user token {whom} --revoke", f"config set user {YOU}", "db upgrade", "db check"]
    lines += [f"backup {tmp_path / 'copy.db'}", f"export {tmp_path / 'all.jsonl'}"]
    lines += [f"import {tmp_path / 'all.jsonl'} --db sqlite:///{tmp_path / 'other.db'}"]
    for line in lines:
        result = terminal.run(*line.split(), "--quiet")
        assert (line, result.exit_code, result.output) == (line, 0, "")

    number = terminal.propose(FIRST)
    terminal.done("notify", str(number), "--all", "--no-deliver")
    assert THEY in terminal.done("outbox", "list", "--quiet")
    assert terminal.done("deliver", "--quiet") == ""
    assert re.fullmatch("[0-9a-f]{40}\n", terminal.done("user", "token", whom, "--quiet"))
    assert terminal.done("db", "current", "--quiet") == "0001\n"
    assert json.loads(terminal.done("user", "staff", whom, "--quiet", "--json"))["staff"]


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "memory://"])
def test_a_database_in_memory_is_for_what_goes_on(terminal: Terminal, url: str) -> None:
    """
    A command that ends at once takes no database that is gone then, be it named or configured.
    """
    said = terminal.refused(2, "propose", "--party", YOU, "--slot", FIRST, "--db", url)
    assert f"{url} is in memory and gone when this command ends: name a file" in said
    terminal.refused(2, "db", "upgrade", "--db", url)
    assert "no events" in terminal.done("tui", "--db", url, stdin="l\nq\n")
    terminal.environ["CALNDRO_DATABASE_URL"] = url
    terminal.refused(2, "deliver")


def test_help_is_light(terminal: Terminal) -> None:
    """
    ``calndro --help`` imports neither storage nor tables, times nor JSON, nor the core.
    """
    found = imported(terminal, "--help")

    assert "typer" in found
    roots = {name.partition(".")[0] for name in found}
    assert roots.isdisjoint(
        {
            "alembic",
            "attr",
            "cattrs",
            "email_validator",
            "msgspec",
            "pendulum",
            "rich",
            "sqlalchemy",
        }
    )
    assert not any(name.startswith("calndro.core") for name in found)


def test_list_imports_only_what_it_uses(terminal: Terminal) -> None:
    """
    ``calndro list`` imports no server, no JSON, and nothing of the original or of SQLAlchemy.
    """
    found = imported(terminal, "list")

    roots = {name.partition(".")[0] for name in found}
    assert "sqlite3" in roots
    assert roots.isdisjoint(
        {"alembic", "argon2", "cattrs", "msgspec", "sqlalchemy", "starlette", "uvicorn"}
    )
    assert "calndro.core.original" not in found


def test_every_command_is_listed_as_it_says_itself(terminal: Terminal) -> None:
    """
    The help lists each command with the first line of its own help.
    """
    listed = terminal.done("--help")

    for name, entry in COMMANDS.items():
        own = terminal.done(name, "--help")
        assert entry.summary in re.sub(r"\s+", " ", own)
        assert re.search(rf"^  {name} +{re.escape(entry.summary)}$", listed, re.MULTILINE)


def test_every_command_belongs_to_the_list() -> None:
    """
    No module holds a command that the program does not have.
    """
    for module in {entry.module for entry in COMMANDS.values()}:
        app = importlib.import_module(f"calndro.entry.cli.{module}").app
        if not app.info.help:
            names = {command.name for command in app.registered_commands}
            assert names == {name for name, entry in COMMANDS.items() if entry.module == module}


NO_PASSWORD = "calndro: nobody can type a password for x@here.net: pipe it to --password-stdin\n"
NO_SLOT = "calndro: --slot -: no slot came in on stdin; write one a line\n"
NO_RECEIPT = "calndro: - holds no receipt: event=... seq=... head=...\n"
FULL = "calndro: not all of the answer could be written: No space left on device\n"

SOMEBODY = {"--as": "EMAIL", "--db": "URL"}
SERVER = {"--server": "URL", "--user": "EMAIL"}
ACCOUNT = SOMEBODY | SERVER | {"--token": "TOKEN"}
LETTER = ACCOUNT | {"--et": "TOKEN"}
DATABASE = {"--db": "URL"}
KEPT_BACK = {"--no-deliver": ""}

TAKEN = {
    "propose": ACCOUNT | KEPT_BACK,
    "list": ACCOUNT,
    "show": LETTER,
    "narrow": LETTER | KEPT_BACK,
    "agree": LETTER | KEPT_BACK,
    "extend": LETTER | KEPT_BACK,
    "replace": LETTER | KEPT_BACK,
    "title": LETTER | KEPT_BACK,
    "notify": LETTER | KEPT_BACK,
    "suggest": {},
    "log": LETTER,
    "wait": LETTER,
    "ics": LETTER,
    "delete": ACCOUNT | KEPT_BACK,
    "audit verify": LETTER,
    "audit export": LETTER,
    "tui": LETTER | KEPT_BACK,
    "login": SERVER,
    "logout": SERVER,
    "user add": ACCOUNT,
    "user list": ACCOUNT,
    "user password": ACCOUNT,
    "user staff": ACCOUNT,
    "user deactivate": ACCOUNT,
    "user activate": ACCOUNT,
    "user token": ACCOUNT,
    "user erase": ACCOUNT | KEPT_BACK,
    "deliver": DATABASE,
    "outbox list": SOMEBODY,
    "outbox retry": SOMEBODY | KEPT_BACK,
    "outbox drop": SOMEBODY,
    "mail test": {},
    "mail stop": LETTER,
    "mail resume": LETTER,
    "serve": DATABASE | KEPT_BACK,
    "openapi": {},
    "db upgrade": DATABASE,
    "db current": DATABASE,
    "db check": DATABASE,
    "backup": DATABASE,
    "export": DATABASE,
    "import": DATABASE,
    "config": SOMEBODY | {"--server": "URL"},
    "config set": {},
    "demo": {},
}
"""The shared options of each command, beside --json and --quiet, which all take."""


@pytest.mark.parametrize("command", TAKEN)
def test_a_command_takes_the_shared_options_that_it_heeds(command: str, terminal: Terminal) -> None:
    """
    Each command answers as JSON, and offers of the shared options only what makes a difference.
    """
    own = terminal.done(*command.split(), "--help")
    offered = dict(re.findall(r"^  (?:-q, )?(--[a-z-]+) ?([A-Z]*)", own, re.MULTILINE))

    shared = {name: meta for name, meta in offered.items() if name in LETTER | KEPT_BACK}
    assert shared == TAKEN[command]
    assert {"--json", "--quiet"} <= set(offered)


def test_every_command_is_in_the_table_of_options() -> None:
    """
    No command is left out of what the test above looks at.
    """
    parts = {
        f"{name} {part.name}"
        for name in ("audit", "user", "outbox", "mail", "db")
        for part in importlib.import_module(
            f"calndro.entry.cli.{COMMANDS[name].module}"
        ).app.registered_commands
    }
    groups = {name.partition(" ")[0] for name in parts}

    assert set(TAKEN) == (set(COMMANDS) - groups) | parts | {"config set"}


@pytest.mark.parametrize("option", ["--db", "--as", "--server", "--user", "--token", "--et"])
def test_an_option_without_a_value_is_refused(option: str, terminal: Terminal) -> None:
    """
    An empty value, as of a variable that is not set, is not taken for the option's absence.
    """
    said = terminal.refused(2, "show", "1", option, " ")

    assert f"{option} has no value; give it one, or leave it out" in said


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.CalndroError("odd"), 1),
        (errors.InvalidInputError.of("bad"), 2),
        (errors.RuleError("no"), 3),
        (errors.NotAPartyError(("x",), 1, ("y",)), 3),
        (errors.TooManyError("letters", 3), 3),
        (errors.NotFoundError("event", "7"), 4),
        (errors.GoneError(7), 4),
        (errors.NotAllowedError("view this event"), 5),
        (errors.SignInError(), 5),
        (errors.TokenMissingError(), 5),
        (errors.TokenInvalidError(), 5),
        (errors.StaleRevisionError(7, 1, 2), 6),
        (errors.StorageError("away"), 7),
        (errors.DeliveryError("away"), 7),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_each_error_has_its_status(error: errors.CalndroError, status: int) -> None:
    """
    Every class of error ends the program with the status of the one table.
    """
    assert status_of(error) == status


@pytest.mark.parametrize(
    "settings", [{"URL": "sqlite:///{}"}, {"ENGINE": "sqlite", "NAME": "{}"}], ids=["URL", "parts"]
)
def test_the_option_names_the_database(
    terminal: Terminal, tmp_path: Path, settings: dict[str, str]
) -> None:
    """
    With --db neither the URL nor the parts of another database in the settings count.
    """
    other = tmp_path / "other.db"
    for name, value in settings.items():
        terminal.environ[f"CALNDRO_DATABASE_{name}"] = value.format(other)

    terminal.done("list", "--db", f"sqlite:///{tmp_path / 'meant.db'}")

    assert (tmp_path / "meant.db").is_file()
    assert not other.exists()


def test_the_program_speaks_json(terminal: Terminal) -> None:
    """
    As a program of its own it prints one JSON document on stdout, messages on stderr.
    """
    done = terminal.program(
        "propose", "--party", THEY, "--slot", "-", "--json", stdin="2020-01-01T09:00Z/30s\n"
    )

    assert done.returncode == 0
    event = json.loads(done.stdout)
    assert event["slots"] == [{"begin": "2020-01-01T09:00:00Z", "duration": "00:00:30"}]
    assert "is in the past" in done.stderr
    assert "Nobody has been told yet. Next: calndro notify 1 --waiting" in done.stderr


def test_the_program_ends_with_its_status(terminal: Terminal) -> None:
    """
    The status reaches the shell, with one sentence and no traceback.
    """
    done = terminal.program("show", "7")

    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr == "calndro: there is no event 7\n"


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ("list >&-", 0, ""),
        ("show 1 >&- 2>&-", 0, ""),
        ("show 9 2>&-", 4, ""),
        ("show 9 2>/dev/full", 4, ""),
        ("nosuch 2>/dev/full", 2, ""),
        ("show --nosuch 2>/dev/full", 2, ""),
        ("propose --party x@here.net --slot - <&-", 2, NO_SLOT),
        ("audit verify --receipt - <&-", 2, NO_RECEIPT),
        ("show 9 <&- >&- 2>&-", 4, ""),
        ("user add x@here.net </dev/null", 2, NO_PASSWORD),
        ("list >/dev/full", 1, FULL),
        ("list --json >/dev/full", 1, FULL),
        ("openapi >/dev/full", 1, FULL),
        ("list --help >/dev/full", 1, FULL),
        ("--help >/dev/full", 1, FULL),
    ],
)
def test_streams_that_take_nothing(words: str, status: int, said: str, terminal: Terminal) -> None:
    """
    A closed stream is let go; a full one ends the program with one line and status 1.
    """
    terminal.propose(FIRST)
    line = f"{shlex.join(terminal.command())} {words}"

    done = subprocess.run(
        ["/bin/sh", "-c", line], capture_output=True, text=True, timeout=PATIENCE, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (status, "", said)


@pytest.mark.parametrize("words", ["delete 1", f"user erase {THEY}", "outbox drop 1"])
def test_a_question_that_nobody_answers(terminal: Terminal, words: str) -> None:
    """
    Where nobody is there to say yes nothing is done, and the option that needs no yes is named.
    """
    terminal.propose(FIRST)

    said = terminal.refused(2, *words.split())

    assert said.endswith("\ncalndro: nobody answered: say --yes to go on unasked\n")
    assert terminal.json("list")[0]["parties"] == [YOU, THEY]


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "cp437"])
def test_a_stream_that_knows_few_characters(terminal: Terminal, encoding: str) -> None:
    """
    What the encoding of a stream lacks is spelt out; JSON is UTF-8 whatever that is.
    """
    title = "\u8336 \U0001f375 caf\xe9"
    terminal.propose(FIRST, title=title)

    def said(*words: str) -> bytes:
        line = terminal.command(*words, PYTHONIOENCODING=encoding)
        return subprocess.run(line, capture_output=True, timeout=PATIENCE, check=True).stdout

    for words in (("list",), ("show", "1"), ("log", "1")):
        assert r"\u8336 \U0001f375 caf" in said(*words).decode(encoding)
    assert json.loads(said("list", "--json"))[0]["title"] == title


def test_default_user_is_the_login(terminal: Terminal) -> None:
    """
    Without a configured user one acts as login name at localhost.
    """
    done = terminal.program("propose", "--party", THEY, "--json", CALNDRO_USER="", LOGNAME="ann")

    assert json.loads(done.stdout)["proposer"] == "ann@localhost"


def test_piped_output_is_plain(terminal: Terminal) -> None:
    """
    What does not go to a terminal has no colour, no cut-off cell and no trailing blank.
    """
    title = "a title of many words " * 8
    terminal.propose(FIRST, title=title)

    said = terminal.program("list", COLUMNS="40").stdout

    assert "\x1b" not in said
    assert title.strip() in said
    assert not re.search(r" $", said, re.MULTILINE)


def test_colour_on_a_terminal_unless_refused(terminal: Terminal) -> None:
    """
    A terminal gets colour, and none when NO_COLOR is set.
    """
    terminal.propose(FIRST)

    assert "\x1b[33m" in on_terminal(terminal, "show", "1")
    assert "\x1b[33m" not in on_terminal(terminal, "show", "1", NO_COLOR="1")


def test_tables_fit_the_terminal(terminal: Terminal) -> None:
    """
    With many parties the grid is drawn in parts, none wider than the terminal.
    """
    parties = tuple(f"somebody.number.{number}@example.org" for number in range(40))
    terminal.propose(FIRST, parties=parties)

    seen = re.sub(r"\x1b\[[0-9;]*m", "", on_terminal(terminal, "show", "1"))

    lines = seen.replace("\r", "").splitlines()
    assert max(map(len, lines)) <= 80
    assert all(seen.count(party) >= 1 for party in parties)
    assert sum(line.split()[1:].count("?") for line in lines if line.startswith("1 ")) == 40


def test_the_first_propose_asks_who_you_are(terminal: Terminal) -> None:
    """
    On a terminal, without a configured user, propose asks for the address and keeps it.
    """
    del terminal.environ["CALNDRO_USER"]
    words = ("propose", "--party", THEY, "--slot", FIRST)

    first = on_terminal(terminal, *words, typed=f"{YOU}\n")
    second = on_terminal(terminal, *words)

    assert "Your email address" in first
    assert "Your email address" not in second
    assert [event["proposer"] for event in terminal.json("list")] == [YOU, YOU]
