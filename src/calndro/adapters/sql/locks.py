"""
Locks that keep writers apart: of SQLite one at a time, of all threads and all processes.

SQLite lets only one write anyway, but it makes the others poll, and gives up on those who
had bad luck; and versions before 3.51.3 can lose a page when a writer and a checkpoint of
two processes meet. A lock file beside the database is waited for in the kernel instead.
"""

from __future__ import annotations

import os
from contextlib import suppress
from stat import S_IMODE
from threading import Lock, get_ident
from typing import Final

from calndro.adapters.sql.transaction import translated
from calndro.core.errors import StorageError


try:
    import fcntl
except ImportError:

    def _lock(file: int) -> None:
        """
        Leave it to SQLite's own locks where there is no flock.
        """

    _unlock = _lock

    def _give_away(file: int, database: str) -> None:
        """
        Leave it as it is where files have no such modes.
        """

else:

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)

    def _unlock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)

    def _give_away(file: int, database: str) -> None:
        # As SQLite does with its own files beside it; of somebody else's file it can't be done.
        with suppress(OSError):
            alike = os.stat(database)  # noqa: PTH116  nothing more of the path is needed
            os.fchmod(file, S_IMODE(alike.st_mode))
            os.fchown(file, alike.st_uid, alike.st_gid)


PATIENCE: Final = 60.0
"""Seconds to wait for other threads; each of them holds the lock for milliseconds."""

_CLOSED: Final = -1


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
        path: The database's; the lock file, which stays, has ``.lock`` behind it, and whoever
            may not open the database may not open that file either.
    """

    def __init__(self, path: str) -> None:
        super().__init__()
        self._database = os.path.realpath(path)
        self._open()

    def acquire(self) -> None:
        super().acquire()
        taken = False
        try:
            if self._file == _CLOSED:
                raise StorageError("this storage is closed")
            with translated(OSError):
                _lock(self._file)
            taken = True
        finally:
            # Who waits may be called away by an interrupt, too.
            if not taken:
                super().release()

    def release(self) -> None:
        try:
            _unlock(self._file)
        except OSError:
            # The lock goes with the file that holds it.
            self._let_go()
            self._open()
        finally:
            super().release()

    def close(self) -> None:
        """
        Let go of the lock file, which nobody can hold any more.
        """
        super().acquire()
        try:
            self._let_go()
        finally:
            super().release()

    def _open(self) -> None:
        with translated(OSError):
            self._file = _opened(self._database)

    def _let_go(self) -> None:
        file, self._file = self._file, _CLOSED
        if file != _CLOSED:
            os.close(file)


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


def _opened(database: str) -> int:
    # To read suffices for a lock, and whoever may write the database may lack the right
    # to write a file that somebody else has made.
    file = os.open(f"{database}.lock", os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    _give_away(file, database)
    return file
