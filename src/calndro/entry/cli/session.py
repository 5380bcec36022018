"""
One run of the command line: who acts, on which database, and how it answers.
"""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager
from getpass import getuser
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

import attrs
import typer

from calndro.core.agreement import Status
from calndro.core.errors import GoneError, InvalidInputError, StaleRevisionError
from calndro.entry.cli.asked import Asked, asked
from calndro.entry.cli.exits import STALE, UNSENT, complain, say
from calndro.entry.cli.heads import Heads
from calndro.entry.cli.questions import ask, is_somebody_there
from calndro.entry.cli.reporting import described
from calndro.entry.cli.views import Views
from calndro.entry.settings import Settings, read_settings, state_directory, store
from calndro.entry.values import without_password


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from typer._click import Context

    from calndro.adapters.http_client import HttpCoordinator
    from calndro.core.event import Event
    from calndro.entry.local import LocalCoordinator
    from calndro.ports.coordinator import Coordinator
    from calndro.usecases.letters import Delivery


T = TypeVar("T")

# Whatever a database in memory is given ends with the program.
_IN_MEMORY: Final = re.compile(r"(?:memory|sqlite(?:[+]\w+)?):/{2,3}(?::memory:)?(?:[?].*)?")


@attrs.frozen
class Session:
    """
    What a command works with.

    Args:
        settings: As read.
        asked: The options that every command takes.
        me: The address acted as; empty when only a server knows it.
        desk: Does what is asked.
        views: What was last shown on this machine.
        heads: What this machine last saw of each log.
        database: The same desk when it works on a database; None for one at a server.
        server: The same desk when it works at a server; None for a database.
    """

    settings: Settings
    asked: Asked
    me: str
    desk: Coordinator
    views: Views
    heads: Heads
    database: LocalCoordinator | None = None
    server: HttpCoordinator | None = None

    @property
    def here(self) -> LocalCoordinator:
        """
        The desk of a command that needs the database itself.

        Raises:
            InvalidInputError: It works on a server.
        """
        if self.database is None:
            raise _needs_database(self.settings.server)
        return self.database

    def tell(self, text: str) -> None:
        """
        Say something to the person: beside the answer, or on stderr when that is JSON.
        """
        self.asked.tell(text)

    def warn(self, text: str) -> None:
        """
        Point something out, on stderr.
        """
        complain((text,))

    def show(self, event: Event, said: str = "", then: str = "") -> None:
        """
        Answer with an event, and remember its numbers when it was shown with numbers.

        Args:
            event: As it is.
            said: What else is to be known, one sentence.
            then: The command that comes next; found when empty.
        """
        from calndro.entry.cli.wording import next_step

        self.compare(event)
        then = self.placed(then or next_step(event, self.me))
        if self.asked.json:
            from calndro.adapters.wire import event_json

            answer(event_json(event, self.settings.public_url))
            if said:
                self.tell(f"{said} Next: {then}")
            return
        from calndro.entry.cli.render import console, draw_event

        draw_event(console(sys.stdout), event, own_zone(), then, said)
        self.views.remember(event)

    def placed(self, command: str) -> str:
        """
        Let a command that is suggested act where this one does; the shell's orders do anyhow.
        """
        return self.asked.repeated(command) if command.startswith("calndro ") else command

    def compare(self, event: Event) -> None:
        """
        Point out when an event's log contradicts what this machine saw of it before.
        """
        doubt = self.heads.doubt(event, self.desk, self.look_up)
        if doubt:
            verify = self.placed(f"calndro audit verify {event.id}")
            self.warn(f"{doubt}; {verify} tells more")
        else:
            self.heads.remember(event)

    def change(self, event_id: int, deed: Callable[[], T]) -> T:
        """
        Do something to an event; when it has moved on meanwhile, show it and give up.

        Raises:
            typer.Exit: With the status for a stale revision.
        """
        try:
            return deed()
        except StaleRevisionError as error:
            self.stale(event_id, error)

    def stale(self, event_id: int, error: StaleRevisionError) -> NoReturn:
        """
        Show how an event is now to somebody who knew it otherwise, and give up.
        """
        self.show(self.desk.peek(event_id))
        sys.stdout.flush()
        say(error)
        raise typer.Exit(STALE) from error

    @contextmanager
    def sending(self, *event_ids: int) -> Iterator[None]:
        """
        Answer inside; then hand over the letters of these events that wait, and say how it went.

        They go out however answering ends, as when the output takes no more. A server hands
        over its letters itself, and who asked for it has them left in the outbox.

        Raises:
            typer.Exit: With the status for letters that could not be sent.
        """
        try:
            yield
        finally:
            letters = [each for event_id in event_ids for each in self.deliver(event_id)]
            all_went = described(letters, self.asked)
        if not all_went:
            raise typer.Exit(UNSENT)

    def deliver(self, event_id: int) -> list[Delivery]:
        """
        Hand over the letters of an event as ``sending`` does, and say nothing of it.
        """
        if self.database is None or self.asked.keep_letters:
            return []
        return self.database.deliver(event_id)

    def look_up(self, event_id: int) -> Event:
        """
        Read an event even when it was deleted; not logged.
        """
        if self.server is not None:
            return self.server.look_up(event_id)
        try:
            return self.desk.peek(event_id)
        except GoneError:
            deleted = self.desk.events(status=Status.CLOSED, closed=True)
            found = next((event for event in deleted if event.id == event_id), None)
            if found is None:
                raise
            return found


@contextmanager
def opened(ctx: Context, *, stays: bool = False) -> Iterator[Session]:
    """
    Open what a command works with, and close it at the end.

    Args:
        ctx: Of the command.
        stays: Whether the command goes on, so that a database in memory is of use.

    Raises:
        SettingsError, InvalidInputError, StorageError: It can't be opened.
    """
    wanted = asked(ctx)
    settings = settings_of(wanted)
    is_remote = bool(server_of(settings, wanted))
    if not (is_remote or stays):
        _refuse_memory(settings)
    with (_at_server if is_remote else _at_database)(settings, wanted) as session:
        yield session


@contextmanager
def _at_database(settings: Settings, wanted: Asked) -> Iterator[Session]:
    from calndro.entry.wiring import open_desk, open_services

    with open_services(settings, sys.stderr) as services:
        me = settings.user or login_address()
        desk = open_desk(services, settings, me, staff=True)
        place = place_of(settings.database)
        views = Views.of(state_directory(), place)
        heads = Heads.of(state_directory(), place)
        yield Session(settings, wanted, str(desk.caller.user), desk, views, heads, desk)


@contextmanager
def _at_server(settings: Settings, wanted: Asked) -> Iterator[Session]:
    from calndro.adapters.http_client import HttpCoordinator
    from calndro.adapters.system import SystemSecrets
    from calndro.entry.cli.logins import pass_for

    url = settings.server
    shown = pass_for(settings, wanted)
    with HttpCoordinator(url, shown.authorization, SystemSecrets()) as desk:
        views = Views.of(state_directory(), url)
        heads = Heads.of(state_directory(), url)
        # The links that are shown are those of the server.
        known = attrs.evolve(settings, public_url=url)
        yield Session(known, wanted, shown.user, desk, views, heads, server=desk)


def server_of(settings: Settings, wanted: Asked) -> str:
    """
    Name the server to work on; empty for a database.

    Raises:
        InvalidInputError: A server and a database are named at once, or an option for
            the one is given while working on the other.
    """
    server = "" if wanted.database is not None and wanted.server is None else settings.server
    if server and wanted.database is not None:
        raise InvalidInputError.of("say --db or --server, not both")
    if server and wanted.acting_as is not None:
        raise InvalidInputError.of(
            "a server knows people by their accounts: say --user instead of --as"
        )
    if wanted.email_token and (wanted.user or wanted.api_token):
        raise InvalidInputError.of(
            "the token of a letter says who comes: leave --user and --token out"
        )
    if not server and (wanted.user or wanted.api_token or wanted.email_token):
        raise InvalidInputError.of("--user, --token and --et are for a server: say which, --server")
    return server


def settings_of(wanted: Asked, *, with_dot_env: bool = False) -> Settings:
    """
    Read the settings, with what the options say above all else; warnings go to stderr.

    Raises:
        SettingsError: They can't be read.
    """
    options = {
        "CALNDRO_DATABASE_URL": wanted.database,
        # A database that is named in parts gives way as well.
        "CALNDRO_DATABASE_ENGINE": None if wanted.database is None else "",
        "CALNDRO_USER": wanted.acting_as,
        "CALNDRO_SERVER": wanted.server,
    }
    given = {name: value for name, value in options.items() if value is not None}
    settings = read_settings(given, with_dot_env=with_dot_env)
    complain(settings.warnings)
    return settings


def place_of(database: str) -> str:
    """
    Name a database alike wherever one stands: the path of a file may begin here.

    Raises:
        InvalidInputError: The URL is no good.
    """
    from calndro.adapters.sql.opening import file_of

    file = file_of(database)
    return database if file is None else f"sqlite:///{file}"


def settings_here(wanted: Asked, *, with_dot_env: bool = False) -> Settings:
    """
    Read the settings as ``settings_of`` does, for a command that needs the database itself.

    Raises:
        SettingsError: They can't be read.
        InvalidInputError: One works at a server, or in memory.
    """
    settings = settings_of(wanted, with_dot_env=with_dot_env)
    server = server_of(settings, wanted)
    if server:
        raise _needs_database(server)
    _refuse_memory(settings)
    return settings


def is_in_memory(settings: Settings) -> bool:
    """
    Tell a database that each process has of its own, and that ends with it.
    """
    return _IN_MEMORY.fullmatch(settings.database) is not None


def _refuse_memory(settings: Settings) -> None:
    if is_in_memory(settings):
        raise InvalidInputError.of(
            f"{settings.database} is in memory and gone when this command ends: name a file, as "
            "in --db sqlite:///team.db"
        )


def _needs_database(server: str) -> InvalidInputError:
    return InvalidInputError.of(
        f"this works on a database, and you work on {without_password(server)}; "
        "name the database with --db"
    )


def ask_who(ctx: Context) -> None:
    """
    Ask a person at a terminal for its address when none is configured, and keep it.
    """
    wanted = asked(ctx)
    settings = settings_of(wanted)
    is_known = settings.user or server_of(settings, wanted)
    if is_known or not is_somebody_there():
        return
    from calndro.core.party import Address

    address = str(Address.parse(ask("Your email address", login_address())))
    path = store("CALNDRO_USER", address)
    typer.echo(f"kept in {path}; calndro config set user EMAIL changes it", err=True)


def login_address() -> str:
    """
    Make an address from the login name of whoever runs the program.
    """
    try:
        return f"{getuser()}@localhost"
    except (OSError, KeyError):
        # A container may run as a number that has no name.
        return "somebody@localhost"


def own_zone() -> str | None:
    """
    Name the reader's time zone; None when the machine has no name for it.
    """
    from pendulum.tz.local_timezone import get_local_timezone

    from calndro.core.times import parse_zone

    try:
        # A zone that is read from a file by its path has no name.
        name = get_local_timezone().name
        return parse_zone(name) if name else None
    except (RuntimeError, ValueError, OSError):
        return None


def answer(value: Any) -> None:
    """
    Print one JSON document, in UTF-8 whatever the terminal's encoding.
    """
    from calndro.adapters.wire import dumps

    typer.echo(dumps(value))
