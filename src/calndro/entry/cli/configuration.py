"""
The command about settings.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from calndro.entry.cli.asked import asked


app = typer.Typer(
    help="Show every setting, where it comes from and what it means.",
    invoke_without_command=True,
    rich_markup_mode=None,
    add_completion=False,
)


@app.callback()
def config(
    ctx: typer.Context,
    *,
    example: Annotated[
        bool, typer.Option("--example", help="Print a complete .env file in which all is off.")
    ] = False,
) -> None:
    """
    Show every setting, where it comes from and what it means.

    Secrets are hidden. calndro config set NAME VALUE keeps one for yourself.
    """
    if ctx.invoked_subcommand is None:
        _print_example(ctx) if example else _show(ctx)


@app.command("set")
def set_(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Such as user.")],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="What it is to be.")],
) -> None:
    """
    Keep a setting for yourself, such as: calndro config set user you@here.net.
    """
    from calndro.entry.cli.session import answer
    from calndro.entry.settings import PREFIX, store

    full = PREFIX + name.upper().removeprefix(PREFIX)
    path = store(full, value)
    if asked(ctx).json:
        answer({"name": full, "file": str(path)})
    asked(ctx).tell(f"{full} is kept in {path}")


def _print_example(ctx: typer.Context) -> None:
    from calndro.entry.cli.session import answer
    from calndro.entry.described import example

    if asked(ctx).json:
        answer({"example": example()})
    else:
        typer.echo(example(), nl=False)


def _show(ctx: typer.Context) -> None:
    import attrs

    from calndro.entry.cli.session import answer, settings_of
    from calndro.entry.described import describe

    rows = describe(settings_of(asked(ctx)))
    if asked(ctx).json:
        answer([attrs.asdict(row) for row in rows])
        return
    from calndro.entry.cli.render import console, draw_rows

    heads = ("setting", "value", "source", "meaning")
    draw_rows(
        console(sys.stdout), heads, [(row.name, row.value, row.source, row.meaning) for row in rows]
    )
