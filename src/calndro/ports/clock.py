"""
The port to the clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol


if TYPE_CHECKING:
    from datetime import datetime


class Clock(Protocol):
    """
    Tells the time.
    """

    def now(self) -> datetime:
        """
        Read the clock.

        Returns:
            The instant, aware, in UTC, to the microsecond. It may go back.
        """
        ...
