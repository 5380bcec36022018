"""
Locks that keep writers apart: of SQLite one at a time, of all threads and all processes.

SQLite lets only one write anyway, but it makes the others poll, and gives up on those who
had bad luck; and versions before 3.51.3 can lose a page when a writer and a checkpoint of
two processes meet. A lock file beside the database is waited for in the kernel instead.
"""

from __future__ import annotations

import os
from threading import Lock, get_ident
from typing import Final

from calndro.adapters.sql.transaction import refusal, translated
from calndro.core.errors import StorageError


try:
    import fcntl
except ImportError:

    def _lock(file: int) -> None:
        """
        Leave it to SQLite's own locks where there is no flock.
        """

    _unlock = _lock

else:

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)

    def _unlock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)


PATIENCE: Final = 60.0
"""Seconds to wait for other threads; each of them holds the lock for milliseconds."""


class ThreadLock:
    """
    Lets the threads of this process through one at a time.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._holder: int | None = None

    def acquire(self) -> None:
        """
        Wait for one's turn.

        Raises:
            StorageError: It did not come: whoever holds the lock keeps it, or is oneself.
        """
        if self._holder == get_ident():
            raise StorageError("this thread has a unit of work open; leave that one first")
        if not self._lock.acquire(timeout=PATIENCE):
            raise StorageError(
                f"the database was busy for {PATIENCE:.0f} s: a unit of work is still open"
            )
        self._holder = get_ident()

    def release(self) -> None:
        """
        Let the next one in.
        """
        self._holder = None
        self._lock.release()

    def close(self) -> None:
        """
        Let go of what was opened.
        """

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


class FileLock(ThreadLock):
    """
    Lets one thread through of all processes that use the same database.

    Args:
        path: The database's; the lock file, which stays, has ``.lock`` behind it.
    """

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = os.path.realpath(path) + ".lock"
        with translated(OSError):
            self._file = _opened(self._path)

    def acquire(self) -> None:
        super().acquire()
        try:
            _lock(self._file)
        except OSError as error:
            super().release()
            raise refusal(error) from error

    def release(self) -> None:
        try:
            _unlock(self._file)
        except OSError:
            # The lock goes with the file that holds it.
            os.close(self._file)
            with translated(OSError):
                self._file = _opened(self._path)
        finally:
            super().release()

    def close(self) -> None:
        os.close(self._file)


class NoLock(ThreadLock):
    """
    Lets everybody through, for databases that order their writers themselves.
    """

    def acquire(self) -> None:
        """
        Wait for nobody.
        """

    def release(self) -> None:
        """
        Keep nobody waiting.
        """


def _opened(path: str) -> int:
    # To read suffices for a lock, and whoever may write the database may lack the right
    # to write a file that somebody else has made.
    return os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
