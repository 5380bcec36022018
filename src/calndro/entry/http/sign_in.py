"""
Signing in and out with a browser, and the page for it.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

from calndro.adapters import wire
from calndro.core.errors import (
    CalndroError,
    InvalidInputError,
    SignInError,
    TokenError,
    TokenMissingError,
    TooManyError,
)
from calndro.entry.http.assets import serve
from calndro.entry.http.bodies import read_members
from calndro.entry.http.credentials import MEMBER, cookie_of, origin_of
from calndro.entry.http.negotiation import HTML, is_browser
from calndro.entry.http.pages import language_of, page
from calndro.entry.http.pages.times import say_wait
from calndro.entry.http.problems import headers_of, kind_of, problem
from calndro.entry.http.routes import Operation, Resource
from calndro.usecases import sessions


if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from calndro.entry.http.endpoints import Endpoints
    from calndro.entry.http.pages.language import Language


ADMIN: Final = "/admin/"
"""Where the pages for staff are, which are about what their query names."""

# What a browser would take as a way to another host is no local path.
_LOCAL: Final = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,2000}")


async def show_sign_in(_endpoints: Endpoints, request: Request) -> Response:
    """
    Show the page to sign in.
    """
    return sign_in_page(request, 200, _local(request.query_params.get("next", "/")))


async def sign_in(endpoints: Endpoints, request: Request) -> Response:
    """
    Begin a session, kept in a cookie, that ends by signing out or by time.
    """
    members = await read_members(request, form=True)
    following, cookie = members.pop("next", "/"), cookie_of(request)
    try:
        body = wire.read(wire.SignIn, members)
        text = await endpoints.run_slowly(
            sessions.begin_session,
            endpoints.services,
            body.username,
            body.password,
            former=cookie.read(request),
            origin=origin_of(request),
        )
    except (InvalidInputError, SignInError, TooManyError) as error:
        if not is_browser(request):
            raise
        return _refused(request, error, members, _local(following))
    answer = _done(request, _local(following))
    cookie.give(answer, text)
    return answer


async def show_sign_out(_endpoints: Endpoints, request: Request) -> Response:
    """
    Show the page to sign out.
    """
    return page("sign-out", language=language_of(request))


async def sign_out(endpoints: Endpoints, request: Request) -> Response:
    """
    End the session, on the server and in the browser.
    """
    await read_members(request, form=True)
    cookie = cookie_of(request)
    await endpoints.run(sessions.end_session, endpoints.services, cookie.read(request))
    answer = _done(request, "/login/")
    cookie.take(answer)
    return answer


async def show_style(_endpoints: Endpoints, request: Request) -> Response:
    """
    Serve the style sheet of all pages.
    """
    return serve(request, "page.css", {})


_LOGIN: Final = {
    "GET": Operation(act=show_sign_in, kinds=(HTML,), answer=str, is_open=True),
    "POST": Operation(act=sign_in, status=204, body=wire.SignIn, form=True, is_open=True),
}
_LOGOUT: Final = {
    "GET": Operation(act=show_sign_out, kinds=(HTML,), answer=str, is_open=True),
    "POST": Operation(act=sign_out, status=204, is_open=True),
}
_STYLE: Final = {"GET": Operation(act=show_style, kinds=("text/css",), answer=str, is_open=True)}

SIGN_IN: Final = (
    Resource("/login/", _LOGIN),
    Resource("/logout/", _LOGOUT),
    Resource("/api-auth/login/", _LOGIN),
    Resource("/api-auth/logout/", _LOGOUT),
    Resource("/page.css", _STYLE),
)
DESCRIBED_SIGN_IN: Final = SIGN_IN[:2]
"""Those that the description names; the others are the same under older names."""
LOGIN_PATHS: Final = frozenset(each.path for each in SIGN_IN if "POST" in each.operations)


def sign_in_page(
    request: Request,
    status: int,
    following: str,
    error: CalndroError | None = None,
    username: str = "",
    unsaved: Sequence[str] = (),
) -> Response:
    """
    Draw the page to sign in.

    Args:
        request: What was asked.
        status: Of the answer.
        following: Where to go then, a path of this server.
        error: Why the last attempt failed; None without one.
        username: What was typed then.
        unsaved: What another form held, a line for each thing.
    """
    language = language_of(request)
    refusal = "" if error is None else _said(error, language)
    shown = {"next": following, "refusal": refusal, "username": username}
    return page("sign-in", status, None, language, unsaved=unsaved, **shown)


def _said(error: CalndroError, language: Language) -> str:
    match error:
        case SignInError():
            return language.say("sign_in_wrong")
        case TokenMissingError():
            return language.say("sign_in_needed")
        case TokenError():
            return language.say("sign_in_link_bad")
        case TooManyError():
            return say_wait(error.retry_after, language)
        case _:
            return language.say("sign_in_both")


def ask_browser(request: Request, error: CalndroError, unsaved: Sequence[str] = ()) -> Response:
    """
    Answer an error: with the page to sign in where that is what a browser needs.

    Args:
        request: What was asked.
        error: Why it was not done.
        unsaved: What the form held that was sent, a line for each thing.
    """
    refusal = problem(request, error)
    if refusal.status_code != HTTPStatus.UNAUTHORIZED or not is_browser(request):
        return refusal
    # A query may hold a token, and is carried on to no guest; nor is an address of forms alone.
    where = request.url.path
    if where.startswith(ADMIN) and request.url.query and MEMBER not in request.query_params:
        where += f"?{request.url.query}"
    if request.method == "POST":
        where = f"/{request.path_params['id']}/" if "id" in request.path_params else "/"
    answer = sign_in_page(request, HTTPStatus.UNAUTHORIZED, _local(where), error, unsaved=unsaved)
    answer.headers["WWW-Authenticate"] = refusal.headers["WWW-Authenticate"]
    return answer


def _done(request: Request, following: str) -> Response:
    if is_browser(request):
        return Response(status_code=303, headers={"Location": following})
    return Response(status_code=204)


def _refused(
    request: Request, error: CalndroError, members: dict[str, Any], following: str
) -> Response:
    username = members.get("username")
    typed = username if isinstance(username, str) else ""
    answer = sign_in_page(request, kind_of(error).status, following, error, typed)
    answer.headers.update(headers_of(request, error))
    return answer


def _local(path: object) -> str:
    return path if isinstance(path, str) and _LOCAL.fullmatch(path) else "/"
