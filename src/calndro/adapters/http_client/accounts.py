"""
Everybody's accounts at a server, for staff.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from calndro.adapters.http_client.server import decoded
from calndro.core.party import Address


if TYPE_CHECKING:
    from collections.abc import Iterator

    from calndro.adapters.http_client.server import Server
    from calndro.adapters.wire import UserJson


class HttpAccounts:
    """
    Looks after accounts at a server, as the use cases do on a database.

    What changes something is sent once: a server does not tell a second try from a second wish.

    Args:
        server: Where, with the credentials of staff.
    """

    def __init__(self, server: Server) -> None:
        self._server = server

    def add(self, email: str, password: str | None, *, staff: bool) -> UserJson:
        """
        Register a user, or give a party its account.
        """
        body = {"email": email, "password": password, "staff": staff}
        user: UserJson = decoded(self._server.send("POST", "/users/", body, once=True))
        return user

    def users(self) -> Iterator[UserJson]:
        """
        List everybody that is known.
        """
        for page in self._server.pages("/users/", {}):
            yield from page

    def set_password(self, email: str, password: str) -> UserJson:
        """
        Give a user a new password.
        """
        return self._change(email, {"password": password})

    def set_staff(self, email: str, *, staff: bool) -> UserJson:
        """
        Make a user staff, or no longer.
        """
        return self._change(email, {"staff": staff})

    def set_active(self, email: str, *, active: bool) -> UserJson:
        """
        Dismiss a user, or take it back.
        """
        return self._change(email, {"active": active})

    def issue_token(self, email: str) -> str:
        """
        Make an API token for a user.
        """
        answer = self._server.send("POST", f"{_path(email)}tokens/", once=True)
        return str(decoded(answer)["token"])

    def revoke_tokens(self, email: str) -> int:
        """
        Take back every API token of a user; tells how many there were.
        """
        answer = self._server.send("DELETE", f"{_path(email)}tokens/", once=True)
        return int(decoded(answer)["revoked"])

    def erase(self, email: str) -> list[int]:
        """
        Forget a person; gives the events that moved on without it.
        """
        events: list[int] = decoded(self._server.send("DELETE", _path(email), once=True))["events"]
        return events

    def _change(self, email: str, change: dict[str, str | bool]) -> UserJson:
        user: UserJson = decoded(self._server.send("PATCH", _path(email), change, once=True))
        return user


def _path(email: str) -> str:
    return f"/users/{quote(str(Address.parse(email)), safe='@')}/"
