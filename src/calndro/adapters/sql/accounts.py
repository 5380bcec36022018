"""
Users and both kinds of tokens in SQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calndro.adapters.sql.rows import (
    read_api_token,
    read_email_token,
    read_user,
    write_api_token,
    write_email_token,
    write_instant,
    write_user,
)
from calndro.adapters.sql.transaction import LARGEST
from calndro.core.user import User


if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from calndro.adapters.sql.transaction import Transaction
    from calndro.core.party import Address
    from calndro.core.token import EmailToken
    from calndro.core.user import ApiToken


class SqlUserRepository:
    """
    Users in a table, by folded address.
    """

    __slots__ = ("_transaction",)

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def find(self, addresses: Collection[Address]) -> Mapping[Address, User]:
        keys = [address.key for address in addresses]
        users = map(read_user, self._transaction.among("user.find", "keys", keys))
        return {user.address: user for user in users}

    def put(self, user: User) -> None:
        self._transaction.write("user.put", write_user(user))

    def enlist(self, addresses: Sequence[Address]) -> tuple[Address, ...]:
        found = self.find(addresses)
        missing = dict.fromkeys(address for address in addresses if address not in found)
        if missing:
            # In one order, so that two who enlist the same wait but never for each other.
            rows = [write_user(User(address)) for address in sorted(missing)]
            self._transaction.write_all("user.enlist", rows)
            found = self.find(addresses)
        return tuple(found[address].address for address in addresses)

    def remove(self, address: Address) -> None:
        whose = {"whose": address.key}
        self._transaction.write("api_token.revoke", whose)
        self._transaction.write("session.end_all", whose)
        self._transaction.write("user.remove", whose)

    def page(self, *, after: Address | None, limit: int) -> Sequence[User]:
        parameters: dict[str, Any] = {"most": limit}
        statement = "user.page"
        if after is not None:
            statement = "user.page_after"
            parameters["after"] = after.key
        return [read_user(row) for row in self._transaction.all(statement, parameters)]


class SqlTokenRepository:
    """
    Email tokens in a table, by digest.
    """

    __slots__ = ("_transaction",)

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, token: EmailToken) -> None:
        self._transaction.write("email_token.add", write_email_token(token))

    def find(self, digest: bytes) -> EmailToken | None:
        row = self._transaction.one("email_token.find", {"which": digest})
        return None if row is None else read_email_token(row)

    def retire(self, digest: bytes) -> None:
        self._transaction.write("email_token.retire", {"which": digest})

    def take_back(self, digest: bytes) -> None:
        self._transaction.write("email_token.take_back", {"which": digest})

    def revoke(self, address: Address) -> None:
        found = self._transaction.all("email_token.places", {"whose": address.key})
        places = [{"which_event": event_id, "which_person": number} for event_id, number in found]
        if places:
            self._transaction.write_all("email_token.revoke", places)

    def sweep(self, before: datetime) -> None:
        self._transaction.write("email_token.sweep", {"before": write_instant(before)})

    def of(self, event_id: int) -> Sequence[EmailToken]:
        rows = self._transaction.all("email_token.of_event", {"which": min(event_id, LARGEST)})
        return [read_email_token(row) for row in rows]


class SqlApiTokenRepository:
    """
    API tokens in a table; of two used at the same instant the one made later counts as later.
    """

    __slots__ = ("_transaction",)

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, token: ApiToken, *, most: int) -> None:
        self._transaction.write("api_token.add", write_api_token(token))
        surplus = [{"which": each.digest} for each in self.of(token.address)[most:]]
        if surplus:
            self._transaction.write_all("api_token.drop", surplus)

    def find(self, digest: bytes) -> tuple[ApiToken, User] | None:
        row = self._transaction.one("api_token.find", {"which": digest})
        return None if row is None else read_api_token(row)

    def touch(self, digest: bytes, now: datetime) -> None:
        self._transaction.write("api_token.touch", {"which": digest, "at": write_instant(now)})

    def drop(self, digest: bytes) -> None:
        self._transaction.write("api_token.drop", {"which": digest})

    def revoke(self, address: Address) -> int:
        return self._transaction.write("api_token.revoke", {"whose": address.key})

    def of(self, address: Address) -> Sequence[ApiToken]:
        rows = self._transaction.all("api_token.last_used_first", {"whose": address.key})
        return [read_api_token(row)[0] for row in rows]
