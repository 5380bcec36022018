"""
Page after page: how what may be long is read without ever holding all of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from calndro.core.stored import StoredEntry
    from calndro.ports.storage import UnitOfWork


Item = TypeVar("Item")
Place = TypeVar("Place")

PAGE: Final = 1000
"""The most that is read at once."""


def page_after_page(
    read: Callable[[Place, int], Sequence[Item]], place_of: Callable[[Item], Place], after: Place
) -> Iterator[Item]:
    """
    Read all that is listed in pages.

    Args:
        read: Gives what stands behind a place, in order, and at most so many.
        place_of: Tells where one stands.
        after: Behind which place to begin.
    """
    while True:
        page = read(after, PAGE)
        yield from page
        if len(page) < PAGE:
            return
        after = place_of(page[-1])


def stored_log(work: UnitOfWork, event_id: int) -> Iterator[StoredEntry]:
    """
    Read the whole log of an event as it is stored.
    """
    return page_after_page(
        lambda after, limit: work.events.stored(event_id, after=after, limit=limit),
        lambda entry: entry.seq,
        0,
    )
