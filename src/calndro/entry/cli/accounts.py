"""
Where accounts are looked after: on a database, or at a server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from calndro.adapters.wire import user_json
from calndro.usecases import accounts
from calndro.usecases.administering import find_users
from calndro.usecases.auditing import erase
from calndro.usecases.paging import PAGE


if TYPE_CHECKING:
    from collections.abc import Iterator

    from calndro.adapters.http_client import HttpAccounts
    from calndro.adapters.wire import UserJson
    from calndro.core.access import Caller
    from calndro.entry.cli.session import Session
    from calndro.usecases.services import Services


def accounts_of(session: Session) -> LocalAccounts | HttpAccounts:
    """
    Find where accounts are looked after.
    """
    if session.server is not None:
        return session.server.accounts
    return LocalAccounts(session.here.services, session.here.caller)


@attrs.frozen
class LocalAccounts:
    """
    Looks after the accounts of a database.

    Args:
        services: The ports.
        caller: Staff.
    """

    services: Services
    caller: Caller

    def add(self, email: str, password: str | None, *, staff: bool) -> UserJson:
        """
        Register a user, or give a party its account.
        """
        return user_json(
            accounts.add_user(self.services, self.caller, email, password, staff=staff)
        )

    def users(self) -> Iterator[UserJson]:
        """
        List everybody that is known.
        """
        after = None
        while page := find_users(self.services, self.caller, after=after, limit=PAGE):
            yield from map(user_json, page)
            after = str(page[-1].address)

    def set_password(self, email: str, password: str) -> UserJson:
        """
        Give a user a new password.
        """
        return user_json(accounts.set_password(self.services, self.caller, email, password))

    def set_staff(self, email: str, *, staff: bool) -> UserJson:
        """
        Make a user staff, or no longer.
        """
        return user_json(accounts.set_staff(self.services, self.caller, email, staff=staff))

    def set_active(self, email: str, *, active: bool) -> UserJson:
        """
        Dismiss a user, or take it back.
        """
        act = accounts.activate if active else accounts.deactivate
        return user_json(act(self.services, self.caller, email))

    def issue_token(self, email: str) -> str:
        """
        Make an API token for a user.
        """
        return accounts.issue_api_token_for(self.services, self.caller, email)

    def revoke_tokens(self, email: str) -> int:
        """
        Take back every API token of a user; tells how many there were.
        """
        return accounts.revoke_api_tokens(self.services, self.caller, email)

    def erase(self, email: str) -> tuple[list[int], str]:
        """
        Forget a person; gives the events that moved on without it, and a warning or nothing.
        """
        erased = erase(self.services, self.caller, email)
        return [event.id for event in erased.events], erased.warning
