"""
Waiting for what may take long, as long as the person likes to wait.
"""

from __future__ import annotations

import sys
from signal import SIGINT, default_int_handler, signal
from threading import Thread
from typing import TYPE_CHECKING, Final, TypeVar

from calndro.core.errors import CalndroError


if TYPE_CHECKING:
    from collections.abc import Callable


Found = TypeVar("Found")

_SILENT_SECONDS: Final = 0.5
_WAITING: Final = "waiting... (Ctrl-C stops waiting)"


class GaveUpError(CalndroError):
    """
    Somebody did not wait for the end of what was begun.
    """

    def __init__(self) -> None:
        super().__init__("not waited for: it may still be done; look again with l")


def interruptibly(deed: Callable[[], Found]) -> Found:
    """
    Do something beside the prompt, and say after a moment that it is waited for.

    Args:
        deed: What may take long.

    Returns:
        What it gives.

    Raises:
        GaveUpError: Ctrl-C was pressed; the deed goes on, and nobody hears of its end.
        Others as the deed does.
    """
    outcome: list[Found] = []
    failure: list[BaseException] = []

    def work() -> None:
        try:
            outcome.append(deed())
        except BaseException as error:  # noqa: BLE001 - it is raised again by whoever waits
            failure.append(error)

    # A deed that nobody waits for any more must not keep the program from ending.
    thread = Thread(target=work, daemon=True)
    before = signal(SIGINT, default_int_handler)
    try:
        thread.start()
        thread.join(_SILENT_SECONDS)
        if thread.is_alive():
            _write(_WAITING)
            thread.join()
            _write("\r" + " " * len(_WAITING) + "\r")
    except KeyboardInterrupt:
        _write("\n")
        raise GaveUpError from None
    finally:
        signal(SIGINT, before)
    if failure:
        raise failure[0]
    return outcome[0]


def _write(text: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(text)
        sys.stderr.flush()
