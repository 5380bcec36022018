"""
The statements about the outbox.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, bindparam, select, update

from calndro.adapters.sql.outbox_rows import HELD, POST_COLUMNS, WAITING
from calndro.adapters.sql.statements.naming import columns, counted
from calndro.adapters.sql.tables import entry_table, event_table, outbox_table, person_table
from calndro.core.notice import Outcome


if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Executable


_box: Final = outbox_table.c
_OF_EVENT: Final = _box.event_id == bindparam("event_id")
_IS_OPEN: Final = _box.state.in_((WAITING, HELD))
_IS_DUE: Final = (_box.state == WAITING, _box.due <= bindparam("now"))
_IN_TURN: Final = (_box.turn, _box.id)
_DUE_EVENTS: Final = select(_box.event_id).where(*_IS_DUE).order_by(*_IN_TURN)
_EVENT: Final = select(event_table.c.id).where(event_table.c.id == bindparam("event_id"))


def outbox_statements(dialect: str) -> Mapping[str, Executable]:
    """
    Make all of them.
    """
    made = {**_of_queue(), **_of_claims(), **_of_limits()}
    if dialect == "mariadb":
        made.update(_of_claims_by_event())
    return made


def _of_queue() -> Mapping[str, Executable]:
    waiting = select(*columns(outbox_table, POST_COLUMNS)).where(_IS_OPEN).order_by(_box.id)
    # A claim that lapsed and was taken over has another number by then.
    this = update(outbox_table).where(
        _box.id == bindparam("which"), _box.claims == bindparam("claim"), _IS_OPEN
    )
    later = select(_box.id).where(
        _OF_EVENT,
        _box.state.in_((WAITING, HELD, Outcome.SENT.value)),
        _box.recipient == bindparam("recipient"),
        _box.kind == bindparam("kind"),
        _box.id > bindparam("which"),
    )
    return {
        "outbox.add": counted(outbox_table).inline(),
        "outbox.waiting": waiting,
        "outbox.waiting_of_event": waiting.where(_OF_EVENT),
        "outbox.claim": this.values(
            due=bindparam("until"), claims=_box.claims + 1, unsettled=_box.unsettled + 1
        ),
        "outbox.settle": this.values(state=bindparam("outcome")),
        "outbox.put_back": this.values(
            state=bindparam("now_is"),
            due=bindparam("then"),
            attempts=bindparam("tried"),
            unsettled=bindparam("open_claims"),
            code=bindparam("reply"),
        ),
        "outbox.later": later.limit(1),
    }


def _of_claims() -> Mapping[str, Executable]:
    # Takes both rows at once and waits for neither.
    due = (
        select(*columns(outbox_table, POST_COLUMNS))
        .join_from(event_table, outbox_table, _box.event_id == event_table.c.id)
        .where(*_IS_DUE)
        .order_by(*_IN_TURN)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return {
        "outbox.due": due,
        "outbox.due.of_event": due.where(_OF_EVENT),
        "outbox.due_event": _DUE_EVENTS.limit(1),
        "outbox.due_event.of_event": _DUE_EVENTS.where(_OF_EVENT).limit(1),
        "outbox.wait_for_event": _EVENT.with_for_update(),
    }


def _of_claims_by_event() -> Mapping[str, Executable]:
    post = columns(outbox_table, POST_COLUMNS)
    return {
        "outbox.candidates": _DUE_EVENTS.limit(100),
        "outbox.candidates.of_event": _DUE_EVENTS.where(_OF_EVENT).limit(100),
        "outbox.first_due_of": select(*post)
        .where(_OF_EVENT, *_IS_DUE)
        .order_by(*_IN_TURN)
        .limit(1),
        "outbox.take_event_if_free": _EVENT.with_for_update(skip_locked=True),
    }


def _of_limits() -> Mapping[str, Executable]:
    person, entry = person_table.c, entry_table.c
    since = _box.added >= bindparam("since")
    return {
        "outbox.received": select(_box.event_id, person.address, person.key, _box.added)
        .join_from(
            outbox_table,
            person_table,
            and_(_box.event_id == person.event_id, _box.recipient == person.number),
        )
        .where(since, person.key.in_(bindparam("keys", expanding=True))),
        "outbox.caused": select(_box.added)
        .join_from(
            outbox_table, entry_table, and_(_box.event_id == entry.event_id, _box.of == entry.seq)
        )
        .join(
            person_table,
            and_(entry.event_id == person.event_id, entry.effector == person.number),
        )
        .where(since, person.key == bindparam("whose")),
    }
