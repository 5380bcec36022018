"""
The examples of the help and of the docstrings of public names do what they say.
"""

from __future__ import annotations

import doctest
import re
import shlex
from typing import TYPE_CHECKING, Any, Final

import pytest
from typer.core import TyperGroup

import calndro
from calndro.entry.cli.app import COMMANDS, CommandsOnUse
from calndro.entry.cli.examples import EXAMPLES
from tests.entry.cli_terminal import FIRST, SECOND, THEY, THIRD, YOU, Terminal


if TYPE_CHECKING:
    from pathlib import Path


NOBODY_BUSY: Final = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//tests//\r\nEND:VCALENDAR\r\n"


def type_line(terminal: Terminal, line: str) -> None:
    """
    Type a line of an example; each of its commands must succeed.
    """
    said = None
    before, _, file = line.partition(" > ")
    for part in before.split(" | "):
        name, *words = shlex.split(part)
        assert name == "calndro", part
        said = terminal.done(*words, stdin=said)
        assert said, part
    if file:
        (terminal.home / file).write_text(said or "", encoding="utf-8")


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """
    Sit in an empty home, with event 1 just proposed and shown, and with what else is named.
    """
    monkeypatch.chdir(tmp_path)
    seated = Terminal.of(tmp_path)
    seated.propose(FIRST, SECOND, THIRD, parties=(YOU, THEY))
    seated.done("show", "1")
    for name in ("mine.ics", "theirs.ics"):
        (tmp_path / name).write_text(NOBODY_BUSY, encoding="utf-8")
    receipt = " ".join(f"{name}={held}" for name, held in seated.json("show", "1")["audit"].items())
    (tmp_path / "letter.eml").write_text(f"X-Calndro-Audit: {receipt}\n\n", encoding="utf-8")
    return seated


def prepare(terminal: Terminal, command: str) -> None:
    """
    Bring things to where somebody stands who needs this command.
    """
    if command == "wait":
        for who in (YOU, THEY):
            terminal.done("narrow", "1", "--slot", SECOND, "--as", who)
    if command == "audit verify":
        type_line(terminal, "calndro audit export 1 > log.jsonl")
    if command == "import":
        terminal.done("export", "everything.jsonl")


@pytest.mark.parametrize("command", EXAMPLES)
def test_every_example_of_the_help_works(terminal: Terminal, command: str) -> None:
    """
    What the help of a command shows can be typed as it stands, one line after the other.
    """
    prepare(terminal, command)

    shown = terminal.done(*command.split(), "--help").partition("For example:\n")[2]

    assert [line.strip() for line in shown.splitlines()] == list(EXAMPLES[command])
    for line in EXAMPLES[command]:
        assert line.startswith(f"calndro {command}")
        type_line(terminal, line)


@pytest.mark.parametrize("line", ["calndro dance 1", "calndro show 1 --lout", "calndro show 2"])
def test_an_example_that_does_not_work_is_found(terminal: Terminal, line: str) -> None:
    """
    A command, an option or an event that is not there is told.
    """
    with pytest.raises(AssertionError):
        type_line(terminal, line)


WEEK: Final = "--every weekday --from mon --until fri"

TRIED: Final = {
    ("propose", "slots"): "propose --party you@here.net --slot '{}'",
    ("propose", "zone"): "propose --party you@here.net --zone {}",
    ("propose", "repeat_at"): f"propose --party you@here.net {WEEK} --at {{}} --for 45m",
    ("propose", "repeat_for"): f"propose --party you@here.net {WEEK} --at 9:00 --for {{}}",
    ("extend", "slots"): "extend 1 --slot '{}'",
    ("extend", "repeat_at"): f"extend 1 {WEEK} --at {{}} --for 45m",
    ("extend", "repeat_for"): f"extend 1 {WEEK} --at 9:00 --for {{}}",
    ("replace", "slots"): "replace 1 --slot '{}'",
    ("replace", "repeat_at"): f"replace 1 {WEEK} --at {{}} --for 45m",
    ("replace", "repeat_for"): f"replace 1 {WEEK} --at 9:00 --for {{}}",
    **{
        (
            command,
            f"repeat_{name}",
        ): f"{command} {given} --every weekday {typed} --at 9:00 --for 45m"
        for command, given in (
            ("propose", "--party you@here.net"),
            ("extend", "1"),
            ("replace", "1"),
        )
        for name, typed in (
            ("from", "--from {} --until fri"),
            ("until", "--from mon --until {}"),
        )
    },
    ("log", "since"): "log 1 --since {}",
    ("log", "until"): "log 1 --until {}",
    ("narrow", "keep"): "narrow 1 --keep {}",
    ("suggest", "since"): "suggest --busy mine.ics --for 45m --from {}",
    ("suggest", "length"): "suggest --busy mine.ics --for {}",
    ("suggest", "hours"): "suggest --busy mine.ics --for 45m --hours {}",
    ("suggest", "zone"): "suggest --busy mine.ics --for 45m --zone {}",
    ("suggest", "within"): "suggest --busy mine.ics --for 45m --within '{}'",
    ("wait", "timeout"): "wait 1 --timeout {}",
    ("config set", "name"): "config set {} you@here.net",
}
"""How the example in the help of an option is typed, by the command and the option."""

_WORD: Final = re.compile(r'"([^"]+)"|[Ss]uch as ([^\s";]+?)(?=[;.]?(?:\s|$))|\b(\d+[,-]\d+)\b')


def helped() -> dict[tuple[str, str], list[str]]:
    """
    Find the examples in the help of each option and argument there is.
    """
    group = CommandsOnUse()
    context: Any = None
    commands: dict[str, Any] = {}
    for name in COMMANDS:
        command: Any = group.get_command(context, name)
        parts = command.commands.items() if isinstance(command, TyperGroup) else ()
        commands |= {name: command, **{f"{name} {part}": each for part, each in parts}}
    return {
        (path, option.name): words
        for path, command in commands.items()
        for option in command.params
        if (words := worded(getattr(option, "help", None) or ""))
    }


def worded(text: str) -> list[str]:
    """
    Give the examples in a text of help.
    """
    return ["".join(found) for found in _WORD.findall(text)]


HELPED: Final = helped()


def test_every_option_with_an_example_is_tried() -> None:
    """
    Whoever puts an example into the help of an option says here how it is typed.
    """
    assert set(HELPED) == set(TRIED)
    assert worded('Such as "a b", or 1-3; such as 9:00,14:00.') == ["a b", "1-3", "9:00,14:00"]


@pytest.mark.parametrize(
    ("place", "word"),
    [(place, word) for place in TRIED for word in HELPED.get(place, ())],
    ids=lambda part: " ".join(part) if isinstance(part, tuple) else part,
)
def test_every_example_of_an_option_works(
    terminal: Terminal, place: tuple[str, str], word: str
) -> None:
    """
    What the help of an option gives as an example is taken.
    """
    prepare(terminal, place[0])

    type_line(terminal, f"calndro {TRIED[place].format(word)}")


def examples(name: str, owner: object) -> list[doctest.DocTest]:
    """
    Find the examples in what a public name and its members say of themselves.
    """
    known = {each: getattr(calndro, each) for each in calndro.__all__}
    found = doctest.DocTestFinder(recurse=True).find(owner, name, globs=known)
    return [each for each in found if each.examples]


def failures(example: doctest.DocTest) -> int:
    """
    Run an example; tells how many of its lines print something else.
    """
    return doctest.DocTestRunner(verbose=False).run(example, out=lambda _: None).failed


def test_every_example_of_a_public_name_prints_what_it_shows() -> None:
    """
    What the docstring of a public name shows is what Python prints.
    """
    names = [(name, getattr(calndro, name)) for name in calndro.__all__]
    found = [each for pair in names if callable(pair[1]) for each in examples(*pair)]

    assert {each.name for each in found} >= {"parse_duration", "parse_slot", "say_duration"}
    assert [each.name for each in found if failures(each)] == []


def test_a_wrong_example_of_a_name_is_found() -> None:
    """
    An example that prints something else is told.
    """

    def wrong() -> None:
        """
        Say how long an hour is.

        >>> say_duration(parse_duration("1h"))
        '2 hours'
        """

    [example] = examples("wrong", wrong)

    assert failures(example) == 1
