"""
The port to the outbox: what waits to be delivered, as a part of storage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol


if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from calndro.core.limit import Letter
    from calndro.core.notice import Notice, Outcome, Post
    from calndro.core.party import Address


class Outbox(Protocol):
    """
    Holds the notices that wait to be delivered, each until it is settled.

    Whoever settles a notice or puts it back hands in the post as it got it: when somebody
    else has claimed the notice since, or it has ended, nothing happens.
    """

    def add(self, notices: Sequence[Notice], now: datetime, due: datetime | None = None) -> None:
        """
        Queue notices, in order, to be claimed from *now* or from *due* on.

        Each comes a second after the one before it, as far as other events are concerned:
        so a hundred letters of one event do not keep a single one of another waiting.
        """
        ...

    def received(self, addresses: Collection[Address], since: datetime) -> Sequence[Letter]:
        """
        Read what was queued for these addresses at *since* or later, whatever became of it.
        """
        ...

    def caused(self, address: Address, since: datetime) -> Sequence[datetime]:
        """
        Tell when each notice that an address caused was queued, of those since *since*.
        """
        ...

    def claim(self, now: datetime, until: datetime, event_id: int | None = None) -> Post | None:
        """
        Take the notice whose turn it is of those due; nobody else gets it before *until*.

        Args:
            now: What is due by then; also what was claimed and not settled in time.
            until: When the claim lapses.
            event_id: Only notices of this event; None for any.

        Returns:
            The post, with the number of this claim; those set aside are left out.
        """
        ...

    def is_newest(self, post: Post) -> bool:
        """
        Tell whether no later notice of its kind to the same recipient waits or was sent.
        """
        ...

    def settle(self, post: Post, outcome: Outcome) -> bool:
        """
        Note how a notice ended; it is not claimed again. False when it was out of date.
        """
        ...

    def put_back(self, post: Post) -> bool:
        """
        Store a notice that goes on waiting, as it is now. False when it was out of date.

        Args:
            post: As it was claimed or read, but for attempts, due, unsettled, held and
                code.
        """
        ...

    def waiting(self, event_id: int | None = None) -> Sequence[Post]:
        """
        Read the notices not yet settled, oldest first; of one event, or of all.
        """
        ...
