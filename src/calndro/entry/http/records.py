"""
The endpoints that show an event's log, prove it, and give its calendar file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypedDict

from anyio.to_thread import run_sync
from starlette.responses import Response, StreamingResponse

from calndro.adapters import calendar, wire
from calndro.core.errors import Faults, TokenMissingError
from calndro.core.stored import DamagedError
from calndro.entry.http.answering import audit_of, json_answer, next_of
from calndro.entry.http.asking import (
    Asked,
    Page,
    choice_of,
    event_id_of,
    page_of,
    receipts_of,
)
from calndro.entry.http.bodies import read_members
from calndro.entry.http.credentials import presented
from calndro.usecases import auditing, calendars, events, links


if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from typing import Any

    from starlette.datastructures import QueryParams
    from starlette.requests import Request

    from calndro.core.access import Caller
    from calndro.core.log import Receipt
    from calndro.entry.http.endpoints import Endpoints


JSON_LINES: Final = "application/x-ndjson"
CALENDAR: Final = "text/calendar; charset=utf-8"
LINES_AT_ONCE: Final = 100


class FindingJson(TypedDict):
    """
    Something that a log which proves itself would not have.
    """

    seq: int | None
    message: str


class VerdictJson(TypedDict):
    """
    What verification found; receipts says how many were compared.
    """

    event: str
    seq: int
    head: str
    good: bool
    receipts: int
    findings: list[FindingJson]


class LinkJson(TypedDict):
    """
    The same words whether or not a letter was sent.
    """

    link: str


async def read_log(endpoints: Endpoints, request: Request) -> Response:
    """
    Read the log of an event, oldest first; reading it is not logged.

    With export=1 it comes whole as JSON lines, with verify=1 comes what verification finds.
    """

    def work(caller: Caller) -> Response:
        asked = Asked(caller, heard.members, heard.base_url)
        choice, page, receipts = _wanted(request.query_params)
        match choice:
            case "export":
                return _export(endpoints, asked, event_id_of(request))
            case "verify":
                return _verify(endpoints, asked, event_id_of(request), receipts)
            case _:
                return _page(endpoints, asked, request, page, with_state=choice == "state")

    heard = await endpoints.heard(request)
    return await endpoints.act(heard, work)


def _wanted(query: QueryParams) -> tuple[str | None, Page, list[Receipt]]:
    """
    Read every parameter, also those that mean nothing beside another.
    """
    faults = Faults()
    choice, page = None, Page()
    receipts: list[Receipt] = []
    with faults.at(""):
        choice = choice_of(query, "export", "verify", "state")
    with faults.at(""):
        page = page_of(query)
    with faults.at(""):
        receipts = receipts_of(query)
    faults.settle()
    return choice, page, receipts


def _page(
    endpoints: Endpoints, asked: Asked, request: Request, page: Page, *, with_state: bool
) -> Response:
    event, entries = events.read_log(
        endpoints.services,
        asked.caller,
        event_id_of(request),
        after=page.after,
        limit=page.limit,
        deliveries=page.complete,
    )
    url = f"{wire.event_url(event.id, asked.base_url)}log/"
    headers = audit_of(event) | next_of(request, url, page.limit, entries)
    shown = wire.log_json(event, entries, asked.base_url)
    if with_state:
        shown["state"] = wire.event_json(event, asked.base_url)
    return json_answer(shown, headers=headers)


def _verify(endpoints: Endpoints, asked: Asked, event_id: int, receipts: list[Receipt]) -> Response:
    verdict = auditing.verify_log(endpoints.services, asked.caller, event_id, receipts)
    if verdict.receipt is None:
        raise DamagedError(event_id)
    shown: VerdictJson = {
        **wire.receipt_json(verdict.receipt),
        "good": verdict.is_good,
        "receipts": verdict.receipts,
        "findings": [
            {"seq": finding.seq, "message": finding.message} for finding in verdict.findings
        ],
    }
    return json_answer(shown, headers={"Calndro-Audit": str(verdict.receipt)})


def _export(endpoints: Endpoints, asked: Asked, event_id: int) -> Response:
    lines = auditing.export_log(endpoints.services, asked.caller, event_id)
    name = f"calndro-{event_id}.jsonl"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_written(endpoints, lines), headers=headers, media_type=JSON_LINES)


async def _written(endpoints: Endpoints, lines: Iterator[dict[str, Any]]) -> AsyncIterator[bytes]:
    while chunk := await run_sync(_chunk, lines, limiter=endpoints.threads):
        yield chunk


def _chunk(lines: Iterator[dict[str, Any]]) -> bytes:
    written = []
    for line in lines:
        written.append(wire.dumps(line) + b"\n")
        if len(written) == LINES_AT_ONCE:
            break
    return b"".join(written)


async def give_calendar(endpoints: Endpoints, request: Request) -> Response:
    """
    Give the calendar file of an event; nothing is logged.
    """
    asked = await endpoints.asked(request)
    event, revoked = await endpoints.run(
        calendars.calendar_file, endpoints.services, asked.caller, event_id_of(request)
    )
    name = f"calndro-{event.id}.ics"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'} | audit_of(event)
    now = endpoints.services.clock.now()
    return Response(
        calendar.calendar_of(
            event,
            revoked,
            public_url=asked.base_url,
            organizer=endpoints.organizer,
            now=now,
        ),
        headers=headers,
        media_type=CALENDAR,
    )


async def send_link(endpoints: Endpoints, request: Request) -> Response:
    """
    Mail a new link to the party whose link has expired; the answer never says if it did.
    """
    token = presented(request, await read_members(request)).token
    if token is None:
        raise TokenMissingError
    await endpoints.run(links.renew_link, endpoints.services, event_id_of(request), token)
    told: LinkJson = {"link": "if this link was good once, a new one is on its way"}
    return json_answer(told, 202)
