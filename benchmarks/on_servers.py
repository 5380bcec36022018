"""
The same works on PostgreSQL and MariaDB, where a server answers, with plain statements as floor.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import attrs
import sqlalchemy
from sqlalchemy.exc import SQLAlchemyError

from benchmarks.generate import fill
from benchmarks.speed import compare
from benchmarks.works import SHAPE
from calndro.adapters.system import SystemClock


if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from benchmarks.table import Row


SIDES: Final = ("calndro", "floor")


@attrs.frozen
class Kind:
    """
    A kind of server.

    Args:
        name: As the table has it.
        variable: Of the environment, that names a server; the one the tests read.
        usual: Where it is looked for otherwise.
        making: Further words for making a database.
        dropping: Further words for dropping one.
    """

    name: str
    variable: str
    usual: str
    making: str = ""
    dropping: str = ""

    def server(self) -> str | None:
        """
        Find a server that lets us in.
        """
        url = os.environ.get(self.variable, self.usual)  # noqa: TID251  as for the tests
        try:
            with _opened(url) as connection:
                connection.exec_driver_sql("SELECT 1")
                return url
        except (SQLAlchemyError, ModuleNotFoundError):
            return None


KINDS: Final = (
    Kind(
        "PostgreSQL",
        "CALNDRO_TEST_POSTGRES_URL",
        "postgresql+psycopg://postgres@127.0.0.1:5432/postgres",
        making="TEMPLATE template0",
        dropping="WITH (FORCE)",
    ),
    Kind("MariaDB", "CALNDRO_TEST_MARIADB_URL", "mariadb+pymysql://root@127.0.0.1:3306"),
)


@contextmanager
def _opened(url: str) -> Iterator[Connection]:
    engine = sqlalchemy.create_engine(
        url, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 2}
    )
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def databases(kind: Kind, url: str) -> Iterator[dict[str, str]]:
    """
    Lend a database for each side, filled alike.
    """
    names = {side: f"calndro_bench_{os.getpid()}_{side}" for side in SIDES}
    parsed = sqlalchemy.make_url(url)
    urls = {
        side: parsed.set(database=name).render_as_string(hide_password=False)
        for side, name in names.items()
    }
    now = SystemClock().now()
    with _opened(url) as connection:
        try:
            for side, name in names.items():
                connection.exec_driver_sql(f"CREATE DATABASE {name} {kind.making}")
                fill(urls[side], SHAPE, now)
            yield urls
        finally:
            for name in names.values():
                connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} {kind.dropping}")


def measure(kind: Kind, url: str, *, rounds: int, scale: float) -> Iterator[Row]:
    """
    Measure all works.
    """
    with databases(kind, url) as urls:
        yield from compare(urls, only="", rounds=rounds, scale=scale)
