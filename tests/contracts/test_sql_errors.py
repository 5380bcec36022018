"""
What goes wrong in a database comes out as one kind of error, and nothing is stored.
"""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy.event import listen
from sqlalchemy.exc import SQLAlchemyError

from calndro.adapters.sql import servers, upgrading
from calndro.adapters.sql.sqlite import SqliteDatabase
from calndro.adapters.sql.storage import SqlStorage
from calndro.core.errors import InvalidInputError, StorageError
from tests.contracts.deposits import ledger, page, proposal, propose


if TYPE_CHECKING:
    from pathlib import Path


class TestErrors:
    """
    Databases that are absent, damaged, full or somebody else's.
    """

    @pytest.mark.parametrize(
        "url",
        [
            "nonsense",
            "oracle://here.net/team",
            "postgresql+psycopg2://me:canary@127.0.0.1:1/team",
            "postgresql+psycopg_async://me:canary@127.0.0.1:1/team",
            "postgresql+asyncpg://me:canary@127.0.0.1:1/team",
            "mysql+mysqldb://me:canary@127.0.0.1:1/team",
            "mysql+aiomysql://me:canary@127.0.0.1:1/team",
            "mariadb+asyncmy://me:canary@127.0.0.1:1/team",
            "sqlite+nothing:///x",
            "sqlite:team.db",
            "sqlite://here.net/team.db",
            "sqlite:///file:x?uri=true",
            "sqlite:///team.db?timeout=5",
            "postgresql+psycopg://me:abc@x:canary@db.example.org/team",
            "mysql+pymysql://me:canary@127.0.0.1:1/team?ssl-mode=REQUIRED",
            "mysql+pymysql://me:canary@127.0.0.1:1/team?ssl=true",
            "mysql+pymysql://me:canary@127.0.0.1:1/team?read_timeout=abc",
            f"mysql+pymysql://me:canary@{'a' * 64}.example.org/team",
        ],
    )
    def test_no_url(self, url: str) -> None:
        """
        A URL that is none, or of no database that can be used, is an input error without secrets.
        """
        with pytest.raises(InvalidInputError) as caught:
            SqlStorage(url)
        assert "canary" not in str(caught.value)

    @pytest.mark.parametrize("kind", ["postgresql", "mysql", "mariadb"])
    def test_a_url_without_a_driver(self, kind: str) -> None:
        """
        Who names no driver gets the one that calndro uses.
        """
        with pytest.raises(StorageError, match="the database can't be used"):
            SqlStorage(f"{kind}://me@127.0.0.1:1/team")

    def test_a_directory(self, tmp_path: Path) -> None:
        """
        A path that is a directory is a storage error with its cause.
        """
        with pytest.raises(StorageError, match="unable to open database file") as caught:
            SqlStorage(f"sqlite:///{tmp_path}")
        assert isinstance(caught.value.__cause__, sqlite3.Error)

    def test_no_place_for_it(self, tmp_path: Path) -> None:
        """
        A path below a file is a storage error with its cause.
        """
        (tmp_path / "plain").touch()

        with pytest.raises(StorageError) as caught:
            SqlStorage(f"sqlite:///{tmp_path / 'plain' / 'team.db'}")
        assert isinstance(caught.value.__cause__, OSError)

    def test_a_file_of_something_else(self, tmp_path: Path) -> None:
        """
        A file that is no database is a storage error with its cause, and stays as it is.
        """
        path = tmp_path / "team.db"
        path.write_bytes(b"dear diary " * 1000)

        with pytest.raises(StorageError, match="file is not a database") as caught:
            SqlStorage(f"sqlite:///{path}")
        assert isinstance(caught.value.__cause__, sqlite3.DatabaseError)
        assert path.read_bytes() == b"dear diary " * 1000

    def test_a_damaged_name(self, tmp_path: Path) -> None:
        """
        A name that is no text any more, and is told in an error, is a storage error too.
        """
        path = tmp_path / "team.db"
        SqlStorage(f"sqlite:///{path}").close()
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA writable_schema=ON")
            connection.execute(
                "UPDATE sqlite_master SET name = CAST(x'a5' AS TEXT), sql = 'CREATE INDEX'"
                " WHERE name = 'ix_calndro_answer_at'"
            )

        with pytest.raises(StorageError, match="can't be used"):
            SqlStorage(f"sqlite:///{path}")
        with pytest.raises(StorageError, match="can't be used"):
            upgrading.check(f"sqlite:///{path}")

    def test_a_python_without_sqlite(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """
        A Python that was built without SQLite is told to be that.
        """
        monkeypatch.setitem(sys.modules, "calndro.adapters.sql.sqlite", None)

        with pytest.raises(StorageError, match="built without SQLite"):
            SqlStorage("sqlite://")

    def test_a_damaged_file(self, tmp_path: Path) -> None:
        """
        Damage that shows only while reading is a storage error then.
        """
        path = tmp_path / "team.db"
        with SqlStorage(f"sqlite:///{path}") as storage:
            for _ in range(20):
                propose(storage, *range(30))
        connection = sqlite3.connect(path)
        ((roots,),) = connection.execute("SELECT max(rootpage) FROM sqlite_master").fetchall()
        connection.close()
        sound = path.read_bytes()[: 4096 * roots]
        path.write_bytes(sound + b"\xff" * (path.stat().st_size - len(sound)))

        with SqlStorage(f"sqlite:///{path}") as storage, pytest.raises(StorageError):
            page(storage)

    def test_no_server(self) -> None:
        """
        A server that does not answer is a storage error that tells no password.
        """
        with pytest.raises(StorageError, match="can't be used") as caught:
            SqlStorage("postgresql+psycopg://somebody:secret@127.0.0.1:1/team")
        assert isinstance(caught.value.__cause__, SQLAlchemyError)
        assert "secret" not in str(caught.value)

    def test_a_missing_driver(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """
        A driver that is not installed is named, with what installs it.
        """

        def missing(*_: object, **__: object) -> None:
            raise ModuleNotFoundError(name="psycopg")

        monkeypatch.setattr(servers, "create_engine", missing)

        with pytest.raises(StorageError, match=r"pip install 'calndro\[postgres\]'"):
            SqlStorage("postgresql+psycopg://here.net/team")

    def test_a_full_disk(self, tmp_path: Path) -> None:
        """
        A commit that finds no room stores nothing, and with room again the next succeeds.
        """
        with SqlStorage(f"sqlite:///{tmp_path / 'team.db'}") as storage:
            stored = propose(storage, 1)
            pages = self.most_pages(storage, 1)
            with pytest.raises(StorageError, match="full"):
                self.fill(storage)
            kept = len(page(storage))
            self.most_pages(storage, pages + 10_000)
            propose(storage, 1)

            assert len(page(storage)) == kept + 1
            assert ledger(storage, stored.id) == stored

    def fill(self, storage: SqlStorage) -> None:
        """
        Propose until there is no room.
        """
        for _ in range(99):
            propose(storage, *range(30), parties="abcdefghij")

    def most_pages(self, storage: SqlStorage, count: int) -> int:
        """
        Limit the database to *count* pages, or to what it has, and tell to how many.
        """
        assert isinstance(storage.database, SqliteDatabase)
        with storage.database.borrowed() as connection:
            ((pages,),) = connection.execute(f"PRAGMA max_page_count={count}").fetchall()
        assert isinstance(pages, int)
        return pages

    def test_a_number_too_large(self, sql: SqlStorage) -> None:
        """
        A number that fits no column is a storage error.
        """
        change = proposal(1)
        object.__setattr__(change.after, "id", 2**63)

        with pytest.raises(StorageError), sql.unit_of_work() as work:
            work.events.save(change)


@pytest.mark.service
class TestServer:
    """
    A server that cuts connections.
    """

    def test_cut_connections_are_replaced(self, clean_postgres: str) -> None:
        """
        That the server has cut connections which nobody was using is not noticed by anybody.
        """
        with SqlStorage(clean_postgres) as storage, SqlStorage(clean_postgres) as other:
            with storage.snapshot(), storage.snapshot():
                stored = propose(storage, 1)
            self.cut_all_but(other)

            assert ledger(storage, stored.id) == stored
            with storage.snapshot(), storage.snapshot():
                assert propose(storage, 1).id == 2

    def test_a_cut_connection_to_mariadb_is_replaced(self, clean_mariadb: str) -> None:
        """
        Nor does anybody notice that MariaDB has cut one.
        """
        with SqlStorage(clean_mariadb) as storage, SqlStorage(clean_mariadb) as other:
            stored = propose(storage, 1)
            with storage.database.engine.connect() as connection:
                number = connection.exec_driver_sql("SELECT connection_id()").scalar_one()
            with other.database.engine.connect() as connection:
                connection.exec_driver_sql(f"KILL {number}")

            assert ledger(storage, stored.id) == stored

    def test_a_server_that_is_gone(self, clean_postgres: str) -> None:
        """
        When no new connection can be had in place of a cut one, that is a storage error.
        """
        with SqlStorage(clean_postgres) as storage, SqlStorage(clean_postgres) as other:
            self.cut_all_but(other)
            self.allow_nobody(storage)

            with pytest.raises(StorageError, match="can't be used"), storage.snapshot():
                raise AssertionError

    def test_a_connection_cut_before_a_statement(self, clean_postgres: str) -> None:
        """
        A statement on a connection that was cut is a storage error, and so is the next.
        """
        with SqlStorage(clean_postgres) as storage, SqlStorage(clean_postgres) as other:
            with storage.unit_of_work() as work:
                self.cut_all_but(other)
                for _ in range(2):
                    with pytest.raises(StorageError, match="can't be used"):
                        work.events.get(1)

            assert propose(storage, 1).id == 1

    def test_a_connection_cut_within_a_unit_of_work(self, clean_postgres: str) -> None:
        """
        What is cut before its commit is a storage error and stores nothing; the next works.
        """
        with SqlStorage(clean_postgres) as storage, SqlStorage(clean_postgres) as other:
            with storage.unit_of_work() as work:
                work.events.save(proposal(1))
                self.cut_all_but(other)
                with pytest.raises(StorageError, match="can't be used"):
                    work.commit()
            assert list(page(storage)) == []

            assert propose(storage, 1).id == 2

    def allow_nobody(self, storage: SqlStorage) -> None:
        """
        Have every new connection refused.
        """
        listen(storage.database.engine, "do_connect", self.refuse)

    def refuse(self, *_: object) -> None:
        """
        Refuse a connection as the driver does.
        """
        raise psycopg.OperationalError("connection refused")

    def cut_all_but(self, storage: SqlStorage) -> None:
        """
        Have the server cut every connection to this database but one.
        """
        with storage.database.engine.connect() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
