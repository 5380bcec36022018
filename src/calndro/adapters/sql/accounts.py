"""
Users and both kinds of tokens in SQL.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, delete, insert, select, update

from calndro.adapters.sql.inserting import insert_or_change, insert_or_leave
from calndro.adapters.sql.rows import (
    API_TOKEN_COLUMNS,
    EMAIL_TOKEN_COLUMNS,
    USER_COLUMNS,
    read_api_token,
    read_email_token,
    read_user,
    write_api_token,
    write_email_token,
    write_instant,
    write_user,
)
from calndro.adapters.sql.tables import (
    api_token_table,
    email_token_table,
    person_table,
    session_table,
    user_table,
)
from calndro.adapters.sql.transaction import LARGEST
from calndro.core.user import User


if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Insert

    from calndro.adapters.sql.transaction import Transaction
    from calndro.core.party import Address
    from calndro.core.token import EmailToken
    from calndro.core.user import ApiToken


_KEPT_BY_PUT: Final = frozenset({"key", "address"})

_FIND_USERS: Final = select(*USER_COLUMNS).where(
    user_table.c.key.in_(bindparam("keys", expanding=True))
)
_USERS: Final = select(*USER_COLUMNS).order_by(user_table.c.key).limit(bindparam("most"))
_USERS_AFTER: Final = _USERS.where(user_table.c.key > bindparam("after"))
_END_SESSIONS: Final = delete(session_table).where(session_table.c.key == bindparam("whose"))
_REMOVE_USER: Final = delete(user_table).where(user_table.c.key == bindparam("whose"))


@cache
def _enlist(dialect: str) -> Insert:
    return insert_or_leave(user_table, dialect)


@cache
def _put(dialect: str) -> Insert:
    return insert_or_change(user_table, dialect, _KEPT_BY_PUT)


class SqlUserRepository:
    """
    Users in a table, by folded address.
    """

    __slots__ = ("_transaction",)

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def find(self, addresses: Collection[Address]) -> Mapping[Address, User]:
        keys = [address.key for address in addresses]
        users = map(read_user, self._transaction.among(_FIND_USERS, "keys", keys))
        return {user.address: user for user in users}

    def put(self, user: User) -> None:
        self._transaction.write(_put(self._transaction.dialect), write_user(user))

    def enlist(self, addresses: Sequence[Address]) -> tuple[Address, ...]:
        found = self.find(addresses)
        missing = dict.fromkeys(address for address in addresses if address not in found)
        if missing:
            # In one order, so that two who enlist the same wait but never for each other.
            rows = [write_user(User(address)) for address in sorted(missing)]
            self._transaction.write_all(_enlist(self._transaction.dialect), rows)
            found = self.find(addresses)
        return tuple(found[address].address for address in addresses)

    def remove(self, address: Address) -> None:
        whose = {"whose": address.key}
        self._transaction.write(_REVOKE_API_TOKENS, whose)
        self._transaction.write(_END_SESSIONS, whose)
        self._transaction.write(_REMOVE_USER, whose)

    def page(self, *, after: Address | None, limit: int) -> Sequence[User]:
        parameters: dict[str, Any] = {"most": limit}
        statement = _USERS
        if after is not None:
            statement = _USERS_AFTER
            parameters["after"] = after.key
        return [read_user(row) for row in self._transaction.all(statement, parameters)]


_ADD_EMAIL_TOKEN: Final = insert(email_token_table).inline()
_FIND_EMAIL_TOKEN: Final = select(*EMAIL_TOKEN_COLUMNS).where(
    email_token_table.c.digest == bindparam("which")
)
_EMAIL_TOKENS_OF_EVENT: Final = (
    select(*EMAIL_TOKEN_COLUMNS)
    .where(email_token_table.c.event_id == bindparam("which"))
    .order_by(email_token_table.c.expires, email_token_table.c.digest)
)
_SWEEP_EMAIL_TOKENS: Final = delete(email_token_table).where(
    email_token_table.c.expires < bindparam("before")
)
_RETIRE: Final = (
    update(email_token_table)
    .where(email_token_table.c.digest == bindparam("which"))
    .values(spent=True)
)
_TAKE_BACK: Final = (
    update(email_token_table)
    .where(email_token_table.c.digest == bindparam("which"))
    .values(revoked=True)
)
_PLACES: Final = select(person_table.c.event_id, person_table.c.number).where(
    person_table.c.key == bindparam("whose")
)
# Place by place: MariaDB would read, and lock, every token there is for a subquery.
_REVOKE_EMAIL_TOKENS: Final = (
    update(email_token_table)
    .where(
        email_token_table.c.event_id == bindparam("which_event"),
        email_token_table.c.person == bindparam("which_person"),
    )
    .values(revoked=True)
)


class SqlTokenRepository:
    """
    Email tokens in a table, by digest.
    """

    __slots__ = ("_transaction",)

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, token: EmailToken) -> None:
        self._transaction.write(_ADD_EMAIL_TOKEN, write_email_token(token))

    def find(self, digest: bytes) -> EmailToken | None:
        row = self._transaction.one(_FIND_EMAIL_TOKEN, {"which": digest})
        return None if row is None else read_email_token(row)

    def retire(self, digest: bytes) -> None:
        self._transaction.write(_RETIRE, {"which": digest})

    def take_back(self, digest: bytes) -> None:
        self._transaction.write(_TAKE_BACK, {"which": digest})

    def revoke(self, address: Address) -> None:
        places = [
            {"which_event": event_id, "which_person": number}
            for event_id, number in self._transaction.all(_PLACES, {"whose": address.key})
        ]
        if places:
            self._transaction.write_all(_REVOKE_EMAIL_TOKENS, places)

    def sweep(self, before: datetime) -> None:
        self._transaction.write(_SWEEP_EMAIL_TOKENS, {"before": write_instant(before)})

    def of(self, event_id: int) -> Sequence[EmailToken]:
        rows = self._transaction.all(_EMAIL_TOKENS_OF_EVENT, {"which": min(event_id, LARGEST)})
        return [read_email_token(row) for row in rows]


_ADD_API_TOKEN: Final = insert(api_token_table).inline()
_API_TOKENS: Final = select(*API_TOKEN_COLUMNS).join_from(
    api_token_table, user_table, api_token_table.c.key == user_table.c.key
)
_FIND_API_TOKEN: Final = _API_TOKENS.where(api_token_table.c.digest == bindparam("which"))
_LAST_USED_FIRST: Final = _API_TOKENS.where(api_token_table.c.key == bindparam("whose")).order_by(
    api_token_table.c.used.desc(), api_token_table.c.id.desc()
)
_DROP: Final = delete(api_token_table).where(api_token_table.c.digest == bindparam("which"))
_TOUCH: Final = (
    update(api_token_table)
    .where(api_token_table.c.digest == bindparam("which"))
    .values(used=bindparam("at"))
)
_REVOKE_API_TOKENS: Final = delete(api_token_table).where(
    api_token_table.c.key == bindparam("whose")
)


class SqlApiTokenRepository:
    """
    API tokens in a table; of two used at the same instant the one made later counts as later.
    """

    __slots__ = ("_transaction",)

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, token: ApiToken, *, most: int) -> None:
        self._transaction.write(_ADD_API_TOKEN, write_api_token(token))
        surplus = [{"which": each.digest} for each in self.of(token.address)[most:]]
        if surplus:
            self._transaction.write_all(_DROP, surplus)

    def find(self, digest: bytes) -> ApiToken | None:
        row = self._transaction.one(_FIND_API_TOKEN, {"which": digest})
        return None if row is None else read_api_token(row)

    def touch(self, digest: bytes, now: datetime) -> None:
        self._transaction.write(_TOUCH, {"which": digest, "at": write_instant(now)})

    def drop(self, digest: bytes) -> None:
        self._transaction.write(_DROP, {"which": digest})

    def revoke(self, address: Address) -> int:
        return self._transaction.write(_REVOKE_API_TOKENS, {"whose": address.key})

    def of(self, address: Address) -> Sequence[ApiToken]:
        rows = self._transaction.all(_LAST_USED_FIRST, {"whose": address.key})
        return [read_api_token(row) for row in rows]
