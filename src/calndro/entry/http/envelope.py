"""
What every request passes and every answer carries.
"""

from __future__ import annotations

import logging
import re
from time import perf_counter
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request

from calndro.adapters.system import SystemSecrets
from calndro.core.quoting import quoted
from calndro.entry.http.logs import REQUEST
from calndro.entry.http.problems import plain_problem


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


CONTENT_SECURITY: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
ALWAYS: Final = {
    "Cache-Control": "no-store",
    "Vary": "Accept, Authorization, Cookie",
    "Content-Security-Policy": CONTENT_SECURITY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_ALWAYS: Final = [(name.lower().encode(), value.encode()) for name, value in ALWAYS.items()]
MOST_PATH: Final = 60
HUNG_UP: Final = 499
"""What the log says of a client that has gone while it was still sending; nobody is answered."""
SECURE: Final = "calndro.secure"
"""What the application's state says: whether people reach it by https."""
PAGE_REFERRER: Final = "same-origin"
"""
What a page says that did not come by https. There browsers tell only by Origin whose page sends
a form, and with no-referrer they would write null.
"""
_ID_BYTES: Final = 8
TRANSPORT_SECURITY: Final = "max-age=31536000"

_HOST: Final = re.compile(r"(?P<name>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,128}")
_SECRET: Final = re.compile(r"[0-9a-fA-F]{40}")
_ADDRESS: Final = re.compile(r"(?<=^/users/).*@[^/]*|[^/]*(?:@|%40)[^/]*", re.DOTALL)
_access = logging.getLogger("calndro.access")


class Envelope:
    """
    Checks the host, adds the headers that protect, keeps the access log.

    Args:
        app: What is inside.
        hosts: The names the server answers to; ``.here.net`` stands for all below it.
            Any when empty.
        secure: Whether people reach the server by https, whatever this process sees.
        note: Told of every request when it is answered: scope, the path of the mount that its
            route is in, status, seconds.
        draw: Makes a page of a refusal, where a browser asks.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Iterable[str],
        secure: bool,
        note: Callable[[Scope, str, int, float], None] | None = None,
        draw: Callable[[Request, Response], Response],
    ) -> None:
        self._app = app
        self._draw = draw
        self._tell = note
        self._hosts = frozenset(host.lower() for host in hosts)
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """
        Pass a request on, and its answer back.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status, root = perf_counter(), 500, scope.get("root_path", "")
        headers = Headers(scope=scope)
        scope["calndro.request"] = _request_id(headers)
        REQUEST.set(scope["calndro.request"])

        async def send_enveloped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                protect(MutableHeaders(scope=message), scope, secure=self._secure)
            elif scope["method"] == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        try:
            if self._is_ours(headers.getlist("host")):
                await self._app(scope, receive, send_enveloped)
            else:
                plain = plain_problem(400, "this server does not answer to that host name")
                refusal = self._draw(Request(scope), plain)
                await refusal(scope, receive, send_enveloped)
        except ClientDisconnect:
            status = HUNG_UP
        finally:
            seconds = perf_counter() - begun
            _note(scope, status, seconds)
            if self._tell is not None:
                mount = scope.get("root_path", "").removeprefix(root)
                self._tell(scope, mount, status, seconds)

    def _is_ours(self, named: list[str]) -> bool:
        parts = _HOST.fullmatch(named[0]) if len(named) == 1 else None
        if parts is None:
            return False
        name = parts["name"].lower()
        return (
            not self._hosts
            or name in self._hosts
            or any(host[0] == "." and name.endswith(host) for host in self._hosts)
        )


def protect(headers: MutableHeaders, scope: Scope, *, secure: bool) -> None:
    """
    Add to an answer what every answer carries; what it says itself stays.
    """
    is_secure = secure or scope["scheme"] == "https"
    if not is_secure and headers.get("content-type", "").startswith("text/html"):
        headers.setdefault("Referrer-Policy", PAGE_REFERRER)
    said = {name for name, _ in headers.raw}
    headers.raw.extend(each for each in _ALWAYS if each[0] not in said)
    if "calndro.request" in scope:
        headers.setdefault("X-Request-Id", scope["calndro.request"])
    if is_secure:
        headers.setdefault("Strict-Transport-Security", TRANSPORT_SECURITY)


def draw_id() -> str:
    """
    Make the name of a request that came with none.
    """
    return SystemSecrets().draw(_ID_BYTES).hex()


def _request_id(headers: Headers) -> str:
    # Found again in the logs of whatever stands in front, so its word is taken when sane.
    given = headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) and not _SECRET.search(given) else draw_id()


def _note(scope: Scope, status: int, seconds: float) -> None:
    if not _access.isEnabledFor(logging.INFO):
        return
    # Query strings hold tokens, and paths addresses of people who may be forgotten.
    path = _ADDRESS.sub("...", _SECRET.sub("...", scope["path"]))
    path = path if path.isprintable() and len(path) <= MOST_PATH else quoted(path)
    client = scope.get("client")
    facts = {
        "method": scope["method"],
        "path": path,
        "status": status,
        "milliseconds": round(seconds * 1000, 1),
        "client": client[0] if client else "",
        "request": scope["calndro.request"],
    }
    _access.info("%s %s %d", scope["method"], path, status, extra=facts)
