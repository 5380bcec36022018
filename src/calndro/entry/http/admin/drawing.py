"""
Pages from templates, under a policy that lets in nothing but our style sheet.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from calndro.core.durations import format_duration
from calndro.core.spoken import say_slot
from calndro.entry.http.problems import kind_of, problem


if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request


CONTENT_SECURITY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY,
    "Vary": "Accept, Authorization, Cookie",
    "X-Robots-Tag": "noindex",
}


def draw(name: str, status: int = 200, /, **shown: Any) -> Response:
    """
    Make a page.

    Args:
        name: Of the template.
        status: Of the answer.
        shown: What it is about.
    """
    page = _templates().get_template(f"{name}.html").render(shown)
    return HTMLResponse(page, status, dict(_HEADERS))


def draw_refusal(request: Request, error: Exception) -> Response:
    """
    Make the page that says why something was not done.

    Args:
        request: What was asked.
        error: Of a class in the table of problems.
    """
    kind, plain = kind_of(error), problem(request, error)
    faults = [str(each) for each in getattr(error, "faults", ())]
    page = draw("refused", kind.status, title=kind.title, said=_said(error), faults=faults)
    if "Retry-After" in plain.headers:
        page.headers["Retry-After"] = plain.headers["Retry-After"]
    return page


def _said(error: Exception) -> str:
    # What went wrong with a port may tell of hosts and files.
    if kind_of(error).status == _AWAY:
        return "Please look what has become of it in a moment, before you try again."
    return f"{str(error)[:1].upper()}{str(error)[1:]}."


_AWAY: Final = 503


@cache
def _templates() -> Environment:
    found = Environment(
        loader=PackageLoader("calndro.entry.http.admin"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {
        "slot": say_slot,
        "duration": lambda slot: format_duration(slot.duration),
        "instant": _instant,
        "fact": _fact,
    }
    return found


def _instant(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M:%S} UTC"


def _fact(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_fact(each) for each in value) or "none"
    if isinstance(value, dict):
        return " ".join(_fact(each) for each in value.values())
    return str(value)
