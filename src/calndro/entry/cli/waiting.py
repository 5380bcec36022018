"""
The command that waits for an event, for scripts.
"""

from __future__ import annotations

from enum import StrEnum
from itertools import chain, repeat
from time import monotonic, sleep
from typing import TYPE_CHECKING, Annotated, Final

import typer

from calndro.core.errors import StorageError
from calndro.entry.cli.exits import say
from calndro.entry.cli.options import EventId


if TYPE_CHECKING:
    from calndro.core.event import Event
    from calndro.entry.cli.session import Session


app = typer.Typer(rich_markup_mode=None)

_PAUSES: Final = (0.2, 0.4, 0.8, 1.6, 3.2)
_LONGEST_PAUSE: Final = 5.0


class Reached(StrEnum):
    """
    What can be waited for: a status, or that nobody is awaited any more.
    """

    OPEN = "open"
    AGREED = "agreed"
    VOID = "void"
    CLOSED = "closed"
    ANSWERED = "answered"


@app.command("wait")
def wait(
    ctx: typer.Context,
    *,
    event_id: EventId,
    until: Annotated[
        Reached,
        typer.Option("--until", help="A status, or answered: all parties have said what suits."),
    ] = Reached.AGREED,
    timeout: Annotated[
        str | None,
        typer.Option("--timeout", metavar="DURATION", help="Give up after this, such as 2h."),
    ] = None,
) -> None:
    """
    Wait until an event is agreed, for scripts.

    It ends with status 0 when that is so, with 8 when the time is over before, and with 3
    when the event was deleted. A server that is away meanwhile is asked again. These looks at the
    event are not logged.
    """
    from calndro.core.durations import parse_duration
    from calndro.core.errors import Faults, GoneError
    from calndro.entry.cli.exits import REFUSED, TIMED_OUT, complain
    from calndro.entry.cli.session import opened

    seconds = float("inf")
    if timeout is not None:
        faults = Faults()
        with faults.at("--timeout"):
            seconds = parse_duration(timeout).total_seconds()
        faults.settle()
    with opened(ctx) as session:
        try:
            event = _watch(session, event_id, until, monotonic() + seconds)
        except GoneError as error:
            if until is Reached.CLOSED:
                _answer_closed(session, event_id)
                return
            complain([str(error)])
            raise typer.Exit(REFUSED) from None
        session.show(event)
        if not _is_reached(event, until):
            complain([f"event {event_id} is not {until.value} after {timeout}"])
            raise typer.Exit(TIMED_OUT)


def _watch(session: Session, event_id: int, until: Reached, deadline: float) -> Event:
    pauses = chain(_PAUSES, repeat(_LONGEST_PAUSE))
    event = session.desk.peek(event_id)
    is_away = False
    while not _is_reached(event, until) and (left := deadline - monotonic()) > 0:
        sleep(min(next(pauses), left))
        try:
            event, is_away = session.desk.peek(event_id), False
        except StorageError as error:
            # It was there before, and may come back.
            if monotonic() >= deadline:
                raise
            if not is_away:
                say(error)
            is_away = True
    return event


def _is_reached(event: Event, until: Reached) -> bool:
    if until is Reached.ANSWERED:
        return not event.waiting_on
    return event.status == until.value


def _answer_closed(session: Session, event_id: int) -> None:
    from calndro.entry.cli.session import answer

    if session.asked.json:
        answer({"id": event_id, "status": "closed"})
    session.tell(f"event {event_id} was deleted")
