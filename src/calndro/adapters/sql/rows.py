"""
Values to rows and back: two pure functions for each.

What goes into a statement is a mapping by column; what comes back is a row in the order of
the ``…_COLUMNS`` beside the reader, in which truth values may be 0 and 1.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from calndro.core.agreement import State
from calndro.core.event import is_delivery
from calndro.core.ledger import Ledger, Person
from calndro.core.log import UNREADABLE, Chain, decode, format_table, parse_table
from calndro.core.party import Address
from calndro.core.stored import DamagedError, StoredEntry, StoredEvent
from calndro.core.token import EmailToken
from calndro.core.user import ApiToken, Session, User


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from calndro.core.log import Entry
    from calndro.core.slot import Table


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def write_instant(instant: datetime) -> int:
    """
    Count the microseconds from 1970 to an instant.
    """
    return (instant - _EPOCH) // _MICROSECOND


def read_instant(microseconds: int) -> datetime:
    """
    Find the instant so many microseconds after 1970, in UTC.
    """
    return _EPOCH + timedelta(microseconds=microseconds)


CHAIN_COLUMNS: Final = ("seq", "head", "last_at")


def write_chain(chain: Chain) -> dict[str, Any]:
    """
    Write what every new entry moves.
    """
    if chain.when is None:
        raise ValueError("an event is stored with its first entry, never before")
    return {"seq": chain.seq, "head": chain.head, "last_at": write_instant(chain.when)}


STATE_COLUMNS: Final = (
    "title",
    "revision",
    "status",
    "closed",
    "slots",
    "kept",
    "erased",
    "stopped",
    "undelivered",
)


def write_state(state: State) -> dict[str, Any]:
    """
    Write what a change of the event itself moves.
    """
    return {
        "title": state.title,
        "revision": state.revision,
        "status": state.status.value,
        "closed": state.closed,
        "slots": format_table(state.slots),
        "kept": _dumped(_marks(state.slots, state.kept)),
        "erased": _dumped(sorted(state.erased)),
        "stopped": _dumped(sorted(state.stopped)),
        "undelivered": _dumped(sorted(state.undelivered)),
    }


def write_event(ledger: Ledger) -> dict[str, Any]:
    """
    Write a new event, all but its id.
    """
    state = ledger.state
    return {
        "uuid": ledger.chain.uuid.bytes,
        "zone": state.zone,
        "size": state.size,
        "proposer": state.proposer,
        **write_state(state),
        **write_chain(ledger.chain),
    }


EVENT_COLUMNS: Final = (
    "id",
    "uuid",
    "title",
    "zone",
    "size",
    "proposer",
    "revision",
    "status",
    "closed",
    "seq",
    "head",
    "last_at",
    "slots",
    "kept",
    "erased",
    "stopped",
    "undelivered",
)


def read_ledger(row: Sequence[Any], people: Iterable[Sequence[Any]]) -> Ledger:
    """
    Read an event.

    Args:
        row: Of the event.
        people: Of its people, by number.

    Raises:
        DamagedError: They are no event, or lack somebody whom it needs.
    """
    try:
        ledger = _read_ledger(row, map(read_person, people))
    except UNREADABLE as error:
        raise DamagedError(row[0]) from error
    if len(ledger.people) < max(ledger.state.size, ledger.state.proposer):
        raise DamagedError(ledger.id)
    return ledger


def _read_ledger(row: Sequence[Any], people: Iterable[Person]) -> Ledger:
    (
        number,
        uuid,
        title,
        zone,
        size,
        proposer,
        revision,
        _,
        closed,
        seq,
        head,
        last_at,
        slots_text,
        kept_text,
        erased,
        stopped,
        undelivered,
    ) = row
    slots = parse_table(slots_text)
    state = State(
        title,
        zone,
        size,
        proposer,
        slots,
        _kept(slots, json.loads(kept_text)),
        _numbers(erased),
        _numbers(stopped),
        bool(closed),
        revision,
        _numbers(undelivered),
    )
    # What is given out in receipts is taken for what it should be, whatever was stored.
    chain = Chain(UUID(bytes=uuid), int(seq), bytes(head), read_instant(last_at))
    return Ledger(number, tuple(people), chain, state)


def write_person(event_id: int, person: Person, *, member: bool) -> dict[str, Any]:
    """
    Write somebody an event's log speaks of.

    Args:
        event_id: Which event.
        person: Who.
        member: True for a party and the proposer.
    """
    address = person.address
    return {
        "event_id": event_id,
        "number": person.number,
        "address": None if address is None else address.text,
        "key": None if address is None else address.key,
        "salt": person.salt,
        "member": member,
    }


PERSON_COLUMNS: Final = ("event_id", "number", "address", "key", "salt")


def read_person(row: Sequence[Any]) -> Person:
    """
    Read somebody an event's log speaks of.
    """
    _, number, text, key, salt = row
    return Person(number, None if key is None else Address(text, key), salt)


BESIDE_COLUMNS: Final = ("number", "key", "member")


def read_beside(rows: Iterable[Sequence[Any]]) -> StoredEvent:
    """
    Read what is kept beside an event: its people, of whom each brings its status in front.
    """
    found = [*rows]
    people = tuple((number, key, bool(member)) for _, number, key, member in found)
    return StoredEvent(found[0][0], people)


def write_entry(event_id: int, entry: Entry) -> dict[str, Any]:
    """
    Write a log entry: its bytes as they are, and what is searched for.
    """
    return {
        "event_id": event_id,
        "seq": entry.seq,
        "at": write_instant(entry.when),
        "occurrence": entry.occurrence.value,
        "effector": entry.effector,
        "delivery": is_delivery(entry),
        "hash": entry.hash,
        "body": entry.body,
    }


ENTRY_COLUMNS: Final = ("body", "hash")


def read_entry(row: Sequence[Any]) -> Entry:
    """
    Read a log entry from its bytes.
    """
    body, digest = row
    return decode(body, digest)


STORED_COLUMNS: Final = ("seq", "at", "occurrence", "effector", "delivery", "body", "hash")


def read_stored_entry(row: Sequence[Any]) -> StoredEntry:
    """
    Read a log entry with all that is kept beside its bytes.
    """
    seq, at, occurrence, effector, delivery, body, digest = row
    try:
        when = read_instant(at)
    except UNREADABLE:
        when = None
    return StoredEntry(seq, when, occurrence, effector, bool(delivery), body, digest)


def write_user(user: User) -> dict[str, Any]:
    """
    Write a user.
    """
    return {
        "key": user.address.key,
        "address": user.address.text,
        "password": user.password,
        "active": user.active,
        "staff": user.staff,
        "barred": user.barred,
        "epoch": user.epoch,
    }


USER_COLUMNS: Final = ("key", "address", "password", "active", "staff", "barred", "epoch")


def read_user(row: Sequence[Any]) -> User:
    """
    Read a user.
    """
    key, text, password, active, staff, barred, epoch = row
    return User(Address(text, key), password, bool(active), bool(staff), bool(barred), epoch)


def write_email_token(token: EmailToken) -> dict[str, Any]:
    """
    Write what is kept of an email token.
    """
    return {
        "digest": token.digest,
        "event_id": token.event_id,
        "person": token.person,
        "expires": write_instant(token.expires),
        "revoked": token.revoked,
        "spent": token.spent,
    }


EMAIL_TOKEN_COLUMNS: Final = ("digest", "event_id", "person", "expires", "revoked", "spent")


def read_email_token(row: Sequence[Any]) -> EmailToken:
    """
    Read what is kept of an email token.
    """
    digest, event_id, person, expires, revoked, spent = row
    return EmailToken(digest, event_id, person, read_instant(expires), bool(revoked), bool(spent))


def write_api_token(token: ApiToken) -> dict[str, Any]:
    """
    Write what is kept of an API token.
    """
    return {"digest": token.digest, "key": token.address.key, "used": write_instant(token.used)}


API_TOKEN_COLUMNS: Final = ("digest", "used")


def read_api_token(row: Sequence[Any]) -> tuple[ApiToken, User]:
    """
    Read what is kept of an API token, and behind that its user.
    """
    digest, used, *columns = row
    user = read_user(columns)
    return ApiToken(digest, user.address, read_instant(used)), user


def write_session(session: Session) -> dict[str, Any]:
    """
    Write what is kept of a session.
    """
    return {
        "digest": session.digest,
        "key": session.address.key,
        "epoch": session.epoch,
        "begun": write_instant(session.begun),
        "seen": write_instant(session.seen),
    }


SESSION_COLUMNS: Final = ("digest", "epoch", "begun", "seen")


def read_session(row: Sequence[Any]) -> tuple[Session, User]:
    """
    Read what is kept of a session, and behind that its user.
    """
    digest, epoch, begun, seen, *columns = row
    user = read_user(columns)
    session = Session(digest, user.address, epoch, read_instant(begun), read_instant(seen))
    return session, user


def _dumped(value: Any) -> str:
    return _SHORT.encode(value) if value else _NONE


# Of the standard library, which the log needs anyway: another would cost each start.
_SHORT: Final = json.JSONEncoder(separators=(",", ":"))
_NONE: Final = "[]"
_NOBODY: Final[frozenset[int]] = frozenset()


def _numbers(text: str) -> frozenset[int]:
    # Nearly always there is nobody, and an event has three such lists.
    return _NOBODY if text == _NONE else frozenset(json.loads(text))


def _marks(slots: Table, kept: Iterable[Table | None]) -> list[int | None]:
    """
    Write what each party keeps, a part of *slots*, as a number with a bit for each slot.
    """
    bit = {slot: 1 << place for place, slot in enumerate(slots)}
    return [None if keeps is None else sum(bit[slot] for slot in keeps) for keeps in kept]


def _kept(slots: Table, marks: Iterable[int | None]) -> tuple[Table | None, ...]:
    # Many parties keep the same, so that each number is read once.
    known: dict[int | None, Table | None] = {None: None, (1 << len(slots)) - 1: slots}
    kept = []
    for mark in marks:
        if mark is not None and mark not in known:
            known[mark] = tuple(slot for place, slot in enumerate(slots) if mark >> place & 1)
        kept.append(known[mark])
    return tuple(kept)
