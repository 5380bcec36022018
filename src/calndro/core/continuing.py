"""
How a log that was kept without a chain becomes one.

Each old entry becomes one entry with the time it had; ``data.imported`` is its number
there. What the old log does not tell but must have happened, because the table was
another afterwards, is told by entries of the system with ``data.imported`` 0.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import attrs

from calndro.core.agreement import replay
from calndro.core.deeds import check_parties, difference
from calndro.core.ledger import Change, Ledger, Person, commitments
from calndro.core.log import SYSTEM, Chain, Occurrence


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from uuid import UUID

    from calndro.core.original import Fact
    from calndro.core.party import Address
    from calndro.core.slot import Table


_MICROSECOND: Final = timedelta(microseconds=1)
_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_MADE_HERE: Final = 0


@attrs.frozen(kw_only=True)
class Past:
    """
    What is known of an event from elsewhere.

    Args:
        id: The number it keeps.
        title: As parsed.
        zone: IANA name.
        parties: How many of its people are parties.
        slots: What is on the table now.
        facts: Its log, first to last; may be empty.
    """

    id: int
    title: str
    zone: str
    parties: int
    slots: Table
    facts: Sequence[Fact]


@attrs.frozen
class _Line:
    """
    An entry before it is chained; people are numbers, those of *mentioned* among them.
    """

    when: datetime
    occurrence: Occurrence
    effector: int
    slots: Table
    data: Mapping[str, Any]
    mentioned: Sequence[int] = ()


def continued(past: Past, people: Sequence[Person], uuid: UUID, now: datetime) -> Change:
    """
    Make the change that stores an event from elsewhere with its log, chained.

    Without an entry that opened it, one is made from the event, by the system. An update
    without form replaces: its effector keeps the slots it left on the table.

    Args:
        past: The event.
        people: Everybody the log speaks of, as ``cast_of`` orders them.
        uuid: Its identity in the chain, drawn at random.
        now: The clock's reading, UTC.

    Raises:
        InvalidInputError: No party, or more than 100.

    Source: docs/reference/audit-format.md; docs/how-to/move-from-the-original.md.
    """
    parties = [each.address for each in people[: past.parties] if each.address is not None]
    check_parties(parties)
    chain, entries, known = Chain.begin(uuid), [], 0
    for line in _lines(past, people, now):
        newest = max(known, *line.mentioned, line.effector)
        data = dict(line.data)
        if newest > known:
            data["people"] = commitments(chain, people[known:newest])
            known = newest
        chain, entry = chain.append(
            now=line.when,
            occurrence=line.occurrence,
            effector=line.effector,
            slots=line.slots,
            data=data,
        )
        entries.append(entry)
    return Change(None, Ledger(past.id, tuple(people), chain, replay(entries)), tuple(entries))


def _lines(past: Past, people: Sequence[Person], now: datetime) -> Iterator[_Line]:
    number = {person.address: person.number for person in people}
    facts = list(past.facts)
    if facts and facts[0].opens:
        opening = facts.pop(0)
        line = _line(opening, number, past.slots)
        yield _opening(past, line, line.effector)
    else:
        line = _made_opening(past, now)
        yield _opening(past, line, SYSTEM)
    table = line.slots
    for place, fact in enumerate(facts, start=1):
        line = _line(fact, number, table, is_last=place == len(facts))
        if fact.occurrence is not Occurrence.UPDATE and line.slots != table:
            yield _difference(_just_before(fact.when), table, line.slots)
        yield line
        table = line.slots
    if table != past.slots and "closed" not in line.data:
        yield _difference(now, table, past.slots)


def _line(
    fact: Fact, number: Mapping[Address | None, int], table: Table, *, is_last: bool = False
) -> _Line:
    left_out, facts = set(fact.left_out), dict(fact.data)
    if "closed" in facts and not (is_last and fact.occurrence is Occurrence.UPDATE):
        # It went on: so it was not deleted.
        left_out.add("closed")
        del facts["closed"]
    named = {name: number[address] for name, address in fact.people.items()}
    data = {**facts, **named, "imported": fact.id}
    if left_out:
        data["left_out"] = sorted(left_out)
    effector = SYSTEM if fact.effector is None else number[fact.effector]
    slots = table if fact.slots is None else fact.slots
    return _Line(fact.when, fact.occurrence, effector, slots, data, tuple(named.values()))


def _made_opening(past: Past, now: datetime) -> _Line:
    """
    Tell what must have been there before the first entry that the old log has.
    """
    first = past.facts[0] if past.facts else None
    slots = past.slots if first is None or first.slots is None else first.slots
    when = now if first is None else _just_before(first.when)
    data = {"opened": "imported", "imported": _MADE_HERE}
    return _Line(when, Occurrence.UPDATE, SYSTEM, slots, data)


def _opening(past: Past, line: _Line, proposer: int) -> _Line:
    facts = {
        "parties": past.parties,
        "proposer": proposer,
        "zone": past.zone,
        "title": past.title,
    }
    mentioned = (*line.mentioned, past.parties)
    return attrs.evolve(line, data={**line.data, **facts}, mentioned=mentioned)


def _difference(when: datetime, table: Table, slots: Table) -> _Line:
    data = {"form": "replace", "imported": _MADE_HERE, **difference(table, slots)}
    return _Line(when, Occurrence.UPDATE, SYSTEM, slots, data)


def _just_before(when: datetime) -> datetime:
    return max(when, _FIRST + _MICROSECOND) - _MICROSECOND
