"""
Commands about one's account at a server: login and logout.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from calndro.entry.cli.asked import asked


if TYPE_CHECKING:
    from typer._click import Context


app = typer.Typer(rich_markup_mode=None)


@app.command("login")
def login(ctx: typer.Context) -> None:
    """
    Get an API token of a server and keep it.

    It is kept in a file that you alone can read, in place of your password.
    """
    from calndro.core.errors import InvalidInputError
    from calndro.core.party import Address
    from calndro.entry.cli.logins import Login, Logins, ask_password, request_token
    from calndro.entry.cli.questions import ask, is_somebody_there
    from calndro.entry.cli.session import answer, settings_of

    wanted = asked(ctx)
    settings = settings_of(wanted)
    server = _server(ctx)
    written = wanted.user or settings.user
    if not written and (wanted.json or not is_somebody_there()):
        raise InvalidInputError.of("say who you are there: --user EMAIL")
    user = str(Address.parse(written or ask("Your email address")))
    password = settings.password or ask_password(user, server, "set CALNDRO_PASSWORD")
    Logins.of_this_user().keep(server, Login(user, request_token(server, user, password)))
    if wanted.json:
        answer({"server": server, "user": user})
    wanted.tell(f"{user} is logged in at {server}")


@app.command("logout")
def logout(ctx: typer.Context) -> None:
    """
    Take the API token back at its server, and forget it.

    It is forgotten even when the server can't be reached; the exit status is 7 then.
    """
    from calndro.core.errors import CalndroError
    from calndro.entry.cli.exits import complain
    from calndro.entry.cli.logins import Logins, revoke_token
    from calndro.entry.cli.session import answer

    wanted = asked(ctx)
    server = _server(ctx)
    logins = Logins.of_this_user()
    login = logins.find(server)
    if login is not None:
        logins.keep(server, None)
        try:
            revoke_token(server, login.token)
        except CalndroError:
            revoke = wanted.repeated(f"calndro user token {login.user} --revoke")
            complain([f"the token is forgotten here; at the server, {revoke} takes it back"])
            raise
    if wanted.json:
        answer({"server": server, "user": None if login is None else login.user})
    if login is None:
        wanted.tell(f"nobody was logged in at {server}")
    else:
        wanted.tell(f"{login.user} is logged out at {server}")


def _server(ctx: Context) -> str:
    from calndro.core.errors import InvalidInputError
    from calndro.entry.cli.session import server_of, settings_of

    wanted = asked(ctx)
    server = server_of(settings_of(wanted), wanted)
    if not server:
        raise InvalidInputError.of("which server? Say --server URL, or set CALNDRO_SERVER")
    return server
