"""
Administering: what staff sees beside the events themselves.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

import attrs

from calndro.core.access import Operation, admit
from calndro.core.errors import NotFoundError
from calndro.core.event import see
from calndro.core.party import Address
from calndro.core.token import fingerprint
from calndro.usecases.collisions import retry_on_collision
from calndro.usecases.paging import PAGE, page_after_page


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from calndro.core.access import Caller
    from calndro.core.event import Event
    from calndro.core.token import EmailToken
    from calndro.core.user import ApiToken, User
    from calndro.usecases.services import Services


SCREEN: Final = 50
"""The most users found at once, unless told otherwise."""


@attrs.frozen
class Account:
    """
    One user and what belongs to it.

    Args:
        user: The account.
        tokens: Its API tokens, the last used first.
        events: Those it is a party of or has proposed, the deleted too, by id; at most
            1,000.
    """

    user: User
    tokens: Sequence[ApiToken]
    events: Sequence[Event]


@attrs.frozen
class IssuedLink:
    """
    An email token and whose it is.

    Args:
        party: The address of its party; ``erased-3`` for a forgotten one.
        token: What is kept of it.
        works: Whether its party could use it now.
    """

    party: str
    token: EmailToken
    works: bool


def find_users(
    services: Services,
    caller: Caller,
    part: str = "",
    *,
    after: str | None = None,
    limit: int = SCREEN,
) -> Sequence[User]:
    """
    Find users whose address holds a text, by address (staff).

    Args:
        services: The ports.
        caller: Staff.
        part: Of the address, in any case; empty for every user.
        after: Only addresses after this one.
        limit: At most so many.

    Raises:
        TokenError, NotAllowedError: The caller is no staff.
        InvalidInputError: *after* is no address.
    """
    admit(caller, Operation.ADMINISTER)
    wanted = part.strip().casefold()
    start = None if after is None else Address.parse(after)
    users = _users(services, start)
    found = (user for user in users if wanted in user.address.text.casefold())
    return list(islice(found, max(0, limit)))


def _users(services: Services, after: Address | None) -> Iterator[User]:
    def read(after: Address | None, limit: int) -> Sequence[User]:
        with services.snapshot() as work:
            return work.users.page(after=after, limit=limit)

    return page_after_page(read, lambda user: user.address, after)


def see_account(services: Services, caller: Caller, address: str) -> Account:
    """
    Look at one user (staff).

    Raises:
        TokenError, NotAllowedError: The caller is no staff.
        InvalidInputError: That is no address.
        NotFoundError: There is no such user.
    """
    admit(caller, Operation.ADMINISTER)
    who = Address.parse(address)
    with services.snapshot() as work:
        user = work.users.find([who]).get(who)
        if user is None:
            raise NotFoundError("user", address)
        ledgers = work.events.page(who, status=None, with_closed=True, after=0, limit=PAGE)
        return Account(user, work.api_tokens.of(who), [see(ledger) for ledger in ledgers])


def list_links(services: Services, caller: Caller, event_id: int) -> Sequence[IssuedLink]:
    """
    List the email tokens of an event, the deleted too, those that expire first first (staff).

    Raises:
        TokenError, NotAllowedError: The caller is no staff.
        NotFoundError: There is no such event.
    """
    admit(caller, Operation.ADMINISTER)
    now = services.clock.now()
    with services.snapshot() as work:
        ledger = work.events.get(event_id)
        if ledger is None:
            raise NotFoundError("event", str(event_id))
        return [
            IssuedLink(ledger.name(each.person), each, not (each.revoked or each.has_expired(now)))
            for each in work.tokens.of(event_id)
        ]


@retry_on_collision
def revoke_link(services: Services, caller: Caller, event_id: int, digest: bytes) -> None:
    """
    Take back one email token of an event (staff); its party can be sent another.

    Args:
        services: The ports.
        caller: Staff.
        event_id: Which event.
        digest: Of the token.

    Raises:
        TokenError, NotAllowedError: The caller is no staff.
        NotFoundError: The event has no such token.
    """
    admit(caller, Operation.ADMINISTER)
    with services.unit_of_work() as work:
        token = work.tokens.find(digest)
        if token is None or token.event_id != event_id:
            raise NotFoundError("link", fingerprint(digest))
        work.tokens.take_back(digest)
        work.commit()
