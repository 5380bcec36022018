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

    A browser sends cookies and a password it has kept unasked, also for a page of another
    site: such a page passes with neither of them. A request that doesn't say where it comes
    from is a program's, which may show a password but carries no cookies. Signing in and out
    is refused to other sites' pages whatever they carry.

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
        self._public = urlsplit((public_url or "").lower())
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
        return comes_from_us or not (_is_ambient(headers) or scope["path"] in self._logins)

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
        try:
            said = urlsplit(origin.lower())
        except ValueError:
            return False
        if said.netloc == self._public.netloc and self._public.scheme == "https":
            # What came by plain HTTP under our name, anybody on the way can have written.
            return said.scheme == "https"
        return said.netloc in {self._public.netloc, headers["host"].lower()} - {""}


def _is_ambient(headers: Headers) -> bool:
    """
    Tell whether a request carries what a browser adds by itself.
    """
    shown = headers.getlist("authorization")
    return "cookie" in headers or any(each.lstrip().lower().startswith("basic") for each in shown)
