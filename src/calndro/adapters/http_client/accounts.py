"""
Everybody's accounts at a server, for staff.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from calndro.adapters import wire
from calndro.adapters.http_client.server import listed, taken
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
        return taken(self._server.send("POST", "/users/", body, once=True), wire.user_of)

    def users(self) -> Iterator[UserJson]:
        """
        List everybody that is known.
        """
        return self._server.pages("/users/", {}, partial(listed, wire.user_of))

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
        return taken(answer, lambda found: str(found["token"]))

    def revoke_tokens(self, email: str) -> int:
        """
        Take back every API token of a user; tells how many there were.
        """
        answer = self._server.send("DELETE", f"{_path(email)}tokens/", once=True)
        return taken(answer, lambda found: int(found["revoked"]))

    def erase(self, email: str) -> tuple[list[int], str]:
        """
        Forget a person; gives the events that moved on without it, and a warning or nothing.
        """
        answer = self._server.send("DELETE", _path(email), once=True)
        return taken(
            answer,
            lambda found: (list(map(int, found["events"])), str(found.get("warning", ""))),
        )

    def _change(self, email: str, change: dict[str, str | bool]) -> UserJson:
        return taken(self._server.send("PATCH", _path(email), change, once=True), wire.user_of)


def _path(email: str) -> str:
    return f"/users/{quote(str(Address.parse(email)), safe='@')}/"
