"""
Limits: how much of something is let through in a while.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import attrs

from calndro.core.errors import TooManyError


if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from calndro.core.party import Address


@attrs.frozen
class Limit:
    """
    At most so many in a window that moves with the clock.

    Args:
        what: Is limited, in words; also its name where it is counted.
        most: How many are let through.
        seconds: The length of the window.
    """

    what: str
    most: int
    seconds: int

    @property
    def window(self) -> timedelta:
        """
        The length of the window.
        """
        return timedelta(seconds=self.seconds)


HOUR = 3600
DAY = 24 * HOUR


@attrs.frozen(kw_only=True)
class Limits:
    """
    Every limit.

    Args:
        sign_ins: Failed sign-ins to one account from one network address.
        account_sign_ins: Failed sign-ins to one account from anywhere.
        wrong_tokens: Wrong tokens from one network address.
        letters_to_party: Letters to one party of one event.
        letters_to_silent: Letters to an address that has never answered.
        letters_by_one: Letters that one user causes.
    """

    sign_ins: Limit = Limit("failed sign-ins", 10, 300)
    account_sign_ins: Limit = Limit("failed sign-ins to this account", 100, 300)
    wrong_tokens: Limit = Limit("wrong tokens", 20, 60)
    letters_to_party: Limit = Limit("letters to this party of the event", 10, HOUR)
    letters_to_silent: Limit = Limit("letters to somebody who never answered", 50, DAY)
    letters_by_one: Limit = Limit("letters by one user", 100, HOUR)


@attrs.frozen
class Letter:
    """
    A letter that was queued lately, whatever became of it.

    Args:
        event_id: Of which event.
        to: Whom it is to.
        at: When it was queued, UTC.
    """

    event_id: int
    to: Address
    at: datetime


@attrs.frozen
class Lately:
    """
    What the letters of the last day tell.

    Args:
        received: Those to the recipients in question, of any event, from the last day.
        caused: When those that the effector has caused were queued, from the last hour.
        answered: The recipients that have ever answered, in any event.
    """

    received: Sequence[Letter]
    caused: Sequence[datetime]
    answered: Collection[Address]


def in_doubt(limits: Limits, received: Iterable[Letter]) -> set[Address]:
    """
    Find the recipients for whom it matters whether they have ever answered.
    """
    count = Counter(letter.to for letter in received)
    return {each for each, number in count.items() if number >= limits.letters_to_silent.most}


def check_letters(
    limits: Limits, lately: Lately, event_id: int, recipients: Sequence[Address], now: datetime
) -> None:
    """
    Refuse letters that are too many, all of them if one is.

    Args:
        limits: Which hold.
        lately: What was queued already.
        event_id: Of which event the letters are.
        recipients: One for each letter, without duplicates.
        now: The clock's reading, UTC.

    Raises:
        TooManyError: With the longest of the times to wait.

    Source: docs/how-to/run-the-server.md.
    """
    found = [
        (ready, limit)
        for place, recipient in enumerate(recipients, start=1)
        for ready, limit in _held_back(limits, lately, event_id, recipient, place, now)
    ]
    if found:
        ready, limit = max(found, key=lambda each: each[0])
        raise TooManyError(limit.what, _seconds_until(ready, now))


def letters_due(
    limits: Limits, lately: Lately, event_id: int, recipients: Sequence[Address], now: datetime
) -> list[datetime]:
    """
    Tell from when on each of several letters that must not be refused may be sent.

    Args:
        limits: Which hold.
        lately: What was queued already.
        event_id: Of which event the letters are.
        recipients: One for each letter, without duplicates.
        now: The clock's reading, UTC.

    Returns:
        An instant for each recipient, *now* for whom no limit holds back.

    Source: docs/how-to/run-the-server.md: over the limit they wait.
    """
    return [
        max(
            (ready for ready, _ in _held_back(limits, lately, event_id, recipient, place, now)),
            default=now,
        )
        for place, recipient in enumerate(recipients, start=1)
    ]


def _held_back(
    limits: Limits,
    lately: Lately,
    event_id: int,
    recipient: Address,
    place: int,
    now: datetime,
) -> Iterable[tuple[datetime, Limit]]:
    """
    Find each limit in the way of the *place*-th new letter, and when it no longer is.
    """
    to_it = [each for each in lately.received if each.to == recipient]
    of_event = [each.at for each in to_it if each.event_id == event_id]
    measured = [
        (limits.letters_to_party, of_event, 1),
        (limits.letters_by_one, lately.caused, place),
    ]
    if recipient not in lately.answered:
        measured.append((limits.letters_to_silent, [each.at for each in to_it], 1))
    for limit, instants, more in measured:
        ready = _ready(limit, instants, more, now)
        if ready > now:
            yield ready, limit


def _ready(limit: Limit, instants: Iterable[datetime], more: int, now: datetime) -> datetime:
    """
    Tell when *more* fit beside what was counted at *instants*.
    """
    inside = sorted(each for each in instants if now - each < limit.window)
    surplus = len(inside) + more - limit.most
    if surplus <= 0:
        return now
    if surplus > len(inside):
        # More at once than ever fit: after a whole window there is still no better answer.
        return now + limit.window
    return inside[surplus - 1] + limit.window


def _seconds_until(ready: datetime, now: datetime) -> int:
    return max(1, -(-(ready - now) // timedelta(seconds=1)))
