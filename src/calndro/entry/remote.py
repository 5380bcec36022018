"""
Connecting to a server: from credentials to a coordinator.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from calndro.adapters.system import SystemSecrets
from calndro.core.errors import InvalidInputError


if TYPE_CHECKING:
    from calndro.adapters.http_client import HttpCoordinator


def connect_to_server(
    url: str,
    *,
    acting_as: str | None = None,
    password: str | None = None,
    api_token: str | None = None,
    email_token: str | None = None,
) -> HttpCoordinator:
    """
    Act at a server by one kind of credentials.

    Args:
        url: Where the server is.
        acting_as: The email address of an account; goes with its password.
        password: Of that account.
        api_token: One of the account's tokens, instead.
        email_token: The token of a letter, instead.

    Raises:
        InvalidInputError: There are several credentials, a password without an address, or
            what no request can carry.
    """
    # Nobody who works on a database pays for a client of HTTP.
    from calndro.adapters.http_client import HttpCoordinator

    if sum(each is not None for each in (password, api_token, email_token)) > 1:
        raise InvalidInputError.of("give a password, an API token or an email token, only one")
    if password is not None and acting_as is None:
        raise InvalidInputError.of("say whose password this is", "acting_as")
    authorization = ""
    if password is not None:
        pair = f"{acting_as}:{password}"
        try:
            authorization = f"Basic {b64encode(pair.encode()).decode()}"
        except UnicodeEncodeError as error:
            path = "acting_as" if error.start < len(f"{acting_as}:") else "password"
            raise InvalidInputError.of("it has half of a character that needs two", path) from None
    elif api_token is not None:
        authorization = f"Token {_sendable(api_token, 'api_token')}"
    elif email_token is not None:
        authorization = f"EmailToken {_sendable(email_token, 'email_token')}"
    return HttpCoordinator(url, authorization, SystemSecrets())


def _sendable(token: str, path: str) -> str:
    if not (token.isascii() and token.isalnum()):
        raise InvalidInputError.of("a token is 40 of the characters 0-9 and a-f alone", path)
    return token
