"""
How tests wait for what must come: by looking again, and long enough for a busy machine.
"""

from __future__ import annotations

import socket
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final, TypeVar


if TYPE_CHECKING:
    from collections.abc import Callable


Seen = TypeVar("Seen")

PATIENCE: Final = 120.0
"""Seconds. Whoever waits longer has found a fault; whoever waits less finds slow machines."""


def nothing() -> str:
    """
    Say that there is no more to be said.
    """
    return "it never came"


def until(check: Callable[[], Seen], instead: Callable[[], object] = nothing) -> Seen:
    """
    Look again and again until there is something to see; gives what was seen.

    Args:
        check: Gives something true once it is there.
        instead: Tells what is there in its place.

    Raises:
        AssertionError: There was nothing for as long as patience lasts.
    """
    end = monotonic() + PATIENCE
    while not (seen := check()):
        assert monotonic() < end, instead()
        sleep(0.02)
    return seen


def listens(port: int) -> bool:
    """
    Tell whether something listens at a port of this machine.
    """
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0
