"""
The pages for staff, in the language of who looks.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from calndro.core.errors import (
    InvalidInputError,
    NotFoundError,
    OneselfError,
    RuleError,
    TooManyError,
)
from calndro.entry.http.guests.faults import said_of
from calndro.entry.http.guests.standing import FEW_NAMED, named
from calndro.entry.http.pages import language_of, page
from calndro.entry.http.pages.times import say_wait, speak, speak_length
from calndro.entry.http.problems import headers_of, kind_of


if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from calndro.entry.http.pages.language import Language


def draw(request: Request, name: str, status: int = 200, /, **shown: Any) -> Response:
    """
    Make a page.

    Args:
        request: What was asked.
        name: Of the template.
        status: Of the answer.
        shown: What it is about.
    """
    language = language_of(request)
    words = {
        "slot": partial(speak, language=language),
        "length": partial(speak_length, language=language),
        "some": partial(named, language=language, most=FEW_NAMED),
        "fact": _fact,
        "instant": _instant,
    }
    return page(f"admin/{name}", status, None, language, **words, **shown)


def draw_refusal(request: Request, error: Exception) -> Response:
    """
    Make the page that says why something was not done.

    Args:
        request: What was asked.
        error: Of a class in the table of problems.
    """
    status = kind_of(error).status
    said = _said(error, status, language_of(request))
    answer = draw(request, "refused", status, known=status, said=said)
    answer.headers.update(headers_of(request, error))
    return answer


def _said(error: Exception, status: int, language: Language) -> list[str]:
    match error:
        case InvalidInputError():
            return [f"{each.field}: {each.message}" for each in said_of(error, language)]
        case NotFoundError():
            return [language.say(_ABSENT.get(error.kind, "admin_no_user"), name=error.name)]
        case OneselfError():
            return [language.say("admin_oneself")]
        case RuleError():
            return [language.say("admin_too_late")]
        case TooManyError():
            return [say_wait(error.retry_after, language)]
        case _:
            return [language.say(f"help_{status}")]


_ABSENT: Final = {
    "event": "admin_no_event",
    "link": "admin_no_link",
    "waiting letter": "admin_no_letter",
}


def _instant(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M:%S} UTC"


def _fact(value: Any) -> str:
    match value:
        case list():
            return ", ".join(map(_fact, value))
        case dict():
            return " ".join(map(_fact, value.values()))
        case str():
            return value
        case _:
            return json.dumps(value)
