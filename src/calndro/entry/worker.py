"""
Workers that Celery runs, where one machine is outgrown.

::

    celery -A calndro.entry.worker worker
    celery -A calndro.entry.worker beat
"""

from __future__ import annotations

import logging
import sys
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from functools import cache, partial
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import attrs

from calndro.core.errors import StorageError
from calndro.entry.outcomes import note, note_absence
from calndro.entry.settings import SettingsError, read_settings
from calndro.entry.wiring import open_bell, open_services
from calndro.usecases import letters


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from celery import Celery

    from calndro.entry.settings import Settings
    from calndro.usecases.services import Services


_MOST: Final = 50
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)

_log = logging.getLogger("calndro.worker")


class Rounds:
    """
    What one process of a worker does each time it is woken.

    Args:
        open_all: Opens the services, whose ``ring`` wakes another worker; called by the
            first round, since nothing that is open survives a fork.
    """

    def __init__(self, open_all: Callable[[], AbstractContextManager[Services]]) -> None:
        self._open_all = open_all
        self._opened = ExitStack()
        self._services: Services | None = None
        self._lock = Lock()
        self._rests_until = _LONG_AGO

    def go(self) -> None:
        """
        Hand over what is due, but not much; others are woken for the rest.
        """
        try:
            services = self._open()
            if services.clock.now() >= self._rests_until:
                self._deliver(services)
        except StorageError as error:
            note_absence(_log, error)

    def _deliver(self, services: Services) -> None:
        with closing(letters.deliveries(services)) as reports:
            for count, report in enumerate(reports, start=1):
                note(_log, report)
                if report.everywhere:
                    # Every new letter would only fail alike.
                    self._rests_until = services.clock.now() + services.terms.retry_policy.probe
                    return
                if count in (1, _MOST):
                    services.ring()
                if count == _MOST:
                    return

    def close(self) -> None:
        """
        Let go of what was opened.
        """
        with self._lock:
            self._services = None
            self._opened.close()

    def _open(self) -> Services:
        with self._lock:
            if self._services is None:
                self._services = self._opened.enter_context(self._open_all())
            return self._services


@contextmanager
def _opened(settings: Settings) -> Iterator[Services]:
    with open_services(settings, sys.stdout) as services, open_bell(settings) as ring:
        yield attrs.evolve(services, ring=ring)


@cache
def make() -> Celery:
    """
    Read the settings, and make the application that they describe, once.

    Raises:
        SettingsError: They can't be read, or name no broker.
    """
    from calndro.adapters.celery import make_app

    settings = read_settings(with_dot_env=True)
    if not settings.broker_url:
        raise SettingsError(("CALNDRO_BROKER_URL: name the broker, a Redis or a RabbitMQ",))
    rounds = Rounds(partial(_opened, settings))
    return make_app(settings.broker_url, rounds.go, rounds.close)


def __getattr__(name: str) -> Any:
    # Celery looks for "app" in the module that it is given; before that nothing is read.
    if name == "app":
        return make()
    raise AttributeError(name)
