"""
What somebody does with its own API tokens: look which there are, and take them back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from calndro.core.access import Operation, admit
from calndro.core.errors import NotFoundError
from calndro.core.token import fingerprint
from calndro.usecases.collisions import retry_on_collision


if TYPE_CHECKING:
    from collections.abc import Sequence

    from calndro.core.access import Caller
    from calndro.core.user import ApiToken
    from calndro.usecases.services import Services


def list_own_api_tokens(services: Services, caller: Caller) -> Sequence[ApiToken]:
    """
    List the caller's API tokens, the last used first.

    Raises:
        TokenError: The caller has not signed in.
    """
    who = admit(caller, Operation.ACCOUNT)
    with services.snapshot() as work:
        return work.api_tokens.of(who)


@retry_on_collision
def revoke_own_api_token(services: Services, caller: Caller, mark: str) -> None:
    """
    Take back one of the caller's API tokens.

    Args:
        services: The ports.
        caller: Whose token it is; it may have come with this very token.
        mark: The first 8 hex characters of its digest.

    Raises:
        TokenError: The caller has not signed in.
        NotFoundError: The caller has no such token.
    """
    who = admit(caller, Operation.ACCOUNT)
    with services.unit_of_work() as work:
        found = [each for each in work.api_tokens.of(who) if fingerprint(each.digest) == mark]
        if not found:
            raise NotFoundError("API token", mark)
        for each in found:
            work.api_tokens.drop(each.digest)
        work.commit()


@retry_on_collision
def revoke_own_api_tokens(services: Services, caller: Caller) -> int:
    """
    Take back every API token of the caller; tells how many there were.

    Raises:
        TokenError: The caller has not signed in.
    """
    who = admit(caller, Operation.ACCOUNT)
    with services.unit_of_work() as work:
        count = work.api_tokens.revoke(who)
        work.commit()
    return count
