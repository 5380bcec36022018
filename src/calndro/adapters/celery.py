"""
Delivery spread over machines by Celery: a broker wakes the workers.

A message says no more than that letters may wait. What is to be sent, and what became of
it, stands in the outbox alone: a message that is lost costs the time until the next sweep,
and one too many finds nothing to do.

::

    make_app(broker, deliver)    what ``celery worker`` and ``celery beat`` run
    CeleryBell(broker)           wakes a worker, for who has queued letters
"""

from __future__ import annotations

import logging
from threading import Condition, Thread
from typing import TYPE_CHECKING, Any, Final, Self

from amqp.exceptions import AMQPError
from celery import Celery, signals
from kombu.exceptions import KombuError


if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType


SWEEP_EVERY: Final = 10.0
"""Seconds between two sweeps; a message that nobody took in that time is thrown away."""

_QUEUE: Final = "calndro"
_TASK: Final = "calndro.deliver"
_TIMEOUT: Final = 5.0
_ONE_MORE_TRY: Final = {"max_retries": 1, "interval_start": 0.1, "interval_max": 0.1}

_log = logging.getLogger("calndro.celery")


def make_app(
    broker: str,
    deliver: Callable[[], None],
    close: Callable[[], None] = lambda: None,
    *,
    queue: str = _QUEUE,
    every: float = SWEEP_EVERY,
) -> Celery:
    """
    Make the application of workers and of the beat.

    Args:
        broker: The URL of a Redis or a RabbitMQ.
        deliver: Hands over letters that are due; run by each message, in any process.
        close: Lets go of what *deliver* has opened, when a process of a worker ends.
        queue: Where the messages are; another instance at the same broker needs another.
        every: Seconds between two sweeps.
    """
    app = _app(broker, queue)
    app.conf.update(
        # A worker that dies leaves its message to another one.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        # The schedule is the same after every start: no file has to be kept.
        beat_scheduler="celery.beat:Scheduler",
        beat_schedule={
            "sweep": {"task": _TASK, "schedule": every, "options": {"expires": every}},
        },
    )

    @app.task(name=_TASK, shared=False)
    def hand_over() -> None:
        deliver()

    def leave(**_: object) -> None:
        close()

    for end in (signals.worker_process_shutdown, signals.worker_shutdown):
        end.connect(leave, weak=False)
    return app


def _app(broker: str, queue: str, timeout: float = _TIMEOUT, **how: Any) -> Celery:
    app = Celery("calndro", broker=broker, set_as_current=False)
    app.conf.update(
        task_default_queue=queue,
        task_default_delivery_mode="transient",
        task_ignore_result=True,
        broker_connection_timeout=timeout,
        broker_transport_options=how,
    )
    return app


class CeleryBell:
    """
    Wakes a worker; who rings is never kept waiting, by whatever broker.

    A thread of its own sends the message, and several rings while it does so are one. When
    the broker is away, or its address no good, that is logged once, and the letters wait
    for a sweep.

    Args:
        broker: The URL of a Redis or a RabbitMQ.
        queue: Where the workers look.
        timeout: Seconds to wait for the broker, at each step.
    """

    def __init__(self, broker: str, *, queue: str = _QUEUE, timeout: float = _TIMEOUT) -> None:
        self._broker = broker
        self._queue = queue
        self._timeout = timeout
        self._change = Condition()
        self._rung = False
        self._ended = False
        self._thread: Thread | None = None
        self._is_away = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._change:
            self._ended = True
            self._change.notify()
        if self._thread is not None:
            self._thread.join(self._timeout)

    def ring(self) -> None:
        """
        Have a worker woken; returns at once.
        """
        with self._change:
            self._rung = True
            self._change.notify()
            if self._thread is None and not self._ended:
                # A broker that hangs must not keep the process from ending.
                self._thread = Thread(target=self._work, name="calndro-bell", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        waits = _waits(self._broker, self._timeout)
        app = _app(self._broker, self._queue, self._timeout, **_ONE_MORE_TRY, **waits)
        while self._is_wanted():
            self._wake(app)

    def _is_wanted(self) -> bool:
        with self._change:
            self._change.wait_for(lambda: self._rung or self._ended)
            rung, self._rung = self._rung, False
            return rung

    def _wake(self, app: Celery) -> None:
        try:
            app.send_task(_TASK, expires=SWEEP_EVERY, retry_policy=_ONE_MORE_TRY)
        except (KombuError, AMQPError, OSError) as error:
            self._miss("the broker is away", error)
        except Exception as error:  # noqa: BLE001 - of an odd address; a dead thread wakes nobody
            self._miss("the broker can't be used (is its address right?)", error)
        else:
            if self._is_away:
                _log.info("the broker is back")
            self._is_away = False

    def _miss(self, what: str, error: Exception) -> None:
        if not self._is_away:
            # Never the words of the error, which may show the address and its password.
            _log.warning("%s, letters wait for the sweep: %s", what, type(error).__name__)
        self._is_away = True


def _waits(broker: str, timeout: float) -> dict[str, float]:
    if broker.startswith("redis"):
        return {"socket_connect_timeout": timeout, "socket_timeout": timeout}
    return {"read_timeout": timeout, "write_timeout": timeout}
