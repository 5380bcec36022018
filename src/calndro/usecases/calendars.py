"""
Calendar files: what a person can put into a calendar of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from calndro.core.access import Operation
from calndro.core.agreement import after, opened
from calndro.core.event import see
from calndro.usecases.collisions import retry_on_collision
from calndro.usecases.paging import page_after_page
from calndro.usecases.transactions import open_event, reading


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from calndro.core.access import Caller
    from calndro.core.event import Event
    from calndro.core.log import Entry
    from calndro.core.slot import Slot
    from calndro.ports.storage import UnitOfWork
    from calndro.usecases.services import Services


@retry_on_collision
def calendar_file(services: Services, caller: Caller, event_id: int) -> tuple[Event, Slot | None]:
    """
    Read what the calendar file of an event is made from; nothing is logged.

    Args:
        services: The ports.
        caller: Who may read the log.
        event_id: Which event; the deleted too.

    Returns:
        The event, and the slot last agreed on if that no longer holds.

    Raises:
        TokenError, NotAllowedError, NotFoundError: As ``admit_to`` says.

    Source: docs/reference/rights.md; docs/reference/http.md.
    """
    with reading(services, caller) as work:
        ledger, _ = open_event(services, work, caller, Operation.READ_LOG, event_id)
        agreed = ledger.state.agreed_slot
        last = agreed or _last_agreed(_entries(work, event_id))
    return see(ledger), None if agreed else last


def _last_agreed(entries: Iterable[Entry]) -> Slot | None:
    state, found = None, None
    for entry in entries:
        state = opened(entry) if state is None else after(state, entry)
        found = state.agreed_slot or found
    return found


def _entries(work: UnitOfWork, event_id: int) -> Iterator[Entry]:
    return page_after_page(
        lambda after, limit: work.events.entries(
            event_id, after=after, limit=limit, with_deliveries=False
        ),
        lambda entry: entry.seq,
        0,
    )
