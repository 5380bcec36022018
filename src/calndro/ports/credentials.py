"""
The ports to what people show instead of a password, as a part of storage: digests alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol


if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from calndro.core.party import Address
    from calndro.core.token import EmailToken
    from calndro.core.user import ApiToken, Session, User


class TokenRepository(Protocol):
    """
    Holds the digests of email tokens.
    """

    def add(self, token: EmailToken) -> None:
        """
        Store a new token.
        """
        ...

    def find(self, digest: bytes) -> EmailToken | None:
        """
        Read a token by its digest, whatever its state.
        """
        ...

    def retire(self, digest: bytes) -> None:
        """
        Note that a token has been refused as expired; nothing when there is none.
        """
        ...

    def take_back(self, digest: bytes) -> None:
        """
        Take back one token; nothing when there is none.
        """
        ...

    def revoke(self, address: Address) -> None:
        """
        Take back every token of this address.
        """
        ...

    def sweep(self, before: datetime) -> None:
        """
        Forget the tokens that expired before an instant.
        """
        ...

    def of(self, event_id: int) -> Sequence[EmailToken]:
        """
        Read every token of an event, whatever its state, those that expire first first.
        """
        ...


class ApiTokenRepository(Protocol):
    """
    Holds the digests of users' API tokens.
    """

    def add(self, token: ApiToken, *, most: int) -> None:
        """
        Store a new token; of its user's tokens only the *most* last used are kept.
        """
        ...

    def find(self, digest: bytes) -> tuple[ApiToken, User] | None:
        """
        Read a token by its digest, with the user whose it is.
        """
        ...

    def touch(self, digest: bytes, now: datetime) -> None:
        """
        Note that a token was used; nothing when there is none.
        """
        ...

    def drop(self, digest: bytes) -> None:
        """
        Take back one token; nothing when there is none.
        """
        ...

    def revoke(self, address: Address) -> int:
        """
        Take back every token of this address; tells how many there were.
        """
        ...

    def of(self, address: Address) -> Sequence[ApiToken]:
        """
        Read the tokens of this address, the last used first.
        """
        ...


class SessionRepository(Protocol):
    """
    Holds the digests of open sessions.
    """

    def add(self, session: Session) -> None:
        """
        Store a new session of a user that exists.
        """
        ...

    def find(self, digest: bytes) -> tuple[Session, User] | None:
        """
        Read a session by its digest, whatever its age, with the user whose it is.
        """
        ...

    def touch(self, digest: bytes, now: datetime) -> None:
        """
        Note that a session was used; nothing when there is none.
        """
        ...

    def end(self, digest: bytes) -> None:
        """
        Forget a session; nothing when there is none.
        """
        ...

    def sweep(self, before: datetime) -> None:
        """
        Forget every session that began before an instant.
        """
        ...
