"""
Events, their people and their logs in SQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from calndro.adapters.sql.rows import (
    read_beside,
    read_entry,
    read_ledger,
    read_stored_entry,
    write_chain,
    write_entry,
    write_event,
    write_person,
    write_state,
)
from calndro.adapters.sql.transaction import LARGEST
from calndro.core.errors import StorageError
from calndro.core.log import UNREADABLE
from calndro.core.party import Address
from calndro.core.stored import DamagedError


if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from calndro.adapters.sql.transaction import Row, Transaction
    from calndro.core.agreement import Status
    from calndro.core.ledger import Change, Ledger
    from calndro.core.log import Entry
    from calndro.core.stored import StoredEntry, StoredEvent


class SqlEventRepository:
    """
    Events in three tables: what an event is, its people, its log.
    """

    __slots__ = ("_transaction",)

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def get(self, event_id: int) -> Ledger | None:
        if not 0 < event_id <= LARGEST:
            return None
        where = {"event_id": event_id}
        transaction = self._transaction
        row = transaction.one("event.read_to_change" if transaction.writes else "event.read", where)
        return None if row is None else read_ledger(row, transaction.all("person.read", where))

    def save(self, change: Change) -> Ledger:
        ledger = change.after
        if change.before is None:
            ledger = self._add(ledger)
        else:
            self._move(change.before, ledger)
        self._save_people(change.before, ledger)
        self._transaction.write_all(
            "entry.add", [write_entry(ledger.id, entry) for entry in change.entries]
        )
        return ledger

    def page(
        self,
        member: Address | None,
        *,
        status: Status | None,
        with_closed: bool,
        after: int,
        limit: int,
        newest_first: bool = False,
    ) -> Sequence[Ledger]:
        start = LARGEST if newest_first else 0
        parameters: dict[str, Any] = {"after": min(after or start, LARGEST), "most": limit}
        if member is not None:
            parameters["key"] = member.key
        if status is not None:
            parameters["status"] = status.value
            kind = "status"
        else:
            kind = "any" if with_closed else "not_closed"
        whose = "everyone" if member is None else "theirs"
        first = "newest" if newest_first else "oldest"
        rows = self._transaction.all(f"event.page.{whose}.{first}.{kind}", parameters)
        if not rows:
            return []
        people: dict[int, list[Row]] = {row[0]: [] for row in rows}
        for person in self._transaction.among("person.read_of_many", "event_ids", [*people]):
            people[person[0]].append(person)
        return [read_ledger(row, people[row[0]]) for row in rows]

    def entries(
        self,
        event_id: int,
        *,
        after: int,
        limit: int,
        with_deliveries: bool,
        newest_first: bool = False,
    ) -> Sequence[Entry]:
        if not 0 < event_id <= LARGEST:
            return []
        start = LARGEST if newest_first else 0
        parameters = {"event_id": event_id, "after": min(after or start, LARGEST), "most": limit}
        first = "newest" if newest_first else "oldest"
        kind = "any" if with_deliveries else "no_delivery"
        rows = self._transaction.all(f"entry.page.{first}.{kind}", parameters)
        try:
            return [read_entry(row) for row in rows]
        except UNREADABLE as error:
            raise DamagedError(event_id) from error

    def stored(self, event_id: int, *, after: int, limit: int) -> Sequence[StoredEntry]:
        if not 0 < event_id <= LARGEST:
            return []
        parameters = {"event_id": event_id, "after": min(after, LARGEST), "most": limit}
        rows = self._transaction.all("entry.read_as_stored", parameters)
        return [read_stored_entry(row) for row in rows]

    def beside(self, event_id: int) -> StoredEvent:
        return read_beside(self._transaction.all("person.read_as_stored", {"event_id": event_id}))

    def mentioning(self, address: Address) -> Sequence[int]:
        """
        Find the events whose logs speak of an address.

        To write, their rows are locked, in order and before those of anything else.
        """
        name = "person.mentioning_to_change" if self._transaction.writes else "person.mentioning"
        return [row[0] for row in self._transaction.all(name, {"key": address.key})]

    def answered(self, addresses: Collection[Address]) -> Collection[Address]:
        keys = [address.key for address in addresses]
        return {Address(*row) for row in self._transaction.among("person.answered", "keys", keys)}

    def _add(self, ledger: Ledger) -> Ledger:
        row = write_event(ledger)
        if ledger.id:
            self._transaction.write("event.add_under_id", {"id": ledger.id, **row})
            if self._transaction.dialect == "postgresql":
                self._transaction.write("event.count_on", {"event_id": ledger.id})
            return ledger
        return attrs.evolve(ledger, id=self._transaction.add("event.add", row))

    def _move(self, before: Ledger, ledger: Ledger) -> None:
        moved = {
            "event_id": before.id,
            "old_seq": before.chain.seq,
            **write_chain(ledger.chain),
        }
        statement = "event.move"
        if before.state is not ledger.state:
            statement = "event.change"
            moved.update(write_state(ledger.state))
        if self._transaction.write(statement, moved) != 1:
            raise StorageError(f"event {before.id} is not as it was before this change")

    def _save_people(self, before: Ledger | None, ledger: Ledger) -> None:
        known = () if before is None else before.people
        if known is ledger.people:
            return
        members = len(ledger.members)
        new = [
            write_person(ledger.id, person, member=person.number <= members)
            for person in ledger.people[len(known) :]
        ]
        if new:
            self._transaction.write_all("person.add", new)
        for old, person in zip(known, ledger.people, strict=False):
            if person is not old and person != old:
                row = write_person(ledger.id, person, member=person.number <= members)
                where = {"which_event": ledger.id, "which_number": person.number}
                facts = {name: row[name] for name in ("address", "key", "salt")}
                self._transaction.write("person.change", {**where, **facts})
