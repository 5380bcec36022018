"""
One schema, by two ways: made at once, or step by step.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest
import sqlalchemy

from calndro.adapters.sql import schema, sqlite, upgrading
from calndro.adapters.sql.revision import HEAD, VERSION_TABLE
from calndro.adapters.sql.sqlite import SqliteDatabase
from calndro.adapters.sql.storage import SqlStorage
from calndro.adapters.sql.tables import metadata
from calndro.core import deeds, telling
from calndro.core.access import Caller
from calndro.core.errors import SchemaError, StorageError
from calndro.entry.settings import Settings
from calndro.usecases import moving
from tests.contracts.deposits import log, page, proposal, propose, queue, save, services
from tests.examples import act, address
from tests.stepping import go, later, stored


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


STAFF = Caller(address("s"), staff=True)


def objects(path: Path) -> set[tuple[str, str, str]]:
    """
    Read how everything in an SQLite database was made, blanks evened out.
    """
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master").fetchall()
    connection.close()
    return {(kind, name, " ".join(sql.split())) for kind, name, sql in rows}


CATALOGUES = {
    "postgresql": (
        (
            "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable,"
            " column_default, collation_name FROM information_schema.columns"
            " WHERE table_schema = 'public'"
        ),
        "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        (
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE connamespace = 'public'::regnamespace"
        ),
        (
            "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger"
            " WHERE NOT tgisinternal"
        ),
        "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    ),
    "mariadb": (
        (
            "SELECT table_name, column_name, column_type, is_nullable, column_default,"
            " collation_name, extra FROM information_schema.columns WHERE table_schema = database()"
        ),
        (
            "SELECT table_name, index_name, seq_in_index, column_name, non_unique"
            " FROM information_schema.statistics WHERE table_schema = database()"
        ),
        (
            "SELECT table_name, constraint_name, column_name, referenced_table_name,"
            " referenced_column_name FROM information_schema.key_column_usage"
            " WHERE table_schema = database()"
        ),
        (
            "SELECT event_object_table, trigger_name, event_manipulation, action_timing,"
            " action_statement FROM information_schema.triggers WHERE trigger_schema = database()"
        ),
        (
            "SELECT table_name, engine, table_collation FROM information_schema.tables"
            " WHERE table_schema = database()"
        ),
    ),
}


def catalogue(url: str) -> set[tuple[object, ...]]:
    """
    Read how everything of ours in a server's database is made, without the note of its version.
    """
    engine = sqlalchemy.create_engine(url)
    with engine.connect() as connection:
        rows = {
            tuple(row)
            for query in CATALOGUES[engine.dialect.name]
            for row in connection.exec_driver_sql(query)
        }
    engine.dispose()
    return {row for row in rows if row[0] != VERSION_TABLE}


@contextmanager
def scratch(url: str, name: str) -> Iterator[str]:
    """
    Lend an empty database beside another.
    """
    beside = sqlalchemy.make_url(url)
    name = f"{beside.database}_{name}"
    engine = sqlalchemy.create_engine(beside, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
        try:
            yield beside.set(database=name).render_as_string(hide_password=False)
        finally:
            force = " WITH (FORCE)" if engine.dialect.name == "postgresql" else ""
            connection.exec_driver_sql(f"DROP DATABASE {name}{force}")
            connection.close()
            engine.dispose()


def run(path: Path, statement: str, *values: str) -> None:
    """
    Change an SQLite database behind our back.
    """
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(statement, values)
    connection.close()


class TestCreation:
    """
    A schema where there was none.
    """

    def test_made_at_once_equals_made_in_steps(self, tmp_path: Path) -> None:
        """
        Opening an absent file makes the same tables, indexes and triggers as upgrading one.
        """
        SqlStorage(f"sqlite:///{tmp_path / 'once.db'}").close()
        upgrading.upgrade(f"sqlite:///{tmp_path / 'steps.db'}")

        assert objects(tmp_path / "once.db") == objects(tmp_path / "steps.db")
        assert len(objects(tmp_path / "once.db")) > 20

    @pytest.mark.service
    @pytest.mark.parametrize("kind", ["postgres", "mariadb"])
    def test_servers_would_have_the_same(self, request: pytest.FixtureRequest, kind: str) -> None:
        """
        On a server, too, the tables that the program knows are those that the steps make.
        """
        with scratch(request.getfixturevalue(f"{kind}_url"), "once") as once:
            engine = sqlalchemy.create_engine(once)
            metadata.create_all(engine)
            engine.dispose()
            made = catalogue(once)
        with scratch(request.getfixturevalue(f"{kind}_url"), "steps") as steps:
            upgrading.upgrade(steps)
            stepped = catalogue(steps)

        assert made == stepped
        assert len(made) > 80

    def test_upgraded_databases_open(self, sql_url: str) -> None:
        """
        What was upgraded, once or again, has the newest schema and can be used.
        """
        upgrading.upgrade(sql_url)
        upgrading.upgrade(sql_url)

        assert upgrading.current(sql_url) == HEAD
        with SqlStorage(sql_url) as storage:
            assert propose(storage, 1).id == 1

    def test_opening_loads_no_alembic(self, tmp_path: Path) -> None:
        """
        Creating and opening a database leave the tool for upgrades unloaded.
        """
        url = f"sqlite:///{tmp_path / 'team.db'}"
        code = (
            "import sys\n"
            "from calndro.adapters.sql.storage import SqlStorage\n"
            f"SqlStorage({url!r}).close()\n"
            "sys.exit('alembic' in sys.modules)\n"
        )

        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

    def test_the_directory_is_made_for_its_owner(self, tmp_path: Path) -> None:
        """
        The directory of a new database is made, and nobody else may look into it.
        """
        SqlStorage(f"sqlite:///{tmp_path / 'new' / 'place' / 'team.db'}").close()

        assert (tmp_path / "new" / "place").stat().st_mode & 0o777 == 0o700

    def test_the_file_is_made_for_its_owner(self, tmp_path: Path) -> None:
        """
        Nobody else may read a new database, nor its log or lock; another file stays as it was.
        """
        path = tmp_path / "team.db"
        before = os.umask(0)
        try:
            with closing(SqlStorage(f"sqlite:///{path}")) as storage, storage.snapshot():
                files = [path, *tmp_path.glob("team.db-*"), *tmp_path.glob("team.db.lock")]
                assert len(files) > 2
                assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
        finally:
            os.umask(before)

        path.chmod(0o640)
        SqlStorage(f"sqlite:///{path}").close()
        assert path.stat().st_mode & 0o777 == 0o640
        assert (tmp_path / "team.db.lock").stat().st_mode & 0o777 == 0o640

    def test_two_threads_create_the_same_file(self, tmp_path: Path) -> None:
        """
        Of several who open an absent file at once all find one schema.
        """
        urls = [f"sqlite:///{tmp_path / 'team.db'}"] * 8
        with ThreadPoolExecutor(8) as pool:
            for storage in pool.map(SqlStorage, urls):
                storage.close()

        assert upgrading.check(urls[0]) == []

    def test_a_file_is_made_while_another_looks_at_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """
        Who finds no schema, and then that there is one, takes it.
        """
        url = f"sqlite:///{tmp_path / 'team.db'}"
        overtaken: list[str] = []

        def look(connection: sqlite3.Connection) -> str | None:
            found = read(connection)
            if not overtaken:
                overtaken.append(url)
                SqlStorage(url).close()
            return found

        read = sqlite._revision  # noqa: SLF001  overtaken in the midst of it
        monkeypatch.setattr(sqlite, "_revision", look)
        with SqlStorage(url) as storage:
            assert propose(storage, 1).id == 1

        assert overtaken

    def test_a_schema_is_made_while_sqlalchemy_looks_for_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """
        Who finds no schema, and then that there is one, reads that.
        """
        url = f"sqlite:///{tmp_path / 'team.db'}"

        def look(connection: sqlalchemy.Connection) -> sqlalchemy.Inspector:
            SqlStorage(url).close()
            return sqlalchemy.inspect(connection)

        monkeypatch.setattr(schema, "inspect", look)
        with sqlalchemy.create_engine(url).connect() as connection:
            assert schema.read_version(connection) == HEAD

    def test_a_url_is_decoded(self, tmp_path: Path) -> None:
        """
        What a URL writes as % and two digits is a character of the name.
        """
        SqlStorage(f"sqlite:///{tmp_path}/my%20team%3F.db").close()

        assert (tmp_path / "my team?.db").is_file()
        assert Settings(database_engine="sqlite", database_name="my%20team?").database == (
            "sqlite:///my%2520team%3F"
        )

    def test_a_path_is_that_of_the_opening(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """
        A relative path holds where the process was when it opened the file; .. goes back a word.
        """
        (tmp_path / "real" / "sub").mkdir(parents=True)
        (tmp_path / "link").symlink_to(tmp_path / "real" / "sub")
        monkeypatch.chdir(tmp_path)
        with SqlStorage("sqlite:///link/../team.db") as storage:
            monkeypatch.chdir("/")
            with storage.snapshot(), storage.snapshot():
                assert propose(storage, 1).id == 1

        assert (tmp_path / "team.db").is_file()
        assert (tmp_path / "team.db.lock").is_file()
        assert [path.name for path in (tmp_path / "real").iterdir()] == ["sub"]

    def test_a_creation_cut_short_is_made_good(self, tmp_path: Path) -> None:
        """
        A file that somebody has begun and not filled is filled by the next.
        """
        path = tmp_path / "team.db"
        run(path, "PRAGMA user_version=1")
        assert path.stat().st_size > 0

        SqlStorage(f"sqlite:///{path}").close()

        assert upgrading.check(f"sqlite:///{path}") == []


class TestCheckAtOpening:
    """
    A schema that is not the one wanted.
    """

    def test_few_statements(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """
        Opening a file asks it whether it has its log, and in one snapshot for its schema.
        """
        url = f"sqlite:///{tmp_path / 'team.db'}"
        SqlStorage(url).close()
        asked: list[str] = []
        connect = SqliteDatabase.connect

        def watched(database: SqliteDatabase) -> sqlite3.Connection:
            connection = connect(database)
            connection.set_trace_callback(asked.append)
            return connection

        monkeypatch.setattr(SqliteDatabase, "connect", watched)
        SqlStorage(url).close()

        words = [text.partition(" ")[0] for text in asked]
        assert words == ["PRAGMA", "BEGIN", "SELECT", "SELECT", "ROLLBACK"]

    @pytest.mark.parametrize(
        ("version", "mend"), [("0000", "calndro db upgrade"), ("9999", "a newer calndro; use that")]
    )
    def test_another_version(self, tmp_path: Path, version: str, mend: str) -> None:
        """
        An older or newer schema is not used, and the message names the mend.
        """
        path = tmp_path / "team.db"
        SqlStorage(f"sqlite:///{path}").close()
        run(path, "UPDATE calndro_version SET version_num = ?", version)

        with pytest.raises(SchemaError, match=mend) as caught:
            SqlStorage(f"sqlite:///{path}")
        assert version in str(caught.value)
        assert HEAD in str(caught.value)

    @pytest.mark.parametrize(
        ("version", "told"), [("0000", "0000"), ("9999", "belongs to a newer calndro; use that")]
    )
    def test_an_unknown_version_is_not_upgraded(
        self, tmp_path: Path, version: str, told: str
    ) -> None:
        """
        A schema that no step is known from is left alone, and told to be newer when it is.
        """
        path = tmp_path / "team.db"
        SqlStorage(f"sqlite:///{path}").close()
        run(path, "UPDATE calndro_version SET version_num = ?", version)

        with pytest.raises(StorageError, match=told):
            upgrading.upgrade(f"sqlite:///{path}")
        assert upgrading.current(f"sqlite:///{path}") == version

    def test_another_version_is_not_as_it_should_be(self, tmp_path: Path) -> None:
        """
        A check of a newer schema says that it is one, be its tables like ours or not.
        """
        path = tmp_path / "team.db"
        SqlStorage(f"sqlite:///{path}").close()
        run(path, "UPDATE calndro_version SET version_num = '9999'")

        with pytest.raises(SchemaError, match="belongs to a newer calndro"):
            upgrading.check(f"sqlite:///{path}")

    def test_somebody_elses_database(self, tmp_path: Path) -> None:
        """
        A database that holds other things is not written to.
        """
        path = tmp_path / "team.db"
        run(path, "CREATE TABLE diary (page)")
        before = objects(path)

        told = r"no schema of calndro, .* run 'calndro db upgrade'"
        with pytest.raises(StorageError, match=told):
            SqlStorage(f"sqlite:///{path}")
        assert objects(path) == before
        assert upgrading.current(f"sqlite:///{path}") is None

    @pytest.mark.service
    @pytest.mark.parametrize("kind", ["postgres", "mariadb"])
    def test_an_empty_server(self, request: pytest.FixtureRequest, kind: str) -> None:
        """
        A server's database without schema is not given one by opening it.
        """
        with scratch(request.getfixturevalue(f"{kind}_url"), "empty") as empty:
            with pytest.raises(StorageError, match="calndro db upgrade"):
                SqlStorage(empty)
            assert catalogue(empty) & {(VERSION_TABLE,)} == set()
            upgrading.upgrade(empty)
            assert upgrading.check(empty) == []


class TestCheckForDrift:
    """
    A schema that somebody has had hands on.
    """

    def test_none(self, sql_url: str) -> None:
        """
        A database that calndro has made differs in nothing from the tables it knows.
        """
        upgrading.upgrade(sql_url)

        assert upgrading.check(sql_url) == []

    @pytest.mark.parametrize(
        ("statement", "named"),
        [
            ("ALTER TABLE calndro_user ADD COLUMN shoe INTEGER", "shoe"),
            (
                "DROP INDEX ix_calndro_outbox_state_turn_id_due",
                "ix_calndro_outbox_state_turn_id_due",
            ),
            ("DROP TABLE calndro_api_token", "calndro_api_token"),
            ("DROP TRIGGER calndro_entry_no_update", "calndro_entry_no_update"),
        ],
    )
    def test_some(self, tmp_path: Path, statement: str, named: str) -> None:
        """
        A column too many, an index, table or trigger too few: each is named.
        """
        path = tmp_path / "team.db"
        SqlStorage(f"sqlite:///{path}").close()
        run(path, statement)

        assert any(named in line for line in upgrading.check(f"sqlite:///{path}"))

    @pytest.mark.service
    @pytest.mark.parametrize(
        ("kind", "statement", "named"),
        [
            ("postgres", "ALTER TABLE calndro_user ADD COLUMN shoe INTEGER", "shoe"),
            ("postgres", "ALTER TABLE calndro_event ALTER COLUMN seq TYPE INTEGER", "seq"),
            ("postgres", "DROP INDEX ix_calndro_answer_at", "ix_calndro_answer_at"),
            ("postgres", "DROP TABLE calndro_session", "calndro_session"),
            (
                "postgres",
                "DROP TRIGGER calndro_entry_append_only ON calndro_entry",
                "calndro_entry_append_only",
            ),
            (
                "postgres",
                "ALTER TABLE calndro_entry DISABLE TRIGGER calndro_entry_append_only",
                "calndro_entry_append_only",
            ),
            ("mariadb", "ALTER TABLE calndro_user ADD COLUMN shoe INTEGER", "shoe"),
            ("mariadb", "ALTER TABLE calndro_event MODIFY seq INTEGER NOT NULL", "seq"),
            (
                "mariadb",
                "DROP INDEX ix_calndro_answer_at ON calndro_answer",
                "ix_calndro_answer_at",
            ),
            ("mariadb", "DROP TABLE calndro_session", "calndro_session"),
            ("mariadb", "DROP TRIGGER calndro_entry_no_delete", "calndro_entry_no_delete"),
        ],
    )
    def test_some_on_a_server(
        self, request: pytest.FixtureRequest, kind: str, statement: str, named: str
    ) -> None:
        """
        On a server, too, each difference is named.
        """
        with scratch(request.getfixturevalue(f"{kind}_url"), "drift") as url:
            upgrading.upgrade(url)
            engine = sqlalchemy.create_engine(url)
            with engine.begin() as connection:
                connection.exec_driver_sql(statement)
            engine.dispose()

            assert any(named in line for line in upgrading.check(url))

    def test_tables_of_others_do_not_count(self, tmp_path: Path) -> None:
        """
        What somebody else keeps in the same database is no drift.
        """
        path = tmp_path / "team.db"
        SqlStorage(f"sqlite:///{path}").close()
        run(path, "CREATE TABLE diary (page INTEGER)")

        assert upgrading.check(f"sqlite:///{path}") == []


def bodies(storage: SqlStorage) -> list[tuple[int, int, bytes, bytes]]:
    """
    Read every entry as it is stored.
    """
    return [
        (ledger.id, entry.seq, bytes(entry.body), bytes(entry.hash))
        for ledger in page(storage)
        for entry in log(storage, ledger.id)
    ]


def fill(storage: SqlStorage) -> None:
    """
    Store some events with logs, and letters that wait.
    """
    for number in range(1, 6):
        title = f"caf\u00e9 {number} \U0001f375"
        stored = save(storage, proposal(*range(number), identity=number, title=title))
        told = telling.notify(
            stored,
            act("b"),
            [address("a")],
            stored.state.slots,
            sender=None,
            sender_salt=bytes(32),
            staff=[],
            barred=[],
            invitation=False,
        )
        stored = save(storage, deeds.view(save(storage, told), act("c")))
        queue(storage, *told.notices)


def test_out_down_up_and_in_again(sql_url: str) -> None:
    """
    Every step can be taken back and taken again; an export brings back each byte of each log.
    """
    upgrading.upgrade(sql_url)
    with SqlStorage(sql_url) as storage:
        fill(storage)
        before = bodies(storage)
        records = list(moving.export_all(services(storage), STAFF))

    go(sql_url, "base")
    assert upgrading.current(sql_url) is None
    upgrading.upgrade(sql_url)
    assert upgrading.check(sql_url) == []
    with SqlStorage(sql_url) as storage:
        assert bodies(storage) == []
        moving.import_all(services(storage), STAFF, records)

        assert bodies(storage) == before
        assert len(before) == 15


def test_a_later_step_up_and_down_with_data(sql_url: str, tmp_path: Path) -> None:
    """
    A step that changes the tables of events and logs leaves each byte of each log, both ways.
    """
    steps = later(tmp_path)
    upgrading.upgrade(sql_url)
    with SqlStorage(sql_url) as storage:
        fill(storage)
        before = bodies(storage)

    go(sql_url, "later", steps)
    try:
        with pytest.raises(StorageError, match="has schema later, this calndro works with"):
            SqlStorage(sql_url)
        assert stored(sql_url) == before
    finally:
        go(sql_url, HEAD, steps)

    assert upgrading.check(sql_url) == []
    with SqlStorage(sql_url) as storage:
        assert bodies(storage) == before
