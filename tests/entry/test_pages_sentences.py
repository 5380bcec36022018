"""
What the core says of inputs is said on pages in the page's own words and language.
"""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import calndro
from calndro.core.errors import InvalidInputError
from calndro.core.party import Address
from calndro.core.repeating import read_repetition
from calndro.core.times import parse_begin
from calndro.core.title import parse_title
from calndro.core.written import read_written
from calndro.entry.http.guests.sentences import SENTENCES, recognise, reword
from calndro.entry.http.pages.language import languages


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


SOURCE = Path(calndro.__file__).parent
CORE = SOURCE / "core"

# What else refuses a form, beside the core.
FORMS = (
    SOURCE / "usecases" / "accounts.py",
    SOURCE / "entry" / "http" / "admin" / "desk.py",
    SOURCE / "entry" / "http" / "guests" / "fields.py",
    SOURCE / "entry" / "http" / "guests" / "visitor.py",
)
ENGLISH, GERMAN = languages()["en"], languages()["de"]
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)

# What reads the fields of our forms, and whose sentences therefore can reach a page.
READERS = ("times", "durations", "days", "written", "repeating", "party", "title", "quoting")

# Said to programs: a form always sends texts, and lists of them.
FOR_PROGRAMS = {
    "give a list of email addresses, not a text",
    "an email address must be a text",
    "this is no sender: write it as Name <you@example.org>",
    "a title is made of at least X random bytes",
}

# Functions that make a sentence for another to raise.
MAKERS = {"_what_is_missing", "_what_is_wrong", "_doubt"}

_GAP = "X {} in X, where the clocks change then: write X or X"

TYPED = [
    "2026-12-01",
    "2026-12-01T09:00CET",
    "soon",
    "14:00 45m",
    "2026-12-01 25:00 1h",
    "2026-02-30T09:00/1h",
    "2026-12-01T09:00+25:00/1h",
    "2026-12-01T09:00+02:00[Asia/Tokyo]/1h",
    "2026-12-01T09:00/2026-12-01T08:00",
    "9999-12-31T09:00Z/1h",
    "9999-12-31 24:00 1h",
    "2026-12-01T09:00/10:00",
    "tue 09:00 10:00",
    "2026-12-01 2-4",
    "2026-12-01 9 45m",
    "tue 9-11/00:30",
    "12/1 9-11",
    "next tue 9-11",
    "2026-12-01 09:00",
    "2026-12-01T09:00",
    "2026-12-01 09:00 45",
    "2026-12-01 09:00 0.0000001s",
    "2026-12-01 09:00 1h1h",
    "2026-12-01 09:00 P1Y",
    "2026-12-01 09:00 P1.5DT1H",
    "2026-12-01 09:00 1 25:00:00",
    "2026-12-01 09:00 01:99:00",
    "2026-12-01 09:00 0m",
    "2026-12-01 09:00 400d",
    "2026-12-01 20-4",
    "2026-12-01 9-11 /35m",
    "2026-12-01 9-11 /1m",
    "2026-12-01 noon",
    "tue",
    "2026-03-29 02:30 1h",
    "2026-10-25 02:30 1h",
    "x" * 300,
]


def sentences(module: Path) -> Iterator[str]:
    """
    Find what a module says of inputs, with X for what it fills in.
    """
    tree = ast.parse(module.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            is_fault = node.func.attr == "add" and ast.unparse(node.func.value) == "faults"
            if is_fault or ast.unparse(node.func) == "InvalidInputError.of":
                yield from _texts(node.args[0])
        if isinstance(node, ast.FunctionDef) and node.name in MAKERS:
            for each in ast.walk(node):
                if isinstance(each, ast.Return) and each.value is not None:
                    yield from _texts(each.value)


def _texts(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)) if text:
            yield text
        case ast.JoinedStr(values=values):
            parts = (each.value if isinstance(each, ast.Constant) else "X" for each in values)
            yield "".join(map(str, parts))
        case ast.BoolOp(values=values):
            for each in values:
                yield from _texts(each)


@pytest.mark.parametrize("name", READERS)
def test_every_sentence_has_words_of_its_own(name: str) -> None:
    """
    Whatever a reader of fields can say of them stands in the catalogue.
    """
    found = {each for each in sentences(CORE / f"{name}.py") if each not in FOR_PROGRAMS}
    # What is filled in here is half a sentence.
    found = {each.replace("X would be X", "X would be no slot") for each in found}
    found = {each.replace("X X in X,", "X exists twice in X,") for each in found}
    found = {each.replace("then: write X", "then: write X or X") for each in found}
    assert found
    assert [each for each in found if reword(each, GERMAN) is None] == []


def test_no_words_are_idle() -> None:
    """
    Every pattern is of a sentence that is said.
    """
    said = {each for path in (*CORE.glob("*.py"), *FORMS) for each in sentences(path)}
    said |= {_GAP.format("does not exist"), _GAP.format("exists twice"), "X would be no slot"}
    said |= {"X would be X slots; an event holds at most X", "a password has X to X characters"}
    said |= {"'' is no day: X", "'' is no time of day: X"}
    said |= {"X parties are too many; an event has at most X"}
    found = (recognise(each) for each in said)
    assert set(SENTENCES) == {each[0] for each in found if each}


def refused(read: Callable[[], object]) -> list[str]:
    """
    Read something, and give what was wrong with it.
    """
    try:
        read()
    except InvalidInputError as error:
        return [each.message for each in error.faults]
    return []


@pytest.mark.parametrize("text", TYPED)
def test_what_people_mistype(text: str) -> None:
    """
    Each way of writing a time that is refused is explained in German, without English words.
    """
    (message,) = refused(lambda: read_written(text, "Europe/Paris", NOW))
    german = reword(message, GERMAN)
    assert german is not None
    assert not {"write", "or", "the", "is", "for"} & set(german.replace(text, "").split())


@given(st.text(alphabet="0123456789-:T/ hmdPZ+[]aeu.,@=?", max_size=30))
def test_anything_that_is_typed(text: str) -> None:
    """
    Whatever is typed and refused, the page has words for it.
    """
    rule = (text[:5], text[5:10], text[10:15], text[15:20], text[20:])
    for read in (
        lambda: parse_begin(text, "Europe/Paris"),
        lambda: read_written(text, "Europe/Paris", NOW),
        lambda: Address.parse(text),
        lambda: parse_title(text),
        lambda: read_repetition(rule, "Europe/Paris", NOW).slots(),
    ):
        for message in refused(read):
            assert reword(message, GERMAN) is not None, message


def test_what_is_not_known_has_no_words() -> None:
    """
    A sentence that no reader says is not mistaken for one.
    """
    assert reword("the body is no form in UTF-8; JSON is sent as application/json", GERMAN) is None
