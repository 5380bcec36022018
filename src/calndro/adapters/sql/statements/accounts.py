"""
The statements about users, tokens, sessions and answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, delete, insert, select, update

from calndro.adapters.sql.rows import (
    API_TOKEN_COLUMNS,
    EMAIL_TOKEN_COLUMNS,
    SESSION_COLUMNS,
    USER_COLUMNS,
)
from calndro.adapters.sql.statements.inserting import insert_or_change, insert_or_leave
from calndro.adapters.sql.statements.naming import columns, counted
from calndro.adapters.sql.tables import (
    answer_table,
    api_token_table,
    email_token_table,
    person_table,
    session_table,
    user_table,
)


if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Executable, Select, Table


_KEPT_BY_PUT: Final = frozenset({"key", "address"})


def account_statements(dialect: str) -> Mapping[str, Executable]:
    """
    Make all of them.
    """
    return {
        **_of_users(dialect),
        **_of_email_tokens(),
        **_of_api_tokens(),
        **_of_sessions(),
        **_of_answers(dialect),
    }


def _of_users(dialect: str) -> Mapping[str, Executable]:
    read = select(*columns(user_table, USER_COLUMNS))
    page = read.order_by(user_table.c.key).limit(bindparam("most"))
    return {
        "user.find": read.where(user_table.c.key.in_(bindparam("keys", expanding=True))),
        "user.page": page,
        "user.page_after": page.where(user_table.c.key > bindparam("after")),
        "user.enlist": insert_or_leave(user_table, dialect),
        "user.put": insert_or_change(user_table, dialect, _KEPT_BY_PUT),
        "user.remove": delete(user_table).where(user_table.c.key == bindparam("whose")),
    }


def _of_email_tokens() -> Mapping[str, Executable]:
    table = email_token_table
    this = table.c.digest == bindparam("which")
    read = select(*columns(table, EMAIL_TOKEN_COLUMNS))
    return {
        "email_token.add": insert(table).inline(),
        "email_token.find": read.where(this),
        "email_token.of_event": read.where(table.c.event_id == bindparam("which")).order_by(
            table.c.expires, table.c.digest
        ),
        "email_token.sweep": delete(table).where(table.c.expires < bindparam("before")),
        "email_token.retire": update(table).where(this).values(spent=True),
        "email_token.take_back": update(table).where(this).values(revoked=True),
        "email_token.places": select(person_table.c.event_id, person_table.c.number).where(
            person_table.c.key == bindparam("whose")
        ),
        # Place by place: MariaDB would read, and lock, every token there is for a subquery.
        "email_token.revoke": update(table)
        .where(
            table.c.event_id == bindparam("which_event"),
            table.c.person == bindparam("which_person"),
        )
        .values(revoked=True),
    }


def _of_api_tokens() -> Mapping[str, Executable]:
    table = api_token_table
    this = table.c.digest == bindparam("which")
    read = _with_user(table, API_TOKEN_COLUMNS)
    return {
        "api_token.add": counted(table).inline(),
        "api_token.find": read.where(this),
        "api_token.last_used_first": read.where(table.c.key == bindparam("whose")).order_by(
            table.c.used.desc(), table.c.id.desc()
        ),
        "api_token.drop": delete(table).where(this),
        "api_token.touch": update(table).where(this).values(used=bindparam("at")),
        "api_token.revoke": delete(table).where(table.c.key == bindparam("whose")),
    }


def _of_sessions() -> Mapping[str, Executable]:
    table = session_table
    this = table.c.digest == bindparam("which")
    return {
        "session.add": insert(table).inline(),
        "session.find": _with_user(table, SESSION_COLUMNS).where(this),
        "session.touch": update(table).where(this).values(seen=bindparam("at")),
        "session.end": delete(table).where(this),
        "session.end_all": delete(table).where(table.c.key == bindparam("whose")),
        "session.sweep": delete(table).where(table.c.begun < bindparam("before")),
    }


def _of_answers(dialect: str) -> Mapping[str, Executable]:
    table = answer_table
    theirs = table.c.owner == bindparam("whose")
    this = (theirs, table.c.key == bindparam("which"))
    return {
        "answer.purge": delete(table).where(table.c.at <= bindparam("until")),
        "answer.claim": insert_or_leave(table, dialect),
        "answer.find": select(table.c.digest, table.c.event_id, table.c.seq).where(*this),
        "answer.keep": update(table)
        .where(*this)
        .values(event_id=bindparam("event"), seq=bindparam("place")),
        "answer.forget": delete(table).where(theirs),
    }


def _with_user(table: Table, names: Iterable[str]) -> Select[Any]:
    """
    Read something of a user's, and behind it the user.
    """
    both = (*columns(table, names), *columns(user_table, USER_COLUMNS))
    return select(*both).join_from(table, user_table, table.c.key == user_table.c.key)
