"""
Delivering until told to stop.
"""

from __future__ import annotations

import signal
from contextlib import closing, contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final

import typer


if TYPE_CHECKING:
    from collections.abc import Iterator

    from calndro.entry.cli.asked import Asked
    from calndro.entry.cli.documents import DeliveryJson
    from calndro.usecases.letters import Delivery
    from calndro.usecases.services import Services


LOOK_EVERY: Final = 2.0
"""Seconds between two looks at the outbox."""


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

    with _told_to_stop() as orders:
        while orders.empty():
            rest = every
            try:
                if _round(services, orders, wanted):
                    # Every new letter would only fail alike.
                    rest = services.terms.retry_policy.probe.total_seconds()
            except StorageError as error:
                # The database may come back, and the letters with it.
                say(error)
            with suppress(Empty):
                orders.get(timeout=rest)
                return


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


def _round(services: Services, orders: SimpleQueue[int], wanted: Asked) -> bool:
    from calndro.usecases.letters import deliveries

    with closing(deliveries(services)) as reports:
        for each in reports:
            _tell(each, wanted)
            if each.everywhere or not orders.empty():
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


@contextmanager
def _told_to_stop() -> Iterator[SimpleQueue[int]]:
    """
    Lend the queue to which a signal is put that tells to stop.
    """
    # A handler may interrupt whoever waits here at any moment: it would wait for ever for the lock
    # of an Event, which that one holds. This kind of queue allows it, as its documentation says.
    orders: SimpleQueue[int] = SimpleQueue()

    def stop(number: int, frame: Any) -> None:
        del frame
        orders.put(number)

    before = {each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield orders
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
