"""
An instance of the original taken over into an empty one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import attrs

from calndro.core.access import Operation, admit
from calndro.core.continuing import Past, continued
from calndro.core.errors import Faults, InvalidInputError
from calndro.core.ledger import Person
from calndro.core.original import accounts_of, cast_of, digest_of_key, facts_of, slots_on
from calndro.core.times import parse_zone
from calndro.core.title import nonsense, parse_title
from calndro.core.token import AFTERLIFE, EmailToken
from calndro.core.user import ApiToken
from calndro.usecases.accounts import MOST_API_TOKENS
from calndro.usecases.collisions import retry_on_collision
from calndro.usecases.moving import check_empty


if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from calndro.core.access import Caller
    from calndro.core.ledger import Ledger
    from calndro.core.original import FormerEvent, FormerKey, FormerLink, Original
    from calndro.core.party import Address
    from calndro.core.user import User
    from calndro.ports.storage import UnitOfWork
    from calndro.usecases.services import Services


@attrs.define
class TakenOver:
    """
    How much was taken over.

    Args:
        users: Accounts.
        events: Events.
        entries: Entries of their logs, those made on the way included.
        incomplete: How many of them name something in ``left_out``.
        links: Links of letters that go on working, or can be renewed.
    """

    users: int = 0
    events: int = 0
    entries: int = 0
    incomplete: int = 0
    links: int = 0


@retry_on_collision
def take_over(
    services: Services,
    caller: Caller,
    original: Original,
    zone: str = "UTC",
    watch: Callable[[Sequence[FormerEvent]], Iterable[FormerEvent]] = iter,
) -> TakenOver:
    """
    Store what the original held, its logs chained, in an empty instance (staff).

    All of it is stored, or nothing; nobody is told. Accounts that are there already stay
    as they are.

    Args:
        services: The ports.
        caller: Staff.
        original: As read from a dump.
        zone: The IANA zone the events get; the original knew none.
        watch: Passes the events on, to show how far it has come.

    Raises:
        TokenError, NotAllowedError: The caller is no staff.
        InvalidInputError: The instance is not empty, or something can't be taken over; every
            such record is named.
    """
    admit(caller, Operation.ADMINISTER)
    name = parse_zone(zone)
    accounts = accounts_of(original.users)
    with services.unit_of_work() as work:
        check_empty(work)
        taking = _Taking(services, work, accounts, name, services.clock.now())
        taking.users(set(accounts.values()))
        faults = Faults()
        for event in watch(sorted(original.events, key=lambda each: each.id)):
            with faults.at(f"schedul.event {event.id}"):
                taking.event(event)
        faults.settle()
        # A primary key of these is a secret: so they are named by their places.
        for place, link in enumerate(original.links, start=1):
            with faults.at(f"schedul.emailtoken, number {place}"):
                taking.link(link)
        for place, key in enumerate(original.keys, start=1):
            with faults.at(f"authtoken.token, number {place}"):
                taking.key(key)
        faults.settle()
        work.commit()
    return taking.taken


@attrs.define
class _Taking:
    """
    One original on its way into storage.
    """

    services: Services
    work: UnitOfWork
    accounts: Mapping[int, User]
    zone: str
    now: datetime
    ledgers: dict[int, Ledger] = attrs.field(factory=dict)
    taken: TakenOver = attrs.field(factory=TakenOver)

    def users(self, users: Collection[User]) -> None:
        """
        Store the accounts that are not there yet.
        """
        known = self.work.users.find([user.address for user in users])
        for user in sorted(users, key=lambda each: each.address):
            if user.address not in known:
                self.work.users.put(user)
                self.taken.users += 1

    def event(self, event: FormerEvent) -> None:
        """
        Store an event with its log.
        """
        draw = self.services.secrets.draw
        facts, slots = facts_of(event), slots_on(event)
        title = parse_title(event.title) if event.title else nonsense(draw(8))
        parties = self._parties(event)
        stored = self.work.users.enlist(cast_of(parties, facts))
        people = [Person(number, each, draw(32)) for number, each in enumerate(stored, start=1)]
        past = Past(
            id=event.id,
            title=title,
            zone=self.zone,
            parties=len(parties),
            slots=slots,
            facts=facts,
        )
        change = continued(past, people, UUID(bytes=draw(16), version=4), self.now)
        self.ledgers[event.id] = self.work.events.save(change)
        self.taken.events += 1
        self.taken.entries += len(change.entries)
        self.taken.incomplete += sum("left_out" in entry.data for entry in change.entries)

    def link(self, link: FormerLink) -> None:
        """
        Store the digest of an email token, unless nothing can be done with it any more.
        """
        ledger = self.ledgers.get(link.event)
        if ledger is None:
            raise InvalidInputError.of(f"there is no schedul.event {link.event}", "event")
        person = ledger.party_number(self._account(link.user).address)
        if person is None:
            raise InvalidInputError.of(f"it is of no party of schedul.event {link.event}", "user")
        digest = digest_of_key(link.key)
        if self.now - AFTERLIFE < link.expires:
            self.work.tokens.add(EmailToken(digest, link.event, person, link.expires))
            self.taken.links += 1

    def key(self, key: FormerKey) -> None:
        """
        Store the digest of an API token.
        """
        token = ApiToken(digest_of_key(key.key), self._account(key.user).address, key.created)
        self.work.api_tokens.add(token, most=MOST_API_TOKENS)

    def _parties(self, event: FormerEvent) -> tuple[Address, ...]:
        found: dict[Address, None] = {}
        faults = Faults()
        for key in event.parties:
            with faults.at("parties"):
                found.setdefault(self._account(key).address)
        faults.settle()
        return tuple(found)

    def _account(self, key: int) -> User:
        if key not in self.accounts:
            raise InvalidInputError.of(f"there is no auth.user {key}")
        return self.accounts[key]
