"""
Connecting to a server: which credentials become what.
"""

from __future__ import annotations

from typing import Any

import pytest

import calndro
from calndro.adapters.http_client import HttpCoordinator
from calndro.entry.remote import connect_to_server


@pytest.mark.parametrize(
    ("given", "authorization"),
    [
        ({}, None),
        ({"acting_as": "you@here.net", "password": "a b"}, "Basic eW91QGhlcmUubmV0OmEgYg=="),
        ({"api_token": "a" * 40}, f"Token {'a' * 40}"),
        ({"email_token": "b" * 40}, f"EmailToken {'b' * 40}"),
    ],
)
def test_credentials_become_a_header(given: dict[str, Any], authorization: str | None) -> None:
    """
    Each kind of credentials has its scheme.
    """
    with connect_to_server("http://here.net", **given) as desk:
        shown = desk._server._client.headers.get("Authorization")  # noqa: SLF001  what it would send
        assert shown == authorization


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"password": "x"}, "acting_as: "),
        ({"acting_as": "you@here.net"}, "acting_as: "),
        ({"acting_as": "you@here.net", "api_token": "x"}, "acting_as: "),
        ({"acting_as": "nobody", "password": "x"}, "acting_as: "),
        ({"acting_as": "you@here.net", "password": "\udcff"}, "password: "),
        ({"api_token": "x", "email_token": "y"}, "only one"),
        ({"api_token": "\xe9"}, "api_token: a token is 40"),
        ({"email_token": ""}, "email_token: a token is 40"),
    ],
)
def test_doubtful_credentials_are_refused(given: dict[str, str], named: str) -> None:
    """
    A password is somebody's, of credentials there is one, and it can be sent.
    """
    with pytest.raises(calndro.InvalidInputError, match=named):
        connect_to_server("http://here.net", **given)


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"api_token": "\u00e9"}, "api_token"),
        ({"api_token": ""}, "api_token"),
        ({"email_token": "a\r\nX: y"}, "email_token"),
        ({"acting_as": "you@here.net", "password": "\udc80"}, "password"),
        ({"acting_as": "\udc80@here.net", "password": "x"}, "acting_as"),
    ],
)
def test_credentials_that_no_request_can_carry_are_refused(
    given: dict[str, str], path: str
) -> None:
    """
    What can't be in a header is named as the argument that it came in.
    """
    with pytest.raises(calndro.InvalidInputError) as caught:
        calndro.connect("http://here.net", **given)
    assert [fault.path for fault in caught.value.faults] == [path]


@pytest.mark.parametrize("url", ["http://[::1", "https://you:secret@here.net"])
def test_doubtful_addresses_are_refused(url: str) -> None:
    """
    What is no address of a server is refused as such.
    """
    with pytest.raises(calndro.InvalidInputError, match="url: write an address"):
        connect_to_server(url)


def test_an_address_of_the_web_is_a_server() -> None:
    """
    ``connect`` gives a coordinator at the server; a database asks who acts.
    """
    for url in ("https://calndro.here.net", "HTTP://calndro.here.net"):
        with calndro.connect(url, api_token="a" * 40) as desk:
            assert isinstance(desk, HttpCoordinator)
    with pytest.raises(calndro.InvalidInputError, match="acts"):
        calndro.connect("memory://", api_token="a" * 40)
