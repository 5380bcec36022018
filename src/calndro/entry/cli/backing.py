"""
The command that copies the database.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from calndro.entry.cli.asked import asked


app = typer.Typer(rich_markup_mode=None)


@app.command("backup")
def backup(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A new file.")],
) -> None:
    """
    Copy an SQLite database while it is in use, and check the copy.

    Of a database at a server make copies with pg_dump or mariadb-dump.

    Only its owner can read the copy. An existing file is not overwritten.
    """
    from calndro.adapters.sql.copying import copy
    from calndro.entry.cli.files import new_file
    from calndro.entry.cli.session import answer, settings_here

    target = Path(file)
    with new_file(target) as part:
        copy(settings_here(asked(ctx)).database, part)
    size = target.stat().st_size
    if asked(ctx).json:
        answer({"file": file, "bytes": size})
    else:
        asked(ctx).tell(f"copied the database to {file}, {size} bytes, checked")
