"""
When a letter that could not be handed over is tried again, and when it is given up.

Pure rules: the clock's reading and the chance are handed in.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import attrs
from attrs.validators import min_len


if TYPE_CHECKING:
    from calndro.core.errors import DeliveryError
    from calndro.core.notice import Post


CHANCES: Final = 2**16
"""How many different chances there are; see ``pause``."""

_PAUSES: Final = tuple(timedelta(seconds=each) for each in (30, 60, 120, 300, 900, 1800, 3600))


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """
    How long and how often letters are tried.

    Args:
        pauses: After the first attempt in vain, the second, and so on; the last one
            serves for all that follow. At least one.
        spread: How much a pause may be shorter or longer, in percent of it.
        life: From queueing on; what can't be handed over in that time is given up.
        lapses: How many claims may come to no end before a letter is set aside.
        probe: How long the queue rests when nothing can be handed over at all.
    """

    pauses: tuple[timedelta, ...] = attrs.field(default=_PAUSES, validator=min_len(1))
    spread: int = 25
    life: timedelta = timedelta(days=5)
    lapses: int = 3
    probe: timedelta = timedelta(seconds=60)


def pause(policy: RetryPolicy, attempts: int, chance: int) -> timedelta:
    """
    Tell how long a letter waits for its next attempt.

    Args:
        policy: As set.
        attempts: How many were in vain before the one that just failed.
        chance: 0 to ``CHANCES`` - 1, drawn anew each time, so that letters which failed
            together do not all come back together.
    """
    usual = policy.pauses[min(attempts, len(policy.pauses) - 1)]
    off = policy.spread * (2 * chance - (CHANCES - 1))
    return usual + usual * off / (100 * (CHANCES - 1))


def tried(
    policy: RetryPolicy,
    post: Post,
    failure: DeliveryError,
    now: datetime,
    *,
    chance: int,
    useful_until: datetime | None,
) -> Post | None:
    """
    Tell what becomes of a letter after an attempt in vain.

    Args:
        policy: As set.
        post: As claimed.
        failure: How the attempt went.
        now: The clock's reading, UTC.
        chance: As ``pause`` wants it.
        useful_until: When its news is over; None for never.

    Returns:
        The post as it waits again; None when it is given up. A failure of the carrier
        as a whole is no attempt.

    Source: docs/explanation/delivery.md.
    """
    if failure.everywhere:
        return attrs.evolve(post, due=now, unsettled=0)
    if failure.permanent:
        return None
    due = now + pause(policy, post.attempts, chance)
    end = post.added + policy.life
    if due > (end if useful_until is None else min(end, useful_until)):
        return None
    return attrs.evolve(post, due=due, unsettled=0, attempts=post.attempts + 1, code=failure.code)


def is_worn(policy: RetryPolicy, post: Post) -> bool:
    """
    Tell whether whoever claims this letter seems to die of it.

    Args:
        policy: As set.
        post: As just claimed.
    """
    return post.unsettled > policy.lapses


def set_aside(post: Post) -> Post:
    """
    Hold a letter until somebody decides.
    """
    return attrs.evolve(post, held=True, unsettled=0)


def hurried(post: Post, now: datetime) -> Post:
    """
    Let a letter be due at once, held or not.
    """
    return attrs.evolve(post, held=False, unsettled=0, due=now)
