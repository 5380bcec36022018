"""
The page of somebody who has signed in: one's events, and a form to propose another.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import attrs
from starlette.responses import RedirectResponse, Response

from calndro.core.agreement import Status
from calndro.core.errors import Faults, InvalidInputError, TooManySlotsError
from calndro.core.idempotency import IdempotencyKey
from calndro.core.reading import SlotText
from calndro.core.repeating import read_repetition
from calndro.core.slot import table, union
from calndro.core.times import parse_zone
from calndro.core.written import read_written
from calndro.entry.http.guests.choices import length_value, lengths_with, weekdays, zones_with
from calndro.entry.http.guests.faults import explain
from calndro.entry.http.guests.fields import Fields, Typed, typed_parties, typed_rows
from calndro.entry.http.guests.receipts import doubts
from calndro.entry.http.guests.standing import FEW_NAMED, named
from calndro.entry.http.guests.visitor import known_zone, visitor_of
from calndro.entry.http.pages import page
from calndro.entry.http.pages.times import speak
from calndro.entry.http.problems import kind_of
from calndro.usecases import events, visiting


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from starlette.requests import Request

    from calndro.core.event import Event
    from calndro.core.slot import Slot, Table
    from calndro.entry.http.endpoints import Endpoints
    from calndro.entry.http.guests.visitor import Visitor
    from calndro.entry.http.pages.language import Language


LISTED: Final = 30
FIRST_ROWS: Final = 3
MORE_ROWS: Final = 5
BUTTONS: Final = frozenset({"propose", "more", "fill"})
RULE: Final = ("from", "until", "at")
"""The fields that say which rows to fill in; the others of that kind always hold something."""


async def show_home(endpoints: Endpoints, request: Request) -> Response:
    """
    Show somebody its events.
    """
    visitor = await visitor_of(endpoints, request)
    if zone := known_zone(visitor.query.one("zone")):
        answer = RedirectResponse("/", 303)
        visitor.keep_zone(answer, zone)
        return answer
    if like := visitor.query.number("like"):
        return await _draw_like(visitor, like)
    return await draw_home(visitor)


async def _draw_like(visitor: Visitor, like: int) -> Response:
    """
    Show the form filled in from another event, with those of its times that are still to come.
    """
    services, now = visitor.endpoints.services, visitor.now()
    model = (await visitor.endpoints.run(visiting.glance, services, visitor.caller, like)).event
    coming = [slot for slot in model.slots if slot.begin > now]
    fields = {
        "like": str(like),
        "title": model.title,
        "parties": "\n".join(model.remaining),
        "zone": model.zone,
    }
    return await draw_home(
        attrs.evolve(visitor, fields=Fields(tuple(fields.items()))),
        rows=[_typed(slot, model.zone) for slot in coming] or [Typed()],
    )


async def propose(endpoints: Endpoints, request: Request) -> Response:
    """
    Open an event from the form, or fill in more of the form.
    """
    visitor = await visitor_of(endpoints, request)
    rows = typed_rows(visitor.fields)
    if said := visitor.said_to_another(str(visitor.caller.user)):
        return await draw_home(visitor, 409, rows=rows, problem=said)
    try:
        pressed = _pressed(visitor.fields, rows)
        if pressed == "fill":
            return await _draw_filled(visitor, rows)
        if pressed == "more":
            most = max(len(rows), endpoints.services.terms.most_slots)
            longer = [*rows, *[Typed()] * MORE_ROWS][:most]
            return await draw_home(visitor, rows=longer, first_new=len(rows) + 1)
        event = await _open_event(visitor, rows)
    except (InvalidInputError, TooManySlotsError) as error:
        explained = explain(error, visitor.language)
        return await draw_home(visitor, kind_of(error).status, rows=rows, **explained)
    return RedirectResponse(f"/{event.id}/?saved=1", 303)


def _pressed(fields: Fields, rows: Sequence[Typed]) -> str:
    """
    Tell what is to be done with the form.

    The return key presses the first of the buttons. In a field of those that fill rows in, it
    means theirs, as long as no row says anything.
    """
    pressed = fields.one("press", "propose")
    if pressed not in BUTTONS:
        raise InvalidInputError.of("the form has no such button", "press")
    is_rule = any(map(fields.one, RULE)) and all(row.is_empty for row in rows)
    return "fill" if pressed == "propose" and is_rule else pressed


def _listed(event: Event, zone: str, language: Language) -> tuple[str, str]:
    """
    Say who is waited on, and when it is, of an event in the list; either may be empty.
    """
    if event.status is Status.AGREED:
        spoken = speak(event.slots[0], zone, language)
        return "", f"{spoken.day} {spoken.clock}"
    return named(event.waiting_on, language, FEW_NAMED) if event.waiting_on else "", ""


async def _draw_filled(visitor: Visitor, rows: Iterable[Typed]) -> Response:
    """
    Show the form with more rows filled in, and how what was typed was read.
    """
    zone, wanted = _filled(visitor)
    said, kept = visitor.language, [row for row in rows if not row.is_empty]
    slots = tuple(slot for slot in wanted if _typed(slot, zone) not in kept)
    return await draw_home(
        attrs.evolve(visitor, fields=visitor.fields.without("written")),
        rows=[*kept, *(_typed(slot, zone) for slot in slots)],
        said=[said.count("new_filled", len(slots)), *doubts(slots, visitor.now(), said)],
        read=[speak(slot, zone, said).full for slot in slots],
    )


async def draw_home(
    visitor: Visitor,
    status: int = 200,
    *,
    rows: Sequence[Typed] = (Typed(),) * FIRST_ROWS,
    **more: Any,
) -> Response:
    """
    Make the page.

    Args:
        visitor: Who looks.
        status: Of the answer.
        rows: Of the slot editor.
        more: What the page says beside it: ``problem``, ``faults``, or ``said``, in sentences,
            and ``read``, the slots it speaks of; ``first_new``, the row to go on with.
    """
    query, services = visitor.query, visitor.endpoints.services
    status_wanted, closed = query.one("status"), query.one("all") == "1"
    found = await visitor.endpoints.run(
        events.list_events,
        services,
        visitor.caller,
        status=Status(status_wanted) if status_wanted else None,
        closed=closed,
        after=query.number("after"),
        limit=LISTED + 1,
        newest_first=True,
    )
    language = visitor.language
    here = visitor.zone("UTC")
    zone = visitor.fields.one("zone") or here
    return page(
        "home",
        status,
        language=language,
        user=visitor.caller.user,
        staff=visitor.caller.staff,
        you=str(visitor.caller.user),
        found=[(event, *_listed(event, here, language)) for event in found[:LISTED]],
        further=_further(query, found[LISTED - 1]) if len(found) > LISTED else "",
        filtered=bool(status_wanted),
        with_closed=closed,
        rows=rows,
        most_rows=services.terms.most_slots,
        typed=visitor.fields,
        once=services.secrets.draw(16).hex(),
        zone=zone,
        zones=zones_with(zone),
        guesses_zone=not visitor.is_zone_known,
        lengths=lengths_with(language, [*(row.length for row in rows), *visitor.fields.all("for")]),
        days=weekdays(language),
        first_new=more.get("first_new"),
        problem=more.get("problem", ""),
        faults=more.get("faults", ()),
        said=more.get("said", ()),
        read=more.get("read", ()),
    )


def _further(query: Fields, last: Event) -> str:
    """
    Write where the same list goes on.
    """
    kept = {name: query.one(name) for name in ("status", "all") if query.one(name)}
    return f"/?{urlencode({**kept, 'after': last.id})}"


async def _open_event(visitor: Visitor, rows: Iterable[Typed]) -> Event:
    fields = visitor.fields
    zone = fields.one("zone") or "UTC"
    return await visitor.endpoints.run(
        events.propose,
        visitor.endpoints.services,
        visitor.caller,
        parties=typed_parties(fields),
        slots=_TypedSlots(visitor, tuple(rows), known_zone(zone) or "UTC"),
        title=fields.one("title"),
        zone=zone,
        like=fields.number("like") or None,
        once=_once(fields),
    )


def _once(fields: Fields) -> IdempotencyKey | None:
    """
    Mark what one drawing of the form asks for: sent twice as it stands, it opens one event.
    """
    if not fields.one("once"):
        return None
    digest = sha256(urlencode(fields.pairs).encode()).digest()
    return IdempotencyKey(f"form-{digest.hex()}", digest)


def _filled(visitor: Visitor) -> tuple[str, Table]:
    fields = visitor.fields
    try:
        zone = parse_zone(fields.one("zone") or "UTC")
    except InvalidInputError as error:
        raise error.under("zone") from None
    texts = (
        ",".join(fields.all("days")),
        fields.one("from"),
        fields.one("until"),
        fields.one("at").replace(" ", ""),
        fields.one("for"),
    )
    written = _written(visitor, zone)
    if written and not any(map(fields.one, RULE)):
        return zone, written
    return zone, union(written, read_repetition(texts, zone, visitor.now()).slots())


@attrs.frozen
class _TypedSlots:
    """
    The slots of a form, read when they are asked for, so that all its faults are told together.

    Args:
        visitor: Who has sent it.
        rows: Of the slot editor; a fault names its row as the form does.
        zone: Where they are read.
    """

    visitor: Visitor
    rows: Sequence[Typed]
    zone: str

    def __iter__(self) -> Iterator[Slot]:
        """
        Read them all.

        Raises:
            InvalidInputError: Each row and line that can't be read.
        """
        faults = Faults()
        found: list[Slot] = []
        for place, row in enumerate(self.rows):
            with faults.at(f"slots[{place}]"):
                if not row.is_empty:
                    found.append(SlotText(row.begin(), row.length).read(self.zone))
        with faults.at(""):
            found.extend(_written(self.visitor, self.zone))
        faults.settle()
        return iter(found)


def _written(visitor: Visitor, zone: str) -> Table:
    """
    Read the slots that somebody wrote in words, one a line.
    """
    faults = Faults()
    found: list[Slot] = []
    for place, line in enumerate(visitor.fields.one("written").splitlines()):
        with faults.at(f"written[{place}]"):
            if line.strip():
                found.extend(read_written(line.strip(), zone, visitor.now()).slots)
    faults.settle()
    return table(found)


def _typed(slot: Slot, zone: str) -> Typed:
    """
    Write a slot as it stands in a row of the form.
    """
    local = slot.begin.astimezone(ZoneInfo(zone))
    clock = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    return Typed(f"{local:%Y-%m-%d}", clock, length_value(slot.duration))
