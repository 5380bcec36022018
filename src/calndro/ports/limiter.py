"""
The port to what counts in moving windows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol


if TYPE_CHECKING:
    from calndro.core.limit import Limit


class Limiter(Protocol):
    """
    Counts what is limited, for each key on its own.
    """

    def wait(self, limit: Limit, key: str) -> int:
        """
        Tell how many seconds it takes until one more is allowed.

        Returns:
            0 when one more is allowed now; else at least 1.

        Raises:
            PortError: The counts can't be reached.
        """
        ...

    def count(self, limit: Limit, key: str) -> bool:
        """
        Count one more, where one more is allowed; what lies before the window is forgotten.

        Returns:
            Whether one more was allowed. Of several that count at once, by however many
            processes, no more than the limit are told so.

        Raises:
            PortError: The counts can't be reached.
        """
        ...
