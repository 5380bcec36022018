"""
Where Alembic enters: it is given a connection, in a transaction that its caller ends.
"""

from __future__ import annotations

from alembic import context

from calndro.adapters.sql.revision import VERSION_TABLE
from calndro.adapters.sql.tables import metadata


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
)
context.run_migrations()
