"""
The page of an event, and the page of its log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

from calndro.core.access import Operation
from calndro.core.agreement import Status
from calndro.core.token import AFTERLIFE
from calndro.entry.http.asking import receipts_of
from calndro.entry.http.credentials import LINK_COOKIE, MEMBER
from calndro.entry.http.guests.choices import lengths_with, zones_with
from calndro.entry.http.guests.fields import Fields
from calndro.entry.http.guests.grid import grid_of
from calndro.entry.http.guests.history import history
from calndro.entry.http.guests.receipts import receipt_of
from calndro.entry.http.guests.standing import (
    awaited_others,
    is_untold,
    say_proposal,
    say_standing,
    tellable,
)
from calndro.entry.http.guests.visitor import ASKED, known_zone, visitor_of
from calndro.entry.http.pages import page
from calndro.entry.http.pages.times import speak_instant
from calndro.usecases import auditing, events, visiting


if TYPE_CHECKING:
    from starlette.requests import Request

    from calndro.entry.http.endpoints import Endpoints
    from calndro.entry.http.guests.visitor import Visitor
    from calndro.usecases.visiting import Visit


SHOWN: Final = 12
"""How many entries of the log stand at the foot of the page."""

MOST: Final = 200
"""How many stand on a page of their own."""


async def show_event(endpoints: Endpoints, request: Request) -> Response:
    """
    Show an event to a person; the look is logged, but not each time, and never that of HEAD.
    """
    visitor = await visitor_of(endpoints, request)
    moved = await _moved(visitor)
    if moved is not None:
        return moved
    look = visiting.glance if request.method == "HEAD" else visiting.visit
    visit = await endpoints.run(look, endpoints.services, visitor.caller, visitor.event_id)
    return draw_event(visitor, visit)


async def show_log(endpoints: Endpoints, request: Request) -> Response:
    """
    Show the log of an event to a person, and check it when asked to.
    """
    visitor = await visitor_of(endpoints, request)
    moved = await _moved(visitor, "log/")
    if moved is not None:
        return moved
    asked = (endpoints.services, visitor.caller, visitor.event_id)
    visit = await endpoints.run(visiting.glance, *asked, Operation.READ_LOG)
    query, newest = visitor.query, visit.event.receipt.seq
    after = max(0, newest - MOST)
    if query.one("after"):
        after = min(query.number("after"), newest)
    with_deliveries = query.one("all") == "1"
    _, entries = await endpoints.run(
        events.read_log, *asked, after=after, limit=MOST, deliveries=with_deliveries
    )
    last = after + MOST
    verdict = None
    if query.one("verify") == "1":
        receipts = receipts_of(request.query_params)
        verdict = await endpoints.run(auditing.verify_log, *asked, receipts)
    zone = visitor.zone(visit.event.zone)
    shown = [each for each in entries if each.id <= last]
    return page(
        "log",
        language=visitor.language,
        **surroundings(visitor, visit, zone),
        lines=history(shown, zone, visitor.language),
        hidden=min(last, newest) - after - len(shown),
        here=after,
        older=max(0, after - MOST) if after else None,
        newer=last if last < newest else None,
        all="1" if with_deliveries else None,
        verdict=verdict,
    )


async def _moved(visitor: Visitor, path: str = "") -> Response | None:
    """
    Take the token, or a zone that was chosen, out of the address and into a cookie.
    """
    query, services = visitor.query, visitor.endpoints.services
    token, is_second_try = visitor.caller.token, bool(query.one(ASKED))
    if token and query.one(MEMBER) and not (visitor.carried and is_second_try):
        ends = await visitor.endpoints.run(
            visiting.link_ends, services, visitor.caller, visitor.event_id
        )
        plain = Response(status_code=303, headers={"Location": f"/{visitor.event_id}/{path}"})
        if ends is None or not visitor.carried:
            return plain
        # Who sends a cookie keeps them, and need not be asked.
        answer = plain if visitor.request.cookies else visitor.sent_to(path)
        answer.set_cookie(
            LINK_COOKIE,
            token,
            max_age=int((ends + AFTERLIFE - visitor.now()).total_seconds()),
            path=f"/{visitor.event_id}/",
            secure=visitor.is_secure,
            httponly=True,
            samesite="lax",
        )
        return answer
    zone = known_zone(query.one("zone"))
    if zone and not visitor.carried:
        answer = visitor.sent_to(path)
        visitor.keep_zone(answer, zone)
        return answer
    return None


def draw_event(
    visitor: Visitor, visit: Visit, status: int = 200, *, typed: Fields | None = None, **more: Any
) -> Response:
    """
    Make the page of an event.

    Args:
        visitor: Who looks.
        visit: What there is to see.
        status: Of the answer.
        typed: A form that was not saved, to be shown as it was filled in.
        more: What the page says beside it: ``problem``, a sentence, and ``faults``.
    """
    event, language = visit.event, visitor.language
    zone = visitor.zone(event.zone)
    grid = grid_of(visit, zone, language, visitor.now(), typed)
    is_new = event.proposer == visit.you and is_untold(visit)
    return page(
        "event",
        status,
        language=language,
        **surroundings(visitor, visit, zone),
        proposal=say_proposal(visit, language),
        standing=say_standing(visit, language, is_new=is_new),
        receipt=receipt_of(visitor, visit, zone),
        grid=grid,
        agreed=grid.rows[0] if event.status is Status.AGREED else None,
        common=_choices(visit, grid.rows),
        awaited=len(awaited_others(visit)),
        tellable=tellable(visit),
        is_new=is_new,
        tells_first=is_new and event.status is Status.OPEN and bool(awaited_others(visit)),
        ticked=typed.all("to") if typed is not None else _ticked(visitor, visit, is_new=is_new),
        typed=typed or Fields(),
        lines=history(visit.entries, zone, language)[:SHOWN],
        lengths=lengths_with(language, (typed or Fields()).all("length")),
        problem=more.get("problem", ""),
        faults=more.get("faults", ()),
    )


def _choices(visit: Visit, rows: tuple[Any, ...]) -> list[Any]:
    event = visit.event
    is_ready = event.status is Status.OPEN and not event.waiting_on
    return [row for row in rows if row.is_common] if is_ready else []


def _ticked(visitor: Visitor, visit: Visit, *, is_new: bool) -> list[str]:
    # A form that is sent as it came must do nothing, unless its owner has just begun.
    return list(visit.event.parties) if is_new and visitor.query.one("saved") == "1" else []


def surroundings(visitor: Visitor, visit: Visit, zone: str) -> dict[str, Any]:
    """
    Gather what every page of an event shows.
    """
    caller, language, ends = visitor.caller, visitor.language, visit.ends
    return {
        "event": visit.event,
        "you": visit.you,
        "is_party": visit.is_party,
        "user": caller.user,
        "staff": caller.staff,
        "zone": zone,
        "zones": zones_with(zone, visit.event.zone),
        "guesses_zone": not visitor.is_zone_known and not visitor.carried,
        "ends": "" if ends is None else speak_instant(ends, zone, language),
        "at": visitor.at,
        "carried": visitor.carried,
        "seq": visit.event.receipt.seq,
        "head": visit.event.receipt.head.hex(),
    }
