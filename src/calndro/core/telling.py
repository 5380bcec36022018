"""
What is told to whom, and how it went: notices and the log entries that promise them.

Source: docs/explanation/delivery.md; docs/explanation/agreement.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calndro.core.agreement import news
from calndro.core.deeds import check_revision
from calndro.core.errors import (
    InvalidInputError,
    MailStoppedError,
    NotAPartyError,
    SlotsNotCurrentError,
)
from calndro.core.ledger import Change, enrol, record, record_delivery
from calndro.core.log import Occurrence, plain_slots
from calndro.core.notice import Kind, Notice, Outcome
from calndro.core.token import AFTERLIFE


if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from calndro.core.ledger import Act, Ledger
    from calndro.core.log import Entry
    from calndro.core.party import Address
    from calndro.core.slot import Table
    from calndro.core.token import EmailToken


def tell_news(change: Change, act: Act) -> Change:
    """
    Add what a change means for everybody's calendar.

    There is an entry and a notice for each party that gets letters, and for a proposer
    that is no party. A proposal has no news: it never sends.

    Args:
        change: What was just done.
        act: Who did it.
    """
    if change.before is None:
        return change
    found = news(change.before.state, change.after.state, act.now)
    if found is None:
        return change
    reason, slot = found
    state = change.after.state
    for person in change.after.members:
        if person.address is not None and person.number not in state.stopped:
            data = {
                "reason": reason.value,
                "about": plain_slots([slot]),
                "recipient": person.number,
            }
            change = change.then(_promise(change.after, act, data, Kind(reason.value)))
    return change


def notify(
    ledger: Ledger,
    act: Act,
    recipients: Sequence[Address],
    slots: Table,
    *,
    sender: Address | None,
    sender_salt: bytes,
    staff: Collection[Address],
    barred: Collection[Address],
    invitation: bool,
    expected: int | None = None,
) -> Change:
    """
    Tell parties what is on the table.

    Args:
        ledger: The event as it is.
        act: Who does it.
        recipients: At least one, each a party; without duplicates.
        slots: What the caller believes is on the table.
        sender: On whose behalf; None for the actor itself.
        sender_salt: 32 fresh random bytes, should the sender be new to the log.
        staff: Those of the persons named that are staff.
        barred: Those of the persons named that get no links.
        invitation: True for a letter that asks and explains.
        expected: The revision the caller saw; None when the slots say enough.

    Raises:
        InvalidInputError: No recipient.
        StaleRevisionError: The event is not at *expected*.
        NotAPartyError: A recipient is no party, or the sender neither party nor staff.
        SlotsNotCurrentError: *slots* are not those on the table.
        MailStoppedError: A recipient wants no letters, or is barred.
    """
    check_recipients(recipients)
    check_revision(ledger, expected)
    _check_parties(ledger, recipients)
    if sender is not None and sender != act.by and sender not in staff:
        _check_parties(ledger, [sender])
    if slots != ledger.state.slots:
        raise SlotsNotCurrentError(ledger.id)
    numbers = [number for each in recipients if (number := ledger.party_number(each))]
    unreachable = [
        ledger.name(number)
        for number, address in zip(numbers, recipients, strict=True)
        if number in ledger.state.stopped or address in barred
    ]
    if unreachable:
        raise MailStoppedError(unreachable, ledger.id)
    mentioned = len(ledger.people)
    enrolled = enrol(ledger, act.by, act.salt)
    enrolled = enrol(enrolled, sender or act.by, sender_salt)
    facts: dict[str, Any] = {"sender": enrolled.number_of(sender or act.by)}
    if invitation:
        facts["invitation"] = True
    kind = Kind.INVITATION if invitation else Kind.UPDATE
    change = Change(ledger, enrolled, ())
    for number in numbers:
        data = {**facts, "recipient": number}
        change = change.then(_promise(change.after, act, data, kind, mentioned))
        mentioned = len(enrolled.people)
    return change


def party_to_link(ledger: Ledger, token: EmailToken | None, now: datetime) -> Address | None:
    """
    Tell to whom a new link may be mailed for an old one; None for nobody.

    Args:
        ledger: The event it was presented at.
        token: What is kept of it; None when it is unknown.
        now: The clock's reading, UTC.

    Source: docs/explanation/tokens.md.
    """
    if token is None or token.event_id != ledger.id or token.revoked:
        return None
    if not token.has_expired(now) or ledger.state.closed or now - token.expires >= AFTERLIFE:
        return None
    return None if token.person in ledger.state.stopped else ledger.people[token.person - 1].address


def link(ledger: Ledger, act: Act, number: int) -> Change:
    """
    Promise a party the new link that it has asked for.
    """
    return _promise(ledger, act, {"reason": "link", "recipient": number}, Kind.LINK)


def check_recipients(recipients: Sequence[Address]) -> None:
    """
    Refuse a letter to nobody.

    Raises:
        InvalidInputError: No recipient.
    """
    if not recipients:
        raise InvalidInputError.of("name at least one recipient", "parties")


def _check_parties(ledger: Ledger, addresses: Sequence[Address]) -> None:
    strangers = [each.text for each in addresses if ledger.party_number(each) is None]
    if strangers:
        raise NotAPartyError(strangers, ledger.id, [str(party) for party in ledger.parties])


def _promise(
    ledger: Ledger, act: Act, data: dict[str, Any], kind: Kind, mentioned: int | None = None
) -> Change:
    facts = {"sender": ledger.number_of(act.by), **data}
    change = record(ledger, act, Occurrence.NOTIFY, facts, mentioned=mentioned)
    notice = Notice(ledger.id, change.entries[0].seq, data["recipient"], kind)
    return Change(change.before, change.after, change.entries, (notice,))


def promised(event_id: int, entry: Entry) -> Notice:
    """
    Read from a NOTIFY entry what it has promised, and to whom.

    Args:
        event_id: Which event.
        entry: One that was not made by the system.
    """
    reason = entry.data.get("reason")
    if reason is not None:
        kind = Kind(reason)
    else:
        kind = Kind.INVITATION if "invitation" in entry.data else Kind.UPDATE
    return Notice(event_id, entry.seq, entry.data["recipient"], kind)


def prevented(
    ledger: Ledger, notice: Notice, *, is_newest: bool, is_barred: bool, has_ended: bool
) -> Outcome | None:
    """
    Tell why a notice must not be sent after all.

    Args:
        ledger: The event as it is when its turn has come.
        notice: What was promised.
        is_newest: No later notice of its kind waits for the same recipient.
        is_barred: The recipient gets no links.
        has_ended: The slot that it is about is over.

    Returns:
        How the notice ends; None when it is to be sent.

    Source: docs/explanation/delivery.md.
    """
    person = ledger.people[notice.recipient - 1]
    if not is_newest or (ledger.state.closed and notice.kind is not Kind.CANCELLED):
        return Outcome.SUPERSEDED
    is_unreachable = person.address is None or person.number in ledger.state.stopped
    return Outcome.DROPPED if is_unreachable or is_barred or has_ended else None


def record_outcome(
    ledger: Ledger, now: datetime, notice: Notice, outcome: Outcome, code: int | None = None
) -> Change:
    """
    Note how the delivery of a notice ended.

    Args:
        ledger: The event as it is.
        now: The clock's reading, UTC.
        notice: Which notice.
        outcome: How it ended.
        code: The mail server's numeric reply, when there was one.
    """
    data: dict[str, Any] = {
        "delivery": outcome.value,
        "of": notice.of,
        "recipient": notice.recipient,
    }
    if code is not None:
        data["code"] = code
    return record_delivery(ledger, now, data)
