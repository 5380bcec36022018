"""
The way back for errors: what a client makes of a problem that a server has told.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from calndro.core import errors


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


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
    detail = str(problem.get("detail") or problem.get("title") or "the server refused")
    try:
        return _REMADE[slug](problem) if slug in _REMADE else errors.StorageError(detail)
    except (KeyError, TypeError, ValueError):
        return errors.StorageError(detail)


def _invalid(problem: Mapping[str, Any]) -> errors.CalndroError:
    faults = [
        errors.Fault(path, message)
        for path, messages in problem["errors"].items()
        for message in messages
    ]
    return errors.InvalidInputError(faults)


def _with(kind: Callable[..., errors.CalndroError], *names: str) -> Any:
    return lambda problem: kind(*(problem[name] for name in names))


_REMADE: Final[Mapping[str, Any]] = {
    "invalid-input": _invalid,
    "rule": _with(errors.RuleError, "detail"),
    "too-many-slots": _with(errors.TooManySlotsError, "count", "most"),
    "not-a-party": _with(errors.NotAPartyError, "addresses", "event_id", "parties"),
    "slots-not-current": _with(errors.SlotsNotCurrentError, "event_id"),
    "mail-stopped": _with(errors.MailStoppedError, "addresses", "event_id"),
    "key-reused": _with(errors.KeyReusedError, "key"),
    "oneself": _with(errors.OneselfError, "address"),
    "sign-in": _with(errors.SignInError),
    "token": _with(errors.TokenError, "detail"),
    "token-missing": _with(errors.TokenMissingError),
    "token-expired": lambda problem: errors.TokenExpiredError(
        datetime.fromisoformat(problem["expires"])
    ),
    "token-invalid": lambda problem: errors.TokenInvalidError(is_api=problem.get("is_api") is True),
    "not-allowed": _with(errors.NotAllowedError, "deed"),
    "not-found": _with(errors.NotFoundError, "kind", "name"),
    "gone": _with(errors.GoneError, "event_id"),
    "stale": _with(errors.StaleRevisionError, "event_id", "expected", "actual"),
    "too-many": _with(errors.TooManyError, "what", "retry_after"),
    "storage": _with(errors.StorageError, "detail"),
    "collision": _with(errors.CollisionError, "detail"),
    "schema": _with(errors.SchemaError, "found", "wanted"),
    "delivery": _with(errors.DeliveryError, "detail"),
    "away": _with(errors.PortError, "detail"),
}
