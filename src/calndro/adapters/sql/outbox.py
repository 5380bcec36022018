"""
The outbox in SQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from calndro.adapters.sql.claiming import first_due
from calndro.adapters.sql.outbox_rows import HELD, WAITING, read_letter, read_post, write_notice
from calndro.adapters.sql.rows import read_instant, write_instant
from calndro.adapters.sql.transaction import LARGEST


if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from calndro.adapters.sql.transaction import Transaction
    from calndro.core.limit import Letter
    from calndro.core.notice import Notice, Outcome, Post
    from calndro.core.party import Address


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
            self._transaction.write_all("outbox.add", rows)

    def received(self, addresses: Collection[Address], since: datetime) -> Sequence[Letter]:
        keys = [address.key for address in addresses]
        after = {"since": write_instant(since)}
        rows = self._transaction.among("outbox.received", "keys", keys, after)
        return [read_letter(row) for row in rows]

    def caused(self, address: Address, since: datetime) -> Sequence[datetime]:
        parameters = {"whose": address.key, "since": write_instant(since)}
        rows = self._transaction.all("outbox.caused", parameters)
        return [read_instant(added) for (added,) in rows]

    def claim(self, now: datetime, until: datetime, event_id: int | None = None) -> Post | None:
        row = first_due(self._transaction, now, event_id)
        if row is None:
            return None
        post = read_post(row)
        this = {"which": post.id, "claim": post.claims}
        self._transaction.write("outbox.claim", {**this, "until": write_instant(until)})
        return attrs.evolve(post, due=until, claims=post.claims + 1, unsettled=post.unsettled + 1)

    def is_newest(self, post: Post) -> bool:
        notice = post.notice
        parameters = {
            "event_id": notice.event_id,
            "recipient": notice.recipient,
            "kind": notice.kind.value,
            "which": post.id,
        }
        return self._transaction.one("outbox.later", parameters) is None

    def settle(self, post: Post, outcome: Outcome) -> bool:
        return self._keep("outbox.settle", post, {"outcome": outcome.value})

    def put_back(self, post: Post) -> bool:
        kept = {
            "now_is": HELD if post.held else WAITING,
            "then": write_instant(post.due),
            "tried": post.attempts,
            "open_claims": post.unsettled,
            "reply": post.code,
        }
        return self._keep("outbox.put_back", post, kept)

    def _keep(self, statement: str, post: Post, kept: Mapping[str, Any]) -> bool:
        this = {"which": post.id, "claim": post.claims, **kept}
        return self._transaction.write(statement, this) == 1

    def waiting(self, event_id: int | None = None) -> Sequence[Post]:
        if event_id is None:
            return [read_post(row) for row in self._transaction.all("outbox.waiting", {})]
        parameters = {"event_id": min(event_id, LARGEST)}
        rows = self._transaction.all("outbox.waiting_of_event", parameters)
        return [read_post(row) for row in rows]
