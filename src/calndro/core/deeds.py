"""
What can be done to an event: each deed is a function from a ledger to a change.

The rules of propose, narrow and agree live here and in ``agreement``; whoever calls
these has already been admitted by ``access``.

Source: docs/explanation/narrowing.md; docs/explanation/agreement.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from calndro.core.errors import InvalidInputError, StaleRevisionError
from calndro.core.ledger import Change, Ledger, Person, open_ledger, record
from calndro.core.log import Chain, Occurrence, plain_slots
from calndro.core.slot import both, check_size, union, without


if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from calndro.core.ledger import Act
    from calndro.core.party import Address
    from calndro.core.slot import Table


MOST_PARTIES = 100


@attrs.frozen
class Replace:
    """
    Make the table exactly *slots*; the actor then keeps them all.
    """

    slots: Table


@attrs.frozen
class Keep:
    """
    Leave on the table only what is also in *slots*; the actor keeps what is left.
    """

    slots: Table


@attrs.frozen
class Judge:
    """
    Take *drop* off the table and accept *accept*, leaving all else as it is.
    """

    drop: Table
    accept: Table


@attrs.frozen
class Extend:
    """
    Put *slots* on the table as well; the actor keeps them too.
    """

    slots: Table


Form = Replace | Keep | Judge | Extend


def propose(
    uuid: UUID,
    act: Act,
    parties: Sequence[Address],
    slots: Table,
    *,
    title: str,
    zone: str,
    salts: Sequence[bytes],
    most: int,
    like: int | None = None,
) -> Change:
    """
    Open an event.

    Args:
        uuid: Its identity in the log, drawn at random.
        act: Who proposes.
        parties: 1 to 100, without duplicates; their order is kept.
        slots: 0 to *most*.
        title: As parsed, or made.
        zone: IANA name, as parsed.
        salts: One fresh 32-byte salt for each party and one for the proposer.
        most: How many slots an event may hold.
        like: The event this one was made from, if any.

    Raises:
        InvalidInputError: No party, or more than 100.
        TooManySlotsError: More than *most* slots.
    """
    check_parties(parties)
    check_size(slots, most)
    addresses = (*parties, act.by) if act.by not in parties else tuple(parties)
    people = tuple(
        Person(number, address, salt)
        for number, (address, salt) in enumerate(zip(addresses, salts, strict=False), start=1)
    )
    data: dict[str, Any] = {
        "opened": "created",
        "parties": len(parties),
        "proposer": addresses.index(act.by) + 1,
        "zone": zone,
        "title": title,
    }
    if like is not None:
        data["like"] = like
    return open_ledger(Chain.begin(uuid), act, people, slots, data)


def check_parties(parties: Sequence[Address]) -> None:
    """
    Refuse a list of parties that no event can have.

    Raises:
        InvalidInputError: No party, or more than 100.
    """
    if not parties:
        raise InvalidInputError.of("name at least one party", "parties")
    if len(parties) > MOST_PARTIES:
        fault = f"{len(parties)} parties are too many; an event has at most {MOST_PARTIES}"
        raise InvalidInputError.of(fault, "parties")


def view(ledger: Ledger, act: Act) -> Change:
    """
    Look at an event.
    """
    return record(ledger, act, Occurrence.VIEW, {})


def update(
    ledger: Ledger,
    act: Act,
    form: Form | None,
    *,
    title: str | None,
    most: int,
    expected: int | None,
) -> Change:
    """
    Change what is on the table, the title, or both.

    Args:
        ledger: The event as it is.
        act: Who does it.
        form: What happens to the slots; None to retitle only.
        title: The new title, as parsed; None to leave it.
        most: How many slots an event may hold.
        expected: The revision the caller saw; None to change whatever is there.

    Raises:
        InvalidInputError: It names nothing, or a slot is both dropped and accepted.
        TooManySlotsError: The table would hold more than *most* slots.
        StaleRevisionError: The event is not at *expected*.
    """
    check_revision(ledger, expected)
    if title is None and form in _NOTHING:
        raise InvalidInputError.of("name what to change: slots, keep, drop, accept, add or title")
    current = ledger.state.slots
    slots, data = _changed(current, form)
    check_size(slots, max(most, len(current)))
    data |= difference(current, slots)
    if title is not None:
        data["title"] = title
    return record(ledger, act, Occurrence.UPDATE, data, slots)


def check_revision(ledger: Ledger, expected: int | None) -> None:
    """
    See that an event is still as the caller saw it.

    Args:
        ledger: The event as it is.
        expected: The revision the caller saw; None when any will do.

    Raises:
        StaleRevisionError: It is at another.
    """
    if expected is not None and expected != ledger.state.revision:
        raise StaleRevisionError(ledger.id, expected, ledger.state.revision)


def difference(before: Table, after: Table) -> dict[str, Any]:
    """
    Say, as it stands in a log, what came to a table and what went.
    """
    found = {"added": without(after, before), "removed": without(before, after)}
    return {name: plain_slots(slots) for name, slots in found.items() if slots}


# To keep nothing, or to replace by nothing, is to say something.
_NOTHING: Final = (None, Judge((), ()), Extend(()))


def _changed(current: Table, form: Form | None) -> tuple[Table, dict[str, Any]]:
    match form:
        case None:
            return current, {"form": "retitle"}
        case Replace(slots):
            return slots, {"form": "replace"}
        case Keep(slots):
            return both(current, slots), {"form": "narrow"}
        case Judge(drop, accept):
            if both(drop, accept):
                fault = "what is dropped can't be accepted as well; choose one"
                raise InvalidInputError.of(fault, "accept")
            left = without(current, drop)
            return left, {"form": "narrow", "accepted": plain_slots(both(left, accept))}
    return union(current, form.slots), {"form": "extend", "accepted": plain_slots(form.slots)}


def delete(ledger: Ledger, act: Act, expected: int | None = None) -> Change:
    """
    Close an event; its log stays.

    Raises:
        StaleRevisionError: As ``check_revision`` says.
    """
    check_revision(ledger, expected)
    return record(ledger, act, Occurrence.UPDATE, {"closed": "deleted"})


def stop_mail(ledger: Ledger, act: Act, expected: int | None = None) -> Change:
    """
    Stop the letters of an event to the acting party.

    Raises:
        StaleRevisionError: As ``check_revision`` says.
    """
    check_revision(ledger, expected)
    return record(ledger, act, Occurrence.UPDATE, {"mail": "stopped"})


def resume_mail(ledger: Ledger, act: Act, expected: int | None = None) -> Change:
    """
    Let the letters of an event reach the acting party again.

    Raises:
        StaleRevisionError: As ``check_revision`` says.
    """
    check_revision(ledger, expected)
    return record(ledger, act, Occurrence.UPDATE, {"mail": "resumed"})


def erase(ledger: Ledger, act: Act, person: Address) -> Change:
    """
    Forget a person: its place stays, its address and salt go.

    Args:
        ledger: An event whose log speaks of *person*.
        act: Who orders it.
        person: Who is forgotten.

    Source: docs/how-to/forget-a-person.md.
    """
    number = ledger.number_of(person)
    change = record(ledger, act, Occurrence.UPDATE, {"erased": number})
    people = tuple(
        Person(each.number, None, None) if each.number == number else each
        for each in change.after.people
    )
    return attrs.evolve(change, after=attrs.evolve(change.after, people=people))
