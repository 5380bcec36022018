"""
The ledger: an event together with its people and the end of its chain.

This is what is stored. What a reader sees of it is an ``Event``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from calndro.core.agreement import after, opened, replay
from calndro.core.log import SYSTEM, Chain, Entry, Occurrence, commitment


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from calndro.core.agreement import State
    from calndro.core.notice import Notice
    from calndro.core.party import Address
    from calndro.core.slot import Table


@attrs.frozen
class Person:
    """
    Somebody an event's log speaks of, under a number.

    Args:
        number: 1 for the first; the parties come first, in order, then the proposer.
        address: None once erased.
        salt: 32 random bytes of the commitment; None once erased.
    """

    number: int
    address: Address | None
    salt: bytes | None

    def __str__(self) -> str:
        return f"erased-{self.number}" if self.address is None else self.address.text


@attrs.frozen
class Ledger:
    """
    An event as it is kept.

    Args:
        id: Its number, never reused; 0 until it is stored.
        people: Everybody its log speaks of; the person at position i has number i + 1.
        chain: Where the next entry goes.
        state: What its log adds up to.
    """

    id: int
    people: tuple[Person, ...]
    chain: Chain
    state: State

    @property
    def members(self) -> tuple[Person, ...]:
        """
        The parties, and the proposer if it is none: those with rights of their own.
        """
        size = max(self.state.size, self.state.proposer)
        return self.people[:size]

    @property
    def parties(self) -> tuple[Person, ...]:
        """
        The parties in order.
        """
        return self.people[: self.state.size]

    def name(self, number: int) -> str:
        """
        Write who stands under *number*: an address, ``erased-3``, or ``system``.
        """
        return "system" if number == SYSTEM else str(self.people[number - 1])

    def number_of(self, address: Address) -> int | None:
        """
        Find the number of *address*, if the log speaks of it.
        """
        for person in self.people:
            if person.address is not None and person.address.key == address.key:
                return person.number
        return None

    def party_number(self, address: Address) -> int | None:
        """
        Find the number of *address*, if it is a party.
        """
        number = self.number_of(address)
        return number if number is not None and number <= self.state.size else None


@attrs.frozen
class Act:
    """
    One person doing something once.

    Args:
        by: Who acts.
        now: The clock's reading, UTC.
        salt: 32 fresh random bytes, used if the person is new to the event.
        token: The first 8 hex of the digest of the token used, if one was.
        local: True for somebody who opened the database itself.
    """

    by: Address
    now: datetime
    salt: bytes
    token: str | None = None
    local: bool = False

    @property
    def marks(self) -> dict[str, Any]:
        """
        What the log says of how somebody came in.
        """
        marks: dict[str, Any] = {}
        if self.token is not None:
            marks["token"] = self.token
        if self.local:
            marks["via"] = "local"
        return marks


@attrs.frozen
class Change:
    """
    What one operation does to a ledger, to be stored whole or not at all.

    Args:
        before: The ledger it was made from; None when it is the first.
        after: The ledger it leads to.
        entries: What it adds to the log, in order; at least one.
        notices: What is to be told to whom, one for each NOTIFY entry among *entries*.
    """

    before: Ledger | None
    after: Ledger
    entries: tuple[Entry, ...]
    notices: tuple[Notice, ...] = ()

    def then(self, following: Change) -> Change:
        """
        Join a change that was made from this one's outcome.
        """
        return Change(
            self.before,
            following.after,
            self.entries + following.entries,
            self.notices + following.notices,
        )


def open_ledger(
    chain: Chain, act: Act, people: tuple[Person, ...], slots: Table, data: Mapping[str, Any]
) -> Change:
    """
    Write the first entry of a log.

    Args:
        chain: As begun with the event's uuid.
        act: Who proposes; one of *people*.
        people: The parties in order, then the proposer if it is no party.
        slots: The table.
        data: The opening facts; the commitments to *people* are added here.
    """
    number = next(person.number for person in people if person.address == act.by)
    facts = {**data, **act.marks, "people": commitments(chain, people)}
    chain, entry = chain.append(
        now=act.now, occurrence=Occurrence.UPDATE, effector=number, slots=slots, data=facts
    )
    return Change(None, Ledger(0, people, chain, opened(entry)), (entry,))


def enrol(ledger: Ledger, address: Address, salt: bytes) -> Ledger:
    """
    Give *address* a number in the ledger, if it has none yet.

    Args:
        ledger: The event.
        address: Somebody its log is about to speak of.
        salt: 32 fresh random bytes, used only for a newcomer.
    """
    if ledger.number_of(address) is not None:
        return ledger
    newcomer = Person(len(ledger.people) + 1, address, salt)
    return attrs.evolve(ledger, people=(*ledger.people, newcomer))


def record(
    ledger: Ledger,
    act: Act,
    occurrence: Occurrence,
    data: Mapping[str, Any],
    slots: Table | None = None,
    *,
    mentioned: int | None = None,
) -> Change:
    """
    Add one entry caused by a person, who is given a number if it has none yet.

    Args:
        ledger: The event as it is.
        act: Who does it, when and how.
        occurrence: The kind of fact.
        data: The fact; the person's marks are added here.
        slots: The table afterwards; unchanged when None.
        mentioned: How many of the ledger's people the log has spoken of; all when None.
    """
    enrolled = enrol(ledger, act.by, act.salt)
    newcomers = enrolled.people[len(ledger.people) if mentioned is None else mentioned :]
    facts = {**data, **act.marks}
    if newcomers:
        facts["people"] = commitments(ledger.chain, newcomers)
    number = enrolled.number_of(act.by) or SYSTEM
    return _appended(
        enrolled,
        ledger,
        now=act.now,
        occurrence=occurrence,
        effector=number,
        data=facts,
        slots=slots,
    )


def record_delivery(ledger: Ledger, now: datetime, data: Mapping[str, Any]) -> Change:
    """
    Add one entry caused by the system.
    """
    return _appended(
        ledger, ledger, now=now, occurrence=Occurrence.NOTIFY, effector=SYSTEM, data=data
    )


def rewind(ledger: Ledger, entries: Sequence[Entry]) -> Ledger:
    """
    Go back to what an event was earlier; whoever was erased since stays erased.

    Args:
        ledger: The event.
        entries: Of its log the first to the one after which it is wanted, at least one.
    """
    last = entries[-1]
    chain = Chain(ledger.chain.uuid, last.seq, last.hash, last.when)
    return attrs.evolve(ledger, chain=chain, state=replay(entries))


def _appended(
    ledger: Ledger,
    before: Ledger,
    *,
    now: datetime,
    occurrence: Occurrence,
    effector: int,
    data: Mapping[str, Any],
    slots: Table | None = None,
) -> Change:
    chain, entry = ledger.chain.append(
        now=now,
        occurrence=occurrence,
        effector=effector,
        slots=ledger.state.slots if slots is None else slots,
        data=data,
    )
    changed = Ledger(ledger.id, ledger.people, chain, after(ledger.state, entry))
    return Change(before, changed, (entry,))


def commitments(chain: Chain, people: Sequence[Person]) -> dict[str, str]:
    """
    Bind people to their numbers in a log, as ``data.people`` of the entry that first names them.
    """
    return {
        str(person.number): commitment(
            chain.uuid, person.number, person.salt, person.address.text
        ).hex()
        for person in people
        if person.address is not None and person.salt is not None
    }
