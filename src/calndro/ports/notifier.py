"""
The port to whatever carries letters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self


if TYPE_CHECKING:
    from types import TracebackType

    from calndro.core.dispatch import Dispatch


class Notifier(Protocol):
    """
    Hands letters over; entered for a batch, so that one connection may serve it.

    Entering and leaving do not fail for want of a connection: ``deliver`` does.
    """

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def deliver(self, dispatch: Dispatch) -> None:
        """
        Hand one letter over; returning means that the carrier has taken charge of it.

        Raises:
            DeliveryError: It did not; ``permanent`` when trying again can't help,
                ``everywhere`` when no other letter would fare better. After it the
                notifier is fit for the next letter.
        """
        ...
