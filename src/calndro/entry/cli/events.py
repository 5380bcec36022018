"""
Commands about whole events: propose, list, show, log, delete.
"""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from calndro.core.agreement import Status
from calndro.entry.cli import complete
from calndro.entry.cli.options import EventId, IfRevision, Like, Parties, Slots


if TYPE_CHECKING:
    from collections.abc import Sequence

    from calndro.core.event import Event
    from calndro.entry.cli.session import Session


app = typer.Typer(rich_markup_mode=None)


class KindName(StrEnum):
    """
    The kinds of entries that a log is filtered by.
    """

    UPDATE = "update"
    NOTIFY = "notify"
    VIEW = "view"


@app.command("propose")
def propose(
    ctx: typer.Context,
    *,
    parties: Parties = None,
    slots: Slots = None,
    title: Annotated[
        str | None, typer.Option("--title", metavar="TEXT", help="Made up unless given.")
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option("--zone", metavar="ZONE", help="Such as Europe/Paris; UTC unless given."),
    ] = None,
    like: Like = None,
    notify: Annotated[
        bool, typer.Option("--notify", help="Invite those who have not answered at once.")
    ] = False,
) -> None:
    """
    Open an event; nobody is told until you say so.
    """
    from calndro.entry.cli.recipients import tell_way
    from calndro.entry.cli.repeat import is_dry_run
    from calndro.entry.cli.session import ask_who, opened
    from calndro.entry.cli.slot_texts import print_dry_run, slots_given, zone_of_new
    from calndro.entry.cli.wording import next_step

    if is_dry_run(ctx) and like is None:
        # Nothing is looked up, so that nothing has to be there.
        print_dry_run(ctx, slots, "UTC" if zone is None else zone)
        return
    ask_who(ctx)
    with opened(ctx) as session:
        wanted = slots_given(ctx, slots, zone_of_new(session, zone, like))
        event = session.desk.propose(
            parties=parties, slots=wanted, title=title, zone=zone, like=like
        )
        if notify:
            told: Sequence[str] = ()
            with session.sending(event.id):
                try:
                    event, told = _invite(session, event)
                finally:
                    # There it is, even when nobody could be told of it.
                    session.show(event, then=f"calndro show {event.id}" if told else "")
                    tell_way(session, told)
        else:
            whom = "--waiting" if event.waiting_on else "--all"
            telling = f"calndro notify {event.id} {whom} --invitation"
            then = telling if event.slots else next_step(event, session.me)
            session.show(event, "Nobody has been told yet.", then)


def _invite(session: Session, event: Event) -> tuple[Event, Sequence[str]]:
    from calndro.entry.cli.recipients import reach

    unanswered = [party for party, keeps in event.kept.items() if keeps is None]
    if not unanswered:
        session.tell("there is nobody to invite: you are the only party")
        return event, ()
    return reach(
        session,
        event,
        unanswered,
        lambda whom: session.desk.notify(event.id, whom, event.slots, invitation=True),
    )


@app.command("list")
def list_(
    ctx: typer.Context,
    *,
    status: Annotated[
        Status | None, typer.Option("--status", help="Only events with this status.")
    ] = None,
    closed: Annotated[bool, typer.Option("--closed", help="Also the deleted.")] = False,
) -> None:
    """
    List your events.
    """
    from calndro.entry.cli.session import answer, opened

    with opened(ctx) as session:
        events = session.desk.events(status=status, closed=closed)
        if session.asked.json:
            from calndro.adapters.wire import event_json

            answer([event_json(event, session.settings.public_url) for event in events])
            return
        from calndro.entry.cli.render import console, draw_events

        found = list(events)
        if found:
            draw_events(console(sys.stdout), found)
        elif status is not None:
            every = session.placed("calndro list")
            session.tell(f"there are no {status.value} events; {every} lists all")
        else:
            session.tell(f"there are no events; open one with {session.placed('calndro propose')}")


@app.command("show")
def show(ctx: typer.Context, event_id: EventId) -> None:
    """
    Show who keeps which slots of an event, and what comes next.

    The slots have numbers, which narrow and agree take. The look is logged.
    """
    from calndro.entry.cli.session import opened

    with opened(ctx) as session:
        session.show(session.desk.view(event_id))


@app.command("log")
def log(
    ctx: typer.Context,
    *,
    event_id: EventId,
    deliveries: Annotated[
        bool, typer.Option("--all", help="Also how the delivery of letters went.")
    ] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Also check that the log proves itself.")
    ] = False,
    party: Annotated[
        str | None,
        typer.Option(
            "--party",
            metavar="EMAIL",
            help="Only what concerns this person.",
            autocompletion=complete.people_of_log,
        ),
    ] = None,
    kind: Annotated[
        list[KindName] | None, typer.Option("--kind", help="Only this kind. Repeat it.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since", metavar="BEGIN", help="Only from then on, such as 2026-12-01T09:00."
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            "--until", metavar="BEGIN", help="Only before then, such as 2026-12-01T09:00."
        ),
    ] = None,
) -> None:
    """
    Read who did what, and when.

    Reading the log is not logged; deleted events keep theirs.
    """
    from calndro.entry.cli.reading import Filter, show_log
    from calndro.entry.cli.session import opened

    with opened(ctx) as session:
        event = session.look_up(event_id)
        kinds = frozenset(each.value.upper() for each in kind or ())
        wanted = Filter.of(party, kinds, since, until, event.zone)
        show_log(session, event, wanted, deliveries=deliveries, verify=verify)


@app.command("delete")
def delete(
    ctx: typer.Context,
    *,
    event_id: EventId,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    if_revision: IfRevision = None,
) -> None:
    """
    Close an event for good; its log stays.

    When it was agreed, everybody is told that it is cancelled.
    """
    from calndro.entry.cli.questions import confirm
    from calndro.entry.cli.session import answer, opened

    with opened(ctx) as session:
        event = session.desk.peek(event_id)
        if not yes:
            confirm(f"Delete event {event.id}, {event.title}, for good?")
        session.change(event_id, lambda: session.desk.delete(event_id, if_revision=if_revision))
        with session.sending(event_id):
            if session.asked.json:
                answer({"id": event_id, "status": "closed"})
            log = session.placed(f"calndro log {event_id}")
            session.tell(f"event {event_id} is deleted; {log} still shows its log")
