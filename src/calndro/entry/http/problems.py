"""
Errors as answers: one table says which class has which status.

Source: RFC 9457 for the form; docs/reference/errors.md.
"""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NotRequired, TypedDict, cast

import attrs
from starlette.responses import Response

from calndro.adapters import wire
from calndro.core import errors
from calndro.core.log import format_when
from calndro.entry.http.negotiation import is_browser


if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.exceptions import HTTPException
    from starlette.requests import Request


MEDIA_TYPE: Final = "application/problem+json"
MOST_FAULTS: Final = 100
STORAGE_RETRY: Final = 5
# What browsers say of a request, also of one that a script sends, and programs don't.
_SAID_BY_BROWSERS: Final = frozenset({"sec-fetch-mode", "sec-fetch-site", "origin", "referer"})
# A connection may break while a change is stored, after the database has done it.
AFTERWARDS: Final = "look again before you repeat it, or send it with an Idempotency-Key"


class ProblemJson(TypedDict):
    """
    Why a request was refused; members beside these say what the error holds.
    """

    type: str
    title: str
    status: int
    detail: str
    errors: NotRequired[dict[str, list[str]]]


@attrs.frozen
class Kind:
    """
    How a class of errors is answered.

    Args:
        status: Of the answer.
        slug: Its name, the end of the problem's ``type``.
        title: In words, the same for every error of the class.
    """

    status: int
    slug: str
    title: str


KINDS: Final[Mapping[type[Exception], Kind]] = MappingProxyType(
    {
        errors.InvalidInputError: Kind(400, "invalid-input", "The request can't be read"),
        errors.RuleError: Kind(400, "rule", "A rule forbids this"),
        errors.TooManySlotsError: Kind(400, "too-many-slots", "Too many slots"),
        errors.NotAPartyError: Kind(400, "not-a-party", "Not a party"),
        errors.SlotsNotCurrentError: Kind(400, "slots-not-current", "The table has changed"),
        errors.MailStoppedError: Kind(400, "mail-stopped", "Mail is stopped"),
        errors.KeyReusedError: Kind(409, "key-reused", "The key came with another request"),
        errors.OneselfError: Kind(400, "oneself", "Nobody erases themselves"),
        errors.SignInError: Kind(401, "sign-in", "Wrong address or password"),
        errors.TokenError: Kind(401, "token", "Credentials are needed"),
        errors.TokenMissingError: Kind(401, "token-missing", "Credentials are needed"),
        errors.TokenExpiredError: Kind(401, "token-expired", "The link has expired"),
        errors.TokenInvalidError: Kind(401, "token-invalid", "The token is no good"),
        errors.NotAllowedError: Kind(403, "not-allowed", "Not allowed"),
        errors.NotFoundError: Kind(404, "not-found", "Not found"),
        errors.GoneError: Kind(410, "gone", "The event was deleted"),
        errors.StaleRevisionError: Kind(412, "stale", "The event has changed"),
        errors.TooManyError: Kind(429, "too-many", "Too many requests"),
        errors.StorageError: Kind(503, "storage", "The database is away"),
        errors.CollisionError: Kind(503, "collision", "Too many at once"),
        errors.SchemaError: Kind(503, "schema", "The database is of another version"),
        errors.DeliveryError: Kind(503, "delivery", "Mail is away"),
        errors.PortError: Kind(503, "away", "Something needed is away"),
    }
)


def kind_of(error: Exception) -> Kind:
    """
    Find how an error is answered: as the nearest of its classes that the table names.
    """
    return next(KINDS[each] for each in type(error).__mro__ if each in KINDS)


def problem(request: Request, error: Exception, **members: Any) -> Response:
    """
    Describe an error.

    Args:
        request: What was asked.
        error: Of a class in the table.
        members: What the answer holds beside it.
    """
    kind = kind_of(error)
    body: dict[str, Any] = {
        "type": f"urn:calndro:problem:{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": str(error),
    }
    if isinstance(error, errors.PortError) and not isinstance(error, errors.SchemaError):
        # The message may tell of hosts and files, which are nobody's business.
        body["detail"] = f"{kind.title.lower()}; {AFTERWARDS}"
    elif isinstance(error, errors.InvalidInputError):
        shown = error.faults[:MOST_FAULTS]
        body["detail"] = "; ".join(map(str, shown))
        body["errors"] = _by_path(shown, len(error.faults) - len(shown))
    else:
        body |= {name: _plain(value) for name, value in vars(error).items() if name[0] != "_"}
    return _answer(kind.status, body | members, headers_of(request, error))


async def refuse_http(_request: Request, error: Exception) -> Response:
    """
    Answer what Starlette or a front end module has raised with a status of its own.
    """
    known = cast("HTTPException", error)
    return plain_problem(known.status_code, known.detail, known.headers)


def plain_problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """
    Describe a refusal that HTTP itself has a name for.
    """
    title = HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return _answer(status, body, dict(headers or {}))


def _answer(status: int, body: Mapping[str, Any], headers: dict[str, str]) -> Response:
    return Response(wire.dumps(body), status, headers, MEDIA_TYPE)


def _by_path(faults: tuple[errors.Fault, ...], left_out: int) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for fault in faults:
        found.setdefault(fault.path, []).append(fault.message)
    if left_out:
        found.setdefault("", []).append(f"and {left_out} more")
    return found


def _plain(value: object) -> object:
    return format_when(value) if isinstance(value, datetime) else value


def headers_of(request: Request, error: Exception) -> dict[str, str]:
    """
    Say which headers the answer to an error has, whatever its body: when to try again, and how.
    """
    match kind_of(error).status:
        case HTTPStatus.UNAUTHORIZED:
            return {"WWW-Authenticate": challenge(request)}
        case HTTPStatus.SERVICE_UNAVAILABLE:
            return {"Retry-After": str(STORAGE_RETRY)}
        case HTTPStatus.TOO_MANY_REQUESTS:
            return {"Retry-After": str(getattr(error, "retry_after", STORAGE_RETRY))}
        case _:
            return {}


def challenge(request: Request) -> str:
    """
    Say which credentials are taken; a browser is never told of Basic, lest a box pops up.
    """
    is_script = not _SAID_BY_BROWSERS.isdisjoint(request.headers.keys())
    if is_script or is_browser(request):
        return 'EmailToken realm="calndro"'
    return (
        'Basic realm="calndro", charset="UTF-8", Token realm="calndro", EmailToken realm="calndro"'
    )
