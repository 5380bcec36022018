"""
The pages that browsers see, each from a template of this package.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from calndro.entry.http.pages.language import languages, preferred_language


if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from calndro.entry.http.pages.language import Language


CONTENT_SECURITY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
WITH_SCRIPT: Final = f"{CONTENT_SECURITY}; script-src 'self'"
"""For the few pages that try to find out the zone of who looks."""


def page(
    name: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    language: Language | None = None,
    **facts: Any,
) -> HTMLResponse:
    """
    Fill in a page.

    Args:
        name: Of the template, without its ending.
        status: Of the answer.
        headers: What the answer says beside the page.
        language: What it speaks; the default one when None.
        facts: For the template; every text in them is escaped.
    """
    spoken = language or next(iter(languages().values()))
    said = {"t": spoken.say, "count": spoken.count, "listed": spoken.listed, "lang": spoken.code}
    html = _environment().get_template(f"{name}.html").render({**said, **facts})
    return HTMLResponse(
        html,
        status,
        {
            "Content-Security-Policy": WITH_SCRIPT
            if facts.get("guesses_zone")
            else CONTENT_SECURITY,
            "Content-Language": spoken.code,
            "Vary": "Accept, Accept-Language, Authorization, Cookie",
            "X-Robots-Tag": "noindex",
            **(headers or {}),
        },
    )


def language_of(request: Request) -> Language:
    """
    Choose the language that a browser asks for.
    """
    return preferred_language(", ".join(request.headers.getlist("accept-language")))


@cache
def _environment() -> Environment:
    loader = PackageLoader("calndro.entry.http.pages", "")
    return Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
