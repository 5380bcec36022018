"""
The command that gives an event to a calendar program.
"""

from __future__ import annotations

import sys

import typer

from calndro.entry.cli.options import EventId


app = typer.Typer(rich_markup_mode=None)


@app.command("ics")
def ics(ctx: typer.Context, event_id: EventId) -> None:
    """
    Write the calendar file of an event.

    It holds what is agreed, or else every slot as tentative. It goes to stdout.
    """
    from calndro.entry.cli.session import answer, opened

    with opened(ctx) as session:
        written = session.desk.calendar(event_id)
        if b"BEGIN:VEVENT" not in written:
            session.warn(f"event {event_id} has no time to put into a calendar: the file is empty")
        if session.asked.json:
            answer({"id": event_id, "calendar": written.decode()})
        else:
            sys.stdout.buffer.write(written)
