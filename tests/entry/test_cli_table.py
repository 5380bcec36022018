"""
Every command, on a database and at a server, as a table and as JSON, with its exit status.
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any, Final

import attrs
import pytest
from openapi_schema_validator import OAS31Validator
from typer.core import TyperGroup

from calndro.entry.cli.app import COMMANDS, CommandsOnUse
from calndro.entry.cli.documents import DOCUMENTS, schema
from tests.entry.cli_terminal import FIRST, SECOND, THEM, THEY, THIRD, YOU, Terminal
from tests.serving import serving


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


PASSWORD: Final = "correct horse battery"

HERE: Final = 2
"""The status at a server of what by its nature works on a database, or is no server's affair."""


@attrs.frozen
class Row:
    """
    A command as somebody types it, and how it ends.

    Args:
        words: ID is an event with two slots; LETTER a letter that waits; PERSON a user, NOBODY
            an address that is none; FILE a new file; CALENDAR a calendar file; EXPORT an
            exported log, INSTANCE an exported instance.
        status: On a database.
        elsewhere: At a server; None for the same.
        document: Which of the command's documents ``--json`` prints; None for none.
        stdin: What is piped into it.
        fresh: Whether it wants a database without any event.
    """

    words: str
    status: int = 0
    elsewhere: int | None = None
    document: int | None = 0
    stdin: str = ""
    fresh: bool = False

    @property
    def command(self) -> str:
        """
        The name of the command among those that are documented.
        """
        first, *others = self.words.split()
        part = " ".join((first, *others[:1]))
        return part if part in DOCUMENTS else first


ROWS: Final = (
    Row(f"propose --party {YOU} --slot {FIRST}"),
    Row(f"propose --party {YOU} --slot -", stdin=f"{FIRST}\n{SECOND}\n"),
    Row(f"propose --party {YOU} --slot {FIRST} --dry-run", document=1),
    Row(f"propose --party nobody --slot {FIRST}", 2, document=None),
    Row("propose", 2, document=None),
    Row("list"),
    Row("list --status open"),
    Row("list --status someday", 2, document=None),
    Row("show ID"),
    Row("show 999999", 4, document=None),
    Row("show seven", 2, document=None),
    Row("narrow ID --keep 1"),
    Row("narrow ID --drop 1 --if-revision 1"),
    Row("narrow ID --drop 1 --if-revision 7", 6),
    Row("narrow ID --keep 9", 2, document=None),
    Row("narrow ID", 2, document=None),
    Row("agree ID"),
    Row("agree ID --slot 1"),
    Row(f"agree ID --slot {THIRD}", 3, document=None),
    Row(f"extend ID --slot {THIRD}"),
    Row("extend ID --slot -", stdin=f"{THIRD}\n"),
    Row(f"extend ID --slot {THIRD} --dry-run", document=1),
    Row(f"replace ID --slot {THIRD}"),
    Row(f"replace ID --slot {THIRD} --dry-run", document=1),
    Row("title ID Tea"),
    Row("notify ID --waiting"),
    Row("notify ID --all --invitation"),
    Row("notify ID --all --if-revision 7", 6, document=1),
    Row(f"notify ID --to {THEM}", 3, document=None),
    Row("notify ID", 2, document=None),
    Row("suggest --busy CALENDAR --for 45m --from 2046-12-03 --lines"),
    Row("suggest --busy absent.ics --for 45m", 2, document=None),
    Row("log ID"),
    Row("log ID --verify"),
    Row("log 999999", 4, document=None),
    Row("wait ID --until open"),
    Row("wait ID --timeout PT0.2S", 8),
    Row("ics ID"),
    Row("ics 999999", 4, document=None),
    Row("delete ID --yes"),
    Row("delete ID --yes --if-revision 7", 6, document=1),
    Row("delete 999999 --yes", 4, document=None),
    Row("audit verify"),
    Row("audit verify ID"),
    Row("audit verify --offline EXPORT"),
    Row("audit verify 999999", 4, document=None),
    Row("audit export ID"),
    Row("audit export 999999", 4, document=None),
    Row("tui", stdin="dID\nq\n"),
    Row("tui", stdin="l\n", document=1),
    Row("tui", stdin="gID\n", document=2),
    Row("tui", 2, document=None, stdin="z\n"),
    Row("login", 2, 0),
    Row("logout", 2, 0),
    Row("user add NOBODY --no-password"),
    Row("user add NOBODY --staff --password-stdin", stdin=PASSWORD),
    Row("user add NOBODY --password-stdin", 2, document=None, stdin="short"),
    Row("user add nobody --no-password", 2, document=None),
    Row("user list"),
    Row("user password PERSON --password-stdin", stdin=PASSWORD),
    Row("user password PERSON --password-stdin", 2, document=None, stdin="short"),
    Row("user password NOBODY --password-stdin", 4, document=None, stdin=PASSWORD),
    Row("user staff PERSON"),
    Row("user staff PERSON --off"),
    Row("user staff nobody", 2, document=None),
    Row("user deactivate PERSON"),
    Row("user activate PERSON"),
    Row("user activate NOBODY", 4, document=None),
    Row("user token PERSON"),
    Row("user token PERSON --revoke"),
    Row("user token NOBODY", 4, document=None),
    Row("user erase PERSON --yes"),
    Row("user erase NOBODY --yes", 4, document=None),
    Row(f"user erase {YOU} --yes", 3, document=None),
    Row("deliver", 0, HERE),
    Row("outbox list", 0, HERE),
    Row("outbox retry LETTER", 0, HERE),
    Row("outbox drop LETTER --yes", 0, HERE),
    Row("outbox drop 999999 --yes", 4, HERE, document=None),
    Row(f"mail test {THEM}", 7, HERE),
    Row("mail stop ID"),
    Row("mail resume ID"),
    Row("serve --port 99999", 2, HERE, document=None),
    Row("openapi", 0, HERE),
    Row("db upgrade", 0, HERE),
    Row("db current", 0, HERE),
    Row("db check", 0, HERE),
    Row("backup FILE", 0, HERE),
    Row("backup CALENDAR", 2, HERE, document=None),
    Row("export FILE", 0, HERE),
    Row("import INSTANCE", 0, HERE, fresh=True),
    Row("import CALENDAR", 2, HERE, document=None),
    Row("config"),
    Row("config --example", document=1),
    Row("config set user you@here.net"),
    Row("config set nothing at-all", 2, document=None),
    Row("demo", 0, HERE),
)


@attrs.frozen
class Place:
    """
    Where commands work: a database, or a server on another machine's database.

    Args:
        terminal: The machine at which somebody types.
        server: Its server's address; empty for its own database.
    """

    terminal: Terminal
    server: str = ""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """
    Give the address of a server at which you are staff.
    """
    machine = Terminal.of(tmp_path_factory.mktemp("server"))
    machine.done("user", "add", YOU, "--staff", "--password-stdin", stdin=PASSWORD)
    machine.done("user", "add", THEY, "--password-stdin", stdin=PASSWORD)
    with serving(machine) as url:
        yield url


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """
    Give an exported instance with one event.
    """
    machine = Terminal.of(tmp_path_factory.mktemp("instance"))
    machine.propose(FIRST)
    machine.done("export", str(machine.home / "instance.jsonl"))
    return machine.home / "instance.jsonl"


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory, served: str) -> dict[str, Path]:
    """
    Give two homes to be copied: one with an event, one where you are logged in.
    """
    found = {name: tmp_path_factory.mktemp(name) for name in ("local", "server")}
    local = Terminal.of(found["local"])
    number = str(local.propose(FIRST, SECOND))
    (local.home / "log.jsonl").write_text(local.done("audit", "export", number))
    at_server = Terminal.of(found["server"])
    at_server.environ["CALNDRO_PASSWORD"] = PASSWORD
    at_server.done("login", "--server", served)
    shutil.copy(local.home / "log.jsonl", at_server.home)
    return found


@pytest.fixture(params=["local", "server"])
def place(tmp_path: Path, homes: dict[str, Path], served: str, request: Any) -> Place:
    """
    Give a machine that works on its database, or at a server where you are logged in.
    """
    terminal = Terminal.of(shutil.copytree(homes[request.param], tmp_path / "home"))
    terminal.environ["CALNDRO_EMAIL_PORT"] = "9"
    terminal.environ["CALNDRO_PASSWORD"] = PASSWORD
    if request.param == "local":
        return Place(terminal)
    terminal.environ["CALNDRO_SERVER"] = served
    return Place(terminal, served)


def prepared(place: Place, row: Row, instance: Path) -> dict[str, str]:
    """
    Make what a row speaks of, and give what stands for it.
    """
    terminal = place.terminal
    # Others have used the same server: each test has people of its own.
    name = terminal.home.parent.name
    calendar = terminal.home / "busy.ics"
    calendar.write_text("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nEND:VCALENDAR\n")
    found = {
        "FILE": str(terminal.home / "new"),
        "CALENDAR": str(calendar),
        "INSTANCE": str(instance),
        "EXPORT": str(terminal.home / "log.jsonl"),
        "LETTER": "1",
        "ID": "1",
        "PERSON": f"{name}@here.net",
        "NOBODY": f"{name}@thar.net",
    }
    if "PERSON" in row.words:
        terminal.done("user", "add", found["PERSON"], "--no-password")
    if row.fresh and not place.server:
        terminal.database.unlink()
    if place.server and "ID" in row.words + row.stdin:
        found["ID"] = str(terminal.propose(FIRST, SECOND))
    if row.command in {"narrow", "agree"}:
        terminal.done("show", found["ID"])
    if "LETTER" in row.words and not place.server:
        terminal.done("notify", "1", "--waiting", "--no-deliver")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("as_json", [False, True], ids=["table", "json"])
@pytest.mark.parametrize(
    "row", ROWS, ids=lambda row: f"{row.words} {row.stdin.strip()!r}" if row.stdin else row.words
)
def test_commands_work_alike(place: Place, row: Row, as_json: bool, instance: Path) -> None:
    """
    A command ends with its status and prints its document, wherever it works.
    """
    terminal = place.terminal
    status = row.status if row.elsewhere is None or not place.server else row.elsewhere
    names = prepared(place, row, instance)
    typed = [names.get(word, word) for word in row.words.split()]
    stdin = row.stdin.replace("ID", names["ID"])
    at_server = ["--server", place.server] * bool(place.server and row.elsewhere)

    result = terminal.run(*typed, *at_server, *(["--json"] * as_json), stdin=stdin)

    assert result.exit_code == status, result.output
    assert "Traceback" not in result.output
    if status not in {0, row.status}:
        assert ", not at a server" in result.stderr
    elif status not in {0, 8}:
        assert result.stderr.count("calndro: ") + result.stderr.count("Error: ") >= 1
    if as_json and row.document is not None and status in {0, 6, 7, 8}:
        check(row.command, row.document, result.stdout)
    elif status == 0 and row.command not in {"tui", "login", "logout"}:
        assert result.stdout.strip()
        assert "Traceback" not in result.stdout


def check(command: str, place: int, printed: str) -> None:
    """
    Compare what was printed with the schema that the reference shows.
    """
    described = schema()
    told: dict[str, Any] = described["commands"][command][place]
    validator = OAS31Validator(
        {"$defs": described["$defs"], **told["schema"]}  # a reference finds its shape beside it
    )
    lines = printed.splitlines()
    assert told["by_line"] or len(lines) == 1
    for line in lines:
        validator.validate(json.loads(line))


def test_every_command_is_in_the_table() -> None:
    """
    Each command that the help lists has a row that succeeds somewhere, and a document.
    """
    group = CommandsOnUse()
    context: Any = None
    known = set()
    for name in COMMANDS:
        command = group.get_command(context, name)
        if isinstance(command, TyperGroup):
            known |= {f"{name} {part}" for part in command.commands}
        if not isinstance(command, TyperGroup) or command.invoke_without_command:
            known.add(name)

    assert set(DOCUMENTS) == known
    assert {row.command for row in ROWS if 0 in {row.status, row.elsewhere}} | {
        "serve",
        "mail test",
    } == known


def test_a_document_of_another_shape_is_noticed() -> None:
    """
    A member that is missing, or of another kind, does not pass for the document.
    """
    check("delete", 0, '{"id": 1, "status": "closed"}')
    for wrong in ('{"id": 1}', '{"id": "1", "status": "closed"}', "[]"):
        with pytest.raises(Exception, match=r"closed|object|integer"):
            check("delete", 0, wrong)
