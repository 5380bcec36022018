"""
The options that every command takes, and those that several share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from typer.core import TyperOption

from calndro.entry.cli import complete
from calndro.entry.cli.asked import asked


if TYPE_CHECKING:
    from collections.abc import Callable

    from typer._click import Context, Parameter

    from calndro.entry.cli.asked import Asked


_ONE_EVENT: Final = (
    "the token of a letter opens one event, and this needs an account: say --user or --token, "
    "or once: calndro login"
)


def refuse_letter(wanted: Asked) -> None:
    """
    Refuse to whoever comes by the token of a letter what takes an account.

    Raises:
        InvalidInputError: So does this run of the program.
    """
    if wanted.email_token:
        # The help is given without the core.
        from calndro.core.errors import InvalidInputError

        raise InvalidInputError.of(_ONE_EVENT)


def shared_options(*, acts: bool, stores: bool) -> list[TyperOption]:
    """
    Make the options that every command takes, and those of most.

    Args:
        acts: Whether it matters to the command who acts.
        stores: Whether the command works on a database.
    """
    options = [
        _flag(("--json",), "json", "Print one JSON document; messages go to stderr."),
        _flag(("--quiet", "-q"), "quiet", "Say nothing beside the answer and what went wrong."),
    ]
    if acts:
        options.append(
            _text("--as", "acting_as", "EMAIL", "Act as this user, not as the configured one.")
        )
    if stores:
        options.append(
            _text("--db", "database", "URL", "Work on this database, not on the configured one.")
        )
    return options


def server_options(*, tokens: bool, letters: bool) -> list[TyperOption]:
    """
    Make the options of a command that also works at a server.

    Args:
        tokens: Whether an API token signs in there as well as a password.
        letters: Whether the token of a letter opens what the command works on.
    """
    options = [
        _text("--server", "server", "URL", "Work at this server, not on a database."),
        _text("--user", "user", "EMAIL", "Who signs in at the server."),
    ]
    if tokens:
        options.append(_text("--token", "api_token", "TOKEN", "Sign in there by this API token."))
    if letters:
        options.append(
            _text("--et", "email_token", "TOKEN", "Come there by this token of a letter.")
        )
    else:
        options.append(refused_option("--et", _ONE_EVENT))
    return options


def told_server() -> TyperOption:
    """
    Make the option of a command that only tells which server the others would work at.
    """
    return _text("--server", "server", "URL", "Where the commands about events work.")


def keep_letters() -> TyperOption:
    """
    Make the option of a command that may cause letters.
    """
    return _flag(("--no-deliver",), "keep_letters", "Leave the letters to calndro deliver.")


def refused_option(spelling: str, why: str) -> TyperOption:
    """
    Make an option that others take and that says why this command does not.
    """

    def refuse(ctx: Context, param: Parameter, value: Any) -> Any:
        del param
        if value is not None:
            ctx.fail(why)
        return value

    return TyperOption(
        param_decls=[spelling, f"refused_{spelling.removeprefix('--')}"],
        metavar="VALUE",
        hidden=True,
        callback=refuse,
        expose_value=False,
    )


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


def _noting(name: str) -> Callable[[Context, Parameter, Any], Any]:
    def note(ctx: Context, param: Parameter, value: Any) -> Any:
        if isinstance(value, str) and not value.strip():
            # As of a variable of a script that is not set: whatever it meant, it is not there.
            ctx.fail(f"{param.opts[0]} has no value; give it one, or leave it out")
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
