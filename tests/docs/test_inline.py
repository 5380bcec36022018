"""
The commands that pages name within their sentences are commands that there are.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any, Final

from typer.core import TyperGroup

from calndro.entry.cli.app import CommandsOnUse
from tests.docs.playing import ROOT
from tests.docs.test_blocks import pages


if TYPE_CHECKING:
    from collections.abc import Iterator


EVERYWHERE: Final = {"--help", "--install-completion", "--show-completion", "--version"}
TARGETS: Final = frozenset(
    re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
)


def inline(text: str, program: str) -> list[list[str]]:
    """
    Give the words behind a program, wherever a sentence of a page types it.
    """
    prose = re.sub(r"^( *)```.*?^\1```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return [shlex.split(found)[1:] for found in re.findall(rf"`({program} [^`]+)`", prose)]


def unknown(words: list[str]) -> Iterator[str]:
    """
    Give those of the words that calndro does not know: a command, a part of one, or an option.
    """
    context: Any = None
    command: Any = CommandsOnUse()
    options = set(EVERYWHERE)
    for word in words:
        if word.startswith("--"):
            if word.partition("=")[0] not in options:
                yield word
        elif isinstance(command, TyperGroup):
            command = command.get_command(context, word)
            if command is None:
                yield word
                return
            options |= {name for option in command.params for name in option.opts}


def test_every_command_within_a_sentence_is_known() -> None:
    """
    No sentence sends somebody to a command or an option that calndro does not have.
    """
    named = {
        (name, " ".join(words)): [*unknown(words)]
        for name, text in pages().items()
        for words in inline(text, "calndro")
    }

    assert len(named) > 50
    assert {place: words for place, words in named.items() if words} == {}


def test_every_target_within_a_sentence_is_known() -> None:
    """
    No sentence sends somebody to a target that make does not have.
    """
    named = {(name, words[0]) for name, text in pages().items() for words in inline(text, "make")}

    assert len(named) > 20
    assert {place for place in named if place[1] not in TARGETS} == set()


def absent(words: list[str]) -> bool:
    """
    Tell whether words behind python name a program of this project that is not there.
    """
    named = next(word for word in words if word not in {"-m", "-X"})
    if words[0] == "-m":
        named = named.replace(".", "/") + ".py"
    return named.endswith(".py") and not (ROOT / named).is_file()


def test_every_program_within_a_sentence_is_known() -> None:
    """
    No sentence sends somebody to a program of the project that is not there.
    """
    named = [words for text in pages().values() for words in inline(text, "python")]

    assert len(named) > 20
    assert [words for words in named if absent(words)] == []
    assert absent(["-m", "tests.dance", "1"])
    assert absent(["scripts/dance.py"])


def test_a_command_that_is_not_there_is_found() -> None:
    """
    A command, a part of one, and an option are told when calndro does not have them.
    """
    page = "Say `calndro dance`, `calndro user dance` or `calndro list --loud`; `calndro list`."

    assert [[*unknown(words)] for words in inline(page, "calndro")] == [
        ["dance"],
        ["dance"],
        ["--loud"],
        [],
    ]
