"""
Which notice is claimed next, and the locks that it takes.

Wherever both are locked, the event's row is locked before rows of the outbox. A claim learns
the event from the notice, so it must not wait for an event while it holds a notice of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calndro.adapters.sql.rows import write_instant
from calndro.adapters.sql.transaction import LARGEST


if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from calndro.adapters.sql.transaction import Row, Transaction


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
    which = _which(parameters)
    row = transaction.one(f"outbox.due{which}", parameters)
    if row is None:
        busy = transaction.one(f"outbox.due_event{which}", parameters)
        if busy is not None:
            transaction.one("outbox.wait_for_event", {"event_id": busy[0]})
            row = transaction.one(f"outbox.due{which}", parameters)
    return row


def _by_event(transaction: Transaction, parameters: Mapping[str, Any]) -> Row | None:
    """
    Do the same event by event: MariaDB keeps the notice it skips, for the event is busy.
    """
    candidates = transaction.all(f"outbox.candidates{_which(parameters)}", parameters)
    busy, taken = [], 0
    for event_id in dict.fromkeys(row[0] for row in candidates):
        if transaction.one("outbox.take_event_if_free", {"event_id": event_id}) is None:
            busy.append(event_id)
            continue
        found = transaction.one("outbox.first_due_of", {**parameters, "event_id": event_id})
        if found is not None:
            return found
        taken = max(taken, event_id)
    # Whoever holds events waits for later ones only, or two would wait for each other.
    for event_id in busy:
        if event_id > taken:
            transaction.one("outbox.wait_for_event", {"event_id": event_id})
            return transaction.one("outbox.first_due_of", {**parameters, "event_id": event_id})
    return None


def _which(parameters: Mapping[str, Any]) -> str:
    return ".of_event" if "event_id" in parameters else ""
