"""
Fetching a calendar file from its web address.

Source: RFC 9110 (HTTP semantics). ``webcal`` is what calendar programs write for ``https``
where an address is one of a calendar.
"""

from __future__ import annotations

from time import monotonic
from typing import Final

import httpx2

from calndro.adapters.ical_busy.following import MOST_BYTES
from calndro.adapters.ical_busy.hurrying import TooLongError, in_time
from calndro.core.errors import InvalidInputError, PortError


_SCHEMES: Final = {"http": "http", "https": "https", "webcal": "https", "webcals": "https"}
_MOST_REDIRECTS: Final = 5
_MOST_SECONDS: Final = 30.0
_REFUSED: Final = range(400, 500)


def fetch(address: str) -> tuple[str, bytes]:
    """
    Fetch a calendar file.

    Args:
        address: Of http, https or webcal; a user and a password in it are shown to its server.

    Returns:
        How messages name it, which is by its host, since the addresses of private calendars
        are secrets; and what it holds.

    Raises:
        InvalidInputError: It is no such address, nothing is there, or it has more than 10 MiB.
        PortError: The server is away, or has not sent it within 30 seconds.
    """
    url = _parsed(address)
    name = f"{url.scheme}://{url.host}/…"
    try:
        # The client's own timeout begins anew with each byte of the head of an answer.
        return name, in_time(lambda: _fetched(url, name), _MOST_SECONDS)
    except TooLongError:
        raise _too_slow(name) from None


def _fetched(url: httpx2.URL, name: str) -> bytes:
    client = httpx2.Client(
        follow_redirects=True,
        max_redirects=_MOST_REDIRECTS,
        timeout=_MOST_SECONDS,
        headers={"Accept": "text/calendar, */*;q=0.1"},
    )
    try:
        with client, client.stream("GET", url) as answer:
            if answer.status_code in _REFUSED:
                raise InvalidInputError.of(
                    f"{name} answers {_status(answer)}; is the address whole and still shared?"
                )
            if not answer.is_success:
                raise PortError(f"{name} can't be fetched: it answers {_status(answer)}")
            return _read(answer, name)
    except httpx2.RequestError as error:
        said = str(error) or type(error).__name__
        raise PortError(f"{name} can't be fetched: {said}") from error


def _parsed(address: str) -> httpx2.URL:
    scheme, colon, rest = address.partition(":")
    known = _SCHEMES.get(scheme.lower())
    try:
        url = httpx2.URL(f"{known}{colon}{rest}")
    except httpx2.InvalidURL as error:
        raise InvalidInputError.of(f"that is no web address: {error}") from error
    if known is None or not url.host:
        raise InvalidInputError.of(
            "a calendar is fetched from https://…, http://… or webcal://…; or save it to a file"
        )
    return url


def _read(answer: httpx2.Response, name: str) -> bytes:
    until = monotonic() + _MOST_SECONDS
    data = bytearray()
    for chunk in answer.iter_bytes():
        data += chunk
        if len(data) > MOST_BYTES:
            raise InvalidInputError.of(f"{name} is too large: a calendar file has at most 10 MiB")
        if monotonic() > until:
            raise _too_slow(name)
    return bytes(data)


def _too_slow(name: str) -> PortError:
    return PortError(f"{name} takes longer than {_MOST_SECONDS:.0f} seconds")


def _status(answer: httpx2.Response) -> str:
    return f"{answer.status_code} {answer.reason_phrase}".rstrip()
