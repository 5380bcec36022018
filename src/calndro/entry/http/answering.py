"""
Answers: what the endpoints send, with the headers that go with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.responses import Response

from calndro.adapters import wire
from calndro.entry.http.bodies import JSON


if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from calndro.core.event import Event, LogEntry


def json_answer(
    value: object, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """
    Answer with plain values.
    """
    return Response(wire.dumps(value), status, headers, JSON)


def event_answer(event: Event, base_url: str, status: int = 200) -> Response:
    """
    Answer with an event.
    """
    return json_answer(wire.event_json(event, base_url), status, marks_of(event))


def marks_of(event: Event) -> dict[str, str]:
    """
    Make the headers that say which state of an event was seen.
    """
    return {"ETag": f'"{event.revision}"'} | audit_of(event)


def audit_of(event: Event) -> dict[str, str]:
    """
    Make the header that is the receipt of a log.
    """
    return {"Calndro-Audit": str(event.receipt)}


def next_of(
    request: Request, url: str, limit: int, found: Sequence[Event | LogEntry]
) -> dict[str, str]:
    """
    Make the header that says where the next part of a list is, if there may be one.
    """
    if len(found) < limit:
        return {}
    query: dict[str, Any] = {
        name: value
        for name, value in request.query_params.items()
        if name in {"status", "all", "state"}
    }
    query |= {"limit": limit, "after": found[-1].id}
    return {"Link": f'<{url}?{urlencode(query)}>; rel="next"'}
