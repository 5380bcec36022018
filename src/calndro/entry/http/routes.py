"""
Every address, and what can be done there: the one table of routes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypedDict
from urllib.parse import quote

import attrs
from starlette.convertors import Convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from calndro.adapters import wire
from calndro.entry.http import records
from calndro.entry.http.asking import check_query
from calndro.entry.http.assets import lightened
from calndro.entry.http.bodies import JSON
from calndro.entry.http.endpoints import Endpoints
from calndro.entry.http.negotiation import HTML, chosen


if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope, Send


_IN_PATHS: Final = "/:@!$&'()*+,;="
"""What stands in a path as it is, beside letters and digits (RFC 3986, section 3.3)."""

EVENT: Final = "/{id:event}/"
"""Where an event is."""


class TokenJson(TypedDict):
    """
    A new API token, told only now.
    """

    token: str


class HealthJson(TypedDict):
    """
    How the server is.
    """

    status: str


@attrs.frozen(kw_only=True)
class Operation:
    """
    What one method does at one address.

    Args:
        act: The endpoint; the first sentence of its docstring says what it does.
        status: Of the answer when all goes well.
        answer: The shape of the answer; None without a body.
        also: Other shapes that a query parameter gives it.
        kinds: The media types it can be had as, the favourite first.
        body: The shape of what is taken; None when nothing is.
        form: Whether the body may be a form as well.
        query: The names of its query parameters.
        headers: The names of the answer's own headers.
        is_open: True when no credentials are wanted.
        streams: The media type of an answer in lines that a parameter asks for; empty for none.
    """

    act: Callable[[Endpoints, Request], Awaitable[Response]]
    status: int = 200
    answer: object = None
    also: tuple[object, ...] = ()
    kinds: tuple[str, ...] = (JSON,)
    body: type | None = None
    form: bool = False
    query: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    is_open: bool = False
    streams: str = ""


@attrs.frozen
class Resource:
    """
    One address and its methods.

    Args:
        path: As Starlette writes it.
        operations: By method.
    """

    path: str
    operations: Mapping[str, Operation]

    @property
    def allowed(self) -> tuple[str, ...]:
        """
        The methods it answers to, as the Allow header lists them.
        """
        return allowed(self.operations)


def allowed(methods: Iterable[str]) -> tuple[str, ...]:
    """
    Add to methods those that come with them.
    """
    known = set(methods)
    return tuple(sorted(known | {"OPTIONS"} | ({"HEAD"} if "GET" in known else set())))


def tell_allowed(methods: Iterable[str]) -> Response:
    """
    Answer OPTIONS.
    """
    return Response(status_code=204, headers={"Allow": ", ".join(methods)})


EVENT_HEADERS: Final = ("ETag", "Calndro-Audit")

RESOURCES: Final = (
    Resource(
        "/",
        {
            "GET": Operation(
                act=Endpoints.list_events,
                answer=list[wire.EventJson],
                query=("status", "all", "limit", "after"),
                headers=("Link",),
            ),
            "POST": Operation(
                act=Endpoints.propose,
                status=201,
                body=wire.Proposal,
                answer=wire.EventJson,
                headers=("Location", *EVENT_HEADERS),
            ),
        },
    ),
    Resource(
        EVENT,
        {
            "GET": Operation(act=Endpoints.view, answer=wire.EventJson, headers=EVENT_HEADERS),
            "HEAD": Operation(act=Endpoints.peek, headers=EVENT_HEADERS),
            "PATCH": Operation(
                act=Endpoints.update,
                status=202,
                body=wire.Update,
                answer=wire.EventJson,
                headers=EVENT_HEADERS,
            ),
            "DELETE": Operation(act=Endpoints.delete, status=204, headers=("Calndro-Audit",)),
        },
    ),
    Resource(
        f"{EVENT}notify/",
        {
            "POST": Operation(
                act=Endpoints.notify,
                status=202,
                body=wire.Notification,
                answer=wire.NotifiedJson,
                headers=("Calndro-Audit",),
            )
        },
    ),
    Resource(
        f"{EVENT}log/",
        {
            "GET": Operation(
                act=records.read_log,
                answer=wire.LogJson,
                also=(records.VerdictJson,),
                query=("all", "limit", "after", "state", "export", "verify", "receipt"),
                headers=("Link", "Calndro-Audit"),
                streams=records.JSON_LINES,
            )
        },
    ),
    Resource(
        f"{EVENT}calendar.ics",
        {
            "GET": Operation(
                act=records.give_calendar,
                answer=str,
                kinds=("text/calendar",),
                headers=("Calndro-Audit",),
            )
        },
    ),
    Resource(
        f"{EVENT}link/",
        {
            "POST": Operation(
                act=records.send_link,
                status=202,
                answer=records.LinkJson,
                query=("et",),
                is_open=True,
            )
        },
    ),
    Resource(
        f"{EVENT}mail/",
        {
            "POST": Operation(
                act=Endpoints.steer_mail,
                body=wire.MailWish,
                answer=wire.EventJson,
                headers=EVENT_HEADERS,
            )
        },
    ),
    Resource(
        "/api-token-auth/",
        {
            "POST": Operation(
                act=Endpoints.issue_api_token,
                body=wire.SignIn,
                form=True,
                answer=TokenJson,
                is_open=True,
            )
        },
    ),
    Resource(
        "/healthz",
        {"GET": Operation(act=Endpoints.check_health, answer=HealthJson, is_open=True)},
    ),
    Resource(
        "/readyz",
        {"GET": Operation(act=Endpoints.check_readiness, answer=HealthJson, is_open=True)},
    ),
)


class EventId(Convertor[int]):
    """
    The id of an event in a path: a number as we write it, which any database can hold.
    """

    regex = "[1-9][0-9]{0,14}"

    def convert(self, value: str) -> int:
        """
        Read it.
        """
        return int(value)

    def to_string(self, value: int) -> str:
        """
        Write it.
        """
        return str(value)


class Served:
    """
    A resource that answers.
    """

    def __init__(self, resource: Resource, endpoints: Endpoints) -> None:
        self._resource = resource
        self._endpoints = endpoints

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """
        Answer a request, whatever its method.
        """
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        operations, known = self._resource.operations, self._resource.allowed
        if request.method == "OPTIONS":
            return tell_allowed(known)
        if request.method not in known:
            allow = {"Allow": ", ".join(known)}
            raise HTTPException(405, f"{request.method} can't be done here", allow)
        check_query(request)
        operation = operations.get(request.method) or operations["GET"]
        kinds = operation.kinds
        if operation.answer and not chosen(request, kinds):
            raise HTTPException(406, f"this can be had as {' or '.join(kinds)}")
        answer = await operation.act(self._endpoints, request)
        return lightened(request, answer) if kinds == (HTML,) else answer


class Elsewhere:
    """
    Whatever has no resource: sent on when only its last slash is missing.
    """

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """
        Redirect to the address with a slash, if there is something.
        """
        slashed = {**scope, "path": scope["path"] + "/"}
        if all(route.matches(slashed)[0] is Match.NONE for route in self._routes):
            raise HTTPException(404, "there is nothing at this address")
        path, query = quote(slashed["path"], _IN_PATHS), scope["query_string"].decode("latin-1")
        location = f"{path}?{query}" if query else path
        status = 301 if scope["method"] in {"GET", "HEAD"} else 308
        response = Response(status_code=status, headers={"Location": location})
        await response(scope, receive, send)
