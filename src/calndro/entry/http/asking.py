"""
What a request asks for: the parts of it that endpoints share.
"""

from __future__ import annotations

import re
from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs
import msgspec

from calndro.core.agreement import Status
from calndro.core.errors import Faults, InvalidInputError
from calndro.core.idempotency import IdempotencyKey
from calndro.core.log import Receipt
from calndro.core.party import Address
from calndro.core.quoting import quoted
from calndro.entry.http.tags import ANY, read_tags
from calndro.usecases.paging import PAGE


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.datastructures import QueryParams
    from starlette.requests import Request

    from calndro.core.access import Caller
    from calndro.entry.http.credentials import Presented


A = TypeVar("A")
B = TypeVar("B")

MOST_ID: Final = 10**15 - 1
UNKNOWN_REVISION: Final = 0
"""What no event is ever at: the revision of a tag that is not ours."""
NO_REVISION: Final = (
    'If-Match names no revision: write the number of one in quotes, such as "3"; '
    "a weak tag (W/) never matches"
)
"""Why that is refused."""

SEVERAL: Final = frozenset({"receipt"})
"""The parameters of queries that may be given more than once."""

_NAME: Final = re.compile(r"[a-z-]{1,20}")
_INTEGER: Final = re.compile(r"[0-9]{1,15}")
_REVISION: Final = re.compile(r"[1-9][0-9]{0,14}")


@attrs.frozen
class Asked:
    """
    One request, read and its caller known.

    Args:
        caller: Who asks.
        members: Of the body, without the token.
        base_url: Where the instance is, for links.
    """

    caller: Caller
    members: dict[str, Any]
    base_url: str


@attrs.frozen
class Heard:
    """
    One request, read but its caller not known yet.

    Args:
        credentials: Not checked yet.
        members: Of the body, without the token.
        base_url: Where the instance is, for links.
    """

    credentials: Presented
    members: dict[str, Any]
    base_url: str


@attrs.frozen
class Page:
    """
    Which part of a list is wanted.

    Args:
        after: Only what has a greater id.
        limit: At most so many.
        status: Of a list of events: only those with this status.
        complete: Also what is usually left out: the deleted, the deliveries.
    """

    after: int = 0
    limit: int = PAGE
    status: Status | None = None
    complete: bool = False


def check_query(request: Request) -> None:
    """
    See that a query has one reading.

    Raises:
        InvalidInputError: Each parameter that is given twice and may not be.
    """
    counted = Counter(name for name, _ in request.query_params.multi_items())
    faults = Faults()
    for name, count in counted.items():
        if count > 1 and name not in SEVERAL:
            # What is no name of ours may be a token, and is not repeated.
            path = name if _NAME.fullmatch(name) else ""
            faults.add(f"a parameter is given {count} times; give it once", path)
    faults.settle()


def page_of(query: Mapping[str, str]) -> Page:
    """
    Read the parameters of a list.

    Raises:
        InvalidInputError: Each that can't be read.
    """
    faults = Faults()
    after, limit, status, everything = 0, PAGE, None, False
    with faults.at("after"):
        after = _integer(query.get("after", "0"), 0, MOST_ID)
    with faults.at("limit"):
        limit = _integer(query.get("limit", str(PAGE)), 1, PAGE)
    with faults.at("status"):
        status = None if (text := query.get("status")) is None else Status(text)
    with faults.at("all"):
        everything = _integer(query.get("all", "0"), 0, 1) == 1
    faults.settle()
    return Page(after, limit, status, everything)


def event_id_of(request: Request) -> int:
    """
    Read which event the path names.
    """
    number: int = request.path_params["id"]
    return number


def choice_of(query: Mapping[str, str], *names: str) -> str | None:
    """
    Read which of several forms of an answer is wanted: the parameter that is 1.

    Raises:
        InvalidInputError: One is neither 0 nor 1, or several are 1.
    """
    faults = Faults()
    chosen = []
    for name in names:
        with faults.at(name):
            if _integer(query.get(name, "0"), 0, 1):
                chosen.append(name)
    if len(chosen) > 1:
        faults.add(f"choose one of {', '.join(chosen)}", chosen[1])
    faults.settle()
    return chosen[0] if chosen else None


def receipts_of(query: QueryParams) -> list[Receipt]:
    """
    Read the receipts that a log is compared with.

    Raises:
        InvalidInputError: Each that is none.
    """
    faults = Faults()
    found = []
    for place, text in enumerate(query.getlist("receipt")):
        with faults.at(f"receipt[{place}]"):
            found.append(Receipt.read(text))
    faults.settle()
    return found


def address_of(text: str, name: str) -> str:
    """
    See that a text is an address.

    Raises:
        InvalidInputError: It is none, told under *name*.
    """
    try:
        Address.parse(text)
    except InvalidInputError as error:
        raise error.under(name) from None
    return text


def together(first: Callable[[], A], second: Callable[[], B]) -> tuple[A, B]:
    """
    Read two parts of a request, so that what is wrong with either is told at once.

    Raises:
        InvalidInputError: All that is wrong with both.
    """
    faults = Faults()
    found: list[Any] = []
    for read in (first, second):
        with faults.at(""):
            found.append(read())
    faults.settle()
    one, other = found
    return one, other


def revision_of(request: Request) -> int | None:
    """
    Read the revision that the caller saw, from If-Match.

    Returns:
        None when any will do.

    Raises:
        InvalidInputError: The header can't be read, or names several revisions.

    Source: RFC 9110, section 13.1.1; a weak tag never matches.
    """
    headers = request.headers.getlist("if-match")
    if not headers or headers == [ANY]:
        return None
    tags = read_tags(headers)
    if tags is None:
        raise InvalidInputError.of('write one revision in quotes, such as "3"', "If-Match")
    seen = {tag.text for tag in tags if not tag.is_weak and _REVISION.fullmatch(tag.text)}
    if len(seen) > 1:
        raise InvalidInputError.of("there are two revisions; name the one you saw", "If-Match")
    return int(seen.pop()) if seen else UNKNOWN_REVISION


def once_of(request: Request, members: dict[str, Any]) -> IdempotencyKey | None:
    """
    Read the key of a request that is to have one effect.

    Args:
        request: Its method, path, If-Match and Idempotency-Key are read.
        members: Of its body, without the token.

    Returns:
        None when there is no key.

    Raises:
        InvalidInputError: There are several keys, or it is something else.
    """
    keys = request.headers.getlist("idempotency-key")
    if not keys:
        return None
    if len(keys) > 1:
        raise InvalidInputError.of("there are two keys; send one", "Idempotency-Key")
    asked = [request.method, request.url.path, request.headers.getlist("if-match"), members]
    digest = sha256(msgspec.json.encode(asked, order="deterministic")).digest()
    return IdempotencyKey(keys[0], digest)


def _integer(text: str, least: int, most: int) -> int:
    if not _INTEGER.fullmatch(text) or not least <= int(text) <= most:
        raise InvalidInputError.of(f"{quoted(text)}: write a number from {least} to {most}")
    return int(text)
