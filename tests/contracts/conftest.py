"""
What the storage suites run against: memory, a file of SQLite, PostgreSQL, MariaDB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from calndro.adapters.memory import MemoryStorage
from calndro.adapters.sql.storage import SqlStorage
from tests.surroundings import named_by


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.contracts.deposits import Storage


SERVERS = [
    pytest.param(kind, marks=pytest.mark.service)
    for kind in ("postgres", "serializable_postgres", "mariadb")
]


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
