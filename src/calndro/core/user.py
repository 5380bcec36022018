"""
Users: the accounts behind email addresses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs


if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from calndro.core.party import Address


@attrs.frozen
class User:
    """
    An account; one per folded address.

    Args:
        address: As first stored; mail goes to this form.
        password: The hash of the password, None without one.
        active: May sign in. Somebody merely named as a party is inactive.
        staff: Sees and does everything.
        barred: Dismissed: gets no links until activated again.
        epoch: Moves when the password changes or the user is dismissed; ends sessions.
    """

    address: Address
    password: str | None = None
    active: bool = False
    staff: bool = False
    barred: bool = False
    epoch: int = 0

    def enrolled(self, password: str | None = None) -> User:
        """
        Make the user active, with a new password where one is given.
        """
        if password is None:
            return attrs.evolve(self, active=True, barred=False)
        return attrs.evolve(
            self, active=True, barred=False, password=password, epoch=self.epoch + 1
        )

    def dismissed(self) -> User:
        """
        Make the user inactive and barred from links.
        """
        return attrs.evolve(self, active=False, barred=True, epoch=self.epoch + 1)


@attrs.frozen
class ApiToken:
    """
    What is kept of a user's API token.

    Args:
        digest: SHA-256 of its 40 characters, 32 bytes.
        address: Whose it is.
        used: When it was last used, UTC, to the hour or so.
    """

    digest: bytes
    address: Address
    used: datetime


@attrs.frozen
class Session:
    """
    What is kept of somebody's signing in with a browser.

    Args:
        digest: SHA-256 of the 40 characters in the cookie, 32 bytes.
        address: Who has signed in.
        epoch: The user's epoch then.
        begun: When that was, UTC.
        seen: When it was last used, UTC, to the minute or so.
    """

    digest: bytes
    address: Address
    epoch: int
    begun: datetime
    seen: datetime

    def is_open(self, user: User, now: datetime, *, idle: timedelta, life: timedelta) -> bool:
        """
        Tell whether the session still stands for its user.

        Args:
            user: As stored now.
            now: The clock's reading, UTC.
            idle: How long it lasts unused.
            life: How long it lasts at most.
        """
        is_fresh = now - self.seen < idle and now - self.begun < life
        return is_fresh and user.active and user.epoch == self.epoch
