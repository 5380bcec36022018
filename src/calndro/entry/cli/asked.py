"""
What the options that every command takes have said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer


if TYPE_CHECKING:
    from typer._click import Context


@dataclass
class Asked:
    """
    What this run of the program was asked, whatever its command.

    Args:
        database: The URL of the database; None for the configured one.
        acting_as: The address to act as; None for the configured one.
        json: One JSON document instead of text.
        keep_letters: Letters stay queued when the command ends.
        quiet: Only the answer and what went wrong are told.
        server: The address of the server to work on; None for the configured one.
        user: Who signs in there; None for the one who logged in, or the configured one.
        api_token: An API token of that server.
        email_token: The token of a letter's link.
        asks: Whether somebody can be asked for a password.
    """

    database: str | None = None
    acting_as: str | None = None
    json: bool = False
    keep_letters: bool = False
    quiet: bool = False
    server: str | None = None
    user: str | None = None
    api_token: str | None = None
    email_token: str | None = None
    asks: bool = True

    def tell(self, text: str) -> None:
        """
        Say what nobody has asked for: beside the answer, or on stderr when that is JSON.

        What somebody else put into it is harmless on a terminal.
        """
        if not self.quiet:
            self.put(text)

    def put(self, text: str) -> None:
        """
        Say what a question is about, where ``tell`` does, to the quiet too.
        """
        from calndro.core.quoting import harmless

        typer.echo(harmless(text), err=self.json)

    def repeated(self, command: str, *, acts: bool = True) -> str:
        """
        Give a command that acts where and as whom this run does, without its secrets.

        What comes from the environment or from files goes without saying.

        Args:
            command: As it is without options for that.
            acts: Whether it matters to the command who acts.
        """
        from shlex import quote

        from calndro.entry.values import HIDDEN, without_password

        given = {
            "--db": self.database and without_password(self.database),
            "--as": self.acting_as if acts else None,
            "--server": self.server and without_password(self.server),
            "--user": self.user,
            "--token": self.api_token and HIDDEN,
            "--et": self.email_token and HIDDEN,
        }
        said = [
            f" {option} {value if value == HIDDEN else quote(value)}"
            for option, value in given.items()
            if value
        ]
        return command + "".join(said)


def asked(ctx: Context) -> Asked:
    """
    Give what this run of the program was asked.
    """
    return ctx.find_root().ensure_object(Asked)
