"""
Letters in words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from calndro.core.agreement import Status
from calndro.core.event import is_erased
from calndro.core.notice import Kind
from calndro.core.slot import without
from calndro.core.spoken import say_begin, say_slot


if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from calndro.core.dispatch import Dispatch
    from calndro.core.event import Event
    from calndro.core.slot import Slot, Table


_MOST_NAMED: Final = 12


@attrs.frozen(kw_only=True)
class Wording:
    """
    What a letter says, whatever form it takes.

    Args:
        subject: One line, without the instance's prefix.
        opening: Who did what, and what to make of it.
        lost: What no longer holds, though it was agreed on.
        agreed: What is agreed on.
        table: What else there is to know of the table.
        standing: Where the event stands, and what the recipient can do.
        action: What the link is for, in a word or three.
        link: The address of the recipient's page.
        terms: What holds for the link.
        closing: Whom the letter is for, and how to get no more of them.
        receipt: The line that a later log is checked against.
    """

    subject: str
    opening: tuple[str, ...]
    lost: Times
    agreed: Times
    table: Times
    standing: tuple[str, ...]
    action: str
    link: str
    terms: str
    closing: tuple[str, ...]
    receipt: str


@attrs.frozen
class Times:
    """
    Some slots in words; empty for what is not to be said.

    Args:
        heading: What they are.
        ways: For each slot, in order, the ways to say it: in the event's zone, then in UTC
            when that differs.
    """

    heading: str = ""
    ways: tuple[tuple[str, ...], ...] = ()


def compose(dispatch: Dispatch, public_url: str, now: datetime) -> Wording:
    """
    Find the words for a dispatch.

    Args:
        dispatch: What is to be said.
        public_url: Where the pages of the instance are, without a slash at the end.
        now: Tells which slots are over, UTC.
    """
    event = dispatch.event
    agreed = event.slots if event.status is Status.AGREED else ()
    lost = () if dispatch.about is None else without((dispatch.about,), agreed)
    return Wording(
        subject=_SUBJECTS[dispatch.notice.kind].format(f"'{event.title}'"),
        opening=_opening(dispatch),
        lost=_times("The time that no longer holds", lost, event.zone, now),
        agreed=_times("The time that is agreed on", agreed, event.zone, now),
        table=_table(event, agreed or lost, now),
        standing=(_standing(event), _next_step(dispatch)),
        action=_ACTIONS[event.status],
        link=_link(dispatch, public_url),
        terms=_terms(dispatch),
        closing=_closing(dispatch),
        receipt=f"Calndro-Audit: {dispatch.receipt}",
    )


_SUBJECTS: Final = {
    Kind.UPDATE: "{} updated",
    Kind.INVITATION: "invitation to {}",
    Kind.AGREED: "{} agreed",
    Kind.CANCELLED: "{} cancelled",
    Kind.CHANGED: "{} changed",
    Kind.LINK: "new link to {}",
}
_OPENINGS: Final = {
    Kind.UPDATE: "{who} tells you where {what} stands.",
    Kind.INVITATION: "{who} asks you to help find a time for {what}.",
    Kind.AGREED: "{who} made the last step: a time for {what} was agreed on.",
    Kind.CANCELLED: "{who} changed {what}: the time that was agreed on no longer holds.",
    Kind.CHANGED: "{who} changed {what} after it had been agreed on.",
    Kind.LINK: "{who} asked for a new link to {what}, by means of one that had expired.",
}
_DELETED: Final = "{who} deleted {what}: the time that was agreed on no longer holds."
_EXPLANATION: Final = (
    "Everybody says which of the times below work. A time that does not work for somebody "
    "leaves the table, and other times can be put on it. It is agreed when one time is left "
    "that works for all."
)
_MOVED_ON: Final = (
    "The table has changed since this letter was asked for; below is what is on it now."
)
_STANDINGS: Final = {
    Status.AGREED: "It suits everybody.",
    Status.VOID: "Nothing can be agreed on until somebody proposes other times.",
    Status.CLOSED: "The event is closed; only its log can still be read.",
}
_STOP: Final = "To get no more letters of this event, open the link and stop them there."
_ACTIONS: Final = {
    Status.OPEN: "Answer",
    Status.AGREED: "Open the event",
    Status.VOID: "Propose other times",
    Status.CLOSED: "Read the log",
}
_NEXT_STEPS: Final = {
    Status.AGREED: "There is nothing more to do, unless it no longer suits you; then say so here:",
    Status.VOID: "Propose other times here:",
    Status.CLOSED: "There is nothing more to do. The log is here:",
}


def _opening(dispatch: Dispatch) -> tuple[str, ...]:
    kind, event = dispatch.notice.kind, dispatch.event
    deleted = kind is Kind.CANCELLED and event.status is Status.CLOSED
    words = _DELETED if deleted else _OPENINGS[kind]
    opening = [words.format(who=_who(dispatch), what=f"'{event.title}'")]
    if kind is Kind.INVITATION:
        opening.append(_EXPLANATION)
    if dispatch.has_moved_on:
        opening.append(_MOVED_ON)
    return tuple(opening)


def _who(dispatch: Dispatch) -> str:
    if dispatch.effector == dispatch.sender:
        return dispatch.sender
    return f"{dispatch.effector}, on behalf of {dispatch.sender},"


def _times(heading: str, slots: Table, zone: str, now: datetime) -> Times:
    if not slots:
        return Times()
    return Times(f"{heading} (time zone {zone}):", tuple(_ways(slot, zone, now) for slot in slots))


def _table(event: Event, said: Table, now: datetime) -> Times:
    if not event.slots:
        return Times("No time is on the table.")
    closed = event.status is Status.CLOSED
    if event.slots == said and (closed or event.status is Status.AGREED):
        return Times()
    heading = "What was on the table at the end" if closed else "On the table now"
    return _times(heading, event.slots, event.zone, now)


def _ways(slot: Slot, zone: str, now: datetime) -> tuple[str, ...]:
    local, utc = say_slot(slot, zone), say_slot(slot, "UTC")
    first = f"{local} (over)" if slot.end <= now else local
    return (first,) if local == utc else (first, f"in UTC: {utc}")


def _standing(event: Event) -> str:
    if event.waiting_on:
        return f"Still to answer: {_named(event.waiting_on)}."
    if event.status in {Status.OPEN, Status.VOID} and not event.remaining:
        return "Nobody is left to agree."
    if event.status is not Status.OPEN:
        return _STANDINGS[event.status]
    if event.common:
        numbers = [str(event.slots.index(slot) + 1) for slot in event.common]
        return f"Everybody can do {_listed(numbers)}: anyone may choose."
    return "Everybody has answered, but no time suits all yet."


def _next_step(dispatch: Dispatch) -> str:
    event = dispatch.event
    if dispatch.link is None and event.status is not Status.CLOSED:
        return "You are no party of it, so nobody waits for you. Follow it here:"
    if event.status is not Status.OPEN:
        return _NEXT_STEPS[event.status]
    if dispatch.recipient in event.waiting_on:
        return "Your answer is waited for; say here which times work for you:"
    if event.waiting_on:
        return "You have answered; see here who else has, or change your answer:"
    if event.common:
        return "Choose here, by leaving only one time on the table:"
    return "Propose another time here, or think again about those on the table:"


def _link(dispatch: Dispatch, public_url: str) -> str:
    page = f"{public_url}/{dispatch.event.id}/"
    if dispatch.event.status is Status.CLOSED:
        page += "log/"
    return page if dispatch.link is None else f"{page}?et={dispatch.link}"


def _terms(dispatch: Dispatch) -> str:
    if dispatch.link is None or dispatch.expires is None:
        return "The page asks you to sign in."
    # Rounded down, so that it promises nothing that does not hold.
    expires = dispatch.expires.replace(second=0, microsecond=0)
    local, utc = say_begin(expires, dispatch.event.zone), say_begin(expires, "UTC")
    until = f"{local} ({dispatch.event.zone})"
    if local != utc:
        until += f", in UTC {utc}"
    return (
        f"The link works until {until}. Keep it to yourself: whoever has it can act as "
        f"{dispatch.recipient}."
    )


def _closing(dispatch: Dispatch) -> tuple[str, ...]:
    replies = "" if is_erased(dispatch.sender) else f" Replies go to {dispatch.sender}."
    return (
        f"This letter is for {dispatch.recipient}.{replies}",
        f"The event is between {_named(dispatch.event.parties)}.",
        *((_STOP,) if can_stop(dispatch) else ()),
        "The line below proves what the event's log was; keep it to check the log later.",
    )


def can_stop(dispatch: Dispatch) -> bool:
    """
    Tell whether the recipient may stop the letters of this event by the link it gets.
    """
    return dispatch.link is not None and dispatch.event.status is not Status.CLOSED


def _named(people: Sequence[str]) -> str:
    if len(people) <= _MOST_NAMED:
        return _listed(people)
    return f"{', '.join(people[:_MOST_NAMED])} and {len(people) - _MOST_NAMED} more"


def _listed(items: Sequence[str]) -> str:
    *others, last = items
    return f"{', '.join(others)} and {last}" if others else last
