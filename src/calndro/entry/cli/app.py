"""
The command ``calndro``: the list of its commands, each imported only when it is used.
"""

from __future__ import annotations

import gc
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

import typer
from typer.core import TyperGroup
from typer.main import get_command

from calndro.entry.cli.asked import Asked
from calndro.entry.cli.examples import closing
from calndro.entry.cli.options import (
    keep_letters,
    refused_option,
    server_options,
    shared_options,
    told_server,
)
from calndro.entry.cli.repeat import repeat_options
from calndro.entry.cli.streams import usable_streams


if TYPE_CHECKING:
    from typer._click import Command, Context, HelpFormatter
    from typer.core import TyperOption


class Entry(NamedTuple):
    """
    A command, or a group of them, as the help lists it.

    Args:
        module: The module under ``calndro.entry.cli`` whose ``app`` holds it.
        summary: What it does, in a few words.
        sends: Whether it may cause letters.
        remote: Whether it also works at a server.
        acts: Whether it matters who acts.
        stores: Whether it works on a database.
        letters: Whether the token of a letter opens at a server what it works on.
        tells: Whether it only tells where the others work.
        repeats: Whether it puts slots on the table, which may repeat.
        logs_in: Whether it is about the password alone that signs in at a server.
        instead: What to do where it does not work at a server.
    """

    module: str
    summary: str
    sends: bool = False
    remote: bool = False
    acts: bool = True
    stores: bool = True
    letters: bool = True
    tells: bool = False
    repeats: bool = False
    logs_in: bool = False
    instead: str = "say --db URL on a machine that reaches its database"


COMMANDS: Final = {
    "propose": Entry(
        "events",
        "Open an event; nobody is told until you say so.",
        sends=True,
        remote=True,
        letters=False,
        repeats=True,
    ),
    "list": Entry("events", "List your events.", remote=True, letters=False),
    "show": Entry(
        "events", "Show who keeps which slots of an event, and what comes next.", remote=True
    ),
    "narrow": Entry("changes", "Leave fewer slots on the table.", sends=True, remote=True),
    "agree": Entry(
        "changes", "Agree to what is on the table, or to one slot of it.", sends=True, remote=True
    ),
    "extend": Entry(
        "changes", "Put more slots on the table.", sends=True, remote=True, repeats=True
    ),
    "replace": Entry(
        "changes", "Put exactly these slots on the table.", sends=True, remote=True, repeats=True
    ),
    "title": Entry("changes", "Give an event another title.", sends=True, remote=True),
    "notify": Entry(
        "letters", "Tell parties by letter what is on the table.", sends=True, remote=True
    ),
    "suggest": Entry(
        "suggesting",
        "Find times that are free in everybody's calendar.",
        acts=False,
        stores=False,
        instead="leave --server out",
    ),
    "log": Entry("events", "Read who did what, and when.", remote=True),
    "wait": Entry("waiting", "Wait until an event is agreed, for scripts.", remote=True),
    "ics": Entry("calendars", "Write the calendar file of an event.", remote=True),
    "delete": Entry(
        "events", "Close an event for good; its log stays.", sends=True, remote=True, letters=False
    ),
    "audit": Entry("audit", "Verify logs, and export them for others to verify.", remote=True),
    "tui": Entry("tui", "Work with events in a shell of few letters.", sends=True, remote=True),
    "login": Entry(
        "login",
        "Get an API token of a server and keep it.",
        remote=True,
        acts=False,
        stores=False,
        letters=False,
        logs_in=True,
    ),
    "logout": Entry(
        "login",
        "Take the API token back at its server, and forget it.",
        remote=True,
        acts=False,
        stores=False,
        letters=False,
        logs_in=True,
    ),
    "user": Entry(
        "users", "Add accounts, change them, hand out API tokens.", remote=True, letters=False
    ),
    "deliver": Entry(
        "letters",
        "Send the letters that wait.",
        acts=False,
        instead="it delivers its letters itself",
    ),
    "outbox": Entry(
        "outbox",
        "Look after the letters that wait.",
        instead="staff finds its letters at /admin/outbox/",
    ),
    "mail": Entry(
        "mail",
        "Try the mail server; stop or resume the letters of an event.",
        remote=True,
        instead="try its mail on its own machine",
    ),
    "serve": Entry(
        "server",
        "Run the HTTP server until it is told to stop.",
        sends=True,
        acts=False,
        instead="leave --server out",
    ),
    "openapi": Entry(
        "server",
        "Print the OpenAPI description of the HTTP interface.",
        acts=False,
        stores=False,
        instead="it describes itself at /openapi",
    ),
    "db": Entry("database", "Look after the database.", acts=False),
    "backup": Entry(
        "backing", "Copy an SQLite database while it is in use, and check the copy.", acts=False
    ),
    "export": Entry("moving", "Write the whole instance as JSON lines.", acts=False),
    "import": Entry(
        "moving", "Read an exported instance, or an original's, into an empty one.", acts=False
    ),
    "config": Entry(
        "configuration",
        "Show every setting, where it comes from and what it means.",
        tells=True,
    ),
    "demo": Entry(
        "demo",
        "Play a complete story on a throw-away database.",
        acts=False,
        stores=False,
        instead="leave --server out",
    ),
}
"""Every command, in the order of the help."""

PARTS: Final = {
    "propose": "events",
    "login": "accounts",
    "deliver": "letters",
    "serve": "the instance",
}
"""What a part of the help is about, by the command that begins it."""


_BEHIND: Final = frozenset(
    {"--json", "--quiet", "-q", "--as", "--db", "--server", "--user", "--token", "--et"}
)


class CommandsOnUse(TyperGroup):
    """
    A group that knows its commands by name and imports the one that is used.
    """

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """
        Run the program on the streams that it has got.
        """
        with usable_streams():
            return super().main(*args, **kwargs)

    def list_commands(self, ctx: Context) -> list[str]:
        """
        Name the commands in the order of the help.
        """
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        """
        Import a command.
        """
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command = _load(cmd_name)
        _share_options(cmd_name, command)
        return command

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """
        Read what stands before the command; most options stand behind it.
        """
        from typer._click.exceptions import NoSuchOption

        try:
            return super().parse_args(ctx, args)
        except NoSuchOption as error:
            if error.option_name in _BEHIND:
                ctx.fail(
                    f"{error.option_name} stands behind the command, as in calndro list --json"
                )
            raise

    def resolve_command(
        self, ctx: Context, args: list[str]
    ) -> tuple[str | None, Command | None, list[str]]:
        """
        Find the command that is named, or say which one may be meant.
        """
        if args[0] not in COMMANDS:
            from difflib import get_close_matches

            close = get_close_matches(args[0], COMMANDS, n=1)
            if close:
                ctx.fail(f"there is no command {args[0]}; did you mean {close[0]}?")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        """
        Write the list of commands without importing any.
        """
        del ctx
        parts: dict[str, list[tuple[str, str]]] = {}
        rows: list[tuple[str, str]] = []
        for name, entry in COMMANDS.items():
            rows = parts.setdefault(PARTS[name], []) if name in PARTS else rows
            rows.append((name, entry.summary))
        for title, listed in parts.items():
            with formatter.section(f"Commands about {title}"):
                formatter.write_dl(listed)

    def invoke(self, ctx: Context) -> Any:
        """
        Run a command; an error that calndro raises on purpose ends it with its status.
        """
        from calndro.core.errors import CalndroError

        try:
            return super().invoke(ctx)
        except CalndroError as error:
            from calndro.entry.cli.exits import say, status_of

            say(error)
            raise typer.Exit(status_of(error)) from None


app = typer.Typer(
    name="calndro",
    cls=CommandsOnUse,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(*, wanted: bool) -> None:
    if wanted:
        from calndro import __version__

        typer.echo(f"calndro {__version__}")
        raise typer.Exit


@app.callback()
def calndro(
    ctx: typer.Context,
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Tell which one this is."),
    ] = False,
) -> None:
    """
    Find a time that suits everybody: propose slots, narrow them, agree.

    Slots are written as people do, "tue 14:00 45m", or in full, as BEGIN/DURATION, BEGIN/END or
    "BEGIN DURATION": 2026-12-01T09:00Z/PT30M. Options stand behind the command. Begin with:
    calndro demo
    """
    del version
    ctx.ensure_object(Asked)


# Parts of a group that differ from the group.
_OTHERWISE: Final[dict[str, dict[str, Any]]] = {
    "user erase": {"sends": True},
    "outbox retry": {"sends": True},
    "mail test": {"remote": False, "acts": False, "stores": False},
    "config set": {"acts": False, "stores": False, "tells": False},
}


USUAL_COLLECTION: Final = gc.get_threshold()
"""How often garbage is collected where nobody says otherwise."""

_OBJECTS_BEFORE_COLLECTING: Final = 100_000


def main() -> None:
    """
    Run the command line as a program.
    """
    # Most of what a command makes are the modules that it loads. Every 700 objects, as is usual,
    # the collector of garbage would look through them all for nothing.
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTING)
    app(prog_name="calndro")


def _load(name: str) -> Command:
    module = import_module(f"calndro.entry.cli.{COMMANDS[name].module}")
    home: typer.Typer = module.app
    one = next((info for info in home.registered_commands if info.name == name), None)
    if one is None:
        return get_command(home)
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    alone.registered_commands.append(one)
    return get_command(alone)


def _share_options(name: str, command: Command) -> None:
    entry = COMMANDS[name]
    takers = {name: command}
    if isinstance(command, TyperGroup):
        own = takers if command.invoke_without_command else {}
        takers = own | {f"{name} {part}": each for part, each in command.commands.items()}
    for path, each in takers.items():
        each.epilog = closing(path)
        # Otherwise the list of a group would cut it off.
        each.short_help = (each.help or "").partition("\n\n")[0]
        each.params.extend(repeat_options() if entry.repeats else ())
        each.params.extend(_options_of(entry._replace(**_OTHERWISE.get(path, {}))))


def _options_of(entry: Entry) -> list[TyperOption]:
    options = shared_options(acts=entry.acts, stores=entry.stores)
    if entry.remote:
        options += server_options(tokens=not entry.logs_in, letters=entry.letters)
    elif entry.tells:
        options.append(told_server())
    else:
        place = "on a database itself" if entry.stores else "on this machine"
        why = f"this works {place}, not at a server: {entry.instead}"
        options.append(refused_option("--server", why))
    if entry.sends:
        options.append(keep_letters())
    return options
