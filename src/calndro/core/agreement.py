"""
What a log adds up to: who keeps which slots, and whether that is an agreement.

``State`` is a fold over entries and nothing else. The same ``after`` serves the
change that is being made and the replay of an old log, so that the two can't differ.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import attrs

from calndro.core.errors import InvalidInputError
from calndro.core.log import Occurrence, slots_of
from calndro.core.quoting import quoted
from calndro.core.slot import both, union


if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from calndro.core.log import Entry
    from calndro.core.slot import Slot, Table


class Status(StrEnum):
    """
    Where an event stands; always derived, never set.
    """

    OPEN = "open"
    AGREED = "agreed"
    VOID = "void"
    CLOSED = "closed"

    @classmethod
    def _missing_(cls, value: object) -> Status:
        known = ", ".join(cls)
        raise InvalidInputError.of(f"{quoted(str(value))} is none of {known}")


class Reason(StrEnum):
    """
    Why the system itself tells the parties something.
    """

    AGREED = "agreed"
    CANCELLED = "cancelled"
    CHANGED = "changed"


@attrs.frozen
class State:
    """
    What an event is after some entries of its log.

    Args:
        title: As last set.
        zone: IANA name, fixed at propose.
        size: How many parties there are; they are the persons 1 to size.
        proposer: The number of the person who proposed it.
        slots: The table.
        kept: For each party, in order, the slots it keeps; None until it first acts.
        erased: The numbers of the forgotten.
        stopped: The numbers of the parties that want no letters.
        closed: True once deleted.
        revision: 1 at propose; moves with title, slots, kept and erasure.
        undelivered: The numbers of those whose last letter could not be delivered.
    """

    title: str
    zone: str
    size: int
    proposer: int
    slots: Table
    kept: tuple[Table | None, ...]
    erased: frozenset[int] = frozenset()
    stopped: frozenset[int] = frozenset()
    closed: bool = False
    revision: int = 1
    undelivered: frozenset[int] = frozenset()

    @property
    def awaited(self) -> tuple[int, ...]:
        """
        The numbers of the parties that count: all but the erased.
        """
        return tuple(n for n in range(1, self.size + 1) if n not in self.erased)

    @property
    def status(self) -> Status:
        """
        Derived from slots and kept; where nobody is left to agree, nothing is agreed.

        Source: docs/explanation/agreement.md.
        """
        if self.closed:
            return Status.CLOSED
        if not self.slots:
            return Status.VOID
        if len(self.slots) > 1 or not self.awaited:
            return Status.OPEN
        agreed = all(self.kept[number - 1] for number in self.awaited)
        return Status.AGREED if agreed else Status.OPEN

    @property
    def waiting_on(self) -> tuple[int, ...]:
        """
        The numbers of the parties that keep none of the slots of an open event.
        """
        if self.status is not Status.OPEN:
            return ()
        return tuple(n for n in self.awaited if not self.kept[n - 1])

    @property
    def agreed_slot(self) -> Slot | None:
        """
        The slot agreed on, if there is one.
        """
        return self.slots[0] if self.status is Status.AGREED else None


def opened(entry: Entry) -> State:
    """
    Read the state that the first entry of a log describes.
    """
    data = entry.data
    size, proposer = data["parties"], data["proposer"]
    kept = tuple(entry.slots if n == proposer else None for n in range(1, size + 1))
    return State(data["title"], data["zone"], size, proposer, entry.slots, kept)


def after(state: State, entry: Entry) -> State:
    """
    Add one more entry to what a log adds up to.
    """
    data = entry.data
    if entry.occurrence is not Occurrence.UPDATE:
        return _after_delivery(state, data)
    title, kept = data.get("title", state.title), _kept_after(state, entry)
    erased = state.erased | {data["erased"]} if "erased" in data else state.erased
    moves = (title, entry.slots, kept, erased) != (
        state.title,
        state.slots,
        state.kept,
        state.erased,
    )
    return attrs.evolve(
        state,
        title=title,
        slots=entry.slots,
        kept=kept,
        erased=erased,
        stopped=_stopped_after(state.stopped, entry),
        closed=state.closed or "closed" in data,
        revision=state.revision + moves,
        undelivered=state.undelivered - {data.get("erased")},
    )


def replay(entries: Iterable[Entry]) -> State:
    """
    Fold a whole log, first entry first.
    """
    remaining = iter(entries)
    state = opened(next(remaining))
    for entry in remaining:
        state = after(state, entry)
    return state


def news(before: State, now_is: State, now: datetime) -> tuple[Reason, Slot] | None:
    """
    Tell what an update means for everybody's calendar.

    Args:
        before: The event before the update.
        now_is: The event after it.
        now: UTC; nothing is told about a slot that has ended.

    Returns:
        Why letters go out and about which slot; None when none do.

    Source: docs/explanation/agreement.md. A move from one agreed slot to another in a
    single act is one change of the invitation (RFC 5546 3.2.2.1), not two letters.
    """
    was, is_ = _ahead(before.agreed_slot, now), _ahead(now_is.agreed_slot, now)
    if is_ is None:
        return None if was is None else (Reason.CANCELLED, was)
    if was is None:
        return Reason.AGREED, is_
    if (was, before.title) != (is_, now_is.title):
        return Reason.CHANGED, is_
    return None


def _ahead(slot: Slot | None, now: datetime) -> Slot | None:
    return slot if slot is not None and slot.end > now else None


_SIDE_FACTS: Final = frozenset({"closed", "mail", "erased"})


def _kept_after(state: State, entry: Entry) -> tuple[Table | None, ...]:
    kept = state.kept
    if not frozenset(entry.slots).issuperset(state.slots):
        # Many keep the very same table, and each table is gone through once.
        tables = {id(keeps): keeps for keeps in kept if keeps}
        left = {place: both(keeps, entry.slots) for place, keeps in tables.items()}
        kept = tuple(left.get(id(keeps), keeps) for keeps in kept)
    if 1 <= entry.effector <= state.size:
        answer = _answer(kept[entry.effector - 1], entry)
        kept = _replaced(
            kept, entry.effector, None if answer is None else both(answer, entry.slots)
        )
    erased = entry.data.get("erased")
    # Others who are forgotten, such as a proposer, stand behind the parties.
    if erased is not None and erased <= state.size:
        kept = _replaced(kept, erased, None)
    return kept


def _replaced(
    kept: tuple[Table | None, ...], number: int, keeps: Table | None
) -> tuple[Table | None, ...]:
    return (*kept[: number - 1], keeps, *kept[number:])


def _answer(keeps: Table | None, entry: Entry) -> Table | None:
    data: Mapping[str, Any] = entry.data
    if data.get("form") == "retitle" or _SIDE_FACTS & data.keys():
        return keeps
    if "accepted" in data:
        return union(keeps or (), slots_of(data["accepted"]))
    return entry.slots


def _stopped_after(stopped: frozenset[int], entry: Entry) -> frozenset[int]:
    match entry.data.get("mail"):
        case "stopped":
            return stopped | {entry.effector}
        case "resumed":
            return stopped - {entry.effector}
        case _:
            return stopped


def _after_delivery(state: State, data: Mapping[str, Any]) -> State:
    found = state.undelivered
    match data.get("delivery"):
        case "failed":
            found |= {data["recipient"]}
        case "sent":
            found -= {data["recipient"]}
    # The same state tells storage that there is nothing to write.
    return state if found == state.undelivered else attrs.evolve(state, undelivered=found)
