"""
The gate for what comes in: small, shallow, unambiguous JSON, or nothing.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException

from calndro.core.errors import InvalidInputError
from calndro.core.quoting import quoted


if TYPE_CHECKING:
    from starlette.requests import Request


MOST_BYTES: Final = 64 * 1024
MOST_SKIPPED: Final = 16 * MOST_BYTES
MOST_DEPTH: Final = 16
MOST_DIGITS: Final = 18
MOST_FIELDS: Final = 10
MOST_PAGE_FIELDS: Final = 400

JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
MULTIPART: Final = "multipart/form-data"

_BOUNDARY: Final = re.compile(r';\s*boundary=(?:"([^"]{1,70})"|([^\s";]{1,70}))', re.IGNORECASE)
_NAME: Final = re.compile(rb'[;\s]name="([^"\r\n]*)"', re.IGNORECASE)

# A string without end reaches to the end of the text, so that no place is read twice.
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{\]}]', re.DOTALL)


async def read_members(request: Request, *, form: bool = False) -> dict[str, Any]:
    """
    Read the body of a request, an object in JSON; no body is an empty object.

    Args:
        request: Not read yet.
        form: Whether the form a browser sends is taken as well.

    Raises:
        HTTPException: 413 for more than 64 KiB, 415 for a type or encoding that isn't taken.
        InvalidInputError: It is no such JSON.
    """
    raw = await _read(request)
    if not raw:
        return {}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == JSON:
        return members_of(raw)
    if form and kind == FORM:
        return _form(raw)
    taken = f"{JSON} or {FORM}" if form else JSON
    raise HTTPException(415, f"send {taken}", {"Accept": taken.replace(" or ", ", ")})


async def read_fields(request: Request) -> list[tuple[str, str]]:
    """
    Read the form of a page, in which a name may stand more than once; none is empty.

    Raises:
        HTTPException: 413 for more than 64 KiB, 415 for anything but a plain form of either kind.
        InvalidInputError: It is no form in UTF-8, or has too many fields.
    """
    raw = await _read(request)
    named = request.headers.get("content-type", "")
    kind = named.partition(";")[0].strip().lower()
    if raw and kind == MULTIPART:
        return _parts(raw, named)
    if raw and kind != FORM:
        raise HTTPException(415, f"send {FORM}", {"Accept": FORM})
    return _pairs(raw, MOST_PAGE_FIELDS) if raw else []


async def _read(request: Request) -> bytes:
    announced = request.headers.get("content-length", "0")
    # Whoever asks first sends nothing when told no.
    most = MOST_BYTES if "expect" in request.headers else MOST_SKIPPED
    if not announced.isdecimal() or len(announced) > MOST_DIGITS or int(announced) > most:
        raise _too_large(hang_up=True)
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= MOST_BYTES:
            chunks.append(chunk)
        elif size > MOST_SKIPPED:
            raise _too_large(hang_up=True)
    if size > MOST_BYTES:
        raise _too_large(hang_up=False)
    _check_encoding(request)
    return b"".join(chunks)


def _check_encoding(request: Request) -> None:
    codings = ",".join(request.headers.getlist("content-encoding")).lower().split(",")
    if {each.strip() for each in codings} - {"", "identity"}:
        detail = "send the body as it is, without Content-Encoding"
        raise HTTPException(415, detail, {"Accept-Encoding": "identity"})


def _too_large(*, hang_up: bool) -> HTTPException:
    """
    Refuse a body, of which what is little too large was read to its end and forgotten.

    Whoever is hung up on while writing, as a proxy may be, never reads why.
    """
    detail = f"a body has at most {MOST_BYTES} bytes"
    return HTTPException(413, detail, {"Connection": "close"} if hang_up else None)


def members_of(raw: bytes) -> dict[str, Any]:
    """
    Read JSON that every reader would read alike.

    Args:
        raw: An object in UTF-8.

    Raises:
        InvalidInputError: It isn't UTF-8 or JSON or an object, is nested more than 16 deep,
            names a member twice, or holds half a surrogate pair, a number that is none, or
            an integer of more than 18 digits.

    Source: RFC 8259; RFC 7493 (I-JSON).
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise InvalidInputError.of("the body is no UTF-8") from None
    _check_depth(text)
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InvalidInputError.of(f"the body is no JSON ({error.msg}, {where})") from None
    if not isinstance(value, dict):
        raise InvalidInputError.of("the body must be a JSON object, with named members")
    if "\\u" in text:
        _check_surrogates(value)
    return value


def _check_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= MOST_DEPTH:
        return
    depth = 0
    for token in _TOKEN.finditer(text):
        if token[0] in "[{":
            depth += 1
        elif token[0] in "]}":
            depth -= 1
        if depth > MOST_DEPTH:
            raise InvalidInputError.of(f"the body is nested more than {MOST_DEPTH} deep")


def _check_surrogates(value: dict[str, Any]) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise InvalidInputError.of("the body has half a surrogate pair") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        (twice, _), *_ = Counter(name for name, _ in pairs).most_common(1)
        raise InvalidInputError.of(f"the body names {quoted(twice)} twice")
    return members


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) > MOST_DIGITS:
        raise InvalidInputError.of(f"the body has a number of more than {MOST_DIGITS} digits")
    return int(digits)


def _constant(name: str) -> Any:
    raise InvalidInputError.of(f"the body has {name}, which is no JSON")


def _fraction(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise InvalidInputError.of("the body has a number that is too large")
    return number


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_once,
    parse_int=_integer,
    parse_float=_fraction,
    parse_constant=_constant,
)


def _form(raw: bytes) -> dict[str, Any]:
    return _once(list(_pairs(raw, MOST_FIELDS)))


def _parts(raw: bytes, kind: str) -> list[tuple[str, str]]:
    boundary = _BOUNDARY.search(kind)
    if boundary is None:
        raise InvalidInputError.of("the form in parts names no boundary")
    _, *parts = raw.split(b"--" + (boundary[1] or boundary[2]).encode("latin-1"))
    if len(parts) > MOST_PAGE_FIELDS:
        raise _too_many(MOST_PAGE_FIELDS)
    found = []
    for part in parts:
        head, _, value = part.removesuffix(b"\r\n").partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if name is not None:
            found.append((name[1].decode(errors="replace"), value.decode(errors="replace")))
    return found


def _pairs(raw: bytes, most: int) -> list[tuple[str, str]]:
    if raw.count(b"&") >= most:
        raise _too_many(most)
    try:
        return parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict"
        )
    except ValueError:
        fault = "the body is no form in UTF-8; JSON is sent as application/json"
        raise InvalidInputError.of(fault) from None


def _too_many(most: int) -> InvalidInputError:
    return InvalidInputError.of(f"a form has at most {most} fields here; send fewer")
