"""
What the storage suites run against: memory, a file of SQLite, PostgreSQL, MariaDB.
"""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING

import pytest

from calndro.adapters.memory import MemoryStorage
from calndro.adapters.sql.storage import SqlStorage
from tests.surroundings import named_by


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.contracts.deposits import Storage

    Opener = Callable[[], AbstractContextManager[Storage]]


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


LASTING = [each for each in STORAGES if each not in ("memory", "sqlite in memory")]


def opener_of(request: pytest.FixtureRequest, folder: Path) -> Opener:
    """
    Give what opens one storage of a kind, which holds nothing when it is first opened.
    """
    match request.param:
        case "given":
            return partial(GIVEN_STORAGE, folder)
        case "memory":
            return lambda: nullcontext(MemoryStorage())
        case "sqlite in memory":
            return partial(SqlStorage, "sqlite://")
        case "sqlite":
            return partial(SqlStorage, f"sqlite:///{folder / 'team.db'}")
        case server:
            return partial(SqlStorage, request.getfixturevalue(f"clean_{server}"))


@pytest.fixture(params=STORAGES)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    """
    Open storage that holds nothing, of each kind in turn.
    """
    with opener_of(request, tmp_path)() as opened:
        yield opened


@pytest.fixture(params=LASTING)
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    """
    Give what opens storage, again and again, of each kind that is to keep anything.
    """
    return opener_of(request, tmp_path)
