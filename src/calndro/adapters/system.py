"""
The machine's own clock and randomness: the only place that reads either.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from time import sleep


class SystemClock:
    """
    The clock of the machine.
    """

    def now(self) -> datetime:
        return datetime.now(UTC)


class SystemSecrets:
    """
    The randomness of the operating system.
    """

    def draw(self, size: int) -> bytes:
        return secrets.token_bytes(size)


def rest(pause: timedelta) -> None:
    """
    Wait.
    """
    sleep(pause.total_seconds())
