"""
Makes values of the rows of Django's models, however a file writes their fields.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from calndro.core.durations import parse_duration
from calndro.core.errors import Faults, InvalidInputError
from calndro.core.original import (
    FormerEntry,
    FormerEvent,
    FormerKey,
    FormerLink,
    FormerUser,
    Original,
)


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

T = TypeVar("T")

USER: Final = "auth.user"
EVENT: Final = "schedul.event"
SLOT: Final = "schedul.timespan"
ENTRY: Final = "schedul.dispatchlogentry"
LINK: Final = "schedul.emailtoken"
KEY: Final = "authtoken.token"
PARTIES: Final = "schedul.event_parties"
MODELS: Final = (USER, EVENT, SLOT, ENTRY, LINK, KEY)

_SECRET: Final = frozenset({LINK, KEY})
_DIGITS: Final = re.compile("[0-9]{1,18}")
_DAYS: Final = re.compile(r"(?P<days>[0-9]+) days?(?: (?P<clock>[0-9:.]+))?")
_LARGEST: Final = 2**63 - 1
_MICROSECOND: Final = timedelta(microseconds=1)
_LONGEST: Final = timedelta(days=1000)
"""More than a slot may last, and so refused where it is read, however long it was."""


@attrs.frozen
class Row:
    """
    A row of a model.

    Args:
        model: Its name, as in a fixture.
        key: Its primary key.
        fields: By the names that a fixture has.
    """

    model: str
    key: Any
    fields: Mapping[str, Any]

    def read(self, name: str, reader: Callable[[Any], T], default: Any = None) -> T:
        """
        Read a field.

        Raises:
            InvalidInputError: At its name.
        """
        try:
            return reader(self.fields.get(name, default))
        except InvalidInputError as error:
            raise error.under(name) from None


def assembled(rows: Iterable[Row]) -> Original:
    """
    Put events together with their slots and logs.

    Raises:
        InvalidInputError: Fields that can't be read, and keys that stand twice; all are named.
    """
    tables: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        tables[row.model].append(row)
    faults = Faults()

    def read(model: str, reader: Callable[[Row], T]) -> tuple[T, ...]:
        found, keys = [], set()
        for place, row in enumerate(tables[model], start=1):
            # The key of these is a secret.
            name = f"{model}, number {place}" if model in _SECRET else f"{model} {row.key}"
            with faults.at(name):
                if str(row.key) in keys:
                    raise InvalidInputError.of("its key stands twice")
                keys.add(str(row.key))
                found.append(reader(row))
        return tuple(found)

    users = read(USER, _user)
    slots = _by_event(read(SLOT, _slot))
    entries = _by_event(read(ENTRY, _entry))
    parties = _by_event(read(PARTIES, _party))
    events = read(EVENT, lambda row: _event(row, parties, slots, entries))
    original = Original(users, events, read(LINK, _link), read(KEY, _key))
    _check_homes({str(row.key) for row in tables[EVENT]}, {SLOT: slots, ENTRY: entries}, faults)
    faults.settle()
    return original


def _by_event(found: Iterable[tuple[int, T]]) -> dict[int, list[T]]:
    grouped: dict[int, list[T]] = defaultdict(list)
    for event, value in found:
        grouped[event].append(value)
    return grouped


def _check_homes(
    events: set[str], grouped: Mapping[str, Mapping[int, Any]], faults: Faults
) -> None:
    for model, of_events in grouped.items():
        for event in sorted(of_events):
            if str(event) not in events:
                faults.add(f"there is no {EVENT} {event}", model)


def _user(row: Row) -> FormerUser:
    return FormerUser(
        _integer(row.key),
        row.read("email", _text),
        row.read("password", _text),
        active=row.read("is_active", _flag, default=True),
        staff=row.read("is_staff", _flag) or row.read("is_superuser", _flag),
    )


def _slot(row: Row) -> tuple[int, tuple[datetime, timedelta]]:
    slot = row.read("begin", _moment), row.read("duration", _span)
    return row.read("event", _integer), slot


def _entry(row: Row) -> tuple[int, FormerEntry]:
    entry = FormerEntry(
        _integer(row.key),
        row.read("when", _moment),
        row.read("occurrence", _text),
        row.read("effector", _text),
        row.read("slots", _json),
        row.read("data", _json, default="{}"),
    )
    return row.read("event", _integer), entry


def _party(row: Row) -> tuple[int, int]:
    return row.read("event", _integer), row.read("user", _integer)


def _event(
    row: Row,
    parties: Mapping[int, list[int]],
    slots: Mapping[int, list[tuple[datetime, timedelta]]],
    entries: Mapping[int, list[FormerEntry]],
) -> FormerEvent:
    key = _integer(row.key)
    named = row.read("parties", _integers) if "parties" in row.fields else parties.get(key, [])
    return FormerEvent(
        key,
        row.read("title", _text),
        tuple(named),
        tuple(slots.get(key, [])),
        tuple(entries.get(key, [])),
    )


def _link(row: Row) -> FormerLink:
    return FormerLink(
        _text(row.key),
        row.read("event", _integer),
        row.read("user", _integer),
        row.read("expires", _moment),
    )


def _key(row: Row) -> FormerKey:
    return FormerKey(_text(row.key), row.read("user", _integer), row.read("created", _moment))


def _integer(value: Any) -> int:
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= _LARGEST:
        raise InvalidInputError.of("a key has to be a positive whole number")
    return value


def _integers(value: Any) -> list[int]:
    if not isinstance(value, list):
        raise InvalidInputError.of("this is no list of keys")
    return [_integer(each) for each in value]


def _flag(value: Any) -> bool:
    return value in (True, "t", "true")


def _text(value: Any) -> str:
    if value is not None and not isinstance(value, str):
        raise InvalidInputError.of("this is no text")
    return value or ""


def _json(value: Any) -> str:
    if isinstance(value, bytes):
        raise InvalidInputError.of("this is no text")
    return value if isinstance(value, str) else json.dumps(value)


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(value))
    except ValueError:
        raise InvalidInputError.of("this is no point in time") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _span(value: Any) -> timedelta:
    # SQLite has no type for it, and Django keeps microseconds there.
    if isinstance(value, int) and not isinstance(value, bool):
        return _LONGEST if abs(value) > _LONGEST // _MICROSECOND else value * _MICROSECOND
    text = _text(value)
    days = _DAYS.fullmatch(text)
    if days is not None:
        text = f"{days['days']} {days['clock'] or '00:00:00'}"
    return parse_duration(text)
