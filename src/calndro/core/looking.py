"""
When a look at an event's page is news to its log.

Source: docs/explanation/tokens.md.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from calndro.core.log import Occurrence


if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from calndro.core.log import Entry


LOOK_EVERY: Final = timedelta(minutes=15)
"""How long a look lasts, as long as nobody else changes anything."""


def is_looking(entries: Iterable[Entry], person: int | None, now: datetime) -> bool:
    """
    Tell whether somebody has seen the event as it is, a short while ago.

    Whoever changes an event sees it too. Letters change nothing that could be seen.

    Args:
        entries: The last ones of the log, oldest first.
        person: Under which number the log speaks of who looks; None when it never did.
        now: The clock's reading, UTC.
    """
    seen: datetime | None = None
    for entry in entries:
        is_change = entry.occurrence is Occurrence.UPDATE and "mail" not in entry.data
        if entry.effector == person and (is_change or entry.occurrence is Occurrence.VIEW):
            seen = entry.when
        elif is_change:
            seen = None
    return seen is not None and now - seen < LOOK_EVERY
