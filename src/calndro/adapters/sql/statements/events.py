"""
The statements about events, their people and their logs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, false, insert, select, text, true, update

from calndro.adapters.sql.rows import (
    BESIDE_COLUMNS,
    CHAIN_COLUMNS,
    ENTRY_COLUMNS,
    EVENT_COLUMNS,
    PERSON_COLUMNS,
    STATE_COLUMNS,
    STORED_COLUMNS,
)
from calndro.adapters.sql.statements.naming import columns, counted, given
from calndro.adapters.sql.tables import entry_table, event_table, person_table
from calndro.core.log import Occurrence


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Executable, Select


def event_statements(dialect: str) -> Mapping[str, Executable]:
    """
    Make all of them.
    """
    made = {**_of_events(), **_pages(), **_of_people(), **_of_entries()}
    if dialect == "postgresql":
        # It does not count an id that it was given.
        made["event.count_on"] = text(
            "SELECT setval('calndro_event_id_seq',"
            " greatest(:event_id, (SELECT last_value FROM calndro_event_id_seq)))"
        )
    return made


def _of_events() -> Mapping[str, Executable]:
    read = select(*columns(event_table, EVENT_COLUMNS)).where(
        event_table.c.id == bindparam("event_id")
    )
    # Nobody else can be between reading and writing; the guard is there all the same.
    unmoved = update(event_table).where(
        event_table.c.id == bindparam("event_id"), event_table.c.seq == bindparam("old_seq")
    )
    return {
        "event.read": read,
        "event.read_to_change": read.with_for_update(),
        "event.add": counted(event_table),
        "event.add_under_id": insert(event_table),
        "event.move": unmoved.values(given(CHAIN_COLUMNS)),
        "event.change": unmoved.values(given(CHAIN_COLUMNS + STATE_COLUMNS)),
    }


def _pages() -> Mapping[str, Executable]:
    """
    Write a statement for each way to list: whose, by which status, in which order.
    """
    everyone = select(*columns(event_table, EVENT_COLUMNS))
    theirs = everyone.join_from(
        person_table, event_table, person_table.c.event_id == event_table.c.id
    ).where(person_table.c.key == bindparam("key"), person_table.c.member == true())
    pages: dict[str, Select[Any]] = {}
    for whose, listed, number in (
        ("everyone", everyone, event_table.c.id),
        ("theirs", theirs, person_table.c.event_id),
    ):
        for first, order, later in (
            ("oldest", number.asc(), number > bindparam("after")),
            ("newest", number.desc(), number < bindparam("after")),
        ):
            limited = listed.where(later).order_by(order).limit(bindparam("most"))
            name = f"event.page.{whose}.{first}"
            pages[f"{name}.any"] = limited
            pages[f"{name}.not_closed"] = limited.where(event_table.c.closed == false())
            pages[f"{name}.status"] = limited.where(event_table.c.status == bindparam("status"))
    return pages


def _of_people() -> Mapping[str, Executable]:
    read = select(*columns(person_table, PERSON_COLUMNS))
    mentioning = (
        select(event_table.c.id)
        .join_from(person_table, event_table, person_table.c.event_id == event_table.c.id)
        .where(person_table.c.key == bindparam("key"))
        .order_by(event_table.c.id)
    )
    return {
        "person.read": read.where(person_table.c.event_id == bindparam("event_id")).order_by(
            person_table.c.number
        ),
        "person.read_of_many": read.where(
            person_table.c.event_id.in_(bindparam("event_ids", expanding=True))
        ).order_by(person_table.c.event_id, person_table.c.number),
        "person.add": insert(person_table).inline(),
        "person.change": update(person_table)
        .where(
            person_table.c.event_id == bindparam("which_event"),
            person_table.c.number == bindparam("which_number"),
        )
        .values(given(("address", "key", "salt"))),
        "person.mentioning": mentioning,
        "person.mentioning_to_change": mentioning.with_for_update(of=event_table),
        "person.read_as_stored": select(
            event_table.c.status, *columns(person_table, BESIDE_COLUMNS)
        )
        .join_from(person_table, event_table, person_table.c.event_id == event_table.c.id)
        .where(person_table.c.event_id == bindparam("event_id"))
        .order_by(person_table.c.number),
        "person.answered": select(person_table.c.address, person_table.c.key)
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
        ),
    }


def _of_entries() -> Mapping[str, Executable]:
    seq = entry_table.c.seq
    forwards, backwards = (
        (seq > bindparam("after"), seq.asc()),
        (seq < bindparam("after"), seq.desc()),
    )
    oldest, newest = _page(ENTRY_COLUMNS, *forwards), _page(ENTRY_COLUMNS, *backwards)
    is_no_delivery = entry_table.c.delivery == false()
    return {
        "entry.add": insert(entry_table).inline(),
        "entry.page.oldest.any": oldest,
        "entry.page.oldest.no_delivery": oldest.where(is_no_delivery),
        "entry.page.newest.any": newest,
        "entry.page.newest.no_delivery": newest.where(is_no_delivery),
        "entry.read_as_stored": _page(STORED_COLUMNS, *forwards),
    }


def _page(
    names: Sequence[str], later: ColumnElement[bool], order: ColumnElement[int]
) -> Select[Any]:
    return (
        select(*columns(entry_table, names))
        .where(entry_table.c.event_id == bindparam("event_id"), later)
        .order_by(order)
        .limit(bindparam("most"))
    )
