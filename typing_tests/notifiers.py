"""
Every notifier fits its port.
"""

from __future__ import annotations

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from calndro.adapters.mailbox import (
        ConsoleNotifier,
        DummyNotifier,
        FileNotifier,
        LocmemNotifier,
    )
    from calndro.adapters.memory import MemoryNotifier
    from calndro.adapters.smtp import SmtpNotifier
    from calndro.ports.notifier import Notifier


def notifiers(
    console: ConsoleNotifier,
    dummy: DummyNotifier,
    filebased: FileNotifier,
    locmem: LocmemNotifier,
    memory: MemoryNotifier,
    smtp: SmtpNotifier,
) -> list[Notifier]:
    """
    Assign each to the port.
    """
    return [console, dummy, filebased, locmem, memory, smtp]
