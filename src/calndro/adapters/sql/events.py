"""
Events, their people and their logs in SQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs
from sqlalchemy import and_, bindparam, false, insert, select, text, true, update

from calndro.adapters.sql.rows import (
    ENTRY_COLUMNS,
    EVENT_COLUMNS,
    PERSON_COLUMNS,
    STORED_COLUMNS,
    read_entry,
    read_ledger,
    read_stored_entry,
    write_chain,
    write_entry,
    write_event,
    write_person,
    write_state,
)
from calndro.adapters.sql.tables import entry_table, event_table, person_table
from calndro.adapters.sql.transaction import LARGEST
from calndro.core.errors import StorageError
from calndro.core.log import Occurrence
from calndro.core.party import Address


if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Select

    from calndro.adapters.sql.transaction import Row, Transaction
    from calndro.core.agreement import Status
    from calndro.core.audit import StoredEntry
    from calndro.core.ledger import Change, Ledger
    from calndro.core.log import Entry


_READ: Final = select(*EVENT_COLUMNS).where(event_table.c.id == bindparam("event_id"))
_READ_TO_CHANGE: Final = _READ.with_for_update()
_READ_PEOPLE: Final = (
    select(*PERSON_COLUMNS)
    .where(person_table.c.event_id == bindparam("event_id"))
    .order_by(person_table.c.number)
)
_READ_PEOPLE_OF_MANY: Final = (
    select(*PERSON_COLUMNS)
    .where(person_table.c.event_id.in_(bindparam("event_ids", expanding=True)))
    .order_by(person_table.c.event_id, person_table.c.number)
)

# Nobody else can be between reading and writing; the guard is there all the same.
_UNMOVED: Final = (event_table.c.id == bindparam("event_id")) & (
    event_table.c.seq == bindparam("old_seq")
)
# What is set follows from the parameters: only the chain's end, or the state as well.
_CHANGE: Final = update(event_table).where(_UNMOVED)
_ADD: Final = insert(event_table)

# PostgreSQL does not count an id that it was given.
_COUNT_ON: Final = text(
    "SELECT setval('calndro_event_id_seq',"
    " greatest(:event_id, (SELECT last_value FROM calndro_event_id_seq)))"
)
_ADD_PEOPLE: Final = insert(person_table).inline()
_ADD_ENTRIES: Final = insert(entry_table).inline()
_CHANGE_PERSON: Final = update(person_table).where(
    person_table.c.event_id == bindparam("which_event"),
    person_table.c.number == bindparam("which_number"),
)

_ALL_ENTRIES: Final = (
    select(*ENTRY_COLUMNS)
    .where(
        entry_table.c.event_id == bindparam("event_id"),
        entry_table.c.seq > bindparam("after"),
    )
    .order_by(entry_table.c.seq)
    .limit(bindparam("most"))
)
_ENTRIES: Final = {True: _ALL_ENTRIES, False: _ALL_ENTRIES.where(entry_table.c.delivery == false())}
_STORED: Final = (
    select(*STORED_COLUMNS)
    .where(
        entry_table.c.event_id == bindparam("event_id"),
        entry_table.c.seq > bindparam("after"),
    )
    .order_by(entry_table.c.seq)
    .limit(bindparam("most"))
)

_MENTIONING: Final = (
    select(event_table.c.id)
    .join_from(person_table, event_table, person_table.c.event_id == event_table.c.id)
    .where(person_table.c.key == bindparam("key"))
    .order_by(event_table.c.id)
)
_ANSWERED: Final = (
    select(person_table.c.address, person_table.c.key)
    .distinct()
    .join_from(
        person_table,
        entry_table,
        and_(
            person_table.c.event_id == entry_table.c.event_id,
            person_table.c.number == entry_table.c.effector,
        ),
    )
    .where(
        person_table.c.key.in_(bindparam("keys", expanding=True)),
        entry_table.c.occurrence == Occurrence.UPDATE.value,
    )
)
_MENTIONING_TO_CHANGE: Final = _MENTIONING.with_for_update(of=event_table)


def _pages() -> dict[tuple[bool, str, bool], Select[Any]]:
    """
    Write a statement for each way to list: of one member or not, by which status, in which order.
    """
    everyone = select(*EVENT_COLUMNS)
    theirs = everyone.join_from(
        person_table, event_table, person_table.c.event_id == event_table.c.id
    ).where(person_table.c.key == bindparam("key"), person_table.c.member == true())
    pages = {}
    for of_member, listed, number in (
        (False, everyone, event_table.c.id),
        (True, theirs, person_table.c.event_id),
    ):
        for newest_first, order in ((False, number.asc()), (True, number.desc())):
            limited = listed.where(number > bindparam("after"))
            limited = limited.order_by(order).limit(bindparam("most"))
            pages[of_member, "any", newest_first] = limited
            pages[of_member, "not closed", newest_first] = limited.where(
                event_table.c.closed == false()
            )
            pages[of_member, "status", newest_first] = limited.where(
                event_table.c.status == bindparam("status")
            )
    return pages


_PAGES: Final = _pages()


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
        row = transaction.one(_READ_TO_CHANGE if transaction.writes else _READ, where)
        return None if row is None else read_ledger(row, transaction.all(_READ_PEOPLE, where))

    def save(self, change: Change) -> Ledger:
        ledger = change.after
        if change.before is None:
            ledger = self._add(ledger)
        else:
            self._move(change.before, ledger)
        self._save_people(change.before, ledger)
        self._transaction.write_all(
            _ADD_ENTRIES, [write_entry(ledger.id, entry) for entry in change.entries]
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
        parameters: dict[str, Any] = {"after": min(after, LARGEST), "most": limit}
        if member is not None:
            parameters["key"] = member.key
        if status is not None:
            parameters["status"] = status.value
            kind = "status"
        else:
            kind = "any" if with_closed else "not closed"
        statement = _PAGES[member is not None, kind, newest_first]
        rows = self._transaction.all(statement, parameters)
        if not rows:
            return []
        people: dict[int, list[Row]] = {row[0]: [] for row in rows}
        for person in self._transaction.among(_READ_PEOPLE_OF_MANY, "event_ids", [*people]):
            people[person[0]].append(person)
        return [read_ledger(row, people[row[0]]) for row in rows]

    def entries(
        self, event_id: int, *, after: int, limit: int, with_deliveries: bool
    ) -> Sequence[Entry]:
        if not 0 < event_id <= LARGEST:
            return []
        parameters = {"event_id": event_id, "after": min(after, LARGEST), "most": limit}
        rows = self._transaction.all(_ENTRIES[with_deliveries], parameters)
        return [read_entry(row) for row in rows]

    def stored(self, event_id: int, *, after: int, limit: int) -> Sequence[StoredEntry]:
        if not 0 < event_id <= LARGEST:
            return []
        parameters = {"event_id": event_id, "after": min(after, LARGEST), "most": limit}
        return [read_stored_entry(row) for row in self._transaction.all(_STORED, parameters)]

    def mentioning(self, address: Address) -> Sequence[int]:
        """
        Find the events whose logs speak of an address.

        To write, their rows are locked, in order and before those of anything else.
        """
        statement = _MENTIONING_TO_CHANGE if self._transaction.writes else _MENTIONING
        return [row[0] for row in self._transaction.all(statement, {"key": address.key})]

    def answered(self, addresses: Collection[Address]) -> Collection[Address]:
        keys = [address.key for address in addresses]
        return {Address(*row) for row in self._transaction.among(_ANSWERED, "keys", keys)}

    def _add(self, ledger: Ledger) -> Ledger:
        row = write_event(ledger)
        if ledger.id:
            self._transaction.write(_ADD, {"id": ledger.id, **row})
            if self._transaction.dialect == "postgresql":
                self._transaction.write(_COUNT_ON, {"event_id": ledger.id})
            return ledger
        return attrs.evolve(ledger, id=self._transaction.add(_ADD, row))

    def _move(self, before: Ledger, ledger: Ledger) -> None:
        moved = {
            "event_id": before.id,
            "old_seq": before.chain.seq,
            **write_chain(ledger.chain),
        }
        if before.state is not ledger.state:
            moved.update(write_state(ledger.state))
        if self._transaction.write(_CHANGE, moved) != 1:
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
            self._transaction.write_all(_ADD_PEOPLE, new)
        for old, person in zip(known, ledger.people, strict=False):
            if person is not old and person != old:
                row = write_person(ledger.id, person, member=person.number <= members)
                where = {"which_event": ledger.id, "which_number": person.number}
                facts = {name: row[name] for name in ("address", "key", "salt")}
                self._transaction.write(_CHANGE_PERSON, {**where, **facts})
