"""
Many processes write one SQLite file, beside one that writes with nothing but sqlite3.

Run as ``python -m tests.faults.writers PROCESSES SECONDS``; prints its figures as one JSON line
and fails when one is out of bounds. Both write the same: a row of an event moves on and an
entry of its log is added, committed and on the disk.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.exc import DBAPIError

from calndro.adapters.sql.locks import NoLock, ThreadLock
from calndro.adapters.sql.sqlite import SqliteDatabase
from calndro.core.errors import StorageError
from tests.databases import database
from tests.faults.forking import FORKING
from tests.patience import PATIENCE


if TYPE_CHECKING:
    from collections.abc import Callable


LEAST_RATIO: Final = 0.6
MOST_WAIT: Final = 1.0
_MOVE: Final = "UPDATE probe SET seq = seq + 1 WHERE id = 1"
_ADD: Final = "INSERT INTO entry_probe (body) VALUES (zeroblob(600))"


def run(folder: Path, *, processes: int, seconds: float, locked: bool = True) -> dict[str, Any]:
    """
    Write, first alone and bare, then many taking turns.

    Args:
        folder: For the database.
        processes: How many.
        seconds: How long each of the two writes.
        locked: False for a control, in which nobody waits for anybody.
    """
    with database("sqlite", folder) as url:
        opened = SqliteDatabase(url)
        with opened.write_lock, opened.borrowed() as connection:
            connection.execute("CREATE TABLE probe (id INTEGER PRIMARY KEY, seq INTEGER)")
            connection.execute("CREATE TABLE entry_probe (body BLOB)")
            connection.execute("INSERT INTO probe VALUES (1, 0)")
        path = opened.path
        opened.close()
        (alone,) = _raced(_bare, path, 1, seconds)
        many = _raced(_locked if locked else _pushing, url, processes, seconds)
        with closing(sqlite3.connect(path or "")) as connection:
            (moved,) = connection.execute("SELECT seq FROM probe").fetchone()
    written = sum(each["commits"] for each in many)
    return {
        "processes": processes,
        "alone_a_second": round(alone["commits"] / seconds),
        "together_a_second": round(written / seconds),
        "ratio": round(written / alone["commits"], 2),
        "refused": sum(each["refused"] for each in many),
        "worst_wait": round(max(each["worst"] for each in many), 3),
        "lost": alone["commits"] + written - moved,
    }


def _raced(
    task: Callable[..., None], where: str | None, processes: int, seconds: float
) -> list[dict[str, Any]]:
    barrier, results = FORKING.Barrier(processes), FORKING.SimpleQueue()
    started = [
        FORKING.Process(target=task, args=(where, seconds, barrier, results), daemon=True)
        for _ in range(processes)
    ]
    for process in started:
        process.start()
    found = [results.get() for _ in started]
    for process in started:
        process.join(PATIENCE)
    return found


def _bare(path: str, seconds: float, barrier: Any, results: Any) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=FULL")

        def commit() -> None:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(_MOVE)
            connection.execute(_ADD)
            connection.execute("COMMIT")

        barrier.wait(PATIENCE)
        results.put(_timed(commit, seconds))


def _pushing(url: str, seconds: float, barrier: Any, results: Any) -> None:
    _locked(url, seconds, barrier, results, NoLock())


def _locked(
    url: str, seconds: float, barrier: Any, results: Any, lock: ThreadLock | None = None
) -> None:
    opened = SqliteDatabase(url)
    if lock is not None:
        opened.write_lock.close()
        opened.write_lock = lock
        with opened.borrowed() as connection:
            connection.execute("PRAGMA busy_timeout=0")

    def commit() -> None:
        with opened.write_lock, opened.borrowed() as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(_MOVE)
            connection.execute(_ADD)
            connection.commit()

    barrier.wait(PATIENCE)
    results.put(_timed(commit, seconds))
    opened.close()


def _timed(commit: Callable[[], None], seconds: float) -> dict[str, Any]:
    commits, refused, worst, end = 0, 0, 0.0, monotonic() + seconds
    while (begun := perf_counter()) and monotonic() < end:
        try:
            commit()
        except (StorageError, sqlite3.Error, DBAPIError):
            refused += 1
        else:
            commits += 1
        worst = max(worst, perf_counter() - begun)
    return {"commits": commits, "refused": refused, "worst": worst}


def main() -> None:
    """
    Do as the command line says.
    """
    processes, seconds = int(sys.argv[1]), float(sys.argv[2])
    with TemporaryDirectory(prefix="calndro-") as home:
        figures = run(Path(home), processes=processes, seconds=seconds)
    sys.stdout.write(json.dumps(figures) + "\n")
    fast = figures["ratio"] >= LEAST_RATIO and figures["worst_wait"] <= MOST_WAIT
    sys.exit(0 if fast and not figures["refused"] and not figures["lost"] else 1)


if __name__ == "__main__":
    main()
