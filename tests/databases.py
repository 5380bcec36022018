"""
Databases that tests may break: a file, or one of their own on a server.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn
from uuid import uuid4  # noqa: TID251 - a name that nobody else has

import pytest
import sqlalchemy
from sqlalchemy.exc import OperationalError

from calndro.adapters.sql import upgrading
from tests.patience import PATIENCE
from tests.surroundings import GIVEN, SERVICES_ARE_REQUIRED, USUAL_SERVERS


if TYPE_CHECKING:
    from collections.abc import Iterator


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


@cache
def server_of(kind: str) -> str:
    """
    Name a database on the server that is named for tests, or on the one at its usual port.

    Raises:
        Skipped, Failed: There is none; without it a test is skipped unless all are required.
    """
    variable = f"CALNDRO_TEST_{kind.upper()}_URL"
    url = GIVEN.get(variable)
    if url is None and _answers(USUAL_SERVERS[kind]):
        url = USUAL_SERVERS[kind]
    if not url:
        _leave_out(f"no server: {variable} is not set")
    return url


@cache
def postgres_programs() -> Path:
    """
    Find the folder of PostgreSQL's own programs, for a server that a test may stop.

    Raises:
        Skipped, Failed: There is none; without it a test is skipped unless all are required.
    """
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found:
        _leave_out("no PostgreSQL is installed")
    return found[-1]


def _leave_out(reason: str) -> NoReturn:
    if SERVICES_ARE_REQUIRED:
        pytest.fail(reason)
    pytest.skip(reason)


def _answers(url: str) -> bool:
    try:
        engine = sqlalchemy.create_engine(url, connect_args={"connect_timeout": int(PATIENCE)})
    except ModuleNotFoundError:
        return False
    try:
        engine.connect().close()
    except OperationalError:
        return False
    finally:
        engine.dispose()
    return True


@contextmanager
def lent(server: str, terms: str = "") -> Iterator[str]:
    """
    Make a database on a server, and drop it at the end; returns its URL.

    Args:
        server: The URL of another database there.
        terms: How to make it, as the server's SQL has it.
    """
    parsed = sqlalchemy.make_url(server)
    name = f"calndro_tests_{uuid4().hex[:12]}"
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
