"""
Commands about accounts: with staff rights on a database one opens, or as staff at a server.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from calndro.entry.cli.asked import asked


if TYPE_CHECKING:
    from collections.abc import Iterator

    from calndro.adapters.http_client import HttpAccounts
    from calndro.adapters.wire import UserJson
    from calndro.entry.cli.accounts import LocalAccounts


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

    Its password is asked for, unless --password-stdin or --no-password says otherwise.
    """
    if no_password and password_stdin:
        ctx.fail("say --no-password or --password-stdin, not both")
    with _accounts(ctx) as accounts:
        password = None if no_password else _password(email, from_stdin=password_stdin)
        user = accounts.add(email, password, staff=staff)
        _answer(ctx, user, f"{user['email']} has an account")


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """
    List everybody that is known: users, and parties without an account.
    """
    from calndro.entry.cli.session import answer

    with _accounts(ctx) as accounts:
        users = list(accounts.users())
    if asked(ctx).json:
        answer(users)
        return
    from calndro.entry.cli.render import console, draw_rows

    heads = ("address", "account", "staff", "password")
    rows = [
        (
            user["email"],
            "active" if user["active"] else "dismissed" if user["barred"] else "none",
            "yes" if user["staff"] else "",
            "yes" if user["password"] else "",
        )
        for user in users
    ]
    draw_rows(console(sys.stdout), heads, rows)


@app.command("password")
def password(ctx: typer.Context, *, email: Email, password_stdin: FromStdin = False) -> None:
    """
    Give a user a new password; its sessions end.

    It is asked for, unless --password-stdin says otherwise.
    """
    with _accounts(ctx) as accounts:
        user = accounts.set_password(email, _password(email, from_stdin=password_stdin))
        _answer(ctx, user, f"{user['email']} has a new password")


@app.command("staff")
def staff(
    ctx: typer.Context,
    *,
    email: Email,
    off: Annotated[bool, typer.Option("--off", help="Take the rights back.")] = False,
) -> None:
    """
    Let a user see and do everything, or no longer.
    """
    with _accounts(ctx) as accounts:
        user = accounts.set_staff(email, staff=not off)
        _answer(ctx, user, f"{user['email']} is {'no longer ' if off else ''}staff")


@app.command("deactivate")
def deactivate(ctx: typer.Context, email: Email) -> None:
    """
    Dismiss a user: its sessions, API tokens and links end, and none follow.
    """
    with _accounts(ctx) as accounts:
        user = accounts.set_active(email, active=False)
        _answer(ctx, user, f"{user['email']} is dismissed; activate takes it back")


@app.command("activate")
def activate(ctx: typer.Context, email: Email) -> None:
    """
    Let a user sign in and get links again.
    """
    with _accounts(ctx) as accounts:
        user = accounts.set_active(email, active=True)
        _answer(ctx, user, f"{user['email']} is active")


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

    json = asked(ctx).json
    with _accounts(ctx) as accounts:
        if revoke:
            count = accounts.revoke_tokens(email)
            if json:
                answer({"revoked": count})
            asked(ctx).tell(f"took back {counted(count, 'API token')} of {email}")
            return
        text = accounts.issue_token(email)
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
    from calndro.core.errors import StorageError
    from calndro.entry.cli.accounts import accounts_of
    from calndro.entry.cli.questions import confirm
    from calndro.entry.cli.session import answer, opened
    from calndro.entry.cli.wording import counted

    if not yes:
        confirm(f"Forget {email} for good?")
    with opened(ctx) as session:
        events, warning = accounts_of(session).erase(email)
        with session.sending(*events):
            if session.asked.json:
                answer({"events": events})
            moved = counted(len(events), "event")
            session.tell(f"a person is forgotten; {moved} moved on without it")
            if warning:
                raise StorageError(warning)


@contextmanager
def _accounts(ctx: typer.Context) -> Iterator[LocalAccounts | HttpAccounts]:
    from calndro.entry.cli.accounts import accounts_of
    from calndro.entry.cli.session import opened

    with opened(ctx) as session:
        yield accounts_of(session)


def _password(email: str, *, from_stdin: bool) -> str:
    from calndro.core.errors import Faults
    from calndro.entry.values import text

    given = _given_password(email, from_stdin=from_stdin)
    faults = Faults()
    with faults.at("password"):
        text(given)
    faults.settle()
    return given


def _given_password(email: str, *, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    from calndro.entry.cli.questions import is_somebody_there

    if not is_somebody_there():
        from calndro.core.errors import InvalidInputError

        raise InvalidInputError.of(
            f"nobody can type a password for {email}: pipe it to --password-stdin"
        )
    asking = f"Password for {email}"
    typed: str = typer.prompt(asking, hide_input=True, confirmation_prompt=True, err=True)
    return typed


def _answer(ctx: typer.Context, user: UserJson, words: str) -> None:
    from calndro.entry.cli.session import answer

    if asked(ctx).json:
        answer(user)
    asked(ctx).tell(words)
