"""
What this machine last showed of an event, so that its slot numbers mean what was seen.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import attrs

from calndro.core.errors import InvalidInputError
from calndro.core.slot import Slot
from calndro.entry.cli.files import keep_text, memory_of
from calndro.entry.cli.wording import MOST_NAMED, few, listed


if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from calndro.core.event import Event
    from calndro.core.slot import Table


_MICROSECOND = timedelta(microseconds=1)


@attrs.frozen
class Seen:
    """
    A numbered table as it was shown.

    Args:
        uuid: The event's; ids alone do not tell a new database from an old one.
        revision: The event's when it was shown.
        slots: In the order of their numbers, from 1.
    """

    uuid: str
    revision: int
    slots: Table

    @classmethod
    def of(cls, event: Event) -> Seen:
        """
        Take what is shown of an event.
        """
        return cls(str(event.receipt.event), event.revision, event.slots)

    def pick(self, numbers: Sequence[int], option: str) -> Table:
        """
        Give the slots that have these numbers.

        Raises:
            InvalidInputError: A number that no slot has.
        """
        absent = [str(number) for number in numbers if not 1 <= number <= len(self.slots)]
        if absent:
            most = len(self.slots)
            there = f"the table has 1 to {most}" if most else "the table is empty"
            named = listed(few(absent, MOST_NAMED))
            raise InvalidInputError.of(f"there is no slot {named}; {there}", option)
        return tuple(self.slots[number - 1] for number in numbers)


@attrs.frozen
class Views:
    """
    The memory of what was shown of the events of one database: a file for each event.

    Args:
        folder: Where the files are; made when something is first remembered.
    """

    folder: Path

    @classmethod
    def of(cls, state_directory: Path, place: str) -> Views:
        """
        Find the memory for a database or server.
        """
        return cls(memory_of(state_directory, "views", place))

    def remember(self, event: Event) -> None:
        """
        Keep what is being shown. A machine that can't keep it just knows no numbers later.
        """
        seen = Seen.of(event)
        slots = [[slot.begin.isoformat(), slot.duration // _MICROSECOND] for slot in seen.slots]
        text = json.dumps({"uuid": seen.uuid, "revision": seen.revision, "slots": slots})
        with suppress(OSError):
            keep_text(self._file(event.id), text)

    def recall(self, event_id: int) -> Seen | None:
        """
        Give what was last shown of an event; None when nothing readable was.
        """
        try:
            kept = json.loads(self._file(event_id).read_text("ascii"))
            slots = tuple(
                Slot(datetime.fromisoformat(begin), timedelta(microseconds=length))
                for begin, length in kept["slots"]
            )
            return Seen(kept["uuid"], kept["revision"], slots)
        except (OSError, ValueError, LookupError, TypeError):
            return None

    def _file(self, event_id: int) -> Path:
        return self.folder / f"{event_id}.json"
