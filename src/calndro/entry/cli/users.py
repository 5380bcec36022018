"""
Commands about accounts; they act with staff rights on a database one has opened oneself.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from calndro.entry.cli.asked import asked


if TYPE_CHECKING:
    from collections.abc import Iterator

    from calndro.core.access import Caller
    from calndro.core.user import User
    from calndro.entry.cli.documents import UserJson
    from calndro.usecases.services import Services


app = typer.Typer(
    help="Add accounts, change them, hand out API tokens.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="Whose account.")]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from stdin, one line.")
]


@app.command("add")
def add(
    ctx: typer.Context,
    *,
    email: Email,
    password_stdin: FromStdin = False,
    no_password: Annotated[
        bool, typer.Option("--no-password", help="It signs in by API token only.")
    ] = False,
    staff: Annotated[bool, typer.Option("--staff", help="It sees and does everything.")] = False,
) -> None:
    """
    Register a user, or give a party its account.
    """
    from calndro.usecases import accounts

    if no_password and password_stdin:
        ctx.fail("say --no-password or --password-stdin, not both")
    with _office(ctx) as (services, caller):
        password = None if no_password else _password(email, from_stdin=password_stdin)
        user = accounts.add_user(services, caller, email, password, staff=staff)
        _answer(ctx, user, f"{user.address} has an account")


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """
    List everybody that is known: users, and parties without an account.
    """
    from calndro.entry.cli.session import answer

    with _office(ctx) as (services, caller):
        users = list(_everybody(services, caller))
    if asked(ctx).json:
        answer([_plain(user) for user in users])
        return
    from calndro.entry.cli.render import console, draw_rows

    heads = ("address", "account", "staff", "password")
    rows = [
        (
            str(user.address),
            "active" if user.active else "dismissed" if user.barred else "none",
            "yes" if user.staff else "",
            "yes" if user.password else "",
        )
        for user in users
    ]
    draw_rows(console(sys.stdout), heads, rows)


@app.command("password")
def password(ctx: typer.Context, *, email: Email, password_stdin: FromStdin = False) -> None:
    """
    Give a user a new password; its sessions end.
    """
    from calndro.usecases import accounts

    with _office(ctx) as (services, caller):
        text = _password(email, from_stdin=password_stdin)
        user = accounts.set_password(services, caller, email, text)
        _answer(ctx, user, f"{user.address} has a new password")


@app.command("staff")
def staff(
    ctx: typer.Context,
    *,
    email: Email,
    off: Annotated[bool, typer.Option("--off", help="Take the rights back.")] = False,
) -> None:
    """
    Let a user see and do everything.
    """
    from calndro.usecases import accounts

    with _office(ctx) as (services, caller):
        user = accounts.set_staff(services, caller, email, staff=not off)
        _answer(ctx, user, f"{user.address} is {'no longer ' if off else ''}staff")


@app.command("deactivate")
def deactivate(ctx: typer.Context, email: Email) -> None:
    """
    Dismiss a user: its sessions, API tokens and links end, and none follow.
    """
    from calndro.usecases import accounts

    with _office(ctx) as (services, caller):
        user = accounts.deactivate(services, caller, email)
        _answer(ctx, user, f"{user.address} is dismissed; activate takes it back")


@app.command("activate")
def activate(ctx: typer.Context, email: Email) -> None:
    """
    Let a user sign in and get links again.
    """
    from calndro.usecases import accounts

    with _office(ctx) as (services, caller):
        user = accounts.activate(services, caller, email)
        _answer(ctx, user, f"{user.address} is active")


@app.command("token")
def token(
    ctx: typer.Context,
    *,
    email: Email,
    revoke: Annotated[
        bool, typer.Option("--revoke", help="Take back every API token it has.")
    ] = False,
) -> None:
    """
    Make an API token for a user; it is shown only now.
    """
    from calndro.entry.cli.session import answer
    from calndro.entry.cli.wording import counted
    from calndro.usecases import accounts

    json = asked(ctx).json
    with _office(ctx) as (services, caller):
        if revoke:
            count = accounts.revoke_api_tokens(services, caller, email)
            if json:
                answer({"revoked": count})
            typer.echo(f"took back {counted(count, 'API token')} of {email}", err=json)
            return
        text = accounts.issue_api_token_for(services, caller, email)
    if json:
        answer({"token": text})
    else:
        typer.echo(text)


@app.command("erase")
def erase(
    ctx: typer.Context,
    *,
    email: Email,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """
    Forget a person everywhere; the logs keep its place and still prove themselves.

    Letters that were sent and older backups are beyond reach.
    """
    from calndro.entry.cli.session import answer, opened, report
    from calndro.entry.cli.wording import counted
    from calndro.usecases.auditing import erase as forget

    if not yes:
        typer.confirm(f"Forget {email} for good?", abort=True, err=True)
    with opened(ctx) as session:
        events = forget(session.here.services, session.here.caller, email)
        if session.asked.json:
            answer({"events": [event.id for event in events]})
        session.tell(f"a person is forgotten; {counted(len(events), 'event')} moved on without it")
        for event in events:
            report(session.here.deliver(event.id), session.tell)


@contextmanager
def _office(ctx: typer.Context) -> Iterator[tuple[Services, Caller]]:
    from calndro.entry.cli.session import opened

    with opened(ctx) as session:
        yield session.here.services, session.here.caller


def _everybody(services: Services, caller: Caller) -> Iterator[User]:
    from calndro.usecases import accounts

    after = None
    while page := accounts.list_users(services, caller, after=after):
        yield from page
        after = str(page[-1].address)


def _password(email: str, *, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    asking = f"Password for {email}"
    text: str = typer.prompt(asking, hide_input=True, confirmation_prompt=True, err=True)
    return text


def _answer(ctx: typer.Context, user: User, words: str) -> None:
    from calndro.entry.cli.session import answer

    json = asked(ctx).json
    if json:
        answer(_plain(user))
    typer.echo(words, err=json)


def _plain(user: User) -> UserJson:
    return {
        "email": str(user.address),
        "active": user.active,
        "staff": user.staff,
        "barred": user.barred,
        "password": user.password is not None,
    }
