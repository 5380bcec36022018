"""
A server as its client sees it: what is asked, what is asked once more, what comes back.
"""

from __future__ import annotations

import re
from contextlib import closing
from time import sleep
from typing import TYPE_CHECKING, Any, Final, TypeVar

import httpx2
import msgspec

from calndro.adapters import wire
from calndro.core.errors import InvalidInputError, StorageError
from calndro.core.quoting import quoted


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from calndro.ports.secrets import Secrets


Taken = TypeVar("Taken")

TRIES: Final = 3
SECONDS_TO_WAIT: Final = 30.0
SECONDS_BETWEEN: Final = 0.2
_KEY_BYTES: Final = 16
_ODD: Final = (
    InvalidInputError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    RecursionError,
)
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_AWAY: Final = frozenset({502, 503, 504})


class Server:
    """
    Asks a server, with the credentials of one account or token.

    What is not certain to have arrived is sent again where it has one effect all the same:
    what the server knows by its Idempotency-Key, what is only read, and deletions.

    Args:
        url: Where it is.
        authorization: The value of the Authorization header; empty for nobody.
        secrets: Makes idempotency keys.
        transport: Instead of the network, for tests.
    """

    def __init__(
        self,
        url: str,
        authorization: str,
        secrets: Secrets,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        headers = {"Authorization": authorization} if authorization else {}
        self._secrets = secrets
        self._client = httpx2.Client(
            base_url=url.rstrip("/"),
            headers={**headers, "Accept": "application/json"},
            timeout=SECONDS_TO_WAIT,
            transport=transport,
        )

    def close(self) -> None:
        """
        Let go of the connection.
        """
        self._client.close()

    def send(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str | None] | None = None,
        *,
        once: bool = False,
    ) -> httpx2.Response:
        """
        Ask for something, and give the answer.

        Args:
            method: Of the request.
            path: Of its address.
            body: Its members; those that are None are left out.
            headers: More of them.
            query: Likewise without what is None.
            once: Whether it may have two effects if it is sent again.

        Raises:
            CalndroError: What the server says.
            StorageError: It is away, or answers what can't be read.
        """
        named = {k: v for k, v in (body or {}).items() if v is not None}
        asked = self._client.build_request(
            method,
            path,
            params={k: v for k, v in (query or {}).items() if v is not None},
            headers={**(headers or {}), **self._marks(method)},
            content=None if body is None else wire.dumps(named),
        )
        answer, _ = self._answer(asked, tries=1 if once else TRIES)
        if answer.is_success:
            return answer
        raise wire.error_of(_problem(answer))

    def remove(self, path: str, headers: Mapping[str, str] | None = None) -> None:
        """
        Delete something; that it is gone already is no fault when the first try was lost.

        Args:
            path: Of its address.
            headers: More of them.

        Raises:
            CalndroError: As ``send`` does.
        """
        answer, tries = self._answer(self._client.build_request("DELETE", path, headers=headers))
        was_lost = tries > 1 and answer.status_code == httpx2.codes.GONE
        if not (answer.is_success or was_lost):
            raise wire.error_of(_problem(answer))

    def pages(
        self, path: str, query: Mapping[str, str | None], take: Callable[[Any], Iterable[Taken]]
    ) -> Iterator[Taken]:
        """
        Give what is on the pages of a list, as long as there is a next one.

        Raises:
            CalndroError: As ``send`` does.
            StorageError: A page holds something else, or leads back to one before it.
        """
        seen = set()
        answer = self.send("GET", path, query=query)
        yield from taken(answer, take)
        while "next" in answer.links:
            # Only its query is believed: credentials go to no other place.
            query = dict(httpx2.QueryParams(answer.links["next"]["url"].partition("?")[2]))
            if frozenset(query.items()) in seen:
                raise StorageError("the server's list has no end: is it a calndro server?")
            seen.add(frozenset(query.items()))
            answer = self.send("GET", path, query=query)
            yield from taken(answer, take)

    def lines(self, path: str, query: Mapping[str, str]) -> Iterator[Any]:
        """
        Give the lines of a long answer, decoded, as they come.

        Raises:
            CalndroError: As ``send`` does.
        """
        answer, _ = self._answer(self._client.build_request("GET", path, params=query), whole=False)
        with closing(answer):
            try:
                if not answer.is_success:
                    answer.read()
                    raise wire.error_of(_problem(answer))
                rest = b""
                for chunk in answer.iter_bytes():
                    *lines, rest = (rest + chunk).split(b"\n")
                    yield from map(_read, lines)
            except httpx2.RequestError as error:
                raise _failed(error) from error
        if rest:
            yield _read(rest)

    def _marks(self, method: str) -> dict[str, str]:
        if method not in {"POST", "PATCH"}:
            return {}
        key = self._secrets.draw(_KEY_BYTES).hex()
        return {"Content-Type": "application/json", "Idempotency-Key": key}

    def _answer(
        self, asked: httpx2.Request, *, whole: bool = True, tries: int = TRIES
    ) -> tuple[httpx2.Response, int]:
        made = 1
        while True:
            try:
                answer = self._client.send(asked, stream=not whole)
            except httpx2.RequestError as error:
                if made >= tries:
                    raise _failed(error) from error
            else:
                if made >= tries or answer.status_code not in _AWAY:
                    return answer, made
                answer.close()
            sleep(SECONDS_BETWEEN * 2 ** (made - 1))
            made += 1


def taken(answer: httpx2.Response, take: Callable[[Any], Taken]) -> Taken:
    """
    Read the JSON of an answer, and take out of it what is wanted.

    Args:
        answer: Of a server that may be any.
        take: Makes something of the JSON; what it raises about its shape means that it can't.

    Raises:
        StorageError: It is no JSON, or holds something else, or what a terminal would obey.
    """
    found = _read(answer.content)
    try:
        if _has_controls(found):
            raise StorageError(
                "the server's answer has control characters: is it a calndro server?"
            )
        return take(found)
    except _ODD as error:
        raise StorageError(
            "the server's answer is not what was asked for: is it a calndro server?"
        ) from error


def listed(read: Callable[[Any], Taken], page: Any) -> list[Taken]:
    """
    Read each thing of a list.

    Raises:
        TypeError: It is no list.
    """
    if not isinstance(page, list):
        raise TypeError
    return [read(each) for each in page]


def _failed(error: httpx2.RequestError) -> StorageError:
    if isinstance(error, httpx2.DecodingError):
        return StorageError(f"the server's answer can't be unpacked: {error}")
    return StorageError(f"the server can't be reached: {error}")


def _read(text: bytes) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise StorageError("the server's answer is no JSON: is it a calndro server?") from error


def _has_controls(found: Any) -> bool:
    if isinstance(found, str):
        return _CONTROLS.search(found) is not None
    if isinstance(found, dict):
        return any(map(_has_controls, found)) or any(map(_has_controls, found.values()))
    return isinstance(found, list) and any(map(_has_controls, found))


def _problem(answer: httpx2.Response) -> dict[str, Any]:
    if answer.has_redirect_location:
        place = quoted(answer.headers["location"])
        return {"title": f"the server is elsewhere: it sends us to {place}; name that address"}
    if "json" in answer.headers.get("content-type", ""):
        problem = taken(answer, lambda found: found)
        if isinstance(problem, dict):
            return problem
    return {"title": f"the server answers {answer.status_code} {answer.reason_phrase}"}
