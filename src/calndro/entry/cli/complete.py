"""
What the shell offers when a word is half typed; it logs nothing and never fails.
"""

from __future__ import annotations

import re
from contextlib import contextmanager, redirect_stderr, suppress
from io import StringIO
from typing import TYPE_CHECKING, Final

import typer


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from typer._click import Context

    from calndro.core.event import Event
    from calndro.core.slot import Table


_TIMEOUT_SECONDS: Final = 2.0

# Zsh evaluates what it is told of an offer, and bash what it has put on the line. Both may
# come from somebody else.
_WILD: Final = re.compile(r"""[\\"'`$]""")
_TAME_WORD: Final = re.compile(r"[\w.+@%=-]+")


def events(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """
    Offer the ids of events, with their titles.
    """
    found = [(str(event.id), f"{_tame(event.title)} ({event.status})") for event in _events(ctx)]
    return [(number, title) for number, title in found if number.startswith(incomplete)]


def parties(ctx: typer.Context, incomplete: str) -> list[str]:
    """
    Offer everybody who takes part in any event.
    """
    everybody = (party for event in _events(ctx) for party in event.remaining)
    return _starting(everybody, incomplete)


def parties_of_event(ctx: typer.Context, incomplete: str) -> list[str]:
    """
    Offer the parties of the event that the command line names.
    """
    return _starting((party for event in _named(ctx) for party in event.remaining), incomplete)


def people_of_log(ctx: typer.Context, incomplete: str) -> list[str]:
    """
    Offer the same, and the places of those whom it has forgotten.
    """
    return _starting((party for event in _named(ctx) for party in event.parties), incomplete)


def number(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """
    Offer the slot numbers that were last shown, one at a time.
    """
    return [] if "," in incomplete else numbers(ctx, incomplete)


def numbers(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """
    Offer the slot numbers that were last shown, with their times.
    """
    from calndro.core.spoken import say_slot
    from calndro.entry.cli.asked import asked
    from calndro.entry.cli.session import place_of, server_of, settings_of
    from calndro.entry.cli.views import Views
    from calndro.entry.settings import state_directory

    before, comma, last = incomplete.rpartition(",")
    slots: Table = ()
    with _undisturbed():
        settings = settings_of(asked(ctx))
        place = server_of(settings, asked(ctx)) or place_of(settings.database)
        views = Views.of(state_directory(), place)
        seen = views.recall(_event_id(ctx))
        slots = () if seen is None else seen.slots
    return [
        (f"{before}{comma}{number}", f"{say_slot(slot, 'UTC')} UTC")
        for number, slot in enumerate(slots, start=1)
        if str(number).startswith(last)
    ]


def _named(ctx: Context) -> list[Event]:
    wanted = _event_id(ctx)
    return [event for event in _events(ctx) if event.id == wanted]


def _event_id(ctx: Context) -> int:
    # Arguments are not read yet when an option before the cursor lacks its value.
    known: int | None = ctx.params.get("event_id")
    return known or next((int(word) for word in ctx.args if word.isdecimal()), 0)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """
    Let no warning and no error, whatever it is, reach the line that is being typed.
    """
    with suppress(Exception), redirect_stderr(StringIO()):
        yield


def _events(ctx: Context) -> list[Event]:
    from calndro.adapters.sql.opening import file_of
    from calndro.entry.cli.asked import asked
    from calndro.entry.cli.session import server_of, settings_of

    found: list[Event] = []
    with _undisturbed():
        settings = settings_of(asked(ctx))
        file = file_of(settings.database)
        if server_of(settings, asked(ctx)):
            found = _events_in_time(ctx)
        elif file is None or file.exists():
            found = _all_events(ctx)
    return found


def _all_events(ctx: Context) -> list[Event]:
    from calndro.entry.cli.session import opened

    with opened(ctx) as session:
        return list(session.desk.events())


def _events_in_time(ctx: Context) -> list[Event]:
    from threading import Thread

    from calndro.entry.cli.asked import asked

    found: list[Event] = []

    def ask() -> None:
        with suppress(Exception):
            found.extend(_all_events(ctx))

    # Nobody types a password, or waits long, when a word is half typed.
    asked(ctx).asks = False
    thread = Thread(target=ask, daemon=True)
    thread.start()
    thread.join(_TIMEOUT_SECONDS)
    return found


def _starting(words: Iterable[str], incomplete: str) -> list[str]:
    tame = (word for word in dict.fromkeys(words) if _TAME_WORD.fullmatch(word))
    return [word for word in tame if word.startswith(incomplete)]


def _tame(text: str) -> str:
    """
    Leave out of a text what a shell might act on.
    """
    return _WILD.sub(" ", text)
