"""
The floor's statements, and its events: rows made into JSON and entries by hand.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID


if TYPE_CHECKING:
    from collections.abc import Sequence


_EVENT: Final = (
    "e.id, e.uuid, e.title, e.zone, e.size, e.proposer, e.revision, e.status, e.closed, e.seq, "
    "e.head, e.last_at, e.slots, e.kept, e.erased, e.stopped, e.undelivered"
)
_USER: Final = '"key", address, barred, active, staff, password, epoch'

OF_TOKEN: Final = (
    'SELECT u.address, t."key", t.used FROM calndro_api_token t'  # noqa: S105  a statement
    ' JOIN calndro_user u ON t."key" = u."key" WHERE t.digest = ?'
)
FIND_USER: Final = f'SELECT {_USER} FROM calndro_user WHERE "key" = ?'  # noqa: S608  only our own columns
FIND_USERS: Final = f'SELECT {_USER} FROM calndro_user WHERE "key" IN ({{}})'  # noqa: S608  only our own columns
TOUCH: Final = "UPDATE calndro_api_token SET used = ? WHERE digest = ?"
ADD_USER: Final = (
    'INSERT INTO calndro_user ("key", address, active, staff, barred, epoch)'
    " VALUES (?, ?, ?, ?, ?, ?)"
)
FIND_EVENT: Final = f"SELECT {_EVENT} FROM calndro_event e WHERE e.id = ?"  # noqa: S608  only our own columns
_PERSON: Final = 'SELECT event_id, number, address, "key", salt FROM calndro_person'
FIND_PEOPLE: Final = f"{_PERSON} WHERE event_id = ? ORDER BY number"
PEOPLE_OF_MANY: Final = f"{_PERSON} WHERE event_id IN ({{}}) ORDER BY event_id, number"
PAGE: Final = (
    f"SELECT {_EVENT} FROM calndro_person p JOIN calndro_event e ON p.event_id = e.id"  # noqa: S608  only our own columns
    ' WHERE p."key" = ? AND p.member = ? AND p.event_id > ? AND e.closed = ?'
    " ORDER BY p.event_id LIMIT ?"
)
ENTRIES: Final = (
    "SELECT body, hash FROM calndro_entry WHERE event_id = ? AND seq > ? AND delivery = ?"
    " ORDER BY seq LIMIT ?"
)
MOVE: Final = "UPDATE calndro_event SET seq = ?, head = ?, last_at = ? WHERE id = ? AND seq = ?"
CHANGE: Final = (
    "UPDATE calndro_event SET slots = ?, kept = ?, revision = ?, seq = ?, head = ?, last_at = ?"
    " WHERE id = ? AND seq = ?"
)
ADD_EVENT: Final = (
    "INSERT INTO calndro_event (uuid, title, zone, size, proposer, revision, status, seq, head,"
    " last_at, slots, kept, erased, stopped, undelivered, closed)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id"
)
ADD_PERSON: Final = (
    'INSERT INTO calndro_person (event_id, number, address, "key", salt, member)'
    " VALUES (?, ?, ?, ?, ?, ?)"
)
ADD_ENTRY: Final = (
    "INSERT INTO calndro_entry (event_id, seq, at, occurrence, effector, hash, body, delivery)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
ADD_NOTICE: Final = (
    'INSERT INTO calndro_outbox (event_id, "of", recipient, kind, state, attempts, claims,'
    " unsettled, added, turn, due) VALUES (?, ?, ?, 'update', 'waiting', 0, 0, 0, ?, ?, ?)"
)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = 1_000_000
_INNER: Final = frozenset({"people", "parties"})
_NAMES: Final = frozenset({"recipient", "sender", "proposer", "erased"})
_SLOTS: Final = frozenset({"added", "removed", "accepted", "about"})


def dumps(value: object) -> str:
    """
    Write JSON in the shortest way.
    """
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def sorted_dumps(value: object) -> str:
    """
    Write JSON as it stands in an entry.
    """
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=True)


def format_when(microseconds: int) -> str:
    """
    Write an instant with six digits.
    """
    when = _EPOCH + timedelta(microseconds=microseconds)
    return when.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def read_slots(slots: list[dict[str, str]]) -> str:
    """
    Make of slots as they are sent, in order, in UTC and without fractions, what is stored.
    """
    pairs = []
    for slot in slots:
        hours, minutes, seconds = slot["duration"].split(":")
        length = (int(hours) * 60 + int(minutes)) * 60 + int(seconds)
        pairs.append([f"{slot['begin'][:-1]}.000000Z", length * _SECOND])
    return dumps(pairs)


def show_slot(pair: Sequence[Any]) -> dict[str, str]:
    """
    Show a slot.
    """
    begin, length = pair
    seconds, fraction = divmod(length, _SECOND)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    clock = f"{hour:02}:{minute:02}:{second:02}" + (f".{fraction:06}" if fraction else "")
    return {
        "begin": begin.replace(".000000", ""),
        "duration": f"{days} {clock}" if days else clock,
    }


class Event:
    """
    An event as its row has it.

    Args:
        row: Of the event.
        people: Of its people, by number.
    """

    __slots__ = (
        "before",
        "closed",
        "erased",
        "head",
        "id",
        "kept",
        "last_at",
        "me",
        "opening",
        "people",
        "proposer",
        "revision",
        "seq",
        "size",
        "slots",
        "status",
        "stopped",
        "title",
        "undelivered",
        "uuid",
        "zone",
    )

    def __init__(self, row: Sequence[Any], people: list[Any]) -> None:
        (
            self.id,
            uuid,
            self.title,
            self.zone,
            self.size,
            self.proposer,
            self.revision,
            self.status,
            self.closed,
            self.seq,
            self.head,
            self.last_at,
            self.slots,
            self.kept,
            self.erased,
            self.stopped,
            self.undelivered,
        ) = row
        self.uuid = UUID(bytes=uuid)
        self.people = people
        self.before = self.seq
        self.me = 0
        self.opening = ""

    @property
    def end(self) -> tuple[Any, ...]:
        """
        What moves the chain's end, if it is where it was.
        """
        return self.seq, self.head, self.last_at, self.id, self.before

    @property
    def new(self) -> tuple[Any, ...]:
        """
        What is stored of a new event, in the order of its statement.
        """
        return (
            self.uuid.bytes,
            *(self.title, self.zone, self.size, self.proposer, self.revision, self.status),
            *(self.seq, self.head, self.last_at, self.slots, self.kept),
            *(self.erased, self.stopped, self.undelivered),
        )

    def number_of(self, key: str) -> int:
        """
        Find a member's number.
        """
        found: int = next(number for _, number, _, known, _ in self.people if known == key)
        return found

    def name(self, number: int) -> str:
        """
        Write who stands under a number.
        """
        return self.people[number - 1][2] or f"erased-{number}" if number else "system"

    def append(self, now: int, occurrence: str, data: str) -> tuple[Any, ...]:
        """
        Add an entry to the chain; returns its row.
        """
        self.last_at = max(now, self.last_at + 1)
        self.seq += 1
        body = (
            f'{{"data":{data},"effector":{self.me},"event":"{self.uuid}",'
            f'"occurrence":"{occurrence}","seq":{self.seq},"slots":{self.slots},"v":1,'
            f'"when":"{format_when(self.last_at)}"}}'
        ).encode()
        self.head = sha256(b"calndro/entry/v1\x00" + self.head + sha256(body).digest()).digest()
        return self.id, self.seq, self.last_at, occurrence, self.me, self.head, body

    def narrow(self, wanted: str) -> str:
        """
        Leave what is also wanted, two slots or more; returns the data of its entry.
        """
        slots, names = json.loads(self.slots), {tuple(pair) for pair in json.loads(wanted)}
        left = [place for place, pair in enumerate(slots) if tuple(pair) in names]
        kept = [
            None if mark is None else sum(1 << n for n, p in enumerate(left) if mark >> p & 1)
            for mark in json.loads(self.kept)
        ]
        kept[self.me - 1] = (1 << len(left)) - 1
        before = self.slots, self.kept
        removed = [pair for place, pair in enumerate(slots) if place not in left]
        self.slots, self.kept = dumps([slots[place] for place in left]), dumps(kept)
        self.revision += before != (self.slots, self.kept)
        return f'{{"form":"narrow","removed":{dumps(removed)}}}' if removed else '{"form":"narrow"}'

    def shown(self, url: str) -> bytes:
        """
        Show the event.
        """
        names = [person[2] or f"erased-{person[1]}" for person in self.people[: self.size]]
        slots = [show_slot(pair) for pair in json.loads(self.slots)]
        marks, erased = json.loads(self.kept), json.loads(self.erased)
        where = f"{url}/{self.id}/"
        is_open = self.status == "open"
        kept = {
            name: None if mark is None else [slot for n, slot in enumerate(slots) if mark >> n & 1]
            for name, mark in zip(names, marks, strict=True)
        }
        shown = {
            "id": self.id,
            "url": where,
            "log_url": f"{where}log/",
            "notify_url": f"{where}notify/",
            "title": self.title,
            "parties": names,
            "slots": slots,
            "zone": self.zone,
            "revision": self.revision,
            "status": self.status,
            "waiting_on": [
                name
                for number, (name, mark) in enumerate(zip(names, marks, strict=True), start=1)
                if is_open and not mark and number not in erased
            ],
            "kept": kept,
            "proposer": self.name(self.proposer),
            "mail_stopped": [self.name(number) for number in json.loads(self.stopped)],
            "undelivered": [self.name(number) for number in json.loads(self.undelivered)],
            "audit": {"event": str(self.uuid), "seq": self.seq, "head": self.head.hex()},
        }
        return dumps(shown).encode()

    def told(self, url: str, parties: list[str]) -> bytes:
        """
        Show what was told to whom.
        """
        where = f"{url}/{self.id}/"
        told = {
            "parties": parties,
            "slots": [show_slot(pair) for pair in json.loads(self.slots)],
            "event_url": where,
            "log_url": f"{where}log/",
            "notify_url": f"{where}notify/",
        }
        return dumps(told).encode()

    def log(self, url: str, entries: list[Any]) -> bytes:
        """
        Show entries.
        """
        shown = []
        for body, digest in entries:
            fact = json.loads(body)
            data = {
                name: self._shown(name, value)
                for name, value in fact["data"].items()
                if name not in _INNER
            }
            shown.append(
                {
                    "id": fact["seq"],
                    "when": fact["when"],
                    "occurrence": fact["occurrence"],
                    "effector": self.name(fact["effector"]),
                    "slots": [show_slot(pair) for pair in fact["slots"]],
                    "data": data,
                    "hash": digest.hex(),
                }
            )
        names = [self.name(number) for number in range(1, self.size + 1)]
        return dumps({"event": f"{url}/{self.id}/", "parties": names, "entries": shown}).encode()

    def _shown(self, name: str, value: Any) -> Any:
        if name in _NAMES:
            return self.name(value)
        return [show_slot(pair) for pair in value] if name in _SLOTS else value


def opened(
    identity: bytes, parties: list[str], salts: list[bytes], key: str, slots: str, title: str
) -> Event:
    """
    Make a new event of two slots or more, proposed by one of its parties.
    """
    uuid = UUID(bytes=identity, version=4)
    keys = [party.lower() for party in parties]
    people = [
        (0, number, text, known, salt)
        for number, (text, known, salt) in enumerate(zip(parties, keys, salts, strict=False), 1)
    ]
    me = keys.index(key) + 1
    count = len(json.loads(slots))
    kept = dumps([(1 << count) - 1 if n == me else None for n in range(1, len(parties) + 1)])
    head = sha256(b"calndro/genesis/v1\x00" + uuid.bytes).digest()
    row = (0, uuid.bytes, title, "UTC", len(parties), me, 1, "open", False, 0, head, 0)
    event = Event((*row, slots, kept, "[]", "[]", "[]"), people)
    event.me = me
    prefix = b"calndro/person/v1\x00" + uuid.bytes
    event.opening = sorted_dumps(
        {
            "opened": "created",
            "parties": len(parties),
            "proposer": me,
            "zone": "UTC",
            "title": title,
            "people": {
                str(number): sha256(
                    prefix + number.to_bytes(2, "big") + salt + text.encode()
                ).hexdigest()
                for _, number, text, _, salt in people
            },
        }
    )
    return event
