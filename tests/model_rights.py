"""
Who may do what in the naive model, from the page's table alone.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from tests.model import Model


def refusal(model: Model, operation: str, caller: dict[str, Any], number: int) -> str:
    """
    Tell why a caller may not, or nothing; leave in the caller whom it acts as.
    """
    event = model.events.get(number)
    caller["as"], caller["mark"] = caller["user"], None
    if may(operation, caller, event):
        no = "" if event is not None else "NotFoundError"
    else:
        no = by_token(model, operation, caller, number)
    if not no and event is not None and event["closed"] and operation != "log":
        no = "GoneError"
    return no


def may(operation: str, caller: dict[str, Any], event: dict[str, Any] | None) -> bool:
    """
    Tell whether an account alone gives the right.
    """
    user = caller["user"]
    is_party = event is not None and user in event["parties"]
    if operation == "mail":
        return is_party
    if caller["staff"]:
        return True
    if operation == "delete" or event is None or user is None:
        return False
    return is_party or user == event["proposer"]


def by_token(model: Model, operation: str, caller: dict[str, Any], number: int) -> str:
    """
    Tell why a token does not let its bearer in, or nothing.
    """
    text = caller["token"]
    token = model.tokens.get(text)
    if token is not None and model.now >= token["expires"]:
        token["spent"] = True
    if token is None or token["event"] != number:
        return stranger(model, caller, number)
    if token["revoked"]:
        return "TokenInvalidError"
    if token["spent"]:
        return "TokenExpiredError"
    if operation == "delete":
        return "NotAllowedError"
    caller["as"] = token["party"]
    caller["mark"] = sha256(text.encode()).hexdigest()[:8]
    return ""


def stranger(model: Model, caller: dict[str, Any], number: int) -> str:
    """
    Refuse who has no right.
    """
    if caller["user"] is None:
        return "TokenMissingError" if caller["token"] is None else "TokenInvalidError"
    if caller["staff"] and number not in model.events:
        return "NotFoundError"
    return "NotAllowedError"
