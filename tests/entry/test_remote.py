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


@pytest.mark.parametrize("given", [{"password": "x"}, {"api_token": "x", "email_token": "y"}])
def test_doubtful_credentials_are_refused(given: dict[str, str]) -> None:
    """
    A password is somebody's, and of credentials there is one.
    """
    with pytest.raises(calndro.InvalidInputError):
        connect_to_server("http://here.net", **given)


def test_an_address_of_the_web_is_a_server() -> None:
    """
    ``connect`` gives a coordinator at the server; a database asks who acts.
    """
    with calndro.connect("https://calndro.here.net", api_token="a" * 40) as desk:
        assert isinstance(desk, HttpCoordinator)
    with pytest.raises(calndro.InvalidInputError, match="acts"):
        calndro.connect("memory://", api_token="a" * 40)
