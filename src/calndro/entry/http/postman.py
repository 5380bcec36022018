"""
The postman: hands over in the background what the outbox holds.
"""

from __future__ import annotations

import logging
from contextlib import closing
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

from calndro.core.errors import StorageError
from calndro.entry.outcomes import note, note_absence
from calndro.usecases import letters


if TYPE_CHECKING:
    from calndro.usecases.letters import Delivery
    from calndro.usecases.services import Services


TIMEOUT: Final = 10.0
"""How many seconds a letter in hand may take when the postman is told to stop."""

_log = logging.getLogger("calndro.postman")


class Postman:
    """
    One thread that delivers when it is woken, and looks for work every few seconds.

    Args:
        services: The ports.
        every: Seconds between looks; what waits for another attempt is found by them.
    """

    def __init__(self, services: Services, every: float) -> None:
        self._services = services
        self._every = every
        self._bell = Event()
        self._ended = Event()
        self._thread = Thread()

    @property
    def _stopping(self) -> bool:
        return self._ended.is_set()

    def start(self) -> None:
        """
        Begin, with a look at what an earlier process may have left.
        """
        self._ended.clear()
        self._bell.set()
        self._hire()

    def wake(self) -> None:
        """
        Tell it that letters wait; returns at once.
        """
        self._bell.set()

    def stop(self, timeout: float = TIMEOUT) -> None:
        """
        Let it finish, or leave it after *timeout* seconds: what it holds is sent again.
        """
        self._ended.set()
        self._bell.set()
        self._thread.join(timeout)
        if self._thread.is_alive():
            _log.warning("left a letter that took too long; it will be sent again")

    def _hire(self) -> None:
        # A thread that hangs on a mail server must not keep the process from ending.
        self._thread = Thread(target=self._work, name="calndro-postman", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        try:
            while not self._stopping:
                self._bell.wait(self._every)
                self._bell.clear()
                if not self._stopping:
                    self._round()
        finally:
            # A letter that nobody foresaw must not end the post: the thread ends with its
            # error reported, and another one goes on with the rest.
            if not self._stopping:
                self._hire()

    def _round(self) -> None:
        try:
            with closing(letters.deliveries(self._services)) as reports:
                for report in reports:
                    self._note(report)
                    if self._stopping:
                        return
        except StorageError as error:
            note_absence(_log, error)

    def _note(self, report: Delivery) -> None:
        note(_log, report)
        if report.everywhere:
            # Every new letter would only fail alike.
            self._ended.wait(self._services.terms.retry_policy.probe.total_seconds())
