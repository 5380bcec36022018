"""
Commands about the letters that wait; for whoever looks after the database.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from calndro.entry.cli.asked import asked


if TYPE_CHECKING:
    from calndro.entry.cli.documents import WaitingLetterJson
    from calndro.usecases.outbox import WaitingLetter


app = typer.Typer(
    help="Look after the letters that wait.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

Letters = Annotated[
    list[int], typer.Argument(metavar="LETTER...", help="Numbers, as calndro outbox list says.")
]


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """
    List the letters that wait for their next attempt, and those set aside.
    """
    from calndro.entry.cli.here import desk_here
    from calndro.entry.cli.session import answer
    from calndro.usecases import outbox

    with desk_here(ctx) as desk:
        found = outbox.list_letters(desk.services, desk.caller)
    if asked(ctx).json:
        answer([_plain(each) for each in found])
    elif not found:
        asked(ctx).tell("no letter waits")
    else:
        _draw(found)
        if any(each.post.held for each in found):
            retry = asked(ctx).repeated("calndro outbox retry")
            asked(ctx).tell(f"Set aside letters go with {retry}, or end with outbox drop.")


@app.command("retry")
def retry(
    ctx: typer.Context,
    *,
    letters: Annotated[
        list[int] | None,
        typer.Argument(metavar="[LETTER]...", help="Numbers; every waiting letter if none."),
    ] = None,
) -> None:
    """
    Try letters again at once, those set aside too.

    Whatever else is due by now goes out with them. A letter that has failed for good is not among
    them: notify its recipient again.
    """
    from calndro.entry.cli.here import desk_here
    from calndro.entry.cli.reporting import report
    from calndro.entry.cli.session import answer
    from calndro.entry.cli.wording import counted
    from calndro.usecases import outbox

    wanted = asked(ctx)
    with desk_here(ctx) as desk:
        count = outbox.retry_letters(desk.services, desk.caller, letters or None)
        tried = [] if wanted.keep_letters else desk.deliver()
        if wanted.json:
            answer({"due": count})
        wanted.tell(f"{counted(count, 'letter')} due now")
        report(tried, wanted)


@app.command("drop")
def drop(
    ctx: typer.Context,
    *,
    letters: Letters,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """
    Give letters up; the log of each event says so.
    """
    from calndro.entry.cli.here import desk_here
    from calndro.entry.cli.questions import confirm
    from calndro.entry.cli.session import answer
    from calndro.entry.cli.wording import counted
    from calndro.usecases import outbox

    if not yes:
        confirm(f"Give up {counted(len(letters), 'letter')}?")
    with desk_here(ctx) as desk:
        count = outbox.drop_letters(desk.services, desk.caller, letters)
    if asked(ctx).json:
        answer({"dropped": count})
    asked(ctx).tell(f"gave up {counted(count, 'letter')}")


def _draw(found: list[WaitingLetter]) -> None:
    from calndro.entry.cli.render import console, draw_rows

    heads = ("letter", "event", "to", "what for", "attempts", "state", "last reply")
    rows = [
        (
            str(each.post.id),
            str(each.post.notice.event_id),
            each.recipient,
            each.post.notice.kind.value,
            str(each.post.attempts),
            _state(each),
            "" if each.post.code is None else str(each.post.code),
        )
        for each in found
    ]
    draw_rows(console(sys.stdout), heads, rows)


def _state(each: WaitingLetter) -> str:
    if each.leaving:
        return "on its way"
    return "set aside" if each.post.held else f"due {each.post.due:%Y-%m-%d %H:%M} UTC"


def _plain(each: WaitingLetter) -> WaitingLetterJson:
    from calndro.core.times import format_begin

    post = each.post
    return {
        "letter": post.id,
        "event": post.notice.event_id,
        "recipient": each.recipient,
        "kind": post.notice.kind,
        "state": "leaving" if each.leaving else "held" if post.held else "waiting",
        "attempts": post.attempts,
        "added": format_begin(post.added),
        "due": format_begin(post.due),
        "code": post.code,
    }
