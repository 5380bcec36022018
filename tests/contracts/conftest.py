"""
What the storage suites run against: memory, a file of SQLite, PostgreSQL, MariaDB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy
from sqlalchemy.exc import OperationalError

from calndro.adapters.memory import MemoryStorage
from calndro.adapters.sql.storage import SqlStorage
from calndro.adapters.sql.upgrading import upgrade
from tests.contracts.emptying import empty_mariadb, empty_postgres
from tests.surroundings import GIVEN, named_by


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.contracts.deposits import Storage


USUAL_SERVERS = {
    "CALNDRO_TEST_POSTGRES_URL": "postgresql+psycopg://postgres@127.0.0.1:5432/postgres",
    "CALNDRO_TEST_MARIADB_URL": "mariadb+pymysql://root@127.0.0.1:3306",
}

SERVERS = [
    pytest.param(kind, marks=pytest.mark.service)
    for kind in ("postgres", "serializable_postgres", "mariadb")
]


@pytest.fixture(scope="session", autouse=True)
def _usual_servers() -> Iterator[None]:
    """
    Use a server on its usual port when none is named and that one lets us in.
    """
    with pytest.MonkeyPatch.context() as patch:
        for variable, url in USUAL_SERVERS.items():
            if variable not in GIVEN and answers(url):
                patch.setitem(GIVEN, variable, url)
        yield


@pytest.fixture(scope="session")
def upgraded_postgres(postgres_url: str) -> str:
    """
    Lend a PostgreSQL database that has the schema.
    """
    upgrade(postgres_url)
    return postgres_url


@pytest.fixture
def clean_postgres(upgraded_postgres: str) -> str:
    """
    Lend a PostgreSQL database that has the schema and nothing else.
    """
    empty_postgres(upgraded_postgres)
    return upgraded_postgres


@pytest.fixture
def clean_serializable_postgres(clean_postgres: str) -> str:
    """
    Lend the same, where transactions must be as if one came after the other.
    """
    url = sqlalchemy.make_url(clean_postgres)
    strict = url.update_query_dict({"options": "-c default_transaction_isolation=serializable"})
    return strict.render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def upgraded_mariadb(mariadb_url: str) -> str:
    """
    Lend a MariaDB database that has the schema.
    """
    upgrade(mariadb_url)
    return mariadb_url


@pytest.fixture
def clean_mariadb(upgraded_mariadb: str) -> str:
    """
    Lend a MariaDB database that has the schema and nothing else.
    """
    empty_mariadb(upgraded_mariadb)
    return upgraded_mariadb


@pytest.fixture(params=["sqlite", *SERVERS])
def sql_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """
    Name an SQL database that holds nothing, of each kind in turn.
    """
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'team.db'}"
    url: str = request.getfixturevalue(f"clean_{request.param}")
    return url


@pytest.fixture
def sql(sql_url: str) -> Iterator[SqlStorage]:
    """
    Open an SQL database that holds nothing, of each kind in turn.
    """
    with SqlStorage(sql_url) as storage:
        yield storage


# Whoever writes an adapter elsewhere names what opens it, and all suites run against that alone.
GIVEN_STORAGE = named_by("CALNDRO_TEST_STORAGE")
STORAGES = (
    ["memory", "sqlite in memory", "sqlite", *SERVERS] if GIVEN_STORAGE is None else ["given"]
)


@pytest.fixture(params=STORAGES)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    """
    Open storage that holds nothing, of each kind in turn.
    """
    match request.param:
        case "given":
            with GIVEN_STORAGE(tmp_path) as opened:
                yield opened
        case "memory":
            yield MemoryStorage()
        case "sqlite in memory":
            with SqlStorage("sqlite://") as opened:
                yield opened
        case "sqlite":
            with SqlStorage(f"sqlite:///{tmp_path / 'team.db'}") as opened:
                yield opened
        case server:
            with SqlStorage(request.getfixturevalue(f"clean_{server}")) as opened:
                yield opened


def answers(url: str) -> bool:
    """
    Tell whether a server lets us in.
    """
    try:
        engine = sqlalchemy.create_engine(url, connect_args={"connect_timeout": 2})
    except ModuleNotFoundError:
        return False
    try:
        engine.connect().close()
    except OperationalError:
        return False
    finally:
        engine.dispose()
    return True
