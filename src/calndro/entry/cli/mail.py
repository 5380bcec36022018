"""
Commands about mail: try the mail server, stop and resume the letters of an event.
"""

from __future__ import annotations

from typing import Annotated

import typer

from calndro.entry.cli.asked import asked
from calndro.entry.cli.options import EventId


app = typer.Typer(
    help="Try the mail server; stop or resume the letters of an event.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

_SUBJECT = "A trial letter from calndro"
_TEXT = "If you can read this, calndro can send letters.\n"
_MARK_BYTES = 16


@app.callback()
def mail() -> None:
    """
    Try the mail server; stop or resume the letters of an event.
    """


@app.command("test")
def test(
    ctx: typer.Context,
    address: Annotated[str, typer.Argument(metavar="EMAIL", help="Whom to send a letter.")],
) -> None:
    """
    Send one letter by the configured mail server, and say how each step goes.

    When one fails it is named, with what to do about it.
    """
    from calndro.adapters.letter import postal
    from calndro.adapters.smtp import plain_letter
    from calndro.adapters.smtp_trial import try_server
    from calndro.adapters.system import SystemClock, SystemSecrets
    from calndro.core.party import Address
    from calndro.entry.cli.exits import UNSENT, complain
    from calndro.entry.cli.session import answer, settings_of
    from calndro.entry.values import EmailBackend
    from calndro.entry.wiring import letterhead, mail_server

    wanted = asked(ctx)
    settings = settings_of(wanted, with_dot_env=True)
    recipient = postal(Address.parse(address).text)
    if settings.email_backend is not EmailBackend.SMTP:
        complain((f"letters go to the {settings.email_backend} backend now; trying SMTP",))
    server = mail_server(settings)
    wanted.tell(f"{server.host}, port {server.port}")
    tried = []
    sender = letterhead(settings).from_address.address
    mark = SystemSecrets().draw(_MARK_BYTES)
    letter = plain_letter(sender, recipient, _SUBJECT, _TEXT, SystemClock().now(), mark)
    for each in try_server(server, sender, recipient, letter):
        tried.append(each)
        wanted.tell(f"{'ok  ' if each.passed else 'FAIL'} {each.step}: {each.said}")
    last = tried[-1]
    if wanted.json:
        steps = [{"step": t.step.name.lower(), "passed": t.passed, "said": t.said} for t in tried]
        answer({"host": server.host, "port": server.port, "steps": steps, "mend": last.mend})
    if not last.passed:
        complain((f"could not {last.step}: {last.mend}",))
        raise typer.Exit(UNSENT)
    wanted.tell(f"{recipient} should have a letter soon")


@app.command("stop")
def stop(ctx: typer.Context, event_id: EventId) -> None:
    """
    Get no more letters of an event.
    """
    from calndro.entry.cli.session import opened

    with opened(ctx) as session:
        session.show(session.desk.stop_mail(event_id))


@app.command("resume")
def resume(ctx: typer.Context, event_id: EventId) -> None:
    """
    Get the letters of an event again.
    """
    from calndro.entry.cli.session import opened

    with opened(ctx) as session:
        session.show(session.desk.resume_mail(event_id))
