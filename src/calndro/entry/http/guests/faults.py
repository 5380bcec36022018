"""
Errors in the words of a page.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import attrs

from calndro.core.errors import (
    InvalidInputError,
    MailStoppedError,
    SlotsNotCurrentError,
    TooManyError,
    TooManySlotsError,
)
from calndro.entry.http.guests.sentences import reword
from calndro.entry.http.pages.times import say_wait


if TYPE_CHECKING:
    from calndro.core.errors import CalndroError
    from calndro.entry.http.pages.language import Language


MOST_SAID: Final = 20
"""How many faults a page tells at once."""

_PLACE: Final = re.compile(r"(?P<field>[a-z-]*)(?:\[(?P<place>\d+)\])?")
_FIELDS: Final = {
    "title": "field_title",
    "parties": "field_parties",
    "slots": "field_slots",
    "add": "field_slots",
    "written": "field_written",
    "email": "sign_in_address",
    "password": "account_new",
    "zone": "field_zone",
    "--every": "new_days",
    "--from": "new_from",
    "--until": "new_until",
    "--at": "new_at",
    "--for": "new_for",
}


@attrs.frozen
class Said:
    """
    One fault.

    Args:
        field: Where, in the page's language.
        message: What is wrong; it may name what was typed.
    """

    field: str
    message: str


def explain(error: CalndroError, language: Language) -> dict[str, Any]:
    """
    Say why a form was not saved: in a sentence, and each fault.
    """
    faults: list[Said] = []
    match error:
        case InvalidInputError() if error.faults[0].path == "to":
            said = language.say("no_recipient")
        case InvalidInputError() if error.faults[0].path == "sure":
            said = language.say("not_sure")
        case InvalidInputError():
            said = language.say("mend")
            faults = said_of(error, language)
        case TooManySlotsError():
            said = language.say("too_many_slots", count=error.count, most=error.most)
        case MailStoppedError():
            said = language.say("mail_stopped", names=language.listed(error.addresses))
        case SlotsNotCurrentError():
            said = language.say("stale_table")
        case TooManyError():
            said = say_wait(error.retry_after, language)
        case _:
            said = language.say("fault_other")
    return {"problem": said, "faults": faults}


def said_of(error: InvalidInputError, language: Language) -> list[Said]:
    """
    Say what is wrong with inputs, each under the name that its field has on the page.
    """
    return [_fault(each.path, each.message, language) for each in error.faults[:MOST_SAID]]


def _fault(path: str, message: str, language: Language) -> Said:
    found = _PLACE.match(path)
    name, place = (found["field"], found["place"]) if found else ("", None)
    field = language.say(_FIELDS.get(name, "field_other"))
    if place is not None and name == "slots":
        field = language.say("new_row", n=int(place) + 1)
    elif place is not None and name == "written":
        field = f"{field} {int(place) + 1}"
    return Said(field, reword(message, language) or language.say("fault_other"))
