"""
Errors as pages, for those who look with a browser.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from calndro.core.errors import (
    CalndroError,
    InvalidInputError,
    TokenExpiredError,
    TooManyError,
)
from calndro.core.token import is_well_formed, unmasked
from calndro.entry.http.credentials import LINK_COOKIE, MEMBER
from calndro.entry.http.guests.faults import MOST_SAID
from calndro.entry.http.guests.fields import Fields
from calndro.entry.http.guests.sentences import reword
from calndro.entry.http.guests.unsaved import tell_back
from calndro.entry.http.negotiation import is_browser
from calndro.entry.http.pages import language_of, page
from calndro.entry.http.pages.times import say_wait
from calndro.entry.http.problems import problem, refuse_http
from calndro.entry.http.sign_in import ask_browser


if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response


_EXPLAINED: Final = frozenset({400, 401, 403, 404, 405, 409, 410, 412, 413, 429, 500, 503})
_CARRIED: Final = ("WWW-Authenticate", "Retry-After", "Allow", "Connection", "Accept")


def draw_refusal(request: Request, error: CalndroError) -> Response:
    """
    Answer one of calndro's own errors: with a page where a browser asks.
    """
    plain = problem(request, error)
    if not is_browser(request):
        return plain
    fields: Fields = getattr(request.state, "fields", Fields())
    unsaved = tell_back(fields, language_of(request))
    if isinstance(error, TokenExpiredError) and "id" in request.path_params:
        return _expired(request, plain, fields, unsaved)
    if plain.status_code == HTTPStatus.UNAUTHORIZED:
        return ask_browser(request, error, unsaved)
    language = language_of(request)
    match error:
        case InvalidInputError():
            said = (reword(each.message, language) for each in error.faults)
            return _page(request, plain, list(dict.fromkeys(filter(None, said)))[:MOST_SAID])
        case TooManyError():
            return _page(request, plain, advice=say_wait(error.retry_after, language))
        case _:
            return _page(request, plain)


async def refuse_page(request: Request, error: Exception) -> Response:
    """
    Answer what HTTP itself has a name for: with a page where a browser asks.
    """
    return draw_plain(request, await refuse_http(request, error))


def draw_plain(request: Request, plain: Response, known: str = "") -> Response:
    """
    Make a page of a refusal where a browser asks.

    Args:
        request: What was asked.
        plain: The refusal that a program gets.
        known: The end of the key of its words in the catalogue; empty for those of its status.
    """
    return _page(request, plain, known=known) if is_browser(request) else plain


def _expired(request: Request, plain: Response, fields: Fields, unsaved: list[str]) -> Response:
    return page(
        "expired",
        plain.status_code,
        _headers(plain),
        language_of(request),
        action=f"/{request.path_params['id']}/link/",
        token=fields.one(MEMBER) or request.query_params.get(MEMBER, ""),
        unsaved=unsaved,
        fields=fields.without(MEMBER).pairs,
        is_sent=False,
    )


def _page(
    request: Request,
    plain: Response,
    faults: Sequence[str] = (),
    advice: str = "",
    known: str = "",
) -> Response:
    status, language = plain.status_code, language_of(request)
    by_status = status if status in _EXPLAINED else status // 100 * 100
    words = known or by_status
    event_id = request.path_params.get("id") if status != HTTPStatus.FORBIDDEN else None
    return page(
        "refused",
        status,
        _headers(plain),
        language,
        known=words,
        advice=advice or language.say(f"help_{words}"),
        faults=faults,
        event_id=event_id,
        query=_query(request),
    )


def _query(request: Request) -> str:
    """
    Write what a link has to carry, when no cookie is known to hold the token that was shown.
    """
    fields: Fields = getattr(request.state, "fields", Fields())
    shown = fields.one(MEMBER) or request.query_params.get(MEMBER, "")
    token = unmasked(shown)
    is_kept = request.cookies.get(LINK_COOKIE) == token
    return "" if is_kept or not is_well_formed(token) else f"?{MEMBER}={shown}"


def _headers(plain: Response) -> dict[str, str]:
    return {name: plain.headers[name] for name in _CARRIED if name in plain.headers}
