"""
The way back for errors: what a client makes of a problem that a server has told.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from calndro.core import errors


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Remake: TypeAlias = Callable[[Mapping[str, Any]], errors.CalndroError]


PREFIX: Final = "urn:calndro:problem:"


def error_of(problem: Mapping[str, Any]) -> errors.CalndroError:
    """
    Make the error again that a server has answered with.

    Args:
        problem: The members of its ``application/problem+json`` body.

    Returns:
        The same error; a StorageError with the server's words when it is none of ours.
    """
    slug = str(problem.get("type", "")).removeprefix(PREFIX)
    try:
        if slug in _REMADE:
            return _REMADE[slug](problem)
    except (KeyError, TypeError, ValueError, msgspec.ValidationError):
        # A problem of ours that lacks what ours have, or has it in another shape.
        pass
    said = (problem.get(name) for name in ("detail", "title"))
    words = (each for each in said if isinstance(each, str) and each)
    return errors.StorageError(next(words, "the server refused"))


def _invalid(problem: Mapping[str, Any]) -> errors.CalndroError:
    found = msgspec.convert(problem["errors"], dict[str, list[str]])
    faults = [
        errors.Fault(path, message) for path, messages in found.items() for message in messages
    ]
    if not faults:
        raise ValueError
    return errors.InvalidInputError(faults)


def _with(kind: Callable[..., errors.CalndroError], /, **shapes: Any) -> Remake:
    """
    Make an error of some members of a problem, in this order and of these types.
    """
    return lambda problem: kind(
        *(msgspec.convert(problem[name], shape) for name, shape in shapes.items())
    )


_REMADE: Final[Mapping[str, Remake]] = {
    "invalid-input": _invalid,
    "rule": _with(errors.RuleError, detail=str),
    "too-many-slots": _with(errors.TooManySlotsError, count=int, most=int),
    "not-a-party": _with(
        errors.NotAPartyError, addresses=list[str], event_id=int, parties=list[str]
    ),
    "slots-not-current": _with(errors.SlotsNotCurrentError, event_id=int),
    "mail-stopped": _with(errors.MailStoppedError, addresses=list[str], event_id=int),
    "key-reused": _with(errors.KeyReusedError, key=str),
    "oneself": _with(errors.OneselfError, address=str),
    "sign-in": _with(errors.SignInError),
    "token": _with(errors.TokenError, detail=str),
    "token-missing": _with(errors.TokenMissingError),
    "token-expired": lambda problem: errors.TokenExpiredError(
        datetime.fromisoformat(problem["expires"])
    ),
    "token-invalid": lambda problem: errors.TokenInvalidError(is_api=problem.get("is_api") is True),
    "not-allowed": _with(errors.NotAllowedError, deed=str),
    "not-found": _with(errors.NotFoundError, kind=str, name=str),
    "gone": _with(errors.GoneError, event_id=int),
    "stale": _with(errors.StaleRevisionError, event_id=int, expected=int, actual=int),
    "too-many": _with(errors.TooManyError, what=str, retry_after=int),
    "storage": _with(errors.StorageError, detail=str),
    "collision": _with(errors.CollisionError, detail=str),
    "schema": _with(errors.SchemaError, found=str | None, wanted=str),
    "delivery": _with(errors.DeliveryError, detail=str),
    "away": _with(errors.PortError, detail=str),
}
