"""
The page on which somebody who has signed in looks after its account.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from starlette.responses import RedirectResponse, Response

from calndro.core.errors import (
    InvalidInputError,
    NotFoundError,
    SignInError,
    TokenMissingError,
    TooManyError,
)
from calndro.core.token import fingerprint
from calndro.entry.http.credentials import cookie_of, origin_of
from calndro.entry.http.guests.faults import explain
from calndro.entry.http.guests.visitor import visitor_of
from calndro.entry.http.pages import page
from calndro.entry.http.pages.times import speak_instant
from calndro.entry.http.problems import headers_of, kind_of
from calndro.usecases import api_tokens, sessions


if TYPE_CHECKING:
    from starlette.requests import Request

    from calndro.entry.http.endpoints import Endpoints
    from calndro.entry.http.guests.visitor import Visitor


DONE: Final = {"password": "account_changed", "token": "account_revoked"}


async def show_account(endpoints: Endpoints, request: Request) -> Response:
    """
    Show somebody its account.
    """
    visitor = await visitor_of(endpoints, request)
    done = DONE.get(visitor.query.one("done"), "")
    return await _draw(visitor, said=visitor.language.say(done) if done else "")


async def change_account(endpoints: Endpoints, request: Request) -> Response:
    """
    Do what one of the page's forms says: take back API tokens, or change the password.
    """
    visitor = await visitor_of(endpoints, request)
    fields, services = visitor.fields, endpoints.services
    if said := visitor.said_to_another(_owner(visitor)):
        return await _draw(visitor, 409, problem=said)
    if mark := fields.one("token"):
        with suppress(NotFoundError):
            await endpoints.run(api_tokens.revoke_own_api_token, services, visitor.caller, mark)
        return RedirectResponse("/account/?done=token", 303)
    if fields.one("tokens") == "all":
        await endpoints.run(api_tokens.revoke_own_api_tokens, services, visitor.caller)
        return RedirectResponse("/account/?done=token", 303)
    return await _change_password(visitor)


async def _change_password(visitor: Visitor) -> Response:
    """
    Change the password; the browser stays signed in, all others are signed out.
    """
    endpoints, request = visitor.endpoints, visitor.request
    cookie = cookie_of(request)
    try:
        text = await endpoints.run_slowly(
            sessions.change_password,
            endpoints.services,
            _owner(visitor),
            visitor.fields.one("former"),
            visitor.fields.one("password"),
            session=cookie.read(request),
            origin=origin_of(request),
        )
    except (InvalidInputError, SignInError, TooManyError) as error:
        return await _refused(visitor, error)
    answer = RedirectResponse("/account/?done=password", 303)
    cookie.give(answer, text)
    return answer


async def _refused(
    visitor: Visitor, error: InvalidInputError | SignInError | TooManyError
) -> Response:
    language = visitor.language
    if isinstance(error, SignInError):
        # Whoever has a session is not asked to sign in: only the former password was wrong.
        return await _draw(visitor, 403, problem=language.say("account_wrong"))
    answer = await _draw(visitor, kind_of(error).status, **explain(error, language))
    answer.headers.update(headers_of(visitor.request, error))
    return answer


async def _draw(visitor: Visitor, status: int = 200, **more: object) -> Response:
    endpoints, language, zone = visitor.endpoints, visitor.language, visitor.zone("UTC")
    found = await endpoints.run(api_tokens.list_own_api_tokens, endpoints.services, visitor.caller)
    return page(
        "account",
        status,
        language=language,
        zone=zone,
        tokens=[
            (fingerprint(each.digest), speak_instant(each.used, zone, language)) for each in found
        ],
        user=visitor.caller.user,
        staff=visitor.caller.staff,
        you=_owner(visitor),
        said=more.get("said", ""),
        problem=more.get("problem", ""),
        faults=more.get("faults", ()),
    )


def _owner(visitor: Visitor) -> str:
    if visitor.caller.user is None:
        raise TokenMissingError
    return visitor.caller.user.text
