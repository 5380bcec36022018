"""
The outbox in SQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs
from sqlalchemy import and_, bindparam, insert, select, update

from calndro.adapters.sql.claiming import HELD, POST_COLUMNS, WAITING, first_due
from calndro.adapters.sql.rows import read_instant, write_instant
from calndro.adapters.sql.tables import entry_table, outbox_table, person_table
from calndro.adapters.sql.transaction import LARGEST
from calndro.core.limit import Letter
from calndro.core.notice import TURN, Kind, Notice, Outcome, Post
from calndro.core.party import Address


if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Update

    from calndro.adapters.sql.transaction import Transaction


_box: Final = outbox_table.c


def write_notice(notice: Notice, now: datetime, due: datetime, rank: int) -> dict[str, Any]:
    """
    Write a notice that is queued *now*, after *rank* others, to be claimed from *due* on.
    """
    return {
        "event_id": notice.event_id,
        "of": notice.of,
        "recipient": notice.recipient,
        "kind": notice.kind.value,
        "state": WAITING,
        "attempts": 0,
        "claims": 0,
        "unsettled": 0,
        "added": write_instant(now),
        "turn": write_instant(now + rank * TURN),
        "due": write_instant(due),
    }


def read_post(row: Sequence[Any]) -> Post:
    """
    Read a notice in the outbox.
    """
    number, event_id, of, recipient, kind, state, attempts, claims, unsettled, added, due, code = (
        row
    )
    return Post(
        number,
        Notice(event_id, of, recipient, Kind(kind)),
        read_instant(added),
        read_instant(due),
        attempts,
        claims,
        unsettled,
        state == HELD,
        code,
    )


def read_letter(row: Sequence[Any]) -> Letter:
    """
    Read what is counted of a notice.
    """
    event_id, text, key, added = row
    return Letter(event_id, Address(text, key), read_instant(added))


_ADD: Final = insert(outbox_table).inline()
_IS_OPEN: Final = _box.state.in_((WAITING, HELD))
_WAITING: Final = select(*POST_COLUMNS).where(_IS_OPEN).order_by(_box.id)
_WAITING_OF_EVENT: Final = _WAITING.where(_box.event_id == bindparam("event_id"))

# A claim that lapsed and was taken over has another number by then.
_THIS: Final = update(outbox_table).where(
    _box.id == bindparam("which"), _box.claims == bindparam("claim"), _IS_OPEN
)
_CLAIM: Final = _THIS.values(
    due=bindparam("until"), claims=_box.claims + 1, unsettled=_box.unsettled + 1
)
_SETTLE: Final = _THIS.values(state=bindparam("outcome"))
_PUT_BACK: Final = _THIS.values(
    state=bindparam("now_is"),
    due=bindparam("then"),
    attempts=bindparam("tried"),
    unsettled=bindparam("open_claims"),
    code=bindparam("reply"),
)

_LATER: Final = (
    select(_box.id)
    .where(
        _box.event_id == bindparam("event_id"),
        _box.state.in_((WAITING, HELD, Outcome.SENT.value)),
        _box.recipient == bindparam("recipient"),
        _box.kind == bindparam("kind"),
        _box.id > bindparam("which"),
    )
    .limit(1)
)


_person: Final = person_table.c
_entry: Final = entry_table.c
_SINCE: Final = _box.added >= bindparam("since")
_RECEIVED: Final = (
    select(_box.event_id, _person.address, _person.key, _box.added)
    .join_from(
        outbox_table,
        person_table,
        and_(_box.event_id == _person.event_id, _box.recipient == _person.number),
    )
    .where(_SINCE, _person.key.in_(bindparam("keys", expanding=True)))
)
_CAUSED: Final = (
    select(_box.added)
    .join_from(
        outbox_table, entry_table, and_(_box.event_id == _entry.event_id, _box.of == _entry.seq)
    )
    .join(
        person_table,
        and_(_entry.event_id == _person.event_id, _entry.effector == _person.number),
    )
    .where(_SINCE, _person.key == bindparam("whose"))
)


class SqlOutbox:
    """
    The outbox in a table; what is settled stays there.
    """

    __slots__ = ("_transaction",)

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, notices: Sequence[Notice], now: datetime, due: datetime | None = None) -> None:
        if notices:
            rows = [write_notice(each, now, due or now, rank) for rank, each in enumerate(notices)]
            self._transaction.write_all(_ADD, rows)

    def received(self, addresses: Collection[Address], since: datetime) -> Sequence[Letter]:
        keys = [address.key for address in addresses]
        after = {"since": write_instant(since)}
        rows = self._transaction.among(_RECEIVED, "keys", keys, after)
        return [read_letter(row) for row in rows]

    def caused(self, address: Address, since: datetime) -> Sequence[datetime]:
        parameters = {"whose": address.key, "since": write_instant(since)}
        return [read_instant(added) for (added,) in self._transaction.all(_CAUSED, parameters)]

    def claim(self, now: datetime, until: datetime, event_id: int | None = None) -> Post | None:
        row = first_due(self._transaction, now, event_id)
        if row is None:
            return None
        post = read_post(row)
        this = {"which": post.id, "claim": post.claims}
        self._transaction.write(_CLAIM, {**this, "until": write_instant(until)})
        return attrs.evolve(post, due=until, claims=post.claims + 1, unsettled=post.unsettled + 1)

    def is_newest(self, post: Post) -> bool:
        notice = post.notice
        parameters = {
            "event_id": notice.event_id,
            "recipient": notice.recipient,
            "kind": notice.kind.value,
            "which": post.id,
        }
        return self._transaction.one(_LATER, parameters) is None

    def settle(self, post: Post, outcome: Outcome) -> bool:
        return self._keep(_SETTLE, post, {"outcome": outcome.value})

    def put_back(self, post: Post) -> bool:
        kept = {
            "now_is": HELD if post.held else WAITING,
            "then": write_instant(post.due),
            "tried": post.attempts,
            "open_claims": post.unsettled,
            "reply": post.code,
        }
        return self._keep(_PUT_BACK, post, kept)

    def _keep(self, statement: Update, post: Post, kept: Mapping[str, Any]) -> bool:
        this = {"which": post.id, "claim": post.claims, **kept}
        return self._transaction.write(statement, this) == 1

    def waiting(self, event_id: int | None = None) -> Sequence[Post]:
        if event_id is None:
            return [read_post(row) for row in self._transaction.all(_WAITING, {})]
        parameters = {"event_id": min(event_id, LARGEST)}
        return [read_post(row) for row in self._transaction.all(_WAITING_OF_EVENT, parameters)]
