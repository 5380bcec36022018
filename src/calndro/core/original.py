"""
What the original of calndro kept, and how each piece of it is read.

The original is a program in Django. ``Former...`` values hold its rows as they were found;
the functions below make calndro's own values of them, or name what can't be taken over.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import attrs

from calndro.core.durations import parse_duration
from calndro.core.errors import Faults, InvalidInputError
from calndro.core.log import Occurrence
from calndro.core.party import Address
from calndro.core.slot import Slot, instant, table
from calndro.core.times import parse_begin
from calndro.core.token import digest_of, fingerprint, is_well_formed
from calndro.core.user import User


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime, timedelta

    from calndro.core.slot import Table


PBKDF2: Final = re.compile(
    r"pbkdf2_sha256\$(?P<rounds>[1-9][0-9]{0,6})\$(?P<salt>[!-#%-~]+)\$(?P<hash>[A-Za-z0-9+/]{43}=)"
)
"""How the original hashed passwords: PBKDF2 with HMAC-SHA-256, as Django writes it."""

_UNUSABLE: Final = "!"
_PLAIN_NAME: Final = re.compile(r"[a-z_]{1,32}")
_SAYINGS: Final = {"opened": "created", "closed": "deleted"}
_PEOPLE: Final[tuple[str, ...]] = ("recipient", "sender")


@attrs.frozen
class FormerUser:
    """
    A user of the original.

    Args:
        id: Its primary key.
        email: As stored; may be empty.
        password: Django's hash; empty or with a ``!`` in front where there is none.
        active: May sign in.
        staff: Staff or superuser.
    """

    id: int
    email: str
    password: str
    active: bool
    staff: bool


@attrs.frozen
class FormerEntry:
    """
    A log entry of the original.

    Args:
        id: Its primary key; entries were written in this order.
        when: Aware.
        occurrence: ``UPDATE``, ``NOTIFY`` or ``VIEW``.
        effector: An email address; may be empty.
        slots: JSON, a list of ``{"begin", "duration"}``.
        data: JSON, an object with ``token``, ``opened``, ``closed``, ``recipient``, ``sender``.
    """

    id: int
    when: datetime
    occurrence: str
    effector: str
    slots: str
    data: str


@attrs.frozen
class FormerEvent:
    """
    An event of the original with its log.

    Args:
        id: Its primary key, which it keeps.
        title: Empty where it has none.
        parties: Primary keys of users, in the order they were added.
        slots: Begin, aware, and duration of each.
        entries: In any order.
    """

    id: int
    title: str
    parties: tuple[int, ...]
    slots: tuple[tuple[datetime, timedelta], ...]
    entries: tuple[FormerEntry, ...]


@attrs.frozen
class FormerLink:
    """
    An email token of the original.

    Args:
        key: 40 hex characters, in clear.
        event: The primary key of its event.
        user: The primary key of its party.
        expires: Aware.
    """

    key: str
    event: int
    user: int
    expires: datetime


@attrs.frozen
class FormerKey:
    """
    An API token of the original.

    Args:
        key: 40 hex characters, in clear.
        user: The primary key of its user.
        created: Aware.
    """

    key: str
    user: int
    created: datetime


@attrs.frozen
class Original:
    """
    Everything of an instance of the original that calndro has a place for.
    """

    users: tuple[FormerUser, ...]
    events: tuple[FormerEvent, ...]
    links: tuple[FormerLink, ...] = ()
    keys: tuple[FormerKey, ...] = ()


@attrs.frozen
class Fact:
    """
    What a log entry of the original says, in calndro's terms and free of secrets.

    Args:
        id: Its primary key there.
        when: UTC.
        occurrence: The kind of fact.
        effector: None where the entry names nobody.
        slots: Those calndro can hold; None where it tells none.
        data: ``token``, shortened to its fingerprint, ``opened`` and ``closed``.
        people: ``recipient`` and ``sender``.
        left_out: The names of what could not be taken over, sorted.
    """

    id: int
    when: datetime
    occurrence: Occurrence
    effector: Address | None
    slots: Table | None
    data: Mapping[str, str]
    people: Mapping[str, Address]
    left_out: tuple[str, ...] = ()

    @property
    def opens(self) -> bool:
        """
        Tell whether it is what the original wrote when an event was proposed.
        """
        return self.occurrence is Occurrence.UPDATE and "opened" in self.data

    @property
    def mentioned(self) -> tuple[Address, ...]:
        """
        Everybody it speaks of, who caused it first.
        """
        effector = () if self.effector is None else (self.effector,)
        return (*effector, *self.people.values())


def accounts_of(users: Iterable[FormerUser]) -> dict[int, User]:
    """
    Make the accounts; the email address of each is what one signs in with from now on.

    Users whose addresses differ only in capitals become one, with the password of the one
    that could sign in.

    Returns:
        The account of each primary key.

    Raises:
        InvalidInputError: Users without a usable address, with a password hashed otherwise,
            or two that can sign in with one address; all are named.
    """
    addresses: dict[int, Address] = {}
    accounts: dict[Address, User] = {}
    faults = Faults()
    for each in users:
        with faults.at(f"auth.user {each.id}"):
            user = _account(each)
            accounts[user.address] = _merged(accounts.get(user.address), user)
            addresses[each.id] = user.address
    faults.settle()
    return {key: accounts[address] for key, address in addresses.items()}


def _account(user: FormerUser) -> User:
    if not user.email.strip():
        raise InvalidInputError.of(
            "it has no email address, which is what one signs in with here; add one in the original"
        )
    password = None if user.password[:1] in ("", _UNUSABLE) else user.password
    if password is not None and not PBKDF2.fullmatch(password):
        raise InvalidInputError.of(
            "its password is not hashed by pbkdf2_sha256; set it anew in the original"
        )
    return User(Address.parse(user.email), password, active=user.active, staff=user.staff)


def _merged(one: User | None, other: User) -> User:
    if one is None:
        return other
    if _can_sign_in(one) and _can_sign_in(other):
        raise InvalidInputError.of(f"another user can sign in with {other.address} as well")
    return other if _can_sign_in(other) else one


def _can_sign_in(user: User) -> bool:
    return user.active and user.password is not None


def slots_on(event: FormerEvent) -> Table:
    """
    Read what is on the table of an event.

    Raises:
        InvalidInputError: A slot without duration, or too long; each is named.
    """
    found = []
    faults = Faults()
    for place, (begin, duration) in enumerate(event.slots):
        with faults.at(f"slots[{place}]"):
            found.append(Slot(begin, duration))
    faults.settle()
    return table(found)


def facts_of(event: FormerEvent) -> tuple[Fact, ...]:
    """
    Read the log of an event, in the order in which it was written.

    Whatever calndro has no form for is left out and named in ``left_out``, since nobody can
    mend an old log.

    Raises:
        InvalidInputError: An entry of no known kind or of no possible time; each is named.
    """
    found = []
    faults = Faults()
    for each in sorted(event.entries, key=lambda entry: entry.id):
        with faults.at(f"schedul.dispatchlogentry {each.id}"):
            found.append(_fact(each))
    faults.settle()
    return tuple(found)


def _fact(entry: FormerEntry) -> Fact:
    if entry.occurrence not in list(Occurrence):
        raise InvalidInputError.of("it is neither UPDATE nor NOTIFY nor VIEW", "occurrence")
    left_out: set[str] = set()
    effector = _person(entry.effector)
    if effector is None and entry.effector:
        left_out.add("effector")
    slots = _slots(_json(entry.slots), left_out)
    data, people = _data(_json(entry.data), left_out)
    return Fact(
        entry.id,
        instant(entry.when),
        Occurrence(entry.occurrence),
        effector,
        slots,
        data,
        people,
        tuple(sorted(left_out)),
    )


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _person(given: Any) -> Address | None:
    # Where no sender was set, the original noted its default one as a name and an address.
    if isinstance(given, list) and given:
        given = given[-1]
    try:
        return Address.parse(given) if isinstance(given, str) else None
    except InvalidInputError:
        return None


def _slots(given: Any, left_out: set[str]) -> Table | None:
    if not isinstance(given, list):
        left_out.add("slots")
        return None
    slots = [_slot(each) for each in given]
    if None in slots:
        left_out.add("slots")
    return table(slot for slot in slots if slot is not None)


def _slot(given: Any) -> Slot | None:
    try:
        return Slot(parse_begin(given["begin"], "UTC"), parse_duration(given["duration"]))
    except (InvalidInputError, KeyError, TypeError, AttributeError):
        return None


def _data(given: Any, left_out: set[str]) -> tuple[dict[str, str], dict[str, Address]]:
    if not isinstance(given, dict):
        left_out.add("data")
        return {}, {}
    taken = {name: _READERS[name](given[name]) for name in _READERS if name in given}
    for name in given:
        if taken.get(name) is None:
            left_out.add(name if _PLAIN_NAME.fullmatch(name) else "data")
    known = {name: value for name, value in taken.items() if value is not None}
    people: dict[str, Address] = {name: known.pop(name) for name in _PEOPLE if name in known}
    return known, people


def _token(given: Any) -> str | None:
    is_token = isinstance(given, str) and is_well_formed(given)
    return fingerprint(digest_of(given)) if is_token else None


def _saying(name: str) -> Callable[[Any], str | None]:
    return lambda given: given if given == _SAYINGS[name] else None


_READERS: Final[dict[str, Callable[[Any], Any]]] = {
    "token": _token,
    **{name: _saying(name) for name in _SAYINGS},
    **dict.fromkeys(_PEOPLE, _person),
}


def digest_of_key(key: str) -> bytes:
    """
    Compute what is kept of a key of the original, a link's or a program's.

    Raises:
        InvalidInputError: It isn't 40 lower-case hex characters; it is not told.
    """
    if not is_well_formed(key):
        raise InvalidInputError.of("its key isn't 40 hexadecimal digits")
    return digest_of(key)


def cast_of(parties: Sequence[Address], facts: Iterable[Fact]) -> tuple[Address, ...]:
    """
    List everybody an event speaks of: the parties, then others as its log first names them.
    """
    everybody = dict.fromkeys(parties)
    for fact in facts:
        everybody.update(dict.fromkeys(fact.mentioned))
    return tuple(everybody)
