"""
Turning away from what takes too long, whatever it is doing.
"""

from __future__ import annotations

from concurrent.futures import Future, wait
from threading import Thread
from typing import TYPE_CHECKING, TypeVar


if TYPE_CHECKING:
    from collections.abc import Callable


T = TypeVar("T")


class TooLongError(Exception):
    """
    It took longer than it may.
    """


def in_time(work: Callable[[], T], seconds: float) -> T:
    """
    Do something in a thread of its own, which does not keep the program from ending.

    Raises:
        TooLongError: It is not done within so many seconds; it goes on, and nobody hears of it.
        Others as *work* does.
    """
    told: Future[T] = Future()

    def run() -> None:
        try:
            told.set_result(work())
        except BaseException as error:  # noqa: BLE001 - it is raised again by whoever waits
            told.set_exception(error)

    Thread(target=run, daemon=True).start()
    wait([told], seconds)
    if not told.done():
        raise TooLongError
    return told.result()
