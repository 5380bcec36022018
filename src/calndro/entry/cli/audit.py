"""
Commands about the proof: verify a log, and take it elsewhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from calndro.entry.cli import complete
from calndro.entry.cli.asked import asked
from calndro.entry.cli.options import EventId, refuse_letter


if TYPE_CHECKING:
    from collections.abc import Sequence

    from calndro.core.audit import Verdict
    from calndro.entry.cli.documents import VerdictJson


app = typer.Typer(
    help="Verify logs, and export them for others to verify.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

DOUBTFUL = 1
"""The exit status of a verification that found something."""


@app.command("verify")
def verify(
    ctx: typer.Context,
    *,
    event_id: Annotated[
        int | None,
        typer.Argument(
            metavar="[ID]",
            help="Which event; all of them without.",
            autocompletion=complete.events,
        ),
    ] = None,
    receipt: Annotated[
        list[str] | None,
        typer.Option(
            "--receipt",
            metavar="FILE",
            help="A letter, or a line event=... seq=... head=...; - reads stdin. Repeat it.",
        ),
    ] = None,
    offline: Annotated[
        Path | None,
        typer.Option("--offline", metavar="FILE", help="Check an exported log, no database."),
    ] = None,
) -> None:
    """
    Check that nothing in a log was changed, inserted, removed or moved.

    With receipts it also shows whether the log still says what it said when they were
    given. What a server has is fetched and checked here. Ends with 1 when something is
    found.
    """
    from calndro.entry.cli.progress import watched, watching
    from calndro.entry.cli.proof import read_export, read_receipts, verdicts
    from calndro.entry.cli.session import opened

    receipts = read_receipts(receipt or ())
    if offline is not None:
        if event_id is not None:
            ctx.fail("say an ID or --offline, not both")
        with watching(asked(ctx), "verifying") as watch:
            verdict = read_export(offline, receipts, watch)
        _answer(ctx, [verdict])
        return
    if event_id is None:
        refuse_letter(asked(ctx))
    with opened(ctx) as session:
        checks = verdicts(session, event_id, receipts)
        with watched(asked(ctx), "verifying", checks) as passing:
            found = list(passing)
        _answer(ctx, found)


@app.command("export")
def export(ctx: typer.Context, event_id: EventId) -> None:
    """
    Write the log of an event as JSON lines, for tools/verify.py or --offline.
    """
    from calndro.entry.cli.session import answer, opened

    with opened(ctx) as session:
        for line in session.desk.export(event_id):
            answer(line)


def _answer(ctx: typer.Context, verdicts: Sequence[Verdict]) -> None:
    from calndro.entry.cli.session import answer

    if asked(ctx).json:
        answer([_plain(verdict) for verdict in verdicts])
    else:
        for verdict in verdicts:
            typer.echo(describe(verdict))
    if not all(verdict.is_good for verdict in verdicts):
        raise typer.Exit(DOUBTFUL)


def describe(verdict: Verdict) -> str:
    """
    Say in a line or more what verification found.
    """
    from calndro.entry.cli.wording import counted

    name = f"event {verdict.event_id}" if verdict.event_id else "this log"
    if verdict.is_good and verdict.receipt is not None:
        compared = f", {counted(verdict.receipts, 'receipt')} compared" if verdict.receipts else ""
        entries = counted(verdict.receipt.seq, "entry proves itself", "entries prove themselves")
        return f"{name}: {entries}{compared}; {verdict.receipt}"
    found = "\n".join(f"  {finding}" for finding in verdict.findings)
    if verdict.event_id is None:
        return f"a receipt has nothing to be compared with:\n{found}"
    return f"{name} does not prove itself:\n{found}"


def _plain(verdict: Verdict) -> VerdictJson:
    receipt = verdict.receipt
    return {
        "id": verdict.event_id or None,
        "event": None if receipt is None else str(receipt.event),
        "seq": None if receipt is None else receipt.seq,
        "head": None if receipt is None else receipt.head.hex(),
        "receipts": verdict.receipts,
        "good": verdict.is_good,
        "findings": [
            {"seq": finding.seq, "message": finding.message} for finding in verdict.findings
        ],
    }
