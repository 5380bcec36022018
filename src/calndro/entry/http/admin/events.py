"""
The pages about events, their links and logs, and about the letters that wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from calndro.adapters import wire
from calndro.core.agreement import Status
from calndro.core.errors import InvalidInputError
from calndro.entry.http.asking import page_of
from calndro.entry.http.bodies import MOST_DIGITS
from calndro.usecases import administering, auditing, events, outbox


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from starlette.responses import Response

    from calndro.core.access import Caller
    from calndro.core.audit import Verdict
    from calndro.core.event import Event
    from calndro.entry.http.admin.desk import Desk
    from calndro.usecases.services import Services


SCREEN: Final = 50
TIMELINE: Final = 200


@attrs.frozen
class File:
    """
    All that staff sees of one event.

    Args:
        event: As its readers see it.
        entries: The newest of its log, oldest first, as the API shows them.
        links: Its email tokens.
        verdict: What checking its whole log has found.
    """

    event: Event
    entries: Sequence[wire.EntryJson]
    links: Sequence[administering.IssuedLink]
    verdict: Verdict


async def list_events(desk: Desk) -> Response:
    """
    Show the events, newest last; all states but the deleted, unless asked.
    """
    page = page_of({name: text for name, text in desk.request.query_params.items() if text})
    found = await desk.run(
        events.list_events,
        status=page.status,
        closed=page.complete,
        after=page.after,
        limit=SCREEN + 1,
    )
    return desk.show(
        "events",
        events=found[:SCREEN],
        more=len(found) > SCREEN,
        state=page.status,
        states=list(Status),
        everything=page.complete,
    )


async def show_event(desk: Desk) -> Response:
    """
    Show one event, the deleted too; the log is read, which is not logged.
    """
    file = await desk.run(_open_file, desk.id)
    return desk.show("event", file=file, event=file.event)


def _open_file(services: Services, caller: Caller, event_id: int) -> File:
    event, _ = events.read_log(services, caller, event_id, limit=0)
    after = max(0, event.receipt.seq - TIMELINE)
    event, entries = events.read_log(
        services, caller, event_id, after=after, limit=TIMELINE, deliveries=True
    )
    return File(
        event,
        [wire.entry_json(entry) for entry in entries],
        administering.list_links(services, caller, event_id),
        auditing.verify_log(services, caller, event_id),
    )


async def revoke_link(desk: Desk) -> Response:
    """
    Take back one link of an event.
    """
    digest = desk.filled("digest")
    try:
        raw = bytes.fromhex(digest)
    except ValueError:
        raise InvalidInputError.of("this names no link", "digest") from None
    await desk.run(administering.revoke_link, desk.id, raw)
    return desk.go(f"events/{desk.id}/", done="revoked")


async def delete_event(desk: Desk) -> Response:
    """
    Close an event, once its number has been written out.
    """
    desk.confirm(str(desk.id))
    await desk.run(events.delete, desk.id)
    return desk.go(f"events/{desk.id}/", done="deleted")


async def list_outbox(desk: Desk) -> Response:
    """
    Show the letters that wait.
    """
    return desk.show("outbox", waiting=await desk.run(outbox.list_letters))


async def settle_letter(desk: Desk) -> Response:
    """
    Let one letter be due at once, or drop it.
    """
    number, act = desk.filled("letter"), desk.filled("act")
    if act not in LETTER_ACTS or not number.isdecimal() or len(number) > MOST_DIGITS:
        raise InvalidInputError.of("name a letter, and say retried or dropped", "act")
    await desk.run(LETTER_ACTS[act], [int(number)])
    return desk.go("outbox/", done=act)


LETTER_ACTS: Final[Mapping[str, Callable[..., int]]] = {
    "retried": outbox.retry_letters,
    "dropped": outbox.drop_letters,
}
