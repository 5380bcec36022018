"""
Credentials in memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from calndro.core.ledger import Ledger
    from calndro.core.party import Address
    from calndro.core.token import EmailToken
    from calndro.core.user import ApiToken, Session, User


class MemoryTokens:
    """
    Email tokens in a dictionary.
    """

    def __init__(self, tokens: dict[bytes, EmailToken], ledgers: Mapping[int, Ledger]) -> None:
        self._tokens = tokens
        self._ledgers = ledgers

    def add(self, token: EmailToken) -> None:
        self._tokens[token.digest] = token

    def find(self, digest: bytes) -> EmailToken | None:
        return self._tokens.get(digest)

    def retire(self, digest: bytes) -> None:
        tokens = self._tokens
        if digest in tokens:
            tokens[digest] = attrs.evolve(tokens[digest], spent=True)

    def take_back(self, digest: bytes) -> None:
        tokens = self._tokens
        if digest in tokens:
            tokens[digest] = attrs.evolve(tokens[digest], revoked=True)

    def revoke(self, address: Address) -> None:
        for digest, token in self._tokens.items():
            people = self._ledgers[token.event_id].people
            if people[token.person - 1].address == address:
                self._tokens[digest] = attrs.evolve(token, revoked=True)

    def sweep(self, before: datetime) -> None:
        tokens = self._tokens
        for digest in [each.digest for each in tokens.values() if each.expires < before]:
            del tokens[digest]

    def of(self, event_id: int) -> Sequence[EmailToken]:
        theirs = [each for each in self._tokens.values() if each.event_id == event_id]
        return sorted(theirs, key=lambda each: (each.expires, each.digest))


class MemoryApiTokens:
    """
    API tokens in a dictionary.
    """

    def __init__(self, tokens: dict[bytes, ApiToken], users: Mapping[Address, User]) -> None:
        self._tokens = tokens
        self._users = users

    def add(self, token: ApiToken, *, most: int) -> None:
        tokens = self._tokens
        tokens[token.digest] = token
        for each in self.of(token.address)[most:]:
            del tokens[each.digest]

    def find(self, digest: bytes) -> tuple[ApiToken, User] | None:
        token = self._tokens.get(digest)
        return None if token is None else (token, self._users[token.address])

    def touch(self, digest: bytes, now: datetime) -> None:
        tokens = self._tokens
        if digest in tokens:
            tokens[digest] = attrs.evolve(tokens[digest], used=now)

    def drop(self, digest: bytes) -> None:
        self._tokens.pop(digest, None)

    def revoke(self, address: Address) -> int:
        tokens = self._tokens
        theirs = [each.digest for each in tokens.values() if each.address == address]
        for digest in theirs:
            del tokens[digest]
        return len(theirs)

    def of(self, address: Address) -> Sequence[ApiToken]:
        theirs = [each for each in reversed(self._tokens.values()) if each.address == address]
        return sorted(theirs, key=lambda each: each.used, reverse=True)


class MemorySessions:
    """
    Sessions in a dictionary.
    """

    def __init__(self, sessions: dict[bytes, Session], users: Mapping[Address, User]) -> None:
        self._sessions = sessions
        self._users = users

    def add(self, session: Session) -> None:
        self._sessions[session.digest] = session

    def find(self, digest: bytes) -> tuple[Session, User] | None:
        session = self._sessions.get(digest)
        return None if session is None else (session, self._users[session.address])

    def touch(self, digest: bytes, now: datetime) -> None:
        sessions = self._sessions
        if digest in sessions:
            sessions[digest] = attrs.evolve(sessions[digest], seen=now)

    def end(self, digest: bytes) -> None:
        self._sessions.pop(digest, None)

    def sweep(self, before: datetime) -> None:
        sessions = self._sessions
        for digest in [each.digest for each in sessions.values() if each.begun < before]:
            del sessions[digest]
