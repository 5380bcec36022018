"""
What only a real database can get wrong: how it ends, its locks, its guards.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import attrs
import pytest
from sqlalchemy.exc import SQLAlchemyError

from calndro.adapters.sql import sqlite
from calndro.adapters.sql.locks import NoLock
from calndro.adapters.sql.sqlite import SqliteDatabase
from calndro.adapters.sql.storage import SqlStorage
from calndro.core import deeds
from calndro.core.agreement import replay
from calndro.core.errors import StorageError
from calndro.core.notice import Outcome
from tests.contracts.deposits import (
    LATER,
    ledger,
    log,
    notice,
    propose,
    queue,
    save,
    waiting,
)
from tests.examples import START, act, address


if TYPE_CHECKING:
    from pathlib import Path


def reword(storage: SqlStorage, name: str, change: tuple[str, str]) -> None:
    """
    Have a statement sent with other words, for a control.
    """
    statements = storage.database.statements
    prepared = statements.prepare(name)
    text = prepared.text.replace(*change)
    assert text != prepared.text
    statements._known[name, 0] = attrs.evolve(prepared, text=text)  # noqa: SLF001  a control


class TestEnds:
    """
    How a unit of work, a connection, a database end.
    """

    def test_a_snapshot_refuses_to_write(self, sql: SqlStorage) -> None:
        """
        Whatever would write in a snapshot is told at once.
        """
        with sql.snapshot() as work, pytest.raises(StorageError, match="only reads"):
            work.users.enlist([address("a")])

    def test_after_the_commit_nothing_is_written(self, sql: SqlStorage) -> None:
        """
        A unit of work is committed once, and writes nothing after that.
        """
        with sql.unit_of_work() as work:
            work.commit()
            with pytest.raises(StorageError, match="has ended"):
                work.users.enlist([address("a")])
            with pytest.raises(StorageError, match="has ended"):
                work.commit()

        with sql.snapshot() as look:
            assert look.users.find([address("a")]) == {}

    def test_what_was_committed_is_still_there_when_opened_again(self, sql_url: str) -> None:
        """
        Closing and opening loses nothing.
        """
        with SqlStorage(sql_url) as storage:
            stored = propose(storage, 1, 2)
        with SqlStorage(sql_url) as storage:
            assert ledger(storage, stored.id) == stored
            assert replay(log(storage, stored.id)) == stored.state

    def test_the_log_of_sqlite_is_gone_when_closed(self, tmp_path: Path) -> None:
        """
        Closing the last connection writes everything into the one file that is copied.
        """
        with SqlStorage(f"sqlite:///{tmp_path / 'team.db'}") as storage:
            propose(storage, 1)
            assert (tmp_path / "team.db-wal").stat().st_size > 0

        assert {path.name for path in tmp_path.iterdir()} == {"team.db", "team.db.lock"}

    def test_scrub_leaves_nothing_to_find(self, tmp_path: Path) -> None:
        """
        After scrubbing, an erased address is in no file of the database.
        """
        with SqlStorage(f"sqlite:///{tmp_path / 'team.db'}") as storage:
            stored = propose(storage, 1, parties="aq")
            save(storage, deeds.erase(stored, act("a"), address("q")))
            assert self.is_found(tmp_path, b"q@here.net")

            storage.scrub()

            assert not self.is_found(tmp_path, b"q@here.net")
            assert self.is_found(tmp_path, b"a@here.net")

    def is_found(self, folder: Path, text: bytes) -> bool:
        """
        Search every file of the database.
        """
        return any(text in path.read_bytes() for path in folder.iterdir())

    def test_scrub_tells_when_somebody_still_reads(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """
        When a reader keeps the old log alive, that is said and not passed over.
        """
        monkeypatch.setattr(sqlite, "_PRAGMAS", ("PRAGMA busy_timeout=50",))
        with SqlStorage(f"sqlite:///{tmp_path / 'team.db'}") as storage:
            stored = propose(storage, 1)
            with storage.snapshot() as look:
                assert look.events.get(stored.id) == stored
                with pytest.raises(StorageError, match="somebody is reading"):
                    storage.scrub()

    def test_a_unit_of_work_within_another(self, tmp_path: Path) -> None:
        """
        On SQLite a thread that would wait for itself is told so.
        """
        with (
            SqlStorage(f"sqlite:///{tmp_path / 'team.db'}") as storage,
            storage.unit_of_work(),
            pytest.raises(StorageError, match="leave that one first"),
            storage.unit_of_work(),
        ):
            pytest.fail("entered twice")


class TestPragmas:
    """
    What is set on SQLite.
    """

    def test_every_connection_is_durable(self, tmp_path: Path) -> None:
        """
        Each connection waits for the disk at a commit, checks references and has a log.
        """
        with SqlStorage(f"sqlite:///{tmp_path / 'team.db'}") as storage:
            database = storage.database
            assert isinstance(database, SqliteDatabase)
            with database.borrowed() as one, database.borrowed() as other:
                for connection in (one, other):
                    found = [
                        connection.execute(f"PRAGMA {name}").fetchone()
                        for name in ("synchronous", "foreign_keys", "journal_mode")
                    ]
                    assert found == [(2,), (1,), ("wal",)]

    def test_a_lost_log_is_restored(self, tmp_path: Path) -> None:
        """
        A file copied in without write-ahead log gets it back at the next opening.
        """
        path = tmp_path / "team.db"
        SqlStorage(f"sqlite:///{path}").close()
        connection = sqlite3.connect(path)
        assert connection.execute("PRAGMA journal_mode=DELETE").fetchone() == ("delete",)
        connection.close()

        with (
            SqlStorage(f"sqlite:///{path}") as storage,
            storage.database.engine.connect() as reader,
        ):
            assert reader.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


class TestGuards:
    """
    Triggers, locks and guards, each with the control that shows that it is the one.
    """

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE calndro_entry SET effector = 2",
            "UPDATE calndro_entry SET body = body WHERE seq = 1",
            "DELETE FROM calndro_entry",
        ],
    )
    def test_the_database_refuses_to_change_the_log(self, sql: SqlStorage, statement: str) -> None:
        """
        Nobody changes or removes an entry, even with the database in hand.
        """
        stored = propose(sql, 1)
        before = list(log(sql, stored.id))

        with (
            sql.database.engine.connect() as connection,
            pytest.raises(SQLAlchemyError, match="log entries can only be added"),
        ):
            connection.exec_driver_sql(statement)
        assert list(log(sql, stored.id)) == before

    def test_sqlite_refuses_to_replace_an_entry(self, tmp_path: Path) -> None:
        """
        REPLACE, which asks no trigger for DELETE, is refused as well.
        """
        with SqlStorage(f"sqlite:///{tmp_path / 'team.db'}") as storage:
            stored = propose(storage, 1)
            with (
                storage.database.engine.connect() as connection,
                pytest.raises(SQLAlchemyError, match="log entries can only be added"),
            ):
                connection.exec_driver_sql("REPLACE INTO calndro_entry SELECT * FROM calndro_entry")
            assert len(log(storage, stored.id)) == 1

    @pytest.mark.service
    def test_postgres_refuses_to_empty_the_log(self, clean_postgres: str) -> None:
        """
        TRUNCATE is refused as well.
        """
        with SqlStorage(clean_postgres) as storage, storage.database.engine.connect() as connection:
            propose(storage, 1)
            with pytest.raises(SQLAlchemyError, match="log entries can only be added"):
                connection.exec_driver_sql("TRUNCATE calndro_entry")

    @pytest.mark.service
    def test_mariadb_refuses_to_replace_an_entry(self, clean_mariadb: str) -> None:
        """
        REPLACE asks the trigger for DELETE there, and is refused.
        """
        with SqlStorage(clean_mariadb) as storage, storage.database.engine.connect() as connection:
            propose(storage, 1)
            with pytest.raises(SQLAlchemyError, match="log entries can only be added"):
                connection.exec_driver_sql("REPLACE INTO calndro_entry SELECT * FROM calndro_entry")

    @pytest.mark.service
    def test_a_claim_keeps_nobody_of_a_busy_event_waiting(self, clean_mariadb: str) -> None:
        """
        On MariaDB, whoever claims passes by a busy event without keeping its notices locked.
        """
        with SqlStorage(clean_mariadb) as storage:
            for number in (1, 2):
                propose(storage, 1)
                queue(storage, notice(event_id=number))
            first, _ = waiting(storage)
            with storage.unit_of_work() as busy, storage.unit_of_work() as other:
                busy.events.get(1)
                post = other.outbox.claim(START, LATER)
                assert post is not None
                assert post.notice.event_id == 2
                # Locked, this would wait for the other transaction, which is ours.
                assert busy.outbox.settle(first, Outcome.SENT)

    @pytest.mark.service
    def test_who_holds_an_event_waits_for_none_before_it(self, clean_mariadb: str) -> None:
        """
        On MariaDB, a claim that took an event in vain does not wait for an earlier one.
        """
        with SqlStorage(clean_mariadb) as storage:
            # Somebody was faster.
            reword(storage, "outbox.first_due_of", ("WHERE ", "WHERE 1 = 0 AND "))
            for number in (1, 2):
                propose(storage, 1)
                queue(storage, notice(event_id=number))
            with storage.unit_of_work() as busy, storage.unit_of_work() as work:
                busy.events.get(1)
                assert work.outbox.claim(START, LATER) is None

    def test_without_triggers_nothing_refuses(self, tmp_path: Path) -> None:
        """
        It is the triggers that refuse: without them the log can be changed.
        """
        with SqlStorage(f"sqlite:///{tmp_path / 'team.db'}") as storage:
            stored = propose(storage, 1)
            with storage.database.engine.connect() as connection:
                connection.exec_driver_sql("DROP TRIGGER calndro_entry_no_delete")
                connection.exec_driver_sql("DELETE FROM calndro_entry")
            assert list(log(storage, stored.id)) == []

    def test_the_guard_is_what_refuses_a_stale_change(self, sql: SqlStorage) -> None:
        """
        Without the guard in its WHERE a stale change would overwrite the newer event.
        """
        old = propose(sql, 1)
        save(sql, deeds.view(old, act("b")))
        stale = deeds.stop_mail(old, act("c"))
        object.__setattr__(stale.entries[0], "seq", 9)
        with pytest.raises(StorageError, match="not as it was"):
            save(sql, stale)

        reword(sql, "event.change", ("calndro_event.seq = ", "calndro_event.seq <> -1 - "))
        save(sql, stale)

        assert ledger(sql, old.id).state.stopped == {3}
        assert replay(log(sql, old.id)[:2]).stopped == frozenset()

    @pytest.mark.service
    def test_the_lock_is_what_keeps_others_out(self, clean_postgres: str) -> None:
        """
        Without FOR UPDATE two would read the same event, and the guard refuse the second.
        """
        with SqlStorage(clean_postgres) as storage:
            reword(storage, "event.read_to_change", (" FOR UPDATE", ""))
            stored = propose(storage, 1)
            with storage.unit_of_work() as one:
                assert one.events.get(stored.id) == stored
                with storage.unit_of_work() as other:
                    assert other.events.get(stored.id) == stored
                    other.events.save(deeds.view(stored, act("b")))
                    other.commit()
                with pytest.raises(StorageError, match="not as it was"):
                    one.events.save(deeds.view(stored, act("c")))

    def test_the_lock_file_keeps_writers_apart(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """
        Without the lock, and without SQLite's patience, a second writer is turned away.
        """
        monkeypatch.setattr(sqlite, "_PRAGMAS", ("PRAGMA busy_timeout=0",))
        with SqlStorage(f"sqlite:///{tmp_path / 'team.db'}") as storage:
            storage.database.write_lock.close()
            storage.database.write_lock = NoLock()
            with (
                storage.unit_of_work(),
                pytest.raises(StorageError, match="database is locked"),
                storage.unit_of_work(),
            ):
                pytest.fail("two writers at once")
