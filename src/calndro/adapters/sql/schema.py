"""
The revision of a database's schema, as SQLAlchemy reads it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import Column, MetaData, PrimaryKeyConstraint, String, Table, inspect, select
from sqlalchemy.exc import OperationalError, ProgrammingError

from calndro.adapters.sql.revision import VERSION_TABLE


if TYPE_CHECKING:
    from sqlalchemy import Connection


# As Alembic makes it, but of no metadata that Alembic compares.
version_table: Final = Table(
    VERSION_TABLE,
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name=f"{VERSION_TABLE}_pkc"),
)
_VERSION: Final = select(version_table.c.version_num)


def read_version(connection: Connection) -> str | None:
    """
    Read which schema a database has; None when it has none.
    """
    try:
        return connection.scalar(_VERSION)
    except (OperationalError, ProgrammingError):
        connection.rollback()
        if not inspect(connection).has_table(VERSION_TABLE):
            return None
        # Somebody has just made it, or it fails again.
        return connection.scalar(_VERSION)
