"""
Databases for programs that break things: a file, or one of their own on a server.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final
from uuid import uuid4  # noqa: TID251 - a name that nobody else has

import sqlalchemy

from calndro.adapters.sql import upgrading
from tests.surroundings import GIVEN, USUAL_SERVERS


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


KINDS: Final = ("sqlite", *USUAL_SERVERS)


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """
    Lend a database with its schema; returns its URL.

    Args:
        kind: sqlite, postgres or mariadb.
        folder: Where a file may be.
    """
    if kind == "sqlite":
        url = f"sqlite:///{folder / 'team.db'}"
        upgrading.upgrade(url)
        yield url
        return
    with lent(server_of(kind)) as url:
        upgrading.upgrade(url)
        yield url


def server_of(kind: str) -> str:
    """
    Name a database on the server that is there for tests.
    """
    return GIVEN.get(f"CALNDRO_TEST_{kind.upper()}_URL", USUAL_SERVERS[kind])


@contextmanager
def lent(server: str, terms: str = "") -> Iterator[str]:
    """
    Make a database on a server, and drop it at the end; returns its URL.

    Args:
        server: The URL of another database there.
        terms: How to make it, as the server's SQL has it.
    """
    parsed = sqlalchemy.make_url(server)
    name = f"calndro_faults_{uuid4().hex[:12]}"
    force = " WITH (FORCE)" if parsed.get_backend_name() == "postgresql" else ""
    engine = sqlalchemy.create_engine(parsed, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} {terms}")
        try:
            yield parsed.set(database=name).render_as_string(hide_password=False)
        finally:
            with engine.connect() as connection:
                connection.exec_driver_sql(f"DROP DATABASE {name}{force}")
    finally:
        engine.dispose()
