"""
Commands about letters: notify and deliver.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from calndro.entry.cli import complete
from calndro.entry.cli.options import EventId, IfRevision


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from calndro.core.event import Event
    from calndro.entry.cli.session import Session


app = typer.Typer(rich_markup_mode=None)

Sender = Annotated[
    str | None,
    typer.Option(
        "--sender",
        metavar="EMAIL",
        help="On whose behalf; replies go there. You, unless given.",
        autocompletion=complete.parties_of_event,
    ),
]


@app.command("notify")
def notify(
    ctx: typer.Context,
    *,
    event_id: EventId,
    to: Annotated[
        list[str] | None,
        typer.Option(
            "--to",
            metavar="EMAIL",
            help="Tell this party. Repeat it.",
            autocompletion=complete.parties_of_event,
        ),
    ] = None,
    everybody: Annotated[bool, typer.Option("--all", help="Tell every party.")] = False,
    waiting: Annotated[
        bool, typer.Option("--waiting", help="Tell the parties whose answer is missing.")
    ] = False,
    sender: Sender = None,
    invitation: Annotated[
        bool, typer.Option("--invitation", help="Say in the letter what this is about.")
    ] = False,
    if_revision: IfRevision = None,
) -> None:
    """
    Tell parties by letter what is on the table.

    Say whom: --to, --all or --waiting. Each letter holds a link of its own, with which its party
    can answer.
    """
    from calndro.entry.cli.session import opened

    if bool(to) + everybody + waiting != 1:
        ctx.fail("say whom to tell: --to EMAIL, --all or --waiting")
    with opened(ctx) as session:
        event = session.desk.peek(event_id)
        group = event.parties if everybody else event.waiting_on
        tell = partial(
            session.desk.notify,
            event_id,
            slots=event.slots,
            sender=sender,
            invitation=invitation,
            if_revision=if_revision,
        )
        after, told = session.change(
            event_id, lambda: (tell(to), to) if to else _tell_group(session, event, group, tell)
        )
        with session.sending(event_id):
            _answer(session, after, told, sender)


def _tell_group(
    session: Session,
    event: Event,
    group: tuple[str, ...],
    tell: Callable[[Sequence[str]], Event],
) -> tuple[Event, Sequence[str]]:
    from calndro.core.event import is_erased
    from calndro.entry.cli.recipients import reach

    known = [party for party in group if not is_erased(party)]
    after, told = reach(session, event, known, tell)
    if not told:
        why = "" if group else f"event {event.id} waits for nobody: "
        session.tell(f"{why}nobody was told")
    return after, told


def _answer(session: Session, event: Event, told: Sequence[str], sender: str | None) -> None:
    from calndro.entry.cli.recipients import tell_way
    from calndro.entry.cli.session import answer

    if session.asked.json:
        from calndro.adapters.wire import notified_json

        answer(notified_json(event, told, sender, session.settings.public_url))
    else:
        tell_way(session, told)


@app.command("deliver")
def deliver(
    ctx: typer.Context,
    *,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on until stopped, sending letters as they come.")
    ] = False,
) -> None:
    """
    Send the letters that wait.

    Commands and servers send what they cause. This sends what they have left: what could not be
    sent, and what --no-deliver kept back.
    """
    from calndro.entry.cli.asked import asked
    from calndro.entry.cli.progress import watched
    from calndro.entry.cli.reporting import report
    from calndro.entry.cli.session import answer, settings_here
    from calndro.entry.cli.watching import keep_watch, plain
    from calndro.entry.values import EmailBackend
    from calndro.entry.wiring import open_services
    from calndro.usecases.letters import deliveries

    wanted = asked(ctx)
    settings = settings_here(wanted, with_dot_env=True)
    with open_services(settings, sys.stderr if wanted.json else sys.stdout) as services:
        if watch:
            keep_watch(services, wanted)
            return
        reports = deliveries(services)
        # Letters that are printed show themselves how far it has come.
        is_shown = settings.email_backend is EmailBackend.CONSOLE
        with nullcontext(reports) if is_shown else watched(wanted, "sending", reports) as passing:
            done = list(passing)
        if wanted.json:
            answer([plain(each) for each in done])
        elif not done:
            wanted.tell("no letter waits")
        report(done, wanted)
