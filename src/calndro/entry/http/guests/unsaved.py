"""
What somebody had filled in, told back where it could not be saved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from calndro.core.ballot import Press
from calndro.core.errors import InvalidInputError
from calndro.core.reading import read_table
from calndro.entry.http.guests.choices import weekdays
from calndro.entry.http.guests.fields import PARTIES, SLOT, typed_parties, typed_rows
from calndro.entry.http.guests.visitor import known_zone
from calndro.entry.http.pages.times import speak


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from calndro.entry.http.guests.fields import Fields, Typed
    from calndro.entry.http.pages.language import Language


_PRESSED: Final[Mapping[str, str]] = {
    Press.ALL: "all_work",
    Press.ONLY: "only_ticked",
    Press.NONE: "none_work",
}
_CHOICES: Final = {"works", "fails"}
_MAIL: Final[Mapping[str, str]] = {"on": "letters_resume", "stopped": "letters_stop"}


def tell_back(fields: Fields, language: Language) -> list[str]:
    """
    Say what a form held, a line for each thing that was chosen or typed.

    Args:
        fields: As they were sent; what is none of ours is left out.
        language: What to speak.
    """
    zone = known_zone(fields.one("zone")) or "UTC"
    chosen = [
        (name.removeprefix(SLOT), value) for name, value in fields.pairs if name.startswith(SLOT)
    ]
    chosen += [(slot, "works") for slot in fields.all("choice")]
    lines = [
        f"{language.say(choice)}: {slot}"
        for written, choice in chosen
        if choice in _CHOICES
        for slot in _slots(written, zone, language)
    ]
    for name, known in (("press", _PRESSED), ("mail", _MAIL)):
        if key := known.get(fields.one(name)):
            lines.append(language.say(key))
    label = language.say
    said = [
        (label("title_field"), fields.one("title")),
        (label("tell_whom"), ", ".join(fields.all("to"))),
        *(_proposal(fields, language) if fields.all(PARTIES) else _addition(fields, language)),
    ]
    return [*lines, *(f"{name}: {typed}" for name, typed in said if typed)]


def _addition(fields: Fields, language: Language) -> list[tuple[str, str]]:
    """
    Name what the form held that puts another slot on a table.
    """
    name = language.say("propose_title")
    return [*((name, _row(each)) for each in typed_rows(fields)), (name, fields.one("written"))]


def _proposal(fields: Fields, language: Language) -> list[tuple[str, str]]:
    """
    Name what the form held that opens an event.
    """
    label = language.say
    rule = [typed for name in ("from", "until", "at") if (typed := fields.one(name))]
    if rule:
        days = [day for name, day in weekdays(language) if name in fields.all("days")]
        rule = [*days, *rule, fields.one("for")]
    return [
        (label("field_parties"), ", ".join(typed_parties(fields))),
        (label("field_zone"), fields.one("zone")),
        *(
            (label("new_row", n=place), _row(each))
            for place, each in enumerate(typed_rows(fields), 1)
        ),
        *((label("field_written"), line) for line in fields.one("written").splitlines()),
        (label("new_fill"), ", ".join(rule)),
    ]


def _row(row: Typed) -> str:
    return "" if row.is_empty else " ".join(filter(None, (row.date, row.time, row.length)))


def _slots(written: str, zone: str, language: Language) -> Iterator[str]:
    try:
        slots = read_table([written], "UTC", "slots")
    except InvalidInputError:
        return
    for slot in slots:
        yield speak(slot, zone, language).full
