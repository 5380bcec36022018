"""
The options that every command takes, and those that several share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperOption

from calndro.entry.cli import complete
from calndro.entry.cli.asked import asked


if TYPE_CHECKING:
    from collections.abc import Callable

    from typer._click import Context, Parameter


def shared_options(*, sends: bool, remote: bool, tokens: bool, refused: str) -> list[TyperOption]:
    """
    Make the options that every command takes.

    Args:
        sends: Whether the command may cause letters.
        remote: Whether the command also works at a server.
        tokens: Whether a token signs in there as well as a password.
        refused: What to do instead of naming a server; empty where that is no hindrance.
    """
    options = [
        _flag(("--json",), "json", "Print one JSON document; messages go to stderr."),
        _flag(("--quiet", "-q"), "quiet", "Say nothing beside the answer and what went wrong."),
        _text("--as", "acting_as", "EMAIL", "Act as this user, not as the configured one."),
        _text("--db", "database", "URL", "Work on this database, not on the configured one."),
    ]
    if remote:
        options += [
            _text("--server", "server", "URL", "Work at this server, not on a database."),
            _text("--user", "user", "EMAIL", "Who signs in at the server."),
        ]
        if tokens:
            options += [
                _text("--token", "api_token", "TOKEN", "Sign in there by this API token."),
                _text("--et", "email_token", "TOKEN", "Come there by this token of a letter."),
            ]
    elif refused:
        options.append(_refused_server(refused))
    else:
        options.append(_text("--server", "server", "URL", "Where the commands about events work."))
    if sends:
        options.append(
            _flag(("--no-deliver",), "keep_letters", "Leave the letters to calndro deliver.")
        )
    return options


def _flag(spellings: tuple[str, ...], name: str, meaning: str) -> TyperOption:
    return TyperOption(
        param_decls=[*spellings, name],
        is_flag=True,
        default=False,
        help=meaning,
        callback=_noting(name),
        expose_value=False,
    )


def _text(spelling: str, name: str, metavar: str, meaning: str) -> TyperOption:
    return TyperOption(
        param_decls=[spelling, f"shared_{name}"],
        metavar=metavar,
        help=meaning,
        callback=_noting(name),
        expose_value=False,
    )


def _refused_server(instead: str) -> TyperOption:
    def refuse(ctx: Context, param: Parameter, value: Any) -> Any:
        del param
        if value:
            ctx.fail(f"this works on a database itself, not at a server: {instead}")
        return value

    return TyperOption(
        param_decls=["--server", "refused_server"],
        metavar="URL",
        hidden=True,
        callback=refuse,
        expose_value=False,
    )


def _noting(name: str) -> Callable[[Context, Parameter, Any], Any]:
    def note(ctx: Context, param: Parameter, value: Any) -> Any:
        del param
        if value:
            setattr(asked(ctx), name, value)
        return value

    return note


Parties = Annotated[
    list[str] | None,
    typer.Option(
        "--party",
        metavar="EMAIL",
        help="Who takes part; fixed from now on. Repeat it.",
        autocompletion=complete.parties,
    ),
]

EventId = Annotated[
    int, typer.Argument(metavar="ID", help="Which event.", autocompletion=complete.events)
]

Slots = Annotated[
    list[str] | None,
    typer.Option(
        "--slot",
        metavar="SLOT",
        help='Such as "tue 14:00 45m", "tue 9-11 /30m", BEGIN/DURATION; - reads stdin. Repeat it.',
    ),
]

Like = Annotated[
    int | None,
    typer.Option(
        "--like",
        metavar="ID",
        help="Take what is not given from this event.",
        autocompletion=complete.events,
    ),
]

NewTitle = Annotated[
    str | None, typer.Option("--title", metavar="TEXT", help="Also give it another title.")
]

IfRevision = Annotated[
    int | None,
    typer.Option(
        "--if-revision", metavar="R", min=1, help="Do nothing unless the event is at revision R."
    ),
]
