"""
Slots by the numbers that were last shown on this machine.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from calndro.core.errors import Faults, InvalidInputError, StaleRevisionError
from calndro.entry.cli.views import Seen


if TYPE_CHECKING:
    from collections.abc import Iterable

    from calndro.entry.cli.session import Session


_RANGE: Final = re.compile(r"(?P<first>[0-9]{1,4})(?:-(?P<last>[0-9]{1,4}))?")


def numbers(texts: Iterable[str], option: str) -> list[int]:
    """
    Read slot numbers such as ``1,3-5``.

    Raises:
        InvalidInputError: Every piece that is none.
    """
    found: list[int] = []
    faults = Faults()
    for piece in ",".join(texts).split(","):
        match = _RANGE.fullmatch(piece.strip())
        if match is None:
            faults.add(f"{piece!r} is no slot number; write them as 1,3 or 1-3", option)
            continue
        first = int(match["first"])
        last = int(match["last"] or first)
        if last < first:
            # It would be no number at all, and keeping none empties the table.
            faults.add(f"{piece.strip()} goes backwards; write {last}-{first}", option)
        found.extend(range(first, last + 1))
    faults.settle()
    return found


def numbered(
    session: Session, event_id: int, if_revision: int | None, *, in_full: bool = True
) -> Seen:
    """
    Find the table that slot numbers refer to: the one last shown on this machine.

    Args:
        session: Remembers what was shown.
        event_id: Which event.
        if_revision: The revision named by the caller; it says of which table the numbers
            are when nothing was shown.
        in_full: Whether the same could be said with --slot.

    Raises:
        InvalidInputError: Nothing was shown, and no revision is named.
        typer.Exit: The event is another or has moved on; it has been shown as it is now.
    """
    event = session.desk.peek(event_id)
    now = Seen.of(event)
    seen = session.views.recall(event_id)
    if if_revision is not None:
        seen = Seen(now.uuid, if_revision, now.slots)
    if seen is None:
        look = session.placed(f"calndro show {event_id}")
        named = ", or the slots with --slot" if in_full else ""
        raise InvalidInputError.of(
            f"which slots have which numbers? Look first: {look}; or name the revision you saw "
            f"with --if-revision{named}"
        )
    if (seen.uuid, seen.revision) != (now.uuid, now.revision):
        session.stale(event_id, StaleRevisionError(event_id, seen.revision, now.revision))
    return seen
