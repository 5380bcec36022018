"""
Propose, narrow, agree: what people do with events.

Every function here admits its caller, lets the core decide, stores the change in one
transaction, and returns what the caller now sees. Errors raised by the core leave the
transaction without commit, so that nothing is written; the one exception is a token
refused as expired, which stays refused.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from calndro.core import deeds, telling
from calndro.core.access import Operation, admit
from calndro.core.agreement import Status
from calndro.core.errors import Faults, InvalidInputError
from calndro.core.event import see, see_entry
from calndro.core.ledger import Act
from calndro.core.party import Address, parse_addresses
from calndro.core.reading import read_table
from calndro.core.times import parse_zone
from calndro.core.title import nonsense, parse_title
from calndro.usecases.collisions import retry_on_collision
from calndro.usecases.mailing import check_mail
from calndro.usecases.paging import PAGE, page_after_page
from calndro.usecases.transactions import (
    answered,
    apply_deed,
    commit_change,
    open_event,
    reading,
    told_before,
)


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from calndro.core.access import Caller
    from calndro.core.event import Event, LogEntry
    from calndro.core.idempotency import IdempotencyKey
    from calndro.core.ledger import Ledger
    from calndro.core.reading import Wanted
    from calndro.usecases.services import Services


@retry_on_collision
def propose(
    services: Services,
    caller: Caller,
    *,
    parties: Iterable[str] | None = None,
    slots: Iterable[Wanted] | None = None,
    title: str | None = None,
    zone: str | None = None,
    like: int | None = None,
    once: IdempotencyKey | None = None,
) -> Event:
    """
    Open an event; nobody is told.

    Args:
        services: The ports.
        caller: A registered user.
        parties: 1 to 100 addresses; duplicates collapse, the order is kept.
        slots: At most ``terms.most_slots``; duplicates collapse.
        title: One line; made up when empty or None.
        zone: IANA name; ``UTC`` when None.
        like: An event the caller may see, from which comes what is not given.
        once: Marks a request that is to have one effect; None for any other.

    Returns:
        The event at revision 1.

    Raises:
        TokenError, NotAllowedError: The caller is not registered.
        InvalidInputError: Every fault in the input.
        TooManySlotsError: More slots than an event holds.
        NotFoundError, GoneError: The event to be like is not there.
        KeyReusedError: Another request came under the key before.

    Source: docs/explanation/narrowing.md.
    """
    who = admit(caller, Operation.PROPOSE)
    now, draw = services.clock.now(), services.secrets.draw
    with services.unit_of_work() as work:
        told = None if once is None else answered(work, who, once, now)
        if told is not None:
            return told
        model = (
            None if like is None else open_event(services, work, caller, Operation.VIEW, like)[0]
        )
        faults = Faults()
        addresses: tuple[Address, ...] = ()
        with faults.at(""):
            addresses = _parties(parties, model)
        name = "UTC" if model is None else model.state.zone
        with faults.at("zone"):
            name = name if zone is None else parse_zone(zone)
        table = () if model is None else model.state.slots
        with faults.at(""):
            table = table if slots is None else read_table(slots, name, "slots")
        text = "" if model is None or title is not None else model.state.title
        with faults.at("title"):
            text = text or (parse_title(title) if title and title.strip() else nonsense(draw(8)))
        faults.settle()
        proposer, *stored = work.users.enlist((who, *addresses))
        identity, act = draw(16), Act(proposer, now, draw(32), local=caller.local)
        change = deeds.propose(
            UUID(bytes=identity, version=4),
            act,
            stored,
            table,
            title=text,
            zone=name,
            salts=[draw(32) for _ in range(len(stored) + 1)],
            most=services.terms.most_slots,
            like=like,
        )
        return commit_change(services, work, change, act, once)


def _parties(given: Iterable[str] | None, model: Ledger | None) -> tuple[Address, ...]:
    if given is not None or model is None:
        found = parse_addresses(given or (), "parties")
    else:
        found = tuple(person.address for person in model.parties if person.address is not None)
    deeds.check_parties(found)
    return found


def list_events(
    services: Services,
    caller: Caller,
    *,
    status: Status | None = None,
    closed: bool = False,
    after: int = 0,
    limit: int = PAGE,
    newest_first: bool = False,
) -> Sequence[Event]:
    """
    List events by id: those the caller is a party of or has proposed; all for staff.

    Args:
        services: The ports.
        caller: A registered user.
        status: Only those with this status.
        closed: Also the deleted.
        after: Only ids that come after this one in the list; 0 for the list from its start.
        limit: At most so many, and never more than 1,000.
        newest_first: From the greatest id down.

    Raises:
        TokenError, NotAllowedError: The caller is not registered.
        InvalidInputError: There is no such status.
    """
    who = admit(caller, Operation.LIST)
    # A status given as its text, such as "open", is one all the same.
    status = None if status is None else Status(status)
    with services.snapshot() as work:
        page = work.events.page(
            None if caller.staff else who,
            status=status,
            with_closed=closed,
            after=after,
            limit=max(0, min(limit, PAGE)),
            newest_first=newest_first,
        )
    return [see(ledger) for ledger in page]


@retry_on_collision
def view(services: Services, caller: Caller, event_id: int) -> Event:
    """
    Look at an event; the look is logged.

    Raises:
        TokenError, NotAllowedError, NotFoundError, GoneError: As ``admit_to`` says.
    """
    with services.unit_of_work() as work:
        ledger, act = open_event(services, work, caller, Operation.VIEW, event_id)
        ledger = work.events.save(deeds.view(ledger, act))
        work.commit()
    return see(ledger)


@retry_on_collision
def peek(services: Services, caller: Caller, event_id: int) -> Event:
    """
    Read an event as a program does on the way to something else; nothing is logged.

    Raises:
        TokenError, NotAllowedError, NotFoundError, GoneError: As ``admit_to`` says.
    """
    with reading(services, caller) as work:
        return see(open_event(services, work, caller, Operation.VIEW, event_id)[0])


def delete(
    services: Services, caller: Caller, event_id: int, *, expected: int | None = None
) -> Event:
    """
    Close an event; its log stays readable for ever.

    Raises:
        TokenError, NotAllowedError, NotFoundError, GoneError: As ``admit_to`` says.
        StaleRevisionError: The event is not at *expected*, the revision the caller saw.
    """
    deed = partial(deeds.delete, expected=expected)
    return apply_deed(services, caller, Operation.DELETE, event_id, deed)


def stop_mail(
    services: Services, caller: Caller, event_id: int, *, expected: int | None = None
) -> Event:
    """
    Stop the letters of an event to the calling party.

    Raises:
        TokenError, NotAllowedError, NotFoundError, GoneError: As ``admit_to`` says.
        StaleRevisionError: The event is not at *expected*, the revision the caller saw.
    """
    deed = partial(deeds.stop_mail, expected=expected)
    return apply_deed(services, caller, Operation.MAIL, event_id, deed)


def resume_mail(
    services: Services, caller: Caller, event_id: int, *, expected: int | None = None
) -> Event:
    """
    Let the letters of an event reach the calling party again.

    Raises:
        TokenError, NotAllowedError, NotFoundError, GoneError: As ``admit_to`` says.
        StaleRevisionError: The event is not at *expected*, the revision the caller saw.
    """
    deed = partial(deeds.resume_mail, expected=expected)
    return apply_deed(services, caller, Operation.MAIL, event_id, deed)


@retry_on_collision
def notify(
    services: Services,
    caller: Caller,
    event_id: int,
    recipients: Iterable[str],
    slots: Iterable[Wanted],
    *,
    sender: str | None = None,
    invitation: bool = False,
    expected: int | None = None,
    once: IdempotencyKey | None = None,
) -> Event:
    """
    Tell parties what is on the table.

    Args:
        services: The ports.
        caller: Who tells.
        event_id: Which event.
        recipients: At least one party; duplicates collapse.
        slots: What the caller believes is on the table.
        sender: On whose behalf; a party or staff.
        invitation: True for a letter that asks and explains.
        expected: The revision the caller saw; None when the slots say enough.
        once: Marks a request that is to have one effect; None for any other.

    Returns:
        The event after it; the letters wait in the outbox.

    Raises:
        TokenError, NotAllowedError, NotFoundError, GoneError: As ``admit_to`` says.
        InvalidInputError: No recipient, or what can't be read.
        StaleRevisionError: The event is not at *expected*.
        NotAPartyError: A recipient or the sender has no place in the event.
        SlotsNotCurrentError: The table is another.
        MailStoppedError: A recipient can't be sent letters.
        TooManyError: That would be too many letters.
        KeyReusedError: Another request came under the key before.

    Source: docs/explanation/delivery.md.
    """
    with services.unit_of_work() as work:
        told = told_before(services, work, caller, Operation.NOTIFY, event_id, once)
        if told is not None:
            return told
        ledger, act = open_event(services, work, caller, Operation.NOTIFY, event_id)
        faults = Faults()
        addresses: tuple[Address, ...] = ()
        behalf: Address | None = None
        table = ledger.state.slots
        with faults.at(""):
            addresses = parse_addresses(recipients, "parties")
            telling.check_recipients(addresses)
        with faults.at(""):
            table = read_table(slots, ledger.state.zone, "slots")
        with faults.at("sender"):
            behalf = None if sender is None else Address.parse(sender)
        faults.settle()
        known = work.users.find({*addresses, *([behalf] if behalf else [])})
        if behalf is not None and behalf in known:
            behalf = known[behalf].address
        change = telling.notify(
            ledger,
            act,
            addresses,
            table,
            sender=behalf,
            sender_salt=services.secrets.draw(32),
            staff=[user.address for user in known.values() if user.staff and user.active],
            barred=[user.address for user in known.values() if user.barred],
            invitation=invitation,
            expected=expected,
        )
        check_mail(services, work, caller, act, event_id, addresses)
        return commit_change(services, work, change, act, once)


@retry_on_collision
def read_log(
    services: Services,
    caller: Caller,
    event_id: int,
    *,
    after: int = 0,
    limit: int = PAGE,
    deliveries: bool = False,
) -> tuple[Event, Sequence[LogEntry]]:
    """
    Read the log of an event, oldest first; nothing is logged.

    Args:
        services: The ports.
        caller: Who reads.
        event_id: Which event; the deleted too.
        after: Only entries with a greater id; 0 for all.
        limit: At most so many, and never more than 1,000.
        deliveries: Also the entries that say how letters went.

    Returns:
        The event, and its entries.

    Raises:
        TokenError, NotAllowedError, NotFoundError: As ``admit_to`` says.
        InvalidInputError: *after* is below 0.
    """
    if after < 0:
        raise InvalidInputError.of(f"{after} is below 0, behind which all entries come", "after")
    with reading(services, caller) as work:
        ledger, _ = open_event(services, work, caller, Operation.READ_LOG, event_id)
        entries = work.events.entries(
            event_id, after=after, limit=max(0, min(limit, PAGE)), with_deliveries=deliveries
        )
    return see(ledger), [see_entry(ledger, entry) for entry in entries]


def whole_log(
    services: Services, caller: Caller, event_id: int, *, after: int = 0, deliveries: bool = False
) -> Iterator[LogEntry]:
    """
    Read the log of an event, page after page.

    Raises:
        As ``read_log`` says, when the first entry is asked for.
    """

    def read(after: int, limit: int) -> Sequence[LogEntry]:
        return read_log(
            services, caller, event_id, after=after, limit=limit, deliveries=deliveries
        )[1]

    return page_after_page(read, lambda entry: entry.id, after)
