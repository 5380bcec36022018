"""
Which notice is claimed next, and the locks that it takes.

Wherever both are locked, the event's row is locked before rows of the outbox. A claim learns
the event from the notice, so it must not wait for an event while it holds a notice of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, select

from calndro.adapters.sql.rows import write_instant
from calndro.adapters.sql.tables import event_table, outbox_table
from calndro.adapters.sql.transaction import LARGEST


if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from calndro.adapters.sql.transaction import Row, Transaction


_box: Final = outbox_table.c

WAITING: Final = "waiting"
"""The state of a notice until it has an outcome, or is set aside."""

HELD: Final = "held"
"""The state of a notice that is set aside."""

POST_COLUMNS: Final = tuple(
    outbox_table.c[name]
    for name in (
        "id",
        "event_id",
        "of",
        "recipient",
        "kind",
        "state",
        "attempts",
        "claims",
        "unsettled",
        "added",
        "due",
        "code",
    )
)


_IS_DUE: Final = (_box.state == WAITING, _box.due <= bindparam("now"))
_IN_TURN: Final = (_box.turn, _box.id)
_OF_EVENT: Final = _box.event_id == bindparam("event_id")

# Takes both rows at once and waits for neither.
_DUE: Final = (
    select(*POST_COLUMNS)
    .join_from(event_table, outbox_table, _box.event_id == event_table.c.id)
    .where(*_IS_DUE)
    .order_by(*_IN_TURN)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_DUE_EVENT: Final = select(_box.event_id).where(*_IS_DUE).order_by(*_IN_TURN).limit(1)
_CLAIMABLE: Final = {
    False: (_DUE, _DUE_EVENT),
    True: (_DUE.where(_OF_EVENT), _DUE_EVENT.where(_OF_EVENT)),
}
_EVENT: Final = select(event_table.c.id).where(event_table.c.id == bindparam("event_id"))
_WAIT_FOR_EVENT: Final = _EVENT.with_for_update()

_CANDIDATES: Final = _DUE_EVENT.limit(100)
_CANDIDATES_OF: Final = {False: _CANDIDATES, True: _CANDIDATES.where(_OF_EVENT)}
_TAKE_EVENT_IF_FREE: Final = _EVENT.with_for_update(skip_locked=True)
_DUE_OF_EVENT: Final = select(*POST_COLUMNS).where(_OF_EVENT, *_IS_DUE).order_by(*_IN_TURN).limit(1)


def first_due(transaction: Transaction, now: datetime, event_id: int | None) -> Row | None:
    """
    Find what is due first and not in somebody's hands, and lock it and its event.

    Only when all that is due belongs to events that are busy is one of them waited for.
    """
    parameters = {"now": write_instant(now)}
    if event_id is not None:
        parameters["event_id"] = min(event_id, LARGEST)
    if transaction.dialect == "mariadb":
        return _by_event(transaction, parameters)
    due, due_event = _CLAIMABLE[event_id is not None]
    row = transaction.one(due, parameters)
    if row is None:
        busy = transaction.one(due_event, parameters)
        if busy is not None:
            transaction.one(_WAIT_FOR_EVENT, {"event_id": busy[0]})
            row = transaction.one(due, parameters)
    return row


def _by_event(transaction: Transaction, parameters: Mapping[str, Any]) -> Row | None:
    """
    Do the same event by event: MariaDB keeps the notice it skips, for the event is busy.
    """
    candidates = transaction.all(_CANDIDATES_OF["event_id" in parameters], parameters)
    busy, taken = [], 0
    for event_id in dict.fromkeys(row[0] for row in candidates):
        if transaction.one(_TAKE_EVENT_IF_FREE, {"event_id": event_id}) is None:
            busy.append(event_id)
            continue
        found = transaction.one(_DUE_OF_EVENT, {**parameters, "event_id": event_id})
        if found is not None:
            return found
        taken = max(taken, event_id)
    # Whoever holds events waits for later ones only, or two would wait for each other.
    for event_id in busy:
        if event_id > taken:
            transaction.one(_WAIT_FOR_EVENT, {"event_id": event_id})
            return transaction.one(_DUE_OF_EVENT, {**parameters, "event_id": event_id})
    return None
