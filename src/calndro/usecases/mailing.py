"""
How many letters may be caused: counted from the outbox itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from calndro.core.limit import Lately, check_letters, in_doubt, letters_due


if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from calndro.core.access import Caller
    from calndro.core.ledger import Act, Change
    from calndro.core.party import Address
    from calndro.ports.storage import UnitOfWork
    from calndro.usecases.services import Services


def check_mail(
    services: Services,
    work: UnitOfWork,
    caller: Caller,
    act: Act,
    event_id: int,
    recipients: Sequence[Address],
) -> None:
    """
    Refuse letters that are too many; staff and who has opened the database are free.

    Raises:
        TooManyError: A limit would be passed.
    """
    if _is_limited(services, caller):
        lately = _lately(services, work, act, recipients)
        check_letters(services.terms.limits, lately, event_id, recipients, act.now)


def dues_of(
    services: Services, work: UnitOfWork, caller: Caller, act: Act, change: Change
) -> Sequence[datetime]:
    """
    Tell from when on each notice of a change may be sent; nothing to say when all may be now.
    """
    if not change.notices or not _is_limited(services, caller):
        return ()
    people = change.after.people
    found = [people[notice.recipient - 1].address for notice in change.notices]
    # News is told to people that have an address; nobody else is left out.
    recipients = [address for address in found if address is not None]
    lately = _lately(services, work, act, recipients)
    return letters_due(services.terms.limits, lately, change.after.id, recipients, act.now)


def has_room(
    services: Services, work: UnitOfWork, act: Act, event_id: int, recipient: Address
) -> bool:
    """
    Tell whether one more letter may be caused by somebody who is not told if it is not.
    """
    if not services.terms.limits_letters:
        return True
    lately = _lately(services, work, act, [recipient])
    dues = letters_due(services.terms.limits, lately, event_id, [recipient], act.now)
    return dues == [act.now]


def _is_limited(services: Services, caller: Caller) -> bool:
    return services.terms.limits_letters and not caller.staff and not caller.local


def _lately(
    services: Services, work: UnitOfWork, act: Act, recipients: Sequence[Address]
) -> Lately:
    limits = services.terms.limits
    longest = max(limits.letters_to_party.window, limits.letters_to_silent.window)
    received = work.outbox.received(recipients, act.now - longest)
    caused = work.outbox.caused(act.by, act.now - limits.letters_by_one.window)
    doubted = in_doubt(limits, received)
    return Lately(received, caused, work.events.answered(doubted))
