"""
Connecting to a server: from credentials to what is shown there, and to a coordinator.
"""

from __future__ import annotations

from base64 import b64encode
from contextlib import contextmanager
from typing import TYPE_CHECKING

from calndro.adapters.system import SystemSecrets
from calndro.core.errors import InvalidInputError
from calndro.entry.values import text, web_address


if TYPE_CHECKING:
    from collections.abc import Iterator

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
        InvalidInputError: There are several credentials, a password or an address without the
            other, or one of them is none at all; or nothing can be at that URL.
    """
    # Nobody who works on a database pays for a client of HTTP.
    from calndro.adapters.http_client import HttpCoordinator
    from calndro.core.party import Address

    if sum(each is not None for each in (password, api_token, email_token)) > 1:
        raise InvalidInputError.of("give a password, an API token or an email token, only one")
    if (password is None) != (acting_as is None):
        raise InvalidInputError.of("an address goes with its password, alone", "acting_as")
    with _named("url"):
        url = web_address(url)
    authorization = ""
    if acting_as is not None and password is not None:
        with _named("acting_as"):
            address = str(Address.parse(acting_as))
        authorization = by_password(address, password)
    elif api_token is not None:
        authorization = by_token("Token", api_token, "api_token")
    elif email_token is not None:
        authorization = by_token("EmailToken", email_token, "email_token")
    return HttpCoordinator(url, authorization, SystemSecrets())


def by_password(address: str, password: str) -> str:
    """
    Write what is shown to a server by whoever knows the password of an account.

    Raises:
        InvalidInputError: The password has bytes in it that could not be read.
    """
    with _named("password"):
        text(password)
    return f"Basic {b64encode(f'{address}:{password}'.encode()).decode()}"


def by_token(kind: str, token: str, name: str) -> str:
    """
    Write what is shown to a server by whoever has a token.

    Args:
        kind: The scheme of the header.
        token: Its text.
        name: What it is given by.

    Raises:
        InvalidInputError: It can be none.
    """
    if not (token.isascii() and token.isalnum()):
        raise InvalidInputError.of("a token is 40 of the characters 0-9 and a-f alone", name)
    return f"{kind} {token}"


@contextmanager
def _named(name: str) -> Iterator[None]:
    try:
        yield
    except InvalidInputError as error:
        raise error.under(name) from error
