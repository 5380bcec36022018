"""
What a person does on the page of an event: look, and answer by a form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from calndro.core import deeds
from calndro.core.access import Operation
from calndro.core.ballot import Need
from calndro.core.event import see, see_entry
from calndro.core.looking import is_looking
from calndro.core.token import digest_of, is_well_formed
from calndro.usecases.collisions import retry_on_collision
from calndro.usecases.transactions import open_event, reading, tell_and_commit


if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from calndro.core.access import Caller
    from calndro.core.ballot import Ballot
    from calndro.core.event import Event, LogEntry
    from calndro.core.ledger import Act, Ledger
    from calndro.core.log import Entry
    from calndro.ports.storage import UnitOfWork
    from calndro.usecases.services import Services


RECENT = 3 * deeds.MOST_PARTIES
"""How much of a log the page knows: letters to everybody, of three occasions."""


@attrs.frozen(kw_only=True)
class Visit:
    """
    An event as it is shown to one person.

    Args:
        event: The event.
        you: Whoever looks, by address.
        is_party: Whether it is a party.
        entries: The last of the log, oldest first, without deliveries.
        ends: Until when the link works by which it came; None without one.
    """

    event: Event
    you: str
    is_party: bool
    entries: Sequence[LogEntry]
    ends: datetime | None = None


@attrs.frozen(kw_only=True)
class Answered:
    """
    What became of a form.

    Args:
        event: As it is after it.
        saved: Under which number the log has it; None when nothing was recorded.
        need: Why not, if the form itself is the reason.
    """

    event: Event
    saved: int | None = None
    need: Need | None = None


@retry_on_collision
def visit(services: Services, caller: Caller, event_id: int) -> Visit:
    """
    Look at an event's page; the look is logged unless it is the same as a moment ago.

    Raises:
        TokenError, NotAllowedError, NotFoundError, GoneError: As ``admit_to`` says.
    """
    with services.unit_of_work() as work:
        ledger, act = open_event(services, work, caller, Operation.VIEW, event_id)
        if not is_looking(_recent(work, ledger), ledger.number_of(act.by), act.now):
            ledger = work.events.save(deeds.view(ledger, act))
        visited = _visit(work, ledger, act, caller)
        work.commit()
    return visited


@retry_on_collision
def glance(
    services: Services, caller: Caller, event_id: int, operation: Operation = Operation.VIEW
) -> Visit:
    """
    Read an event as its page does on the way to something else; nothing is logged.

    Args:
        services: The ports.
        caller: Who reads.
        event_id: Which event.
        operation: As what it is admitted: the log can be read of the deleted too.

    Raises:
        TokenError, NotAllowedError, NotFoundError, GoneError: As ``admit_to`` says.
    """
    with reading(services, caller) as work:
        ledger, act = open_event(services, work, caller, operation, event_id)
        return _visit(work, ledger, act, caller)


@retry_on_collision
def link_ends(services: Services, caller: Caller, event_id: int) -> datetime | None:
    """
    Tell until when the link that a caller has opened works.

    Returns:
        None when the caller is let in without one.

    Raises:
        TokenError, NotAllowedError, NotFoundError: As ``admit_to`` says.
    """
    with reading(services, caller) as work:
        open_event(services, work, caller, Operation.READ_LOG, event_id)
        return _ends(work, caller)


@retry_on_collision
def answer(
    services: Services, caller: Caller, event_id: int, ballot: Ballot, whose: str
) -> Answered:
    """
    Record what somebody has said in a form, or nothing.

    Args:
        services: The ports.
        caller: Who sends it.
        event_id: Which event.
        ballot: What the form says.
        whose: For whom the form was made; for anybody else it records nothing.

    Raises:
        TokenError, NotAllowedError, NotFoundError, GoneError: As ``admit_to`` says.
    """
    with services.unit_of_work() as work:
        ledger, act = open_event(services, work, caller, Operation.UPDATE, event_id)
        outcome = ballot.weigh(ledger.state.slots)
        if isinstance(outcome, Need) or _name(ledger, act) != whose:
            need = outcome if isinstance(outcome, Need) else None
            return Answered(event=see(ledger), need=need)
        most = services.terms.most_slots
        change = deeds.update(ledger, act, outcome, title=None, most=most, expected=None)
        event = tell_and_commit(services, work, caller, act, change)
    return Answered(event=event, saved=change.entries[0].seq)


def _visit(work: UnitOfWork, ledger: Ledger, act: Act, caller: Caller) -> Visit:
    return Visit(
        event=see(ledger),
        you=_name(ledger, act),
        is_party=ledger.party_number(act.by) is not None,
        entries=[see_entry(ledger, entry) for entry in _recent(work, ledger)],
        ends=None if act.token is None else _ends(work, caller),
    )


def _ends(work: UnitOfWork, caller: Caller) -> datetime | None:
    text = caller.token
    if text is None or not is_well_formed(text):
        return None
    token = work.tokens.find(digest_of(text))
    return None if token is None else token.expires


def _recent(work: UnitOfWork, ledger: Ledger) -> Sequence[Entry]:
    return work.events.entries(
        ledger.id, after=0, limit=RECENT, with_deliveries=False, newest_first=True
    )[::-1]


def _name(ledger: Ledger, act: Act) -> str:
    number = ledger.number_of(act.by)
    return act.by.text if number is None else ledger.name(number)
