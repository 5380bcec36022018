"""
The guard against cross-site request forgery: other sites' pages can't act with our cookies.

Source: Fetch Metadata, "Sec-Fetch-Site"; RFC 6454 for Origin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request

from calndro.entry.http.problems import plain_problem


if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send


SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class CsrfGuard:
    """
    Refuses what would change something when it comes from another site's page.

    A request that can't prove where it comes from passes only without cookies: so do
    programs, which carry none. Signing in and out is refused to other sites' pages with or
    without cookies.

    Args:
        app: What is inside.
        public_url: Where people reach the server; None to believe the host name of each
            request.
        logins: The paths where one signs in or out.
        draw: Makes a page of a refusal, where a browser asks.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        public_url: str | None,
        logins: Collection[str],
        draw: Callable[[Request, Response], Response],
    ) -> None:
        self._app = app
        self._draw = draw
        self._public = urlsplit(public_url or "").netloc.lower()
        self._logins = frozenset(logins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """
        Pass a request on, or refuse it.
        """
        if scope["type"] != "http" or scope["method"] in SAFE or self._passes(scope):
            await self._app(scope, receive, send)
        else:
            detail = "this came from a page of another site, or doesn't say where it came from"
            refusal = self._draw(Request(scope), plain_problem(403, detail))
            await refusal(scope, receive, send)

    def _passes(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        comes_from_us = self._comes_from_us(headers)
        if comes_from_us is None:
            return "cookie" not in headers
        return comes_from_us or ("cookie" not in headers and scope["path"] not in self._logins)

    def _comes_from_us(self, headers: Headers) -> bool | None:
        """
        Tell what a browser says of where a request comes from; None when it says nothing.
        """
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in {"same-origin", "none"}
        origin = headers.get("origin")
        if origin is None:
            return None
        return urlsplit(origin).netloc.lower() in {self._public, headers["host"].lower()} - {""}
