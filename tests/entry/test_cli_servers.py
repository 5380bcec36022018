"""
Commands at a server, and the same commands on a database.
"""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import attrs
import httpx2
import pytest

from tests.entry import http_site
from tests.entry.cli_terminal import FIRST, SECOND, THEY, YOU, Terminal
from tests.serving import running, serving


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


PASSWORD = "correct horse battery"


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


@pytest.fixture(params=["local", "server"])
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Place:
    """
    Give a machine that works on its database, or at a server where you are logged in.
    """
    terminal = Terminal.of(tmp_path)
    if request.param == "local":
        return Place(terminal)
    served: str = request.getfixturevalue("served")
    terminal.environ["CALNDRO_SERVER"] = served
    terminal.environ["CALNDRO_PASSWORD"] = PASSWORD
    terminal.done("login")
    del terminal.environ["CALNDRO_PASSWORD"]
    return Place(terminal, served)


@pytest.mark.slow
def test_the_shell_works_at_a_server(place: Place) -> None:
    """
    The shell answers alike at a server and on a database.
    """
    number = place.terminal.propose(FIRST, SECOND)
    orders = ["l", f"d{number}", f"p{number}", "2", f"n{number}", "2", "", f"g{number}", "q"]

    said = place.terminal.done("tui", stdin="\n".join(orders))

    assert f"{YOU} at {place.server or 'your database'}" in said
    assert "narrowed to Wed 5 Dec 2046 10:00-11:00" in said
    assert f"told {THEY}" in said
    assert len(place.terminal.json("show", str(number))["slots"]) == 1


@pytest.mark.slow
def test_logs_are_verified_with_the_receipts_of_all(place: Place) -> None:
    """
    Alike at a server and on a database, a receipt of an event that is not there is a finding.
    """
    terminal = place.terminal
    number = terminal.propose(FIRST, SECOND)
    known = terminal.done("log", str(number)).splitlines()[-1]
    gone = "event=" + "0" * 8 + known[14:]

    said = terminal.done("audit", "verify", str(number), "--receipt", known)
    result = terminal.run("audit", "verify", "--receipt", known, "--receipt", gone)

    assert "1 receipt compared" in said
    assert result.exit_code == 1
    assert f"event {number}: 1 entry proves itself, 1 receipt compared" in result.stdout
    assert result.stdout.splitlines()[-2:] == [
        "a receipt has nothing to be compared with:",
        f"  no event here has the log of the receipt {gone}",
    ]


@pytest.mark.slow
def test_a_login_is_kept_and_forgotten(tmp_path: Path, served: str) -> None:
    """
    A token is kept for its owner alone, used without a password, and forgotten on request.
    """
    terminal = Terminal.of(tmp_path)
    at = ("--server", f"{served}/")
    terminal.environ["CALNDRO_PASSWORD"] = PASSWORD
    assert terminal.json("login", *at) == {"server": served, "user": YOU}
    del terminal.environ["CALNDRO_PASSWORD"]
    kept = tmp_path / "config" / "calndro" / "logins.json"

    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert PASSWORD not in kept.read_text()
    terminal.done("list", *at)
    assert "no password for" in terminal.refused(5, "list", *at, "--user", THEY)
    token = json.loads(kept.read_text())[served]["token"]
    assert "is logged out" in terminal.done("logout", *at)
    terminal.refused(5, "list", *at, "--token", token)
    assert "nobody was logged in" in terminal.done("logout", *at)
    assert "no password for" in terminal.refused(5, "list", *at)


def test_logging_out_while_the_server_is_away(tmp_path: Path) -> None:
    """
    A token is forgotten at once; that it could not be taken back is said, with the mend.
    """
    terminal = Terminal.of(tmp_path)
    kept = tmp_path / "config" / "calndro" / "logins.json"
    kept.parent.mkdir(parents=True)
    away = "http://127.0.0.1:1"
    kept.write_text(json.dumps({away: {"user": YOU, "token": "0" * 40}}))
    said = terminal.refused(7, "logout", "--server", away)

    assert f"calndro user token {YOU} --revoke" in said
    assert "can't be reached" in said
    assert json.loads(kept.read_text()) == {}


@pytest.mark.slow
def test_other_ways_to_sign_in(tmp_path: Path, served: str) -> None:
    """
    A password, an API token and the token of a letter open what they are for.
    """
    terminal = Terminal.of(tmp_path)
    at = ("--server", served)
    terminal.environ["CALNDRO_PASSWORD"] = PASSWORD
    number = terminal.json("propose", *at, "--party", THEY, "--slot", FIRST)["id"]
    terminal.done("login", *at)
    token = json.loads((tmp_path / "config" / "calndro" / "logins.json").read_text())[served]
    del terminal.environ["CALNDRO_PASSWORD"]
    (tmp_path / "config" / "calndro" / "logins.json").unlink()

    terminal.done("show", str(number), *at, "--token", token["token"])
    said = terminal.done("extend", str(number), *at, "--token", token["token"], "--slot", SECOND)
    assert "Event" in said
    assert "calndro login" in terminal.refused(5, "list", *at, "--token", "0" * 40)
    said = terminal.refused(5, "show", str(number), *at, "--et", "0" * 40)
    assert "your newest letter" in said
    terminal.environ["CALNDRO_PASSWORD"] = "wrong"
    terminal.refused(5, "list", *at)
    terminal.refused(5, "login", *at)


def test_a_letter_opens_the_log_of_a_deleted_event(tmp_path: Path) -> None:
    """
    Whoever comes by the token of a letter reads the log on, though it may list no events.
    """
    terminal = Terminal.of(tmp_path)
    site = http_site.Site()
    event = site.propose(title="Tea")
    token = site.token(event, http_site.THEY)
    assert site.ask("DELETE", "/1/", http_site.ROOT).status_code == 204
    with running(site.app) as url:
        at = ("--server", url, "--et", token)

        assert "Event 1  Tea" in terminal.done("log", "1", *at)
        assert "deleted the event" in terminal.done("tui", *at, stdin="g1\nq\n")
        assert terminal.json("log", "1", *at)["entries"][-1]["data"] == {"closed": "deleted"}


@pytest.mark.slow
def test_accounts_are_for_staff(tmp_path: Path, served: str) -> None:
    """
    At a server nobody but staff looks after accounts, and who is refused is told so.
    """
    terminal = Terminal.of(tmp_path)
    terminal.environ["CALNDRO_PASSWORD"] = PASSWORD
    at = ("--server", served, "--user", THEY)

    for words in (("list",), ("add", "x@here.net", "--no-password"), ("erase", YOU, "--yes")):
        assert "you may not" in terminal.refused(5, "user", *words, *at)
    known = {user["email"] for user in terminal.json("user", "list", "--server", served)}
    assert YOU in known
    assert "x@here.net" not in known


@pytest.mark.slow
def test_a_person_is_let_in_and_forgotten_from_afar(tmp_path: Path, served: str) -> None:
    """
    What is done to accounts at a server is done: a token opens, a person is forgotten.
    """
    terminal = Terminal.of(tmp_path)
    terminal.environ.update(CALNDRO_PASSWORD=PASSWORD, CALNDRO_SERVER=served)
    odd = "o'brien/x?y#z@here.net"
    assert terminal.json("user", "add", odd, "--no-password")["email"] == odd
    token = terminal.done("user", "token", odd).strip()
    assert terminal.json("list", "--token", token) == []
    number = terminal.propose(FIRST, parties=(YOU, odd))
    assert terminal.json("user", "token", odd, "--revoke") == {"revoked": 1}
    terminal.refused(5, "list", "--token", token)

    assert terminal.json("user", "erase", odd, "--yes") == {"events": [number]}
    assert odd not in terminal.done("log", str(number))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("list", "--server", "http://x", "--db", "sqlite:///x"), "--db or --server, not both"),
        (("list", "--server", "http://x", "--as", THEY), "say --user instead of --as"),
        (("list", "--user", THEY), "are for a server"),
        (("show", "1", "--et", "x"), "are for a server"),
        (("list", "--et", "x"), "opens one event, and this needs an account"),
        (("propose", "--server", "http://x", "--et", "x"), "this needs an account"),
        (("user", "list", "--server", "http://x", "--et", "x"), "this needs an account"),
        (("show", "1", "--server", "http://x", "--et", "x", "--token", "x"), "says who comes"),
        (("show", "1", "--server", "http://x", "--et", "x", "--user", YOU), "says who comes"),
        (("show", "1", "--server", "http://x", "--et", "\xe9"), "--et: a token is 40"),
        (("list", "--server", "http://x", "--token", "a\nb"), "--token: a token is 40"),
        (("list", "--server", "x"), "write an address such as"),
        (("login",), "which server?"),
        (("deliver", "--server", "http://x"), "it delivers its letters itself"),
        (("outbox", "list", "--server", "http://x"), "at /admin/outbox/"),
        (("mail", "test", YOU, "--server", "http://x"), "on its own machine"),
        (("openapi", "--server", "http://x"), "it describes itself at /openapi"),
        (("demo", "--server", "http://x"), "leave --server out"),
        (("db", "check", "--server", "http://x"), "works on a database itself"),
        (("backup", "x", "--server", "http://x"), "say --db URL on a machine that reaches"),
    ],
    ids=lambda case: " ".join(case) if isinstance(case, tuple) else None,
)
def test_what_does_not_go_together(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    """
    Options for a server and for a database do not mix.
    """
    assert said in Terminal.of(tmp_path).refused(2, *words)


def test_a_configured_server_is_not_for_all(tmp_path: Path) -> None:
    """
    With a server configured, commands about a database ask for the one they mean.
    """
    terminal = Terminal.of(tmp_path)
    terminal.environ["CALNDRO_SERVER"] = "http://127.0.0.1:9"

    for words in (("outbox", "list"), ("export", "x.jsonl"), ("import", "x.jsonl")):
        assert "name the database with --db" in terminal.refused(2, *words)
    assert terminal.json("outbox", "list", "--db", f"sqlite:///{tmp_path}/x.db") == []


def test_nobody_at_a_server(tmp_path: Path) -> None:
    """
    Without an address to sign in with, the ways to give one are named.
    """
    terminal = Terminal.of(tmp_path)
    terminal.environ["CALNDRO_USER"] = ""

    assert "who are you at http://127.0.0.1:9?" in terminal.refused(
        2, "list", "--server", "http://127.0.0.1:9"
    )


def test_a_server_that_is_away(tmp_path: Path) -> None:
    """
    A server that can't be reached is one sentence and status 7, also at login.
    """
    terminal = Terminal.of(tmp_path)
    terminal.environ["CALNDRO_PASSWORD"] = PASSWORD

    for command in ("list", "login"):
        said = terminal.refused(7, command, "--server", "http://127.0.0.1:9")
        assert said.startswith("calndro: the server can't be reached")


def test_a_login_at_what_is_no_server_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    JSON of any depth instead of a token is one sentence and status 7.
    """
    deep = httpx2.Response(200, text="[" * 100_000 + "]" * 100_000)
    monkeypatch.setattr(httpx2.Client, "send", lambda *_, **__: deep)
    terminal = Terminal.of(tmp_path)
    terminal.environ["CALNDRO_PASSWORD"] = PASSWORD

    said = terminal.refused(7, "login", "--server", "http://127.0.0.1:9")
    assert "the server's answer is no JSON: is it a calndro server?" in said


def test_a_login_at_a_server_that_is_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A server that sends us on has its new address named at login, as by every command.
    """
    moved = httpx2.Response(308, headers={"Location": "https://calndro.thar.net/"})
    monkeypatch.setattr(httpx2.Client, "send", lambda *_, **__: moved)
    terminal = Terminal.of(tmp_path)
    terminal.environ["CALNDRO_PASSWORD"] = PASSWORD

    said = terminal.refused(7, "login", "--server", "http://127.0.0.1:9")
    assert "it sends us to 'https://calndro.thar.net/'; name that address" in said


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("odd\u202ewords", "odd\\u202ewords"),
        (
            "\x1b]0;odd\x07\x9b31m",
            "the server's answer has control characters: is it a calndro server?",
        ),
    ],
)
def test_the_words_of_a_server_are_harmless(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, title: str, shown: str
) -> None:
    """
    What a server says is wrong has nothing in it that a terminal would obey.
    """
    problem = httpx2.Response(500, json={"title": title})
    monkeypatch.setattr(httpx2.Client, "send", lambda *_, **__: problem)
    terminal = Terminal.of(tmp_path)
    terminal.environ["CALNDRO_PASSWORD"] = PASSWORD

    said = terminal.refused(7, "list", "--server", "http://127.0.0.1:9")
    assert said == f"calndro: {shown}\n"


def test_login_asks_no_pipe(tmp_path: Path) -> None:
    """
    Without a terminal, login names the option or the variable that answers its question.
    """
    terminal = Terminal.of(tmp_path)
    at = ("--server", "http://127.0.0.1:9")

    said = terminal.refused(5, "login", *at)
    assert said == f"calndro: no password for {YOU}: set CALNDRO_PASSWORD\n"
    said = terminal.refused(5, "list", *at)
    assert f"or once: calndro login {' '.join(at)}" in said
    terminal.environ["CALNDRO_USER"] = ""
    assert "say who you are there: --user EMAIL" in terminal.refused(2, "login", *at)


def test_a_server_knows_no_other_person(tmp_path: Path) -> None:
    """
    Who is no party of an event at a server is told the option that servers know.
    """
    site = http_site.Site()
    site.propose()
    terminal = Terminal.of(tmp_path)
    terminal.environ["CALNDRO_PASSWORD"] = http_site.PASSWORD
    with running(site.app) as url:
        at = ("--server", url, "--user", http_site.ROOT)
        result = terminal.run("narrow", "1", "--slot", "2022-10-31T23:11:22Z/PT20S", *at)

    assert "nobody's answer changed; use --user" in result.stderr


def test_a_damaged_file_of_logins(tmp_path: Path) -> None:
    """
    What can't be read of earlier logins is named, not overwritten.
    """
    terminal = Terminal.of(tmp_path)
    kept = tmp_path / "config" / "calndro" / "logins.json"
    kept.parent.mkdir(parents=True)
    kept.write_text("{")

    assert "logins.json can't be read" in terminal.refused(2, "logout", "--server", "http://x")
    assert kept.read_text() == "{"


def test_a_configuration_that_can_not_be_written(tmp_path: Path, served: str) -> None:
    """
    Where neither settings nor logins can be kept, that is said, and which file it is.
    """
    terminal = Terminal.of(tmp_path)
    terminal.environ["CALNDRO_PASSWORD"] = PASSWORD
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "calndro").symlink_to(tmp_path / "nowhere" / "at all")

    for words in (
        ("config", "set", "user", YOU),
        ("login", "--server", served, "--user", YOU),
    ):
        assert "can't be written: " in terminal.refused(2, *words)


def test_quiet_says_only_the_answer(tmp_path: Path) -> None:
    """
    With --quiet a command that changes something prints the event and nothing else.
    """
    terminal = Terminal.of(tmp_path)
    loud = terminal.run("propose", "--party", YOU, "--slot", FIRST)
    quiet = terminal.run("propose", "--party", YOU, "--slot", FIRST, "--quiet")

    assert FIRST in loud.stdout
    assert FIRST not in quiet.stdout + quiet.stderr
    assert "Event 2" in quiet.stdout


def test_version(tmp_path: Path) -> None:
    """
    ``--version`` names the program and its version.
    """
    assert Terminal.of(tmp_path).done("--version").startswith("calndro 0.")
