"""
The event that somebody began to create and has not finished.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

import attrs

from calndro.entry.cli.files import keep_text


if TYPE_CHECKING:
    from pathlib import Path


@attrs.frozen
class Draft:
    """
    What was typed of a new event.

    Args:
        title: As typed.
        emails: The lines that name its parties.
        slots: The lines that name its slots.
    """

    title: str = ""
    emails: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()

    def with_emails(self, lines: tuple[str, ...]) -> Draft:
        """
        Name other parties.
        """
        return attrs.evolve(self, emails=lines)

    def with_slots(self, lines: tuple[str, ...]) -> Draft:
        """
        Name other slots.
        """
        return attrs.evolve(self, slots=lines)


@attrs.frozen
class Drafts:
    """
    Where the one draft of this machine is kept.

    Args:
        file: There or not; readable by its owner alone.
    """

    file: Path

    def find(self) -> Draft | None:
        """
        Give the draft, if there is one that can be read.
        """
        try:
            kept = json.loads(self.file.read_text("utf-8"))
            return Draft(str(kept["title"]), tuple(kept["emails"]), tuple(kept["slots"]))
        except (OSError, ValueError, LookupError, TypeError):
            return None

    def keep(self, draft: Draft) -> None:
        """
        Keep a draft instead of the one before. A machine that can't keep it forgets it.
        """
        with suppress(OSError):
            keep_text(self.file, json.dumps(attrs.asdict(draft)))

    def forget(self) -> None:
        """
        Keep none.
        """
        with suppress(OSError):
            self.file.unlink(missing_ok=True)
