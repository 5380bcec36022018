"""
The outbox: staff look at the letters that wait, and decide about them.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import attrs

from calndro.core import retrying, telling
from calndro.core.access import Operation, admit
from calndro.core.errors import NotFoundError, RuleError
from calndro.core.notice import Outcome
from calndro.core.stored import DamagedError
from calndro.usecases import letters
from calndro.usecases.collisions import retry_on_collision


if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from calndro.core.access import Caller
    from calndro.core.notice import Post
    from calndro.ports.storage import UnitOfWork
    from calndro.usecases.services import Services


@attrs.frozen
class WaitingLetter:
    """
    A letter in the outbox as staff see it.

    Args:
        post: What is stored of it.
        recipient: To whom, as shown in the log.
        leaving: True while somebody may be handing it over.
    """

    post: Post
    recipient: str
    leaving: bool


def list_letters(services: Services, caller: Caller) -> list[WaitingLetter]:
    """
    Read the letters that wait or are held, oldest first (staff).

    Raises:
        TokenError, NotAllowedError: The caller is no staff.
    """
    admit(caller, Operation.ADMINISTER)
    now = services.clock.now()
    with services.snapshot() as work:
        return [
            WaitingLetter(post, recipient, post.is_leaving(now))
            for post, recipient in letters.addressed(work, work.outbox.waiting())
        ]


def retry_letters(services: Services, caller: Caller, ids: Collection[int] | None = None) -> int:
    """
    Let letters be due at once, the held among them (staff).

    Args:
        services: The ports.
        caller: Staff.
        ids: Which letters; None for all, without those on their way.

    Returns:
        How many there were.

    Raises:
        TokenError, NotAllowedError: The caller is no staff.
        NotFoundError: One waits no longer: its recipient must be notified again.
        RuleError: One is on its way just now. In each case nothing was changed.
    """

    def hurry_one(work: UnitOfWork, post: Post, now: datetime) -> None:
        work.outbox.put_back(retrying.hurried(post, now))

    count = _decide(services, caller, ids, hurry_one)
    services.ring()
    return count


def drop_letters(services: Services, caller: Caller, ids: Collection[int]) -> int:
    """
    Give letters up; each ends dropped, which is logged (staff).

    Args:
        services: The ports.
        caller: Staff.
        ids: Which letters.

    Returns:
        How many there were.

    Raises:
        DamagedError: What is stored of its event can't be read, nor be written in its log.
        Others as ``retry_letters`` says. In each case nothing was changed.
    """

    def drop_one(work: UnitOfWork, post: Post, now: datetime) -> None:
        ledger = letters.ledger_of(work, post)
        work.outbox.settle(post, Outcome.DROPPED)
        work.events.save(telling.record_outcome(ledger, now, post.notice, Outcome.DROPPED))

    return _decide(services, caller, ids, drop_one)


@retry_on_collision
def _decide(
    services: Services,
    caller: Caller,
    ids: Collection[int] | None,
    decide: Callable[[UnitOfWork, Post, datetime], None],
) -> int:
    admit(caller, Operation.ADMINISTER)
    now = services.clock.now()
    with services.snapshot() as look:
        concerned = {post.notice.event_id for post in _chosen(look.outbox.waiting(), ids, now)}
    with services.unit_of_work() as work:
        # Wherever both are locked, the events come before their notices, in order.
        for event_id in sorted(concerned):
            with suppress(DamagedError):
                work.events.get(event_id)
        waiting = [p for p in work.outbox.waiting() if p.notice.event_id in concerned]
        posts = _chosen(waiting, ids, now)
        for post in posts:
            decide(work, post, now)
        work.commit()
    return len(posts)


def _chosen(waiting: Collection[Post], ids: Collection[int] | None, now: datetime) -> list[Post]:
    if ids is None:
        return [post for post in waiting if not post.is_leaving(now)]
    by_id = {post.id: post for post in waiting}
    for each in ids:
        if each not in by_id:
            raise NotFoundError("waiting letter", str(each))
        if by_id[each].is_leaving(now):
            raise RuleError(f"letter {each} is on its way just now; try again in some minutes")
    return [by_id[each] for each in dict.fromkeys(ids)]
