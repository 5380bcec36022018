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
        if session.asked.json:
            answer({"id": event_id, "calendar": written.decode()})
        else:
            sys.stdout.buffer.write(written)
