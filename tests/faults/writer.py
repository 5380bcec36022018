"""
A program that commits three times and says so, while the kernel fails it.
"""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Final

from calndro.adapters.mailbox import DummyNotifier
from calndro.adapters.memory import MemoryPasswords
from calndro.adapters.sql.storage import SqlStorage
from calndro.adapters.system import SystemClock, SystemSecrets
from calndro.core.access import Caller
from calndro.core.errors import StorageError
from calndro.core.party import Address
from calndro.usecases import events
from calndro.usecases.services import Services


if TYPE_CHECKING:
    from multiprocessing.connection import Connection


COMMITS: Final = 3
_SET_TRACER: Final = 0x59616D61
_ANYBODY: Final = ctypes.c_ulong(-1)
STAFF: Final = Caller(Address.parse("staff@example.org"), staff=True, local=True)


def wired(storage: SqlStorage) -> Services:
    """
    Wire storage to nothing else.
    """
    return Services(
        unit_of_work=storage.unit_of_work,
        snapshot=storage.snapshot,
        notifier=DummyNotifier,
        clock=SystemClock(),
        secrets=SystemSecrets(),
        passwords=MemoryPasswords(),
        scrub=storage.scrub,
    )


def commit_thrice(url: str, event: int, line: Connection, twist: str) -> None:
    """
    Look at an event three times, once told to, and send the receipt of each look.

    Args:
        url: Of the database.
        event: Which event.
        line: First something goes and comes, then receipts and words go, and at the end None.
        twist: ``module:function`` that is called first, or nothing.
    """
    if twist:
        module, _, name = twist.partition(":")
        getattr(import_module(module), name)()
    # Where Yama is, only its ancestors may trace a process that does not say so.
    ctypes.CDLL(None).prctl(_SET_TRACER, _ANYBODY, 0, 0, 0)
    line.send("ready")
    line.recv()
    with suppress(StorageError):
        _work(url, event, line)
    line.send(None)
    line.recv()
    # What is left is Python's own business, and no part of the run.
    os._exit(0)


def _work(url: str, event: int, line: Connection) -> None:
    with _opened(url, line) as storage:
        services = wired(storage)
        for _ in range(COMMITS):
            try:
                seen = events.view(services, STAFF, event)
            except StorageError as error:
                line.send(str(error))
            else:
                line.send(seen.receipt)


def _opened(url: str, line: Connection) -> SqlStorage:
    try:
        return SqlStorage(url)
    except StorageError as error:
        line.send(str(error))
        # It fails once; whoever asks again is served.
        return SqlStorage(url)
