"""
Commands about the schema of the database.
"""

from __future__ import annotations

import typer

from calndro.entry.cli.asked import asked


app = typer.Typer(
    help="Look after the database.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)


@app.command("upgrade")
def upgrade(ctx: typer.Context) -> None:
    """
    Create the schema, or bring it up to date; all of it or nothing.
    """
    from calndro.adapters.sql import upgrading
    from calndro.entry.cli.session import answer, settings_here
    from calndro.entry.wiring import naming_database

    settings = settings_here(asked(ctx))
    with naming_database(settings):
        before = upgrading.current(settings.database)
        upgrading.upgrade(settings.database)
        now = upgrading.current(settings.database)
    if asked(ctx).json:
        answer({"before": before, "now": now})
    words = f"the schema is {now}"
    words += " already" if before == now else f"; it was {before}" if before else ", newly made"
    asked(ctx).tell(words)


@app.command("current")
def current(ctx: typer.Context) -> None:
    """
    Tell which schema the database has.
    """
    from calndro.adapters.sql import upgrading
    from calndro.adapters.sql.opening import refuse_absent
    from calndro.entry.cli.session import answer, settings_here
    from calndro.entry.wiring import naming_database

    settings = settings_here(asked(ctx))
    with naming_database(settings):
        refuse_absent(settings.database)
        found = upgrading.current(settings.database)
    if asked(ctx).json:
        answer({"now": found})
    else:
        typer.echo(found or "the database has no schema of calndro")


@app.command("check")
def check(ctx: typer.Context) -> None:
    """
    Compare the database with the tables that this program knows.
    """
    from calndro.adapters.sql import upgrading
    from calndro.core.errors import StorageError
    from calndro.entry.cli.session import answer, settings_here
    from calndro.entry.wiring import naming_database

    settings = settings_here(asked(ctx))
    with naming_database(settings):
        found = upgrading.check(settings.database)
    if asked(ctx).json:
        answer({"differences": found})
    if found:
        raise StorageError("; ".join(found))
    asked(ctx).tell("the database is as it should be")
