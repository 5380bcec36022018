"""
Emptying the databases of servers, behind the back of their triggers.
"""

from __future__ import annotations

import sqlalchemy

from calndro.adapters.sql.tables import metadata


COUNTED = ("calndro_event", "calndro_api_token", "calndro_outbox")


def empty_postgres(url: str) -> None:
    """
    Leave nothing in the tables, and count from 1 again.
    """
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE calndro_entry DISABLE TRIGGER USER")
        connection.exec_driver_sql(f"TRUNCATE {', '.join(metadata.tables)} RESTART IDENTITY")
        connection.exec_driver_sql("ALTER TABLE calndro_entry ENABLE TRIGGER USER")
    engine.dispose()


def empty_mariadb(url: str) -> None:
    """
    Leave nothing in the tables, and count from 1 again.
    """
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET SESSION foreign_key_checks=0")
        connection.exec_driver_sql("TRUNCATE calndro_entry")
        for table in metadata.tables.values():
            if table.name != "calndro_entry":
                connection.execute(table.delete())
        for name in COUNTED:
            connection.exec_driver_sql(f"ALTER TABLE {name} AUTO_INCREMENT=1")
    engine.dispose()
