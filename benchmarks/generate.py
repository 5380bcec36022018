"""
Fills an empty database with events whose logs verify: from a thousand to a million.

    python -m benchmarks.generate sqlite:///big.db --events 1000000 --entries 10

You are a party of all of them. Each log has a proposal and then views; the first event's
may be longer.
"""

from __future__ import annotations

import argparse
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import attrs
import sqlalchemy

from benchmarks import floor_rows as rows
from benchmarks.floor_store import open_store
from calndro.adapters.sql.storage import SqlStorage
from calndro.adapters.sql.upgrading import upgrade
from calndro.adapters.system import SystemClock


if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.floor_store import Store


YOU: Final = "you@here.net"
TOKEN: Final = sha256(b"benchmark").hexdigest()[:40]
START: Final = datetime(2026, 11, 1, tzinfo=UTC)
NOON: Final = datetime(2096, 12, 1, 12, tzinfo=UTC)
HALF_HOUR: Final = timedelta(minutes=30)
DAYS: Final = 100
BATCH: Final = 500


@attrs.frozen(kw_only=True)
class Shape:
    """
    What a generated database looks like.

    Args:
        events: How many.
        entries: In each log.
        first_entries: In the log of the first event.
        parties: Of each event, you among them.
        slots: On each table.
    """

    events: int = 1000
    entries: int = 10
    first_entries: int = 10
    parties: int = 8
    slots: int = 10


def slot_jsons(number: int, count: int) -> list[dict[str, str]]:
    """
    Write the slots that an event begins with, as they are sent; a day has few of them.
    """
    noon = NOON + number % DAYS * timedelta(days=1)
    begins = [(noon + n * HALF_HOUR).replace(tzinfo=None).isoformat() for n in range(count)]
    return [{"begin": f"{begin}Z", "duration": "00:30:00"} for begin in begins]


def party(number: int) -> str:
    """
    Name a party; you are the first.
    """
    return YOU if number == 0 else f"p{number}@thar.net"


def fill(url: str, shape: Shape, now: datetime | None = None) -> None:
    """
    Fill a database that has nothing in it.

    Args:
        url: As SQLAlchemy writes it; a file of SQLite is made.
        shape: Of what.
        now: When your API token was used last; the present unless given.
    """
    is_sqlite = url.startswith("sqlite")
    if is_sqlite:
        with SqlStorage(url):
            pass
    else:
        upgrade(url)
    with open_store(url) as store:
        with store.writing() as cursor:
            used = ((now or SystemClock().now()) - START) // timedelta(microseconds=1) + _start()
            yes, no = store.yes, store.no
            for number in range(shape.parties):
                text = party(number)
                cursor.execute(rows.ADD_USER, (text, text, yes, no, no, 0))
            values = (sha256(TOKEN.encode()).digest(), YOU, used)
            cursor.execute(
                'INSERT INTO calndro_api_token (digest, "key", used) VALUES (?, ?, ?)', values
            )
        for first in range(1, shape.events + 1, BATCH):
            _add(store, shape, first, min(first + BATCH, shape.events + 1))
        with store.writing() as cursor:
            cursor.execute(store.analyze, ())
    if is_sqlite:
        # The file alone is then the whole database, and can be copied.
        with closing(sqlite3.connect(sqlalchemy.make_url(url).database or "")) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _start() -> int:
    return (START - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _add(store: Store, shape: Shape, first: int, end: int) -> None:
    yes, no = store.yes, store.no
    events, people, entries = [], [], []
    for number in range(first, end):
        event, written = _event(shape, number)
        events.append((*event.new, no))
        people += [(number, *person[1:], yes) for person in event.people]
        entries += [(*entry, no) for entry in written]
    with store.writing() as cursor:
        # Ids count up from 1 in the order of insertion.
        cursor.executemany(rows.ADD_EVENT.removesuffix(" RETURNING id"), events)
        cursor.executemany(rows.ADD_PERSON, people)
        cursor.executemany(rows.ADD_ENTRY, entries)


def _event(shape: Shape, number: int) -> tuple[rows.Event, list[tuple[Any, ...]]]:
    seed = sha256(number.to_bytes(8, "big")).digest()
    parties = [party(n) for n in range(shape.parties)]
    salts = [bytes([n % 256]) + seed[1:] for n in range(shape.parties)]
    slots = rows.read_slots(slot_jsons(number, shape.slots))
    event = rows.opened(seed[:16], parties, salts, YOU, slots, f"appointment {number}")
    event.id = number
    at = _start() + number
    count = shape.first_entries if number == 1 else shape.entries
    return event, list(_entries(event, at, count))


def _entries(event: rows.Event, at: int, count: int) -> Iterator[tuple[Any, ...]]:
    yield event.append(at, "UPDATE", event.opening)
    for _ in range(count - 1):
        yield event.append(at, "VIEW", "{}")


def main() -> None:
    """
    Fill the database that is named.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    for field in attrs.fields(Shape):
        name = f"--{field.name.replace('_', '-')}"
        parser.add_argument(name, type=int, default=field.default)
    asked = vars(parser.parse_args())
    fill(asked.pop("url"), Shape(**asked))


if __name__ == "__main__":
    main()
