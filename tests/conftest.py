"""
What every test shares: how hard properties are tried, clean surroundings, and the servers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy
from hypothesis import HealthCheck, Phase, settings

from calndro.adapters.sql.upgrading import upgrade
from tests.databases import lent, server_of
from tests.emptying import empty_mariadb, empty_postgres
from tests.surroundings import GIVEN


if TYPE_CHECKING:
    from collections.abc import Iterator


# Suites that are imported by the modules that run them need readable asserts as well.
pytest.register_assert_rewrite("tests.contracts")

# Deadlines and slow data say more about the machine than about the code.
settings.register_profile(
    "dev", max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("ci", settings.get_profile("dev"), max_examples=100, print_blob=True)
# The same examples each time, so that a mutant is found by all runs or by none, and none made
# smaller, which nobody reads then. Whoever counts mutants runs the tests again and again in one
# process.
settings.register_profile(
    "fixed",
    settings.get_profile("dev"),
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors],
)
settings.load_profile(GIVEN.get("CALNDRO_HYPOTHESIS_PROFILE", "dev"))


@pytest.fixture(scope="session", autouse=True)
def _surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """
    Keep the settings and the data of whoever runs the tests out of them.
    """
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in GIVEN:
            patch.delenv(name, raising=False)
        patch.setenv("HOME", str(home))
        for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
            patch.setenv(name, str(home / name.lower()))
        yield


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """
    Lend an empty PostgreSQL database, one for each process that runs tests.

    The tests that ask for it are marked ``service``.
    """
    with lent(server_of("postgres")) as url:
        yield url


@pytest.fixture(scope="session")
def mariadb_url() -> Iterator[str]:
    """
    Lend an empty MariaDB database, one for each process that runs tests.

    The tests that ask for it are marked ``service``.
    """
    with lent(server_of("mariadb")) as url:
        yield url


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
