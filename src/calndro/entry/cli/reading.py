"""
Reading a log: which of its entries, and whether it proves itself.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Final

import attrs
import typer

from calndro.core.errors import Faults
from calndro.core.event import PERSON_FACTS
from calndro.core.party import Address
from calndro.core.times import parse_begin
from calndro.entry.cli.audit import DOUBTFUL, describe
from calndro.entry.cli.session import answer, own_zone


if TYPE_CHECKING:
    from datetime import datetime

    from calndro.core.event import Event, LogEntry
    from calndro.entry.cli.session import Session


_NO_ADDRESS: Final = re.compile(r"erased-[0-9]+|system")


@attrs.frozen
class Filter:
    """
    Which entries of a log somebody wants to read.

    Args:
        party: Only what this person did, or what was told or done to it; None for all.
        kinds: Only these kinds of facts; empty for all.
        since: Only from this instant on; None for the beginning.
        until: Only before this instant; None for the end.
    """

    party: str | None
    kinds: frozenset[str]
    since: datetime | None
    until: datetime | None

    @classmethod
    def of(
        cls,
        party: str | None,
        kinds: frozenset[str],
        since: str | None,
        until: str | None,
        zone: str,
    ) -> Filter:
        """
        Read what somebody typed; clocks without offset are of *zone*.

        Raises:
            InvalidInputError: It can't be read.
        """
        faults = Faults()
        first = last = None
        with faults.at("--party"):
            # A forgotten person has a place in the log and no address, and who sends letters none.
            if party is not None and not _NO_ADDRESS.fullmatch(party):
                party = Address.parse(party).key
        with faults.at("--since"):
            first = None if since is None else parse_begin(since, zone)
        with faults.at("--until"):
            last = None if until is None else parse_begin(until, zone)
        faults.settle()
        return cls(party, kinds, first, last)

    def takes(self, entry: LogEntry) -> bool:
        """
        Tell whether an entry is wanted.
        """
        return (
            (not self.kinds or entry.occurrence in self.kinds)
            and (self.since is None or entry.when >= self.since)
            and (self.until is None or entry.when < self.until)
            and (self.party is None or self.party in _concerned(entry))
        )


def _concerned(entry: LogEntry) -> set[str]:
    told = {str(entry.data[name]) for name in PERSON_FACTS if name in entry.data}
    named = {entry.effector, *told}
    return {Address.parse(name).key if "@" in name else name for name in named}


def show_log(
    session: Session, event: Event, wanted: Filter, *, deliveries: bool, verify: bool
) -> None:
    """
    Show the wanted entries of a log, and the state of its chain in the last line.

    Raises:
        typer.Exit: With 1 when the log was verified and does not prove itself.
    """
    session.compare(event)
    entries = [
        entry for entry in session.desk.log(event.id, deliveries=deliveries) if wanted.takes(entry)
    ]
    if session.asked.json:
        from calndro.adapters.wire import log_json

        answer(log_json(event, entries, session.settings.public_url))
    else:
        from calndro.entry.cli.render import console
        from calndro.entry.cli.timeline import draw_log

        is_part = wanted != Filter(None, frozenset(), None, None)
        whole = "" if is_part else session.placed(f"calndro log {event.id} --all")
        draw_log(console(sys.stdout), event, entries, own_zone(), whole)
    if verify:
        _verify(session, event)
    else:
        session.tell(f"\n{event.receipt}")


def _verify(session: Session, event: Event) -> None:
    from calndro.entry.cli.proof import verdicts

    (verdict,) = verdicts(session, event.id, ())
    session.tell(f"\n{describe(verdict)}")
    if not verdict.is_good:
        raise typer.Exit(DOUBTFUL)
