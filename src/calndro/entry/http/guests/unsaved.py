"""
What somebody had filled in, told back where it could not be saved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from calndro.core.ballot import Press
from calndro.core.errors import InvalidInputError
from calndro.core.reading import read_table
from calndro.entry.http.guests.fields import SLOT
from calndro.entry.http.guests.visitor import known_zone
from calndro.entry.http.pages.times import speak


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from calndro.entry.http.guests.fields import Fields
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
    Say what a form of an event's page held, a line for each thing that was chosen or typed.

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
    begin = " ".join(filter(None, (fields.one("date"), fields.one("time"))))
    for key, typed in (
        ("propose_title", begin and f"{begin} {fields.one('length')}"),
        ("propose_title", fields.one("written")),
        ("title_field", fields.one("title")),
        ("tell_whom", ", ".join(fields.all("to"))),
    ):
        if typed:
            lines.append(f"{language.say(key)}: {typed}")
    return lines


def _slots(written: str, zone: str, language: Language) -> Iterator[str]:
    try:
        slots = read_table([written], "UTC", "slots")
    except InvalidInputError:
        return
    for slot in slots:
        yield speak(slot, zone, language).full
