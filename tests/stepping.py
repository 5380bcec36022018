"""
A later step of the schema, which changes the tables of events and logs, both ways.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import sqlalchemy
from alembic import command

from calndro.adapters.sql import upgrading
from calndro.adapters.sql.revision import HEAD


LATER: Final = f"""
import sqlalchemy as sa
from alembic import op

revision = "later"
down_revision = {HEAD!r}
branch_labels = depends_on = None


def upgrade():
    op.add_column("calndro_event", sa.Column("colour", sa.String(8)))
    op.add_column("calndro_entry", sa.Column("colour", sa.String(8)))
    op.create_index("ix_colour", "calndro_event", ["colour"])


def downgrade():
    op.drop_index("ix_colour", "calndro_event")
    op.drop_column("calndro_entry", "colour")
    op.drop_column("calndro_event", "colour")
"""


def later(folder: Path, text: str = LATER) -> Path:
    """
    Write the step into a folder of its own, below another one.
    """
    steps = folder / "steps"
    steps.mkdir()
    (steps / "later.py").write_text(text, "utf-8")
    return steps


def go(url: str, revision: str, *more: Path) -> None:
    """
    Go down or up to a revision, with further folders of steps beside our own.
    """
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        config = upgrading._config(connection)  # noqa: SLF001  only tests go back
        own = Path(config.get_main_option("script_location") or "") / "versions"
        config.set_main_option("path_separator", "os")
        config.set_main_option("version_locations", os.pathsep.join(map(str, (own, *more))))
        up = revision == "later"
        (command.upgrade if up else command.downgrade)(config, revision)
    engine.dispose()


def stored(url: str) -> list[tuple[int, int, bytes, bytes]]:
    """
    Read every entry whatever the schema.
    """
    engine = sqlalchemy.create_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(
            sqlalchemy.text("SELECT event_id, seq, body, hash FROM calndro_entry ORDER BY 1, 2")
        ).all()
    engine.dispose()
    return [(row[0], row[1], bytes(row[2]), bytes(row[3])) for row in rows]
