"""
What the forms of an event's page do.

Each form carries for whom it was made. When the credentials now speak for somebody else,
nothing is done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from calndro.core.ballot import Need
from calndro.core.errors import (
    Faults,
    InvalidInputError,
    MailStoppedError,
    SlotsNotCurrentError,
    TooManyError,
    TooManySlotsError,
)
from calndro.core.reading import SlotText
from calndro.core.times import parse_zone
from calndro.core.written import read_written
from calndro.entry.http.guests.faults import explain
from calndro.entry.http.guests.fields import Typed, ballot_of
from calndro.entry.http.guests.showing import draw_event, surroundings
from calndro.entry.http.guests.standing import awaited_others
from calndro.entry.http.guests.visitor import visitor_of
from calndro.entry.http.pages import page
from calndro.entry.http.pages.times import speak
from calndro.entry.http.problems import headers_of, kind_of
from calndro.usecases import events, updates, visiting


if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from starlette.requests import Request

    from calndro.core.ballot import Ballot
    from calndro.core.reading import Wanted
    from calndro.entry.http.endpoints import Endpoints
    from calndro.entry.http.guests.visitor import Visitor
    from calndro.usecases.visiting import Visit

    Deed = Callable[[Visitor], Awaitable[Response]]


ONE_CLICK: Final = ("List-Unsubscribe", "One-Click")
"""What a mail program sends for whoever wants no more of these letters."""


async def answer(endpoints: Endpoints, request: Request) -> Response:
    """
    Record which slots work for somebody.
    """
    return await _done(await visitor_of(endpoints, request), _answer)


async def add(endpoints: Endpoints, request: Request) -> Response:
    """
    Put one more slot on the table.
    """
    return await _done(await visitor_of(endpoints, request), _add)


async def retitle(endpoints: Endpoints, request: Request) -> Response:
    """
    Give the event another title.
    """
    return await _done(await visitor_of(endpoints, request), _retitle)


async def delete(endpoints: Endpoints, request: Request) -> Response:
    """
    Delete the event, once that is confirmed.
    """
    return await _done(await visitor_of(endpoints, request), _delete)


async def tell(endpoints: Endpoints, request: Request) -> Response:
    """
    Send letters to the parties that were ticked.
    """
    return await _done(await visitor_of(endpoints, request), _tell)


async def steer_mail(endpoints: Endpoints, request: Request) -> Response:
    """
    Stop letters to oneself, or let them come again.

    Source: RFC 8058, for the one click in a mail program, which sends no form of ours.
    """
    visitor = await visitor_of(endpoints, request)
    if ONE_CLICK in visitor.fields.pairs:
        return await _stop_by_click(visitor)
    return await _done(visitor, _steer_mail)


async def _done(visitor: Visitor, deed: Deed) -> Response:
    visit = await _glance(visitor)
    if said := visitor.said_to_another(visit.you):
        return draw_event(visitor, visit, 409, problem=said)
    try:
        return await deed(visitor)
    except (
        InvalidInputError,
        MailStoppedError,
        SlotsNotCurrentError,
        TooManyError,
        TooManySlotsError,
    ) as error:
        now = await _glance(visitor)
        refused = draw_event(
            visitor,
            now,
            kind_of(error).status,
            typed=visitor.fields,
            **explain(error, visitor.language),
        )
        refused.headers.update(headers_of(visitor.request, error))
        return refused


async def _glance(visitor: Visitor) -> Visit:
    endpoints = visitor.endpoints
    return await endpoints.run(
        visiting.glance, endpoints.services, visitor.caller, visitor.event_id
    )


async def _answer(visitor: Visitor) -> Response:
    endpoints, fields = visitor.endpoints, visitor.fields
    ballot = ballot_of(fields)
    answered = await endpoints.run(
        visiting.answer,
        endpoints.services,
        visitor.caller,
        visitor.event_id,
        ballot,
        fields.one("as"),
    )
    if answered.need is Need.SURE:
        return _sure(visitor, await _glance(visitor), ballot)
    return visitor.sent_to(saved=answered.saved or 0, since=fields.one("since") or None)


def _sure(visitor: Visitor, visit: Visit, ballot: Ballot) -> Response:
    zone, language = visitor.zone(visit.event.zone), visitor.language
    return page(
        "sure",
        language=language,
        **surroundings(visitor, visit, zone),
        gone=[speak(slot, zone, language).full for slot in ballot.judged.drop],
        fields=[pair for pair in visitor.fields.pairs if pair[0] not in {"sure", "et"}],
    )


async def _add(visitor: Visitor) -> Response:
    event = await visitor.endpoints.run(
        updates.extend,
        visitor.endpoints.services,
        visitor.caller,
        visitor.event_id,
        _added(visitor),
    )
    return await _recorded(visitor, event.receipt.seq)


def _added(visitor: Visitor) -> Iterable[Wanted]:
    """
    Read what the form puts on the table: a row, a line in words, or both.
    """
    fields, faults = visitor.fields, Faults()
    row = Typed(fields.one("date"), fields.one("time"), fields.one("length"))
    zone, written = fields.one("zone"), fields.one("written").strip()
    wanted: list[Wanted] = []
    with faults.at("written"):
        if written:
            wanted.extend(read_written(written, parse_zone(zone), visitor.now()).slots)
    with faults.at("add"):
        if not (written and row.is_empty):
            wanted.append(SlotText(f"{row.begin()}[{zone}]", row.length))
    faults.settle()
    return wanted


async def _retitle(visitor: Visitor) -> Response:
    visit, title = await _glance(visitor), visitor.fields.one("title")
    if title == visit.event.title:
        return visitor.sent_to(saved=0)
    event = await visitor.endpoints.run(
        updates.retitle, visitor.endpoints.services, visitor.caller, visitor.event_id, title
    )
    return await _recorded(visitor, event.receipt.seq)


async def _delete(visitor: Visitor) -> Response:
    if visitor.fields.one("sure") != "yes":
        raise InvalidInputError.of("tick the box to confirm", "sure")
    endpoints = visitor.endpoints
    await endpoints.run(events.delete, endpoints.services, visitor.caller, visitor.event_id)
    return visitor.sent_to("log/")


async def _tell(visitor: Visitor) -> Response:
    fields, endpoints = visitor.fields, visitor.endpoints
    recipients = list(dict.fromkeys(fields.all("to")))
    if fields.one("whom") == "awaited":
        recipients = awaited_others(await _glance(visitor))
    if not recipients:
        raise InvalidInputError.of("name at least one recipient", "to")
    event = await endpoints.run(
        events.notify,
        endpoints.services,
        visitor.caller,
        visitor.event_id,
        recipients,
        fields.all("seen"),
        invitation=fields.one("invitation") == "yes",
    )
    return visitor.sent_to(told=event.receipt.seq - len(recipients) + 1)


async def _steer_mail(visitor: Visitor) -> Response:
    visit, wanted = await _glance(visitor), visitor.fields.one("mail")
    if wanted not in {"on", "stopped"}:
        raise InvalidInputError.of("choose one of the two", "mail")
    if (wanted == "stopped") == (visit.you in visit.event.stopped):
        return visitor.sent_to(saved=0)
    act = events.stop_mail if wanted == "stopped" else events.resume_mail
    event = await visitor.endpoints.run(
        act, visitor.endpoints.services, visitor.caller, visitor.event_id
    )
    return await _recorded(visitor, event.receipt.seq)


async def _stop_by_click(visitor: Visitor) -> Response:
    visit, endpoints = await _glance(visitor), visitor.endpoints
    if visit.you not in visit.event.stopped:
        await endpoints.run(events.stop_mail, endpoints.services, visitor.caller, visitor.event_id)
    return Response(visitor.language.say("saved_stopped"), media_type="text/plain")


async def _recorded(visitor: Visitor, seq: int) -> Response:
    """
    Go to the page that shows what was recorded; letters may stand in the log after it.
    """
    visit = await _glance(visitor)
    mine = [
        entry.id
        for entry in visit.entries
        if entry.id <= seq and entry.effector == visit.you and "recipient" not in entry.data
    ]
    return visitor.sent_to(saved=max(mine, default=0))
