"""
How the command line signs in to servers, and the API tokens that it keeps for them.
"""

from __future__ import annotations

import json
from contextlib import closing, suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import attrs
import typer

from calndro.core.errors import InvalidInputError
from calndro.core.party import Address
from calndro.entry.cli.exits import NOT_SIGNED_IN, complain
from calndro.entry.cli.files import keep_text
from calndro.entry.cli.questions import is_somebody_there
from calndro.entry.exposure import OWN_HOSTS
from calndro.entry.remote import by_password, by_token
from calndro.entry.settings import logins_file


if TYPE_CHECKING:
    from pathlib import Path

    from calndro.adapters.http_client.server import Server
    from calndro.entry.cli.asked import Asked
    from calndro.entry.settings import Settings


@attrs.frozen
class Login:
    """
    An API token that a server gave to this machine.

    Args:
        user: Whose it is.
        token: Its text.
    """

    user: str
    token: str = attrs.field(repr=False)


@attrs.frozen
class Pass:
    """
    What is shown to a server.

    Args:
        authorization: The value of its Authorization header.
        user: Who signs in with it; empty when only the server knows.
    """

    authorization: str = attrs.field(repr=False)
    user: str = ""


@attrs.frozen
class Logins:
    """
    The tokens of this machine: one file, which its owner alone can read.

    Args:
        file: There or not.
    """

    file: Path

    @classmethod
    def of_this_user(cls) -> Logins:
        """
        Give the logins of whoever runs the program.
        """
        return cls(logins_file())

    def find(self, server: str) -> Login | None:
        """
        Give the login at a server, if there is one.
        """
        return self._all().get(server)

    def keep(self, server: str, login: Login | None) -> None:
        """
        Remember the login at a server instead of the one before; None forgets that.

        Raises:
            InvalidInputError: The file can't be read, or not be written.
        """
        logins = self._all()
        logins.pop(server, None)
        if login is not None:
            logins[server] = login
        text = json.dumps({url: attrs.asdict(each) for url, each in logins.items()}, indent=1)
        try:
            keep_text(self.file, text)
        except OSError as error:
            raise InvalidInputError.of(f"{self.file} can't be written: {error.strerror}") from error

    def _all(self) -> dict[str, Login]:
        try:
            kept = json.loads(self.file.read_text("utf-8"))
            return {url: Login(**each) for url, each in kept.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise InvalidInputError.of(f"{self.file} can't be read; remove it: {error}") from error


def pass_for(settings: Settings, wanted: Asked) -> Pass:
    """
    Find what to show to the server.

    It is what the command line says, else the password in the settings, else the token of
    ``calndro login``, else a password typed now.

    Raises:
        InvalidInputError: Nobody says who signs in, or a token is none at all.
        typer.Exit: Nobody can be asked for the password.
    """
    if wanted.email_token:
        return Pass(by_token("EmailToken", wanted.email_token, "--et"))
    if wanted.api_token:
        return Pass(by_token("Token", wanted.api_token, "--token"), wanted.user or "")
    user = wanted.user or settings.user
    if settings.password and user:
        return _by_password(user, settings.password)
    login = Logins.of_this_user().find(settings.server)
    if login is not None and wanted.user in {None, login.user}:
        return Pass(f"Token {login.token}", login.user)
    if not user:
        raise InvalidInputError.of(
            f"who are you at {settings.server}? Say --user EMAIL, --token or --et, "
            f"or once: {wanted.repeated('calndro login')}"
        )
    if not wanted.asks:
        raise typer.Exit(NOT_SIGNED_IN)
    mend = f"set CALNDRO_PASSWORD, or once: {wanted.repeated('calndro login')}"
    return _by_password(user, ask_password(user, settings.server, mend))


def ask_password(user: str, server: str, mend: str) -> str:
    """
    Let somebody at a terminal type its password.

    Args:
        user: Whose password it is.
        server: Where it signs in.
        mend: What to do where there is no terminal.

    Raises:
        typer.Exit: There is no terminal; that has been said.
    """
    parts = urlsplit(server)
    if parts.scheme == "http" and parts.hostname not in OWN_HOSTS:
        complain([f"{server} is not encrypted: others on the way can read the password"])
    if not is_somebody_there():
        complain([f"no password for {user}: {mend}"])
        raise typer.Exit(NOT_SIGNED_IN)
    text: str = typer.prompt(f"Password of {user} at {server}", hide_input=True, err=True)
    return text


def _by_password(user: str, password: str) -> Pass:
    address = str(Address.parse(user))
    return Pass(by_password(address, password), address)


def request_token(server: str, user: str, password: str) -> str:
    """
    Let a server make an API token.

    Raises:
        SignInError: The address or the password is wrong.
        TooManyError: Too many attempts went wrong lately.
        StorageError: The server is away, elsewhere, or none of ours.
    """
    from calndro.adapters.http_client.server import taken

    with _asking(server, "") as there:
        shown = {"username": user, "password": password}
        answer = there.send("POST", "/api-token-auth/", shown, once=True)
        return taken(answer, lambda members: str(members["token"]))


def revoke_token(server: str, token: str) -> None:
    """
    Have a server take an API token back; one that it does not know any more is nothing.

    Raises:
        StorageError: The server is away, elsewhere, or none of ours.
        CalndroError: It refused, and why.
    """
    from calndro.core.errors import TokenError
    from calndro.core.token import digest_of, fingerprint

    with _asking(server, f"Token {token}") as there, suppress(TokenError):
        there.send("DELETE", f"/api-tokens/{fingerprint(digest_of(token))}/", once=True)


def _asking(server: str, authorization: str) -> closing[Server]:
    from calndro.adapters.http_client.server import Server
    from calndro.adapters.system import SystemSecrets

    return closing(Server(server, authorization, SystemSecrets()))
