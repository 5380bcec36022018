"""
What the shell offers when Tab is pressed.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.entry.cli_screen import Screen
from tests.entry.cli_terminal import FIRST, SECOND, THEM, THEY, YOU, Terminal
from tests.patience import PATIENCE, until
from tests.serving import serving
from tests.surroundings import SERVICES_ARE_REQUIRED


if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """
    Give a machine with two events, of which the first has been shown.
    """
    terminal = Terminal.of(tmp_path)
    terminal.propose(FIRST, SECOND, parties=(YOU, THEY, THEM))
    terminal.propose(FIRST, parties=("else@example.org",))
    terminal.done("show", "1")
    return terminal


def offered(terminal: Terminal, *words: str) -> list[str]:
    """
    Press Tab behind the last of the words; gives what bash would offer.
    """
    done = terminal.program(
        _CALNDRO_COMPLETE="complete_bash",
        COMP_WORDS=" ".join(("calndro", *words)),
        COMP_CWORD=str(len(words)),
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "offers"),
    [
        (["sho"], ["show"]),
        (["show", ""], ["1", "2"]),
        (["propose", "--like", "2"], ["2"]),
        (["narrow", "1", "--keep", ""], ["1", "2"]),
        (["narrow", "1", "--keep", "1,"], ["1,1", "1,2"]),
        (["agree", "1", "--slot", "2"], ["2"]),
        (["agree", "1", "--slot", "1,"], []),
        (["narrow", "2", "--keep", ""], []),
        (["notify", "1", "--to", "the"], [THEY, THEM]),
        (["notify", "2", "--to", ""], ["else@example.org"]),
        (["propose", "--party", "e"], ["else@example.org"]),
        (["list", "--status", "a"], ["agreed"]),
        (["user", "tok"], ["token"]),
        (["audit", "verify", ""], ["1", "2"]),
        (["log", "2", "--party", ""], ["else@example.org"]),
    ],
    ids=" ".join,
)
def test_ids_parties_and_numbers_complete(
    terminal: Terminal, words: list[str], offers: list[str]
) -> None:
    """
    Tab offers commands, ids, parties and the slot numbers last shown.
    """
    assert offered(terminal, *words) == offers


def test_the_forgotten_are_offered_where_they_can_be_named(terminal: Terminal) -> None:
    """
    The place of somebody forgotten is part of a log, and nobody to write to or to ask.
    """
    terminal.done("user", "erase", THEM, "--yes")

    assert offered(terminal, "log", "1", "--party", "e") == ["erased-3"]
    for words in (["notify", "1", "--to"], ["notify", "1", "--sender"], ["propose", "--party"]):
        assert "erased-3" not in offered(terminal, *words, "e")


def test_completion_logs_nothing(terminal: Terminal) -> None:
    """
    Pressing Tab is no look at an event.
    """
    before = terminal.json("log", "1")

    offered(terminal, "show", "")
    offered(terminal, "notify", "1", "--to", "")

    assert terminal.json("log", "1") == before


def test_completion_makes_no_database(tmp_path: Path) -> None:
    """
    Pressing Tab on a new machine offers nothing and leaves nothing behind.
    """
    terminal = Terminal.of(tmp_path)

    assert offered(terminal, "show", "") == []
    assert not terminal.database.exists()


def test_completion_keeps_quiet_about_warnings(terminal: Terminal) -> None:
    """
    What the program would point out does not disturb the line that is being typed.
    """
    terminal.environ["CALNDRO_USR"] = YOU

    assert offered(terminal, "show", "") == ["1", "2"]
    assert offered(terminal, "narrow", "1", "--keep", "") == ["1", "2"]


def test_completion_keeps_quiet_about_errors(terminal: Terminal) -> None:
    """
    A setting that can't be read costs the offers, not the prompt.
    """
    terminal.environ["CALNDRO_MAX_SLOTS"] = "x"

    assert offered(terminal, "show", "") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(tmp_path: Path, shell: str) -> None:
    """
    ``--show-completion`` prints a script that asks the program for each shell.
    """
    terminal = Terminal.of(tmp_path)
    terminal.environ["_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION"] = "1"

    done = terminal.program("--show-completion", shell)

    assert done.returncode == 0, done.stderr
    assert f"complete_{shell}" in done.stdout
    assert "calndro" in done.stdout


def installed(terminal: Terminal, shell: str) -> Path:
    """
    Put the program on a path of its own, and the script for a shell beside it; gives that.
    """
    terminal.environ["_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION"] = "1"
    script = terminal.home / f"script.{shell}"
    script.write_text(terminal.program("--show-completion", shell).stdout)
    program = terminal.home / "bin" / "calndro"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.join(terminal.command())} "$@"\n')
    program.chmod(0o755)
    return script


def needs(shell: str) -> str:
    """
    Find a shell; a test that lacks it is skipped unless everything is required.
    """
    found = shutil.which(shell)
    if found is None:
        assert not SERVICES_ARE_REQUIRED, f"{shell} is not installed"
        pytest.skip(f"{shell} is not installed")
    return found


def test_bash_completes_by_the_script(terminal: Terminal) -> None:
    """
    Bash that has read the script offers what the program says, behind each word.
    """
    script = installed(terminal, "bash")
    program = terminal.home / "bin" / "calndro"
    shell = f"""source {script}
COMP_WORDS=(calndro show ''); COMP_CWORD=2
"$(complete -p calndro | sed 's/.*-F \\([^ ]*\\).*/\\1/')" {program}
printf '%s\\n' "${{COMPREPLY[@]}}"
"""

    done = subprocess.run(
        ["bash", "--norc", "-c", shell],  # noqa: S607 - any bash will do
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert done.stdout.split() == ["1", "2"], done.stderr


@pytest.mark.slow
def test_fish_completes_by_the_script(terminal: Terminal) -> None:
    """
    Fish offers commands, ids, numbers and parties, with what each means.
    """
    fish = needs("fish")
    script = installed(terminal, "fish")
    asked = ("sho", "show ", "narrow 1 --keep ", "notify 1 --to the")
    words = "; ".join(f"complete -C 'calndro {words}'" for words in asked)

    done = subprocess.run(
        [fish, "--no-config", "-c", f"source {script}; {words}"],
        env={**terminal.environ, "PATH": f"{terminal.home}/bin:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    offers = [line.split("\t")[0] for line in done.stdout.splitlines() if line]
    assert offers == ["show", "1", "2", "1", "2", THEM, THEY], done.stderr
    assert "Tue 4 Dec 2046 09:00-09:30 UTC" in done.stdout


@pytest.mark.slow
def test_zsh_completes_by_the_script_and_runs_no_title(terminal: Terminal) -> None:
    """
    Zsh offers ids with titles, numbers and parties; what a title says is never run.
    """
    zsh = needs("zsh")
    needs("tmux")
    script = installed(terminal, "zsh")
    # A short name, in the folder where the shell stands: a title has 256 characters.
    trap = terminal.home / "trap"
    terminal.done("title", "1", r"Tea \"<(touch trap)\" $(touch trap) `touch trap`")
    path = f"PATH={terminal.home}/bin:/usr/bin:/bin"
    home = f"HOME={terminal.home}"
    screen = Screen(terminal.home / "tmux", ["env", path, home, zsh, "-f", "-i"], 120)
    try:
        for line in (
            f"cd {terminal.home}; PS1='% '; autoload -U compinit; compinit -u -D",
            f"source {script}; clear; print o''k",
        ):
            screen.type(line, "Enter")
        screen.shows("ok")
        for words, offer in (
            ("show ", "1  -- Tea"),
            ("narrow 1 --keep ", "2  -- Wed 5 Dec 2046 10:00-11:00 UTC"),
            ("notify 1 --to ", f"{THEM}"),
        ):
            screen.type("C-u", f"calndro {words}", "Tab")
            screen.shows(offer)
    finally:
        screen.close()

    assert not trap.exists()


def test_an_address_that_a_shell_would_act_on_is_not_offered(terminal: Terminal) -> None:
    """
    What stands on the line after Tab is a word and nothing else, whoever has chosen it.
    """
    terminal.propose(FIRST, parties=("`id`@evil.example.org", "$HOME@evil.example.org"))

    assert offered(terminal, "notify", "3", "--to", "") == []
    assert THEY in offered(terminal, "propose", "--party", "")


def test_completion_offers_nothing_while_a_server_is_away(tmp_path: Path) -> None:
    """
    Pressing Tab asks nobody for a password, nor waits for a server that is away.
    """
    terminal = Terminal.of(tmp_path)
    terminal.environ["CALNDRO_SERVER"] = "http://127.0.0.1:9"

    assert offered(terminal, "show", "") == []
    terminal.environ["CALNDRO_PASSWORD"] = "correct horse battery"
    assert offered(terminal, "show", "") == []


@pytest.mark.slow
def test_completion_offers_what_a_server_has(terminal: Terminal, tmp_path: Path) -> None:
    """
    At a server Tab offers the events and parties that whoever signs in may see there.
    """
    password = "correct horse battery"
    terminal.done("user", "add", YOU, "--password-stdin", stdin=password)
    away = Terminal.of(tmp_path / "away")
    with serving(terminal) as url:
        away.environ.update(CALNDRO_SERVER=url, CALNDRO_PASSWORD=password)
        # Tab waits two seconds for a server, which a busy machine may take.
        until(lambda: offered(away, "show", "") == ["1", "2"])
        until(lambda: offered(away, "notify", "1", "--to", "the") == [THEY, THEM])


def test_completion_can_be_installed(tmp_path: Path) -> None:
    """
    ``--install-completion`` writes a script for the shell.
    """
    terminal = Terminal.of(tmp_path)
    terminal.environ["_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION"] = "1"

    done = terminal.program("--install-completion", "bash")

    assert done.returncode == 0, done.stderr
    assert "_CALNDRO_COMPLETE" in (tmp_path / ".bash_completions" / "calndro.sh").read_text()
