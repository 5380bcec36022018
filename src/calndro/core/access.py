"""
Who may do what: one table, and who a caller then acts as.

Source: docs/reference/rights.md.
"""

from __future__ import annotations

from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import attrs

from calndro.core.errors import (
    GoneError,
    NotAllowedError,
    NotFoundError,
    TokenInvalidError,
    TokenMissingError,
)
from calndro.core.ledger import Act
from calndro.core.token import fingerprint


if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from calndro.core.ledger import Ledger
    from calndro.core.party import Address
    from calndro.core.token import EmailToken


class Operation(Enum):
    """
    What can be asked for; the value says it in words, after "you may not".
    """

    LIST = "list events"
    PROPOSE = "propose an event"
    VIEW = "view this event"
    UPDATE = "change this event"
    NOTIFY = "notify the parties of this event"
    READ_LOG = "read the log of this event"
    MAIL = "stop or resume letters of this event"
    DELETE = "delete this event"
    ACCOUNT = "see and take back your own API tokens"
    ADMINISTER = "administer this instance"


class Standing(Enum):
    """
    What a caller is to an event; one caller may be several at once.
    """

    ANONYMOUS = "anonymous"
    HOLDER = "holder of a token of this event"
    REGISTERED = "registered"
    PROPOSER = "the proposer"
    PARTY = "registered party"
    STAFF = "staff"


_INVOLVED: Final = frozenset({Standing.HOLDER, Standing.PROPOSER, Standing.PARTY, Standing.STAFF})

ALLOWED: Final[Mapping[Operation, frozenset[Standing]]] = MappingProxyType(
    {
        Operation.LIST: frozenset({Standing.REGISTERED}),
        Operation.PROPOSE: frozenset({Standing.REGISTERED}),
        Operation.VIEW: _INVOLVED,
        Operation.UPDATE: _INVOLVED,
        Operation.NOTIFY: _INVOLVED,
        Operation.READ_LOG: _INVOLVED,
        Operation.MAIL: frozenset({Standing.HOLDER, Standing.PARTY}),
        Operation.DELETE: frozenset({Standing.STAFF}),
        Operation.ACCOUNT: frozenset({Standing.REGISTERED}),
        Operation.ADMINISTER: frozenset({Standing.STAFF}),
    }
)


@attrs.frozen
class Caller:
    """
    Whoever asks, as far as it has shown who it is.

    Args:
        user: The registered user it has signed in as; None for anybody else.
        staff: Whether that user is staff.
        token: The text of an email token that came with the request, if any.
        local: True for somebody who opened the database itself.
    """

    user: Address | None = None
    staff: bool = False
    token: str | None = None
    local: bool = False


def standings(caller: Caller, ledger: Ledger | None) -> frozenset[Standing]:
    """
    Tell what a caller is to an event by its account alone.

    Args:
        caller: Who asks.
        ledger: The event; None for what concerns no event, or an absent one.
    """
    if caller.user is None:
        return frozenset({Standing.ANONYMOUS})
    found = {Standing.REGISTERED}
    if caller.staff:
        found.add(Standing.STAFF)
    if ledger is not None:
        if ledger.party_number(caller.user) is not None:
            found.add(Standing.PARTY)
        if ledger.number_of(caller.user) == ledger.state.proposer:
            found.add(Standing.PROPOSER)
    return frozenset(found)


def admit(caller: Caller, operation: Operation) -> Address:
    """
    Let a caller do what concerns no single event.

    Returns:
        The user it acts as.

    Raises:
        TokenError: Nobody has signed in; an email token opens only its event.
        NotAllowedError: The user may not.
    """
    if caller.user is None:
        raise TokenMissingError if caller.token is None else TokenInvalidError
    if not ALLOWED[operation] & standings(caller, None):
        raise NotAllowedError(operation.value)
    return caller.user


def needs_token(caller: Caller, operation: Operation, ledger: Ledger | None) -> bool:
    """
    Tell whether the caller's account alone does not give it the right.
    """
    return not ALLOWED[operation] & standings(caller, ledger)


def admit_to(
    caller: Caller,
    operation: Operation,
    event_id: int,
    ledger: Ledger | None,
    *,
    token: EmailToken | None,
    now: datetime,
    salt: bytes,
    again: bool = False,
) -> tuple[Ledger, Act]:
    """
    Let a caller do something with one event, as itself or as the party of its token.

    Args:
        caller: Who asks.
        operation: What for.
        event_id: Which event was asked for.
        ledger: That event; None when there is none.
        token: What is kept of the caller's token; None when unknown or not presented.
        now: The clock's reading, UTC.
        salt: 32 random bytes, for the log, should the caller be new to it.
        again: Whether the request may have been answered before; what was answered stays
            answered when the event is deleted afterwards.

    Returns:
        The event, certainly there, and who acts.

    Raises:
        TokenMissingError, TokenInvalidError, TokenExpiredError: The caller has not
            shown who it is; an absent event answers like somebody else's.
        NotAllowedError: A known caller who may not.
        NotFoundError: There is no such event, said only to staff.
        GoneError: The event was deleted, said only to who had a right to it.
    """
    if not needs_token(caller, operation, ledger):
        who, mark = caller.user, None
    elif ledger is not None and token is not None and token.event_id == ledger.id:
        token.check(now)
        if Standing.HOLDER not in ALLOWED[operation]:
            raise NotAllowedError(operation.value)
        who, mark = ledger.people[token.person - 1].address, fingerprint(token.digest)
    else:
        raise _refusal(caller, operation, event_id, ledger)
    if ledger is None:
        raise NotFoundError("event", str(event_id))
    if ledger.state.closed and operation is not Operation.READ_LOG and not again:
        raise GoneError(event_id)
    if who is None:
        raise TokenInvalidError
    return ledger, Act(who, now, salt, token=mark, local=caller.local)


def _refusal(
    caller: Caller, operation: Operation, event_id: int, ledger: Ledger | None
) -> Exception:
    if caller.staff and ledger is None:
        return NotFoundError("event", str(event_id))
    if caller.user is not None:
        return NotAllowedError(operation.value)
    return TokenMissingError() if caller.token is None else TokenInvalidError()
