"""
What every use case works with.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import attrs

from calndro.core.limit import Limits
from calndro.core.retrying import RetryPolicy
from calndro.core.slot import MOST_SLOTS
from calndro.core.token import DEFAULT_LIFE


if TYPE_CHECKING:
    from collections.abc import Callable

    from calndro.core.limit import Limit
    from calndro.ports.clock import Clock
    from calndro.ports.limiter import Limiter
    from calndro.ports.notifier import Notifier
    from calndro.ports.secrets import Passwords, Secrets
    from calndro.ports.storage import UnitOfWork


@attrs.frozen(kw_only=True)
class Terms:
    """
    What an operator may set.

    Args:
        most_slots: How many slots an event may hold.
        token_life: How long the link of a letter works.
        notify_on_agreement: Whether an agreement sends letters by itself.
        claim_life: How long a delivery may take before somebody else tries.
        retry_policy: When a letter is tried again, and when it is given up.
        session_idle: How long a session lasts unused.
        session_life: How long a session lasts at most.
        limits: How much of what is let through in a while.
        limits_letters: Whether the limits on letters hold.
    """

    most_slots: int = MOST_SLOTS
    token_life: timedelta = DEFAULT_LIFE
    notify_on_agreement: bool = True
    claim_life: timedelta = timedelta(minutes=2)
    retry_policy: RetryPolicy = attrs.field(factory=RetryPolicy)
    session_idle: timedelta = timedelta(hours=2)
    session_life: timedelta = timedelta(hours=12)
    limits: Limits = attrs.field(factory=Limits)
    limits_letters: bool = True


class Unlimited:
    """
    Counts nothing and lets everything pass.
    """

    def wait(self, limit: Limit, key: str) -> int:  # noqa: ARG002  whatever it is
        """
        Let it pass.
        """
        return 0

    def count(self, limit: Limit, key: str) -> bool:  # noqa: ARG002
        """
        Forget it at once.
        """
        return True


@attrs.frozen(kw_only=True)
class Services:
    """
    The ports, as wired for one program.

    Args:
        unit_of_work: Makes a fresh unit of work that may write.
        snapshot: Makes a fresh one that only reads, and waits for nobody.
        notifier: Makes a notifier for one batch of letters.
        clock: Tells the time.
        secrets: Draws randomness.
        passwords: Hashes passwords.
        scrub: Makes sure that what was removed can't be found in the storage's files.
        check: Makes sure that the storage can be reached and is of this version.
        terms: What the operator has set.
        limiter: Counts what is limited; without another one nothing is.
        ring: Told when letters may be due; returns at once.
        rest: Waits so long; without another one it does not.
    """

    unit_of_work: Callable[[], UnitOfWork]
    snapshot: Callable[[], UnitOfWork]
    notifier: Callable[[], Notifier]
    clock: Clock
    secrets: Secrets
    passwords: Passwords
    scrub: Callable[[], None]
    check: Callable[[], None] = lambda: None
    terms: Terms = Terms()
    limiter: Limiter = attrs.field(factory=Unlimited)
    ring: Callable[[], None] = lambda: None
    rest: Callable[[timedelta], None] = lambda _: None
