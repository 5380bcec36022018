"""
What this machine last saw of each log, so that it notices when a log was rewritten.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import attrs

from calndro.core.errors import InvalidInputError
from calndro.core.log import Receipt
from calndro.entry.cli.files import keep_text, memory_of


if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from calndro.core.event import Event
    from calndro.ports.coordinator import Coordinator


@attrs.frozen
class Heads:
    """
    The receipts of the events of one database or server: a file for each event.

    Args:
        folder: Where the files are; made when something is first remembered.
    """

    folder: Path

    @classmethod
    def of(cls, state_directory: Path, place: str) -> Heads:
        """
        Find the memory for a database or server.
        """
        return cls(memory_of(state_directory, "heads", place))

    def remember(self, event: Event) -> None:
        """
        Keep an event's receipt. A machine that can't keep it just notices nothing later.

        The receipt of somebody who has read the event later stays.
        """
        seen = self._recall(event.id)
        if seen is not None and seen.event == event.receipt.event and seen.seq > event.receipt.seq:
            return
        with suppress(OSError):
            keep_text(self._file(event.id), str(event.receipt))

    def doubt(self, event: Event, desk: Coordinator, look: Callable[[int], Event]) -> str:
        """
        Say how an event's log contradicts what this machine has seen; empty if it doesn't.

        Args:
            event: As just seen.
            desk: Reads the one entry that is compared.
            look: Reads an event, the deleted too.
        """
        seen = self._recall(event.id)
        if seen is None:
            return ""
        now = event.receipt
        if seen.event != now.event:
            return f"event {event.id} is not the one that this machine saw under this number"
        if seen.seq > now.seq:
            # Another command may have written to the log, and seen it, since this one read it.
            now = look(event.id).receipt
        if seen.seq > now.seq:
            return (
                f"the log of event {event.id} has {now.seq} entries; this machine saw {seen.seq}: "
                "entries were cut off"
            )
        entry = next(desk.log(event.id, after=seen.seq - 1, deliveries=True), None)
        if entry is None or entry.hash != seen.head:
            return (
                f"the log of event {event.id} was rewritten: entry {seen.seq} is not what this "
                "machine saw"
            )
        return ""

    def _recall(self, event_id: int) -> Receipt | None:
        try:
            return Receipt.read(self._file(event_id).read_text("ascii"))
        except (OSError, ValueError, InvalidInputError):
            return None

    def _file(self, event_id: int) -> Path:
        return self.folder / str(event_id)
