"""
Several processes on one database: a server and a command line, two that come first.
"""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from itertools import count
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from calndro.adapters.sql import locks, sqlite, upgrading
from calndro.adapters.sql.locks import FileLock
from calndro.adapters.sql.storage import SqlStorage
from calndro.core.errors import StorageError
from tests.contracts.deposits import ledger, log, propose
from tests.contracts.writing import look
from tests.patience import PATIENCE


if TYPE_CHECKING:
    from collections.abc import Sequence


ROOT = Path(__file__).parents[2]


def start(arguments: Sequence[str]) -> subprocess.Popen[str]:
    """
    Start Python.
    """
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> str:
    """
    Wait for a process to succeed, and give what it printed.
    """
    printed, complaint = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, complaint
    return printed


@pytest.mark.slow
def test_server_and_command_line_write_at_the_same_time(sql_url: str) -> None:
    """
    Processes that write the same event all get through, and no entry is lost.
    """
    programs, times = 3, 20
    with SqlStorage(sql_url) as storage:
        event_id = propose(storage, 1).id
        started = [
            start(["-m", "tests.contracts.writing", sql_url, str(event_id), str(times)])
            for _ in range(programs)
        ]
        threads = [Thread(target=look, args=(storage, event_id, times)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for process in started:
            finish(process)
        for thread in threads:
            thread.join(PATIENCE)

        assert ledger(storage, event_id).chain.seq == 1 + times * (programs + len(threads))
        assert len(log(storage, event_id)) == 1 + times * (programs + len(threads))


@pytest.mark.slow
def test_two_processes_create_the_same_file(tmp_path: Path) -> None:
    """
    Of processes that open an absent file at once, each finds one whole schema.
    """
    url = f"sqlite:///{tmp_path / 'team.db'}"
    code = f"from calndro.adapters.sql.storage import SqlStorage\nSqlStorage({url!r}).close()\n"
    for process in [start(["-c", code]) for _ in range(6)]:
        finish(process)

    assert upgrading.check(url) == []


HOLD = """
import sys
from calndro.adapters.sql.storage import SqlStorage
with SqlStorage(sys.argv[1]) as storage, storage.unit_of_work() as work:
    print("inside", flush=True)
    sys.stdin.readline()
"""


def test_a_killed_writer_leaves_nothing_locked(tmp_path: Path) -> None:
    """
    Who is killed holding the lock keeps nobody out, and leaves nothing behind.
    """
    url = f"sqlite:///{tmp_path / 'team.db'}"
    with SqlStorage(url) as storage:
        holder = subprocess.Popen(
            [sys.executable, "-c", HOLD, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == b"inside\n"
        waiting = Thread(target=propose, args=(storage, 1))
        waiting.start()
        waiting.join(0.2)
        assert waiting.is_alive()

        holder.kill()
        holder.wait(PATIENCE)
        waiting.join(PATIENCE)

        assert ledger(storage, 1).chain.seq == 1
        holder.stdout.close()
        holder.stdin.close()


def test_without_the_lock_another_process_is_turned_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    It is the lock that makes processes wait: without it, SQLite refuses the second.
    """
    monkeypatch.setattr(sqlite, "_PRAGMAS", ("PRAGMA busy_timeout=0",))
    url = f"sqlite:///{tmp_path / 'team.db'}"
    with SqlStorage(url) as storage:
        holder = subprocess.Popen(
            [sys.executable, "-c", HOLD, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"inside\n"
        with monkeypatch.context() as patch:
            patch.setattr(FileLock, "acquire", lambda _: None)
            patch.setattr(FileLock, "release", lambda _: None)
            with pytest.raises(StorageError, match="database is locked"):
                propose(storage, 1)
        holder.communicate(b"\n", timeout=PATIENCE)

        assert propose(storage, 1).id == 1


def test_a_link_to_the_file_has_the_same_lock(tmp_path: Path) -> None:
    """
    Whoever comes by another name of the same file waits for the same lock.
    """
    SqlStorage(f"sqlite:///{tmp_path / 'team.db'}").close()
    (tmp_path / "alias.db").symlink_to(tmp_path / "team.db")
    with SqlStorage(f"sqlite:///{tmp_path / 'alias.db'}") as storage:
        propose(storage, 1)

    assert not (tmp_path / "alias.db.lock").exists()


@pytest.mark.parametrize("place", [1, 2])
def test_a_lock_that_does_not_open_again_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    """
    What was committed is told as such though the lock could not be taken off, and all go on.
    """
    url = f"sqlite:///{tmp_path / 'team.db'}"
    SqlStorage(url).close()
    unlock, asked = locks._unlock, count(1)  # noqa: SLF001  the kernel call itself

    def fail_once(file: int) -> None:
        if next(asked) == place:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        unlock(file)

    monkeypatch.setattr(locks, "_unlock", fail_once)
    with SqlStorage(url) as storage:
        assert propose(storage, 1).id == 1
        if place == 1:
            with SqlStorage(url) as other:
                assert propose(other, 2).id == 2
        assert ledger(storage, 1).chain.seq == 1

    assert next(asked) > place


def test_whoever_is_called_away_while_waiting_does_not_hold_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    An interrupt that comes while somebody waits for another process keeps nobody out later.
    """

    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    with SqlStorage(f"sqlite:///{tmp_path / 'team.db'}") as storage:
        with monkeypatch.context() as patch:
            patch.setattr(locks, "_lock", interrupted)
            with pytest.raises(KeyboardInterrupt):
                propose(storage, 1)

        assert propose(storage, 1).id == 1
