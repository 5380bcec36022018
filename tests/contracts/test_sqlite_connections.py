"""
The connections to an SQLite file: which are kept, which are given up, and what is sent when.
"""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from threading import get_ident
from typing import TYPE_CHECKING, Any

import pytest

from calndro.adapters.sql import sqlite
from calndro.adapters.sql.locks import FileLock
from calndro.adapters.sql.sqlite import SqliteDatabase
from calndro.adapters.sql.storage import SqlStorage
from calndro.core import deeds
from calndro.core.errors import StorageError
from tests.contracts.deposits import page, proposal, propose, save
from tests.examples import act, address


if TYPE_CHECKING:
    from pathlib import Path


WRITING = (
    "PRAGMA journal_mode=WAL",
    "BEGIN IMMEDIATE",
    "CREATE",
    "INSERT",
    "UPDATE",
    "COMMIT",
    "VACUUM",
    "PRAGMA wal_checkpoint",
)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """
    Note what is sent to SQLite, and whether its sender held the lock of the file.
    """
    noted: list[tuple[str, bool]] = []
    holders: list[int] = []
    acquire, release, connect = FileLock.acquire, FileLock.release, SqliteDatabase.connect

    def acquire_noted(lock: FileLock) -> None:
        acquire(lock)
        holders.append(get_ident())

    def release_noted(lock: FileLock) -> None:
        holders.remove(get_ident())
        release(lock)

    def connect_traced(database: SqliteDatabase) -> sqlite3.Connection:
        connection = connect(database)
        connection.set_trace_callback(
            lambda statement: noted.append((statement, get_ident() in holders))
        )
        return connection

    monkeypatch.setattr(FileLock, "acquire", acquire_noted)
    monkeypatch.setattr(FileLock, "release", release_noted)
    monkeypatch.setattr(SqliteDatabase, "connect", connect_traced)
    return noted


def forbid(connection: sqlite3.Connection, word: str) -> None:
    """
    Let a connection refuse to begin, commit or roll back.
    """

    def decide(action: int, operation: str | None, *_: object) -> int:
        is_it = action == sqlite3.SQLITE_TRANSACTION and operation == word
        return sqlite3.SQLITE_DENY if is_it else sqlite3.SQLITE_OK

    connection.set_authorizer(decide)


def is_open(connection: sqlite3.Connection) -> bool:
    """
    Tell whether a connection can be used.
    """
    try:
        connection.execute("SELECT 1")
    except sqlite3.ProgrammingError:
        return False
    return True


def test_some_are_kept_and_used_in_turn(tmp_path: Path) -> None:
    """
    Of seven that were needed at once five stay open, and the first of them comes first.
    """
    database = SqliteDatabase(f"sqlite:///{tmp_path / 'team.db'}")
    with ExitStack() as stack:
        lent = [stack.enter_context(database.borrowed()) for _ in range(7)]
    kept = [each for each in lent if is_open(each)]
    used = []
    for _ in range(6):
        with database.borrowed() as connection:
            used.append(connection)
    database.close()

    assert len(set(map(id, lent))) == 7
    assert len(kept) == 5
    assert used == [*reversed(kept), kept[-1]]
    assert not any(map(is_open, lent))


def test_one_lent_while_all_are_closed_is_closed_when_it_comes_back(
    tmp_path: Path,
) -> None:
    """
    Who still reads while the database is closed leaves no connection open.
    """
    database = SqliteDatabase(f"sqlite:///{tmp_path / 'team.db'}")
    with database.borrowed() as connection:
        database.close()
        assert is_open(connection)

    assert not is_open(connection)


@pytest.mark.parametrize("place", ["", "/{0}/team.db"])
def test_a_closed_one_is_of_no_use(tmp_path: Path, place: str) -> None:
    """
    Who closes storage twice does no harm to other files, and who uses it then is told so.
    """
    storage = SqlStorage(f"sqlite://{place.format(tmp_path)}")
    storage.close()
    with (tmp_path / "other").open("w") as other:
        storage.close()
        other.write("still open")

    for use in (storage.check, storage.scrub if place else storage.check):
        with pytest.raises(StorageError, match="this storage is closed"):
            use()
    for enter in (storage.unit_of_work, storage.snapshot):
        with pytest.raises(StorageError, match="this storage is closed"), enter():
            raise AssertionError
    assert (tmp_path / "other").read_text() == "still open"


def test_what_was_begun_is_undone(tmp_path: Path) -> None:
    """
    Whoever gets a connection next finds no transaction of another in it.
    """
    database = SqliteDatabase(f"sqlite:///{tmp_path / 'team.db'}")
    with database.borrowed() as connection:
        connection.execute("BEGIN")
        connection.execute("CREATE TABLE probe (id INTEGER)")
    with database.borrowed() as again:
        assert again is connection
        assert not again.in_transaction
        assert again.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    database.close()


def test_a_forgotten_transaction_is_undone(tmp_path: Path) -> None:
    """
    A transaction whose holder was broken off keeps nobody out.
    """
    with SqlStorage(f"sqlite:///{tmp_path / 'team.db'}") as storage:
        with storage.database.write_lock:
            transaction = storage.database.transaction(writes=True)
            assert transaction.writes
            del transaction

        assert propose(storage, 1).id == 1


def test_one_given_back_twice_is_there_once(tmp_path: Path) -> None:
    """
    Two who read at once never share a connection, whoever left twice before.
    """
    with SqlStorage(f"sqlite:///{tmp_path / 'team.db'}") as storage:
        stored = propose(storage, 1)
        with storage.snapshot() as work:
            pass
        work.__exit__(None, None, None)

        with storage.snapshot() as one, storage.snapshot() as other:
            assert one.events.get(stored.id) == other.events.get(stored.id) == stored


def test_one_whose_commit_failed_is_not_used_again(tmp_path: Path) -> None:
    """
    Nobody knows what it holds, so the next one gets another; what it wrote is undone.
    """
    with SqlStorage(f"sqlite:///{tmp_path / 'team.db'}") as storage:
        database = storage.database
        assert isinstance(database, SqliteDatabase)
        with database.borrowed() as connection:
            forbid(connection, "COMMIT")

        with storage.unit_of_work() as work:
            work.users.enlist([address("a")])
            with pytest.raises(StorageError, match="not authorized"):
                work.commit()

        assert not is_open(connection)
        with storage.snapshot() as look:
            assert look.users.find([address("a")]) == {}


def test_one_that_can_not_be_cleared_is_closed(tmp_path: Path) -> None:
    """
    What can't be undone is not left to whoever comes next.
    """
    with closing(SqliteDatabase(f"sqlite:///{tmp_path / 'team.db'}")) as database:
        with database.borrowed() as connection:
            connection.execute("BEGIN")
            forbid(connection, "ROLLBACK")

        assert not is_open(connection)
        with database.borrowed() as other:
            assert not other.in_transaction


def test_one_that_can_not_be_set_up_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A connection without its settings is used by nobody, and does not stay open.
    """
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def connect_noted(*args: Any, **options: Any) -> sqlite3.Connection:
        opened.append(connect(*args, **options))
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", connect_noted)
    monkeypatch.setattr(sqlite, "_PRAGMAS", ("PRAGMA foreign_keys=ON", "no statement"))
    with (
        closing(SqliteDatabase(f"sqlite:///{tmp_path / 'team.db'}")) as database,
        pytest.raises(StorageError, match="syntax error"),
    ):
        database.revision()

    assert [is_open(each) for each in opened] == [False]


def test_whoever_writes_holds_the_lock(tmp_path: Path, sent: list[tuple[str, bool]]) -> None:
    """
    Nothing that writes is sent without the lock of the file; who reads waits for nobody.
    """
    path = tmp_path / "team.db"
    with SqlStorage(f"sqlite:///{path}") as storage:
        stored = propose(storage, 1, parties="aq")
        assert len(page(storage)) == 1
        save(storage, deeds.erase(stored, act("a"), address("q")))
        storage.scrub()
    with closing(sqlite3.connect(path)) as elsewhere:
        assert elsewhere.execute("PRAGMA journal_mode=DELETE").fetchone() == ("delete",)
    SqlStorage(f"sqlite:///{path}").close()

    writing = [(word, held) for text, held in sent for word in WRITING if text.startswith(word)]
    assert [word for word, held in writing if not held] == []
    assert {word for word, _ in writing} == set(WRITING)
    assert "SELECT" in {text[:6] for text, held in sent if not held}


def test_threads_take_turns_at_a_database_in_memory() -> None:
    """
    Readers and writers of a database in memory all find the same one.
    """
    with SqlStorage("sqlite://") as storage, ThreadPoolExecutor(8) as pool:

        def act(number: int) -> int:
            storage.check()
            if number % 2:
                save(storage, proposal(1, identity=number))
            return len(page(storage))

        seen = list(pool.map(act, range(200)))

    assert max(seen) == 100
