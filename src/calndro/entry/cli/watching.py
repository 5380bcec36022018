"""
Delivering until told to stop.
"""

from __future__ import annotations

import signal
from contextlib import closing, contextmanager, suppress
from select import select
from socket import socketpair
from typing import TYPE_CHECKING, Final

import typer


if TYPE_CHECKING:
    from collections.abc import Iterator
    from socket import socket

    from calndro.entry.cli.asked import Asked
    from calndro.entry.cli.documents import DeliveryJson
    from calndro.usecases.letters import Delivery
    from calndro.usecases.services import Services


LOOK_EVERY: Final = 2.0
"""Seconds between two looks at the outbox."""

_MOST_BYTES: Final = 4096


def keep_watch(services: Services, wanted: Asked, *, every: float = LOOK_EVERY) -> None:
    """
    Send letters as they come, until SIGTERM or Ctrl-C; the letter in hand is finished.

    Args:
        services: The ports.
        wanted: With JSON, a document for each letter on stdout, words on stderr.
        every: Seconds between two looks at the outbox.
    """
    from calndro.core.errors import StorageError
    from calndro.entry.cli.exits import say

    with _heeded() as ear:
        rest = 0.0
        while not ear.hears_within(rest):
            rest = every
            try:
                if _round(services, ear, wanted):
                    # Every new letter would only fail alike.
                    rest = services.terms.retry_policy.probe.total_seconds()
            except StorageError as error:
                # The database may come back, and the letters with it.
                say(error)


def plain(each: Delivery) -> DeliveryJson:
    """
    Show how a letter went, as JSON does.
    """
    return {
        "event": each.event_id,
        "recipient": each.recipient,
        "outcome": each.outcome,
        "reason": each.reason,
    }


def _round(services: Services, ear: _Ear, wanted: Asked) -> bool:
    from calndro.usecases.letters import deliveries

    with closing(deliveries(services)) as reports:
        for each in reports:
            _tell(each, wanted)
            if each.everywhere or ear.has_heard:
                return each.everywhere
    return False


def _tell(each: Delivery, wanted: Asked) -> None:
    from calndro.entry.cli.reporting import report
    from calndro.entry.cli.session import answer

    if wanted.json:
        answer(plain(each))
    try:
        report([each], wanted)
    except typer.Exit:
        # What could not be sent has been named, and is tried again when it is due.
        return


class _Ear:
    """
    Hears the signals that tell to stop.

    Args:
        wire: Where there is something to read from the moment of a signal on.
    """

    def __init__(self, wire: socket) -> None:
        self._wire = wire
        self.has_heard = False

    def hear(self, *_: object) -> None:
        """
        Note a signal.
        """
        self.has_heard = True

    def hears_within(self, seconds: float) -> bool:
        """
        Wait for a signal, and tell whether there was one, now or before.
        """
        if not self.has_heard:
            select([self._wire], [], [], seconds)
            with suppress(BlockingIOError):
                self._wire.recv(_MOST_BYTES)
        return self.has_heard


@contextmanager
def _heeded() -> Iterator[_Ear]:
    """
    Heed the signals that tell to stop.
    """
    # Python runs a handler only between two of its steps. One for a signal that comes as a wait
    # begins, of whatever lock or queue, would run when that is over; only the wire ends it.
    heard, told = socketpair()
    with heard, told:
        for end in (heard, told):
            end.settimeout(0)
        ear = _Ear(heard)
        before = {each: signal.signal(each, ear.hear) for each in (signal.SIGINT, signal.SIGTERM)}
        wire = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
        try:
            yield ear
        finally:
            signal.set_wakeup_fd(wire)
            for each, handler in before.items():
                signal.signal(each, handler)
