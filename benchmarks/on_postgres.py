"""
The same works on PostgreSQL, if a server answers: psycopg and plain statements as floor.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import sqlalchemy
from sqlalchemy.exc import SQLAlchemyError

from benchmarks.generate import fill
from benchmarks.speed import compare
from benchmarks.works import SHAPE


if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.table import Row


VARIABLE: Final = "CALNDRO_TEST_POSTGRES_URL"
USUAL: Final = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
SIDES: Final = ("calndro", "floor")


def server() -> str | None:
    """
    Find a server that lets us in.
    """
    url = os.environ.get(VARIABLE, USUAL)  # noqa: TID251  as for the tests
    try:
        engine = sqlalchemy.create_engine(url, connect_args={"connect_timeout": 2})
        with engine.connect():
            return url
    except (SQLAlchemyError, ModuleNotFoundError):
        return None


@contextmanager
def databases(url: str) -> Iterator[dict[str, str]]:
    """
    Lend a database for each side, filled alike.
    """
    engine = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT")
    names = {kind: f"calndro_bench_{os.getpid()}_{kind}" for kind in SIDES}
    parsed = sqlalchemy.make_url(url)
    urls = {
        kind: parsed.set(database=name).render_as_string(hide_password=False)
        for kind, name in names.items()
    }
    with engine.connect() as connection:
        try:
            for kind, name in names.items():
                connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE template0')
                fill(urls[kind], SHAPE)
            yield urls
        finally:
            for name in names.values():
                connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def measure(url: str, *, rounds: int, scale: float) -> Iterator[Row]:
    """
    Measure all works.
    """
    with databases(url) as urls:
        yield from compare(urls, only="", rounds=rounds, scale=scale)
