"""
Narrow and agree: what people do to the slots on the table, and to the title.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from calndro.core import deeds
from calndro.core.access import Operation
from calndro.core.errors import Faults
from calndro.core.reading import read_table
from calndro.core.title import parse_title
from calndro.usecases.collisions import repeatable
from calndro.usecases.transactions import apply_deed


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from calndro.core.access import Caller
    from calndro.core.deeds import Form
    from calndro.core.event import Event
    from calndro.core.idempotency import IdempotencyKey
    from calndro.core.ledger import Act, Change, Ledger
    from calndro.core.reading import Wanted
    from calndro.core.slot import Table
    from calndro.usecases.services import Services


def replace(
    services: Services,
    caller: Caller,
    event_id: int,
    slots: Iterable[Wanted],
    *,
    title: str | None = None,
    expected: int | None = None,
    once: IdempotencyKey | None = None,
) -> Event:
    """
    Make the table exactly *slots*; the caller then keeps them all.

    Raises:
        As ``update`` says.
    """
    wanted = repeatable(slots)
    return update(
        services,
        caller,
        event_id,
        lambda zone: deeds.Replace(read_table(wanted, zone, "slots")),
        title=title,
        expected=expected,
        once=once,
    )


def narrow(
    services: Services,
    caller: Caller,
    event_id: int,
    keep: Iterable[Wanted],
    *,
    title: str | None = None,
    expected: int | None = None,
    once: IdempotencyKey | None = None,
) -> Event:
    """
    Leave on the table only what is also in *keep*; the caller keeps what is left.

    Raises:
        As ``update`` says.
    """
    wanted = repeatable(keep)
    return update(
        services,
        caller,
        event_id,
        lambda zone: deeds.Keep(read_table(wanted, zone, "keep")),
        title=title,
        expected=expected,
        once=once,
    )


def judge(
    services: Services,
    caller: Caller,
    event_id: int,
    drop: Iterable[Wanted],
    accept: Iterable[Wanted],
    *,
    title: str | None = None,
    expected: int | None = None,
    once: IdempotencyKey | None = None,
) -> Event:
    """
    Narrow by what the caller has judged: take *drop* away, accept *accept*.

    Raises:
        As ``update`` says.
    """
    unwanted, wanted = repeatable(drop), repeatable(accept)

    def read(zone: str) -> Form:
        faults = Faults()
        dropped: Table = ()
        accepted: Table = ()
        with faults.at(""):
            dropped = read_table(unwanted, zone, "drop")
        with faults.at(""):
            accepted = read_table(wanted, zone, "accept")
        faults.settle()
        return deeds.Judge(dropped, accepted)

    return update(services, caller, event_id, read, title=title, expected=expected, once=once)


def extend(
    services: Services,
    caller: Caller,
    event_id: int,
    slots: Iterable[Wanted],
    *,
    title: str | None = None,
    expected: int | None = None,
    once: IdempotencyKey | None = None,
) -> Event:
    """
    Put more slots on the table; the caller keeps them.

    Raises:
        As ``update`` says.
    """
    wanted = repeatable(slots)
    return update(
        services,
        caller,
        event_id,
        lambda zone: deeds.Extend(read_table(wanted, zone, "add")),
        title=title,
        expected=expected,
        once=once,
    )


def retitle(
    services: Services,
    caller: Caller,
    event_id: int,
    title: str,
    *,
    expected: int | None = None,
    once: IdempotencyKey | None = None,
) -> Event:
    """
    Give an event another title.

    Raises:
        As ``update`` says.
    """
    return update(services, caller, event_id, None, title=title, expected=expected, once=once)


def update(
    services: Services,
    caller: Caller,
    event_id: int,
    form: Callable[[str], Form] | None,
    *,
    title: str | None = None,
    expected: int | None = None,
    once: IdempotencyKey | None = None,
) -> Event:
    """
    Change an event, and tell everybody when that makes, breaks or moves an agreement.

    Args:
        services: The ports.
        caller: Who changes it.
        event_id: Which event.
        form: Reads what is to happen to the slots, given the event's zone, as often as it
            is asked; None to retitle only.
        title: The new title; None to leave it.
        expected: The revision the caller saw; None to change whatever is there.
        once: Marks a request that is to have one effect; None for any other.

    Returns:
        The event after it.

    Raises:
        TokenError, NotAllowedError, NotFoundError, GoneError: As ``admit_to`` says.
        InvalidInputError: What can't be read, every fault of it; or it names nothing.
        TooManySlotsError: The table would hold too many.
        StaleRevisionError: The event is not at *expected*.
        KeyReusedError: Another request came under the key before.

    Source: docs/explanation/narrowing.md.
    """

    def change(ledger: Ledger, act: Act) -> Change:
        faults = Faults()
        read: Form | None = None
        name: str | None = None
        with faults.at(""):
            read = None if form is None else form(ledger.state.zone)
        with faults.at("title"):
            name = None if title is None else parse_title(title)
        faults.settle()
        most = services.terms.most_slots
        return deeds.update(ledger, act, read, title=name, most=most, expected=expected)

    return apply_deed(services, caller, Operation.UPDATE, event_id, change, once)
