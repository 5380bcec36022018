"""
What pages say: complete in each language, and right about times.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from jinja2 import Environment, nodes

import calndro
from calndro.core.slot import Slot
from calndro.entry.http.pages.language import Language, languages, preferred_language
from calndro.entry.http.pages.times import say_wait, speak, speak_length


SOURCE = Path(calndro.__file__).parent / "entry" / "http"
PAGES = SOURCE / "pages"
TEMPLATES = sorted(str(each.relative_to(PAGES)) for each in PAGES.glob("**/*.html"))
DEFAULT, *OTHERS = languages().values()

# Names are the same in every language.
NAMES = {"calndro", "UTC"}


def named(text: Any) -> Any:
    """
    Name the values that a text wants, for a table of texts those of each.
    """
    if isinstance(text, dict):
        return {key: named(each) for key, each in text.items()}
    if isinstance(text, list):
        return len(text)
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", OTHERS, ids=lambda each: each.code)
def test_each_language_is_complete(language: Language) -> None:
    """
    Every language has the same keys, the same plurals and the same values in them.
    """
    assert list(language.texts) == list(DEFAULT.texts)
    wanted = {key: named(text) for key, text in DEFAULT.texts.items()}
    assert {key: named(text) for key, text in language.texts.items()} == wanted


def test_german_speaks_of_what_is_sent() -> None:
    """
    What comes by e-mail is no Brief, which comes on paper.
    """
    assert "Brief" not in str(languages()["de"].texts)


def test_nothing_in_the_catalogue_is_idle() -> None:
    """
    Every text is said somewhere, by its key or by the beginning of it.
    """
    files = [*SOURCE.rglob("*.py"), *PAGES.glob("**/*.html")]
    code = "\n".join(each.read_text(encoding="utf-8") for each in files)
    quoted = set(re.findall(r'"([a-z_0-9]+)"', code))
    begun = tuple(
        {
            *re.findall(r'"([a-z_]+_)" ~', code),
            *re.findall(r'f"([a-z_]+?)_?\{', code),
            "full_",
            "months",
            "proposal_",
            "found_",
            "sought_",
        }
    )
    idle = [key for key in DEFAULT.texts if key not in quoted and not key.startswith(begun)]

    assert idle == []


def outcome(node: nodes.Node) -> str:
    """
    Tell what a template yields that stands in itself, whatever is filled in.
    """
    match node:
        case nodes.TemplateData():
            return node.data
        case nodes.Const(value=str(text)):
            return text
        case nodes.Output() | nodes.Concat():
            return " ".join(map(outcome, node.nodes))
        case nodes.CondExpr():
            return " ".join(outcome(each) for each in (node.expr1, node.expr2) if each)
        case nodes.Expr():
            return " "
        case _:
            parts = node.iter_child_nodes()
            return "".join(outcome(each) for each in parts if not isinstance(each, nodes.Expr))


def bare_words(template: str) -> list[str]:
    """
    Find the words of a template that stand beside the catalogue, in text or as a label.
    """
    told = outcome(Environment(autoescape=True).parse(template))
    labels = re.findall(r'\b(?:alt|aria-label|label|placeholder|title)="([^"]*)"', told)
    text = re.sub(r'<[^>]*>|&\w+;|\bclass="[^"]*"', " ", told)
    found = re.findall(r"[^\W\d_]+", " ".join([text, *labels]))
    return [each for each in found if each not in NAMES]


@pytest.mark.parametrize("path", TEMPLATES)
def test_no_text_bypasses_the_catalogue(path: str) -> None:
    """
    A template of a page, be it for guests or for staff, holds no words of its own.
    """
    assert bare_words((PAGES / path).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "planted",
    [
        "<h1>Outbox</h1>",
        '<nav aria-label="Outbox"></nav>',
        "{% if waiting %}Outbox{% endif %}",
        '<p>{{ "Outbox" if waiting }}</p>',
    ],
)
@pytest.mark.parametrize("path", ["admin/outbox.html", "home.html"])
def test_a_text_beside_the_catalogue_is_noticed(path: str, planted: str) -> None:
    """
    Wherever a word is planted in a template, it is found.
    """
    template = (PAGES / path).read_text(encoding="utf-8")
    assert bare_words(template.replace("</h1>", f"</h1>{planted}", 1)) == ["Outbox"]


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-CH,de;q=0.9", "de"),
        ("fr,de;q=0.5,en;q=0.8", "en"),
        ("en;q=0.2, DE;q=0.7", "de"),
        ("de;q=0", "en"),
        ("*", "en"),
        (";;;,=", "en"),
    ],
)
def test_the_language_is_that_of_the_browser(wishes: str, code: str) -> None:
    """
    The best of what a browser wants and we have is chosen; else English.
    """
    assert preferred_language(wishes).code == code


@pytest.mark.parametrize(
    ("begin", "zone", "day", "clock"),
    [
        ("2026-10-25T00:30", "Europe/Berlin", "25 Oct", "02:30 (UTC+02:00)-02:30 (UTC+01:00)"),
        ("2026-11-01T04:00", "America/St_Johns", "1 Nov", "01:30 (UTC-02:30)-01:30 (UTC-03:30)"),
        ("2026-03-08T05:00", "America/St_Johns", "8 Mar", "01:30-03:30"),
        ("2026-03-08T05:00", "Asia/Kathmandu", "8 Mar", "10:45-11:45"),
        ("2026-03-08T23:30", "UTC", "8 Mar", "23:30-Mon 9 Mar 2026 00:30"),
        ("0001-01-01T00:00", "America/Lima", "1 Jan", "00:00-01:00"),
    ],
)
def test_times_are_told(begin: str, zone: str, day: str, clock: str) -> None:
    """
    Clocks are those of the zone, with the offset where they show an hour twice.
    """
    slot = Slot(datetime.fromisoformat(begin).replace(tzinfo=UTC), timedelta(hours=1))
    spoken = speak(slot, zone, DEFAULT)

    assert day in spoken.day
    assert spoken.clock.replace("\u2013", "-") == clock
    assert spoken.zone == ("UTC" if begin[0] == "0" else zone)


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(minutes=30), "30 min"),
        (timedelta(days=1, hours=2, seconds=5), "1 day 2 h 5 s"),
        (timedelta(microseconds=5), "less than a second"),
    ],
)
def test_lengths_are_told(length: timedelta, said: str) -> None:
    """
    A duration is told in the units it has.
    """
    assert speak_length(length, DEFAULT) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (1, "1 s"),
        (60, "1 min"),
        (61, "2 min"),
        (3599, "1 h"),
        (86_000, "23 h 54 min"),
        (86_400, "1 day"),
    ],
)
def test_a_wait_is_told(seconds: int, said: str) -> None:
    """
    When to try again is told to the minute, never earlier than it helps.
    """
    assert say_wait(seconds, DEFAULT) == f"That was too much for now; try again in {said}."
