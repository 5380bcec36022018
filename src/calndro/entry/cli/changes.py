"""
Commands that change what is on the table: narrow, agree, extend, replace, title.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final

import typer

from calndro.entry.cli import complete
from calndro.entry.cli.options import EventId, IfRevision, NewTitle, Slots


if TYPE_CHECKING:
    from calndro.core.event import Event
    from calndro.core.slot import Table
    from calndro.entry.cli.session import Session


app = typer.Typer(rich_markup_mode=None)

_SEVERAL: Final = re.compile(r"[0-9]{1,2}(?:\s*[,-]\s*[0-9]{1,2})+,?")

Numbers = Annotated[
    list[str] | None,
    typer.Option(
        "--keep",
        metavar="N,N",
        help="Slots to keep, by the numbers last shown here: 1,3 or 1-3.",
        autocompletion=complete.numbers,
    ),
]


@app.command("narrow")
def narrow(
    ctx: typer.Context,
    *,
    event_id: EventId,
    keep: Numbers = None,
    slots: Annotated[
        list[str] | None,
        typer.Option(
            "--slot", metavar="SLOT", help="A slot to keep, in full; - reads from stdin. Repeat it."
        ),
    ] = None,
    drop: Annotated[
        list[str] | None,
        typer.Option(
            "--drop",
            metavar="N,N",
            help="Slots to take off the table, by number; it answers nothing about the others.",
            autocompletion=complete.numbers,
        ),
    ] = None,
    title: NewTitle = None,
    if_revision: IfRevision = None,
) -> None:
    """
    Leave fewer slots on the table.

    With --keep or --slot you accept what is left; with --drop you only take slots away.
    """
    from calndro.entry.cli.session import opened

    if sum(given is not None for given in (keep, slots, drop)) != 1:
        ctx.fail("say what to keep or drop: --keep N,N, --slot SLOT or --drop N,N")
    with opened(ctx) as session:
        if slots is not None:
            event = _keep_named(session, event_id, slots, title, if_revision)
        else:
            event = _keep_or_drop(session, event_id, keep, drop, title, if_revision)
        _finish(session, event)


def _keep_named(
    session: Session,
    event_id: int,
    slots: list[str],
    title: str | None,
    if_revision: int | None,
) -> Event:
    from calndro.core.errors import RuleError
    from calndro.entry.cli.slot_texts import gather, ignored, understand

    before = session.desk.peek(event_id)
    understood = understand(gather(slots), before.zone)
    there = [each for each in understood if not each.slots or set(each.slots) & set(before.slots)]
    if not there:
        look = session.placed(f"calndro show {event_id}")
        raise RuleError(
            f"none of these slots is on the table of event {event_id}, which this would empty; "
            f"{look} tells what is on it"
        )
    keep = [slot for each in understood for slot in each.wanted]
    event = session.change(
        event_id,
        lambda: session.desk.narrow(event_id, keep, title=title, if_revision=if_revision),
    )
    left_aside = ignored(understood, event)
    if left_aside:
        session.warn(left_aside)
    return event


def _keep_or_drop(
    session: Session,
    event_id: int,
    keep: list[str] | None,
    drop: list[str] | None,
    title: str | None,
    if_revision: int | None,
) -> Event:
    from calndro.entry.cli.slot_numbers import numbered, numbers

    option = "--keep" if drop is None else "--drop"
    wanted = numbers(keep or drop or (), option)
    seen = numbered(session, event_id, if_revision, in_full=drop is None)
    picked = seen.pick(wanted, option)
    kept, dropped = (picked, None) if drop is None else (None, picked)
    return session.change(
        event_id,
        lambda: session.desk.narrow(
            event_id, kept, drop=dropped, title=title, if_revision=seen.revision
        ),
    )


@app.command("agree")
def agree(
    ctx: typer.Context,
    event_id: EventId,
    slot: Annotated[
        str | None,
        typer.Option(
            "--slot",
            metavar="N",
            help="Only this one, by the number last shown here, or in full.",
            autocompletion=complete.number,
        ),
    ] = None,
    if_revision: IfRevision = None,
) -> None:
    """
    Agree to what is on the table, or to one slot of it.

    Without --slot you accept all that was last shown here; with it the others are taken
    off the table.
    """
    from calndro.core.errors import NotAPartyError
    from calndro.entry.cli.session import opened
    from calndro.entry.cli.slot_numbers import numbered, numbers
    from calndro.entry.cli.wording import is_among

    with opened(ctx) as session:
        event = session.desk.peek(event_id)
        if session.me and not is_among(session.me, event.parties):
            raise NotAPartyError((session.me,), event_id, event.parties)
        in_full = slot is not None and not slot.strip().isdecimal()
        if slot is not None and in_full:
            # The slot may leave the table meanwhile; keeping nothing else would empty it.
            keep, revision = _on_the_table(slot, event), if_revision or event.revision
        else:
            seen = numbered(session, event_id, if_revision)
            picked = seen.pick(numbers([slot], "--slot"), "--slot") if slot else seen.slots
            keep, revision = picked, seen.revision
        event = session.change(
            event_id,
            lambda: session.desk.narrow(event_id, keep, if_revision=revision),
        )
        _finish(session, event)


def _on_the_table(text: str, event: Event) -> Table:
    from calndro.adapters.system import SystemClock
    from calndro.core.errors import InvalidInputError, RuleError
    from calndro.core.written import read_written

    if _SEVERAL.fullmatch(text.strip()):
        raise InvalidInputError.of("say one number; narrow --keep takes several", "--slot")
    slots = read_written(text, event.zone, SystemClock().now()).slots
    if not set(slots) <= set(event.slots):
        raise RuleError(f"{text} is not on the table of event {event.id}")
    return slots


@app.command("extend")
def extend(
    ctx: typer.Context,
    event_id: EventId,
    slots: Slots = None,
    title: NewTitle = None,
    if_revision: IfRevision = None,
) -> None:
    """
    Put more slots on the table.

    You keep them; so this also accepts slots that are there already.
    """
    _put(ctx, event_id, slots, title, if_revision, adding=True)


@app.command("replace")
def replace(
    ctx: typer.Context,
    event_id: EventId,
    slots: Slots = None,
    title: NewTitle = None,
    if_revision: IfRevision = None,
) -> None:
    """
    Put exactly these slots on the table.

    You keep them all; whoever kept one that stays, keeps it still.
    """
    _put(ctx, event_id, slots, title, if_revision, adding=False)


def _put(
    ctx: typer.Context,
    event_id: int,
    slots: list[str] | None,
    title: str | None,
    if_revision: int | None,
    *,
    adding: bool,
) -> None:
    from calndro.entry.cli.session import opened
    from calndro.entry.cli.slot_texts import NAME_SLOTS, slots_given

    with opened(ctx) as session:
        wanted = slots_given(ctx, slots, session.desk.peek(event_id).zone)
        if not wanted:
            ctx.fail(NAME_SLOTS)
        deed = session.desk.extend if adding else session.desk.replace
        event = session.change(
            event_id,
            lambda: deed(event_id, wanted, title=title, if_revision=if_revision),
        )
        _finish(session, event)


@app.command("title")
def title_(
    ctx: typer.Context,
    event_id: EventId,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="One line, 1 to 256 characters.")],
    if_revision: IfRevision = None,
) -> None:
    """
    Give an event another title.
    """
    from calndro.entry.cli.session import opened

    with opened(ctx) as session:
        event = session.change(
            event_id,
            lambda: session.desk.retitle(event_id, text, if_revision=if_revision),
        )
        with session.sending(event_id):
            session.show(event)


def _finish(session: Session, event: Event) -> None:
    from calndro.entry.cli.wording import stranger

    with session.sending(event.id):
        session.show(event)
        notice = stranger(session.me, event, "--user" if session.server else "--as")
        if notice:
            session.warn(notice)
