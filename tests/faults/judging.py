"""
A judge of histories: could one server that does one thing at a time have told all that?

Each acknowledged deed names its place in the log of its event, and the hash there. So the
order in which deeds took effect is known, and it is only left to see that it is a possible
one. The judge folds logs with the tests' own model and shares nothing with the program.

What is demanded of each deed that was acknowledged:

- its place in the log holds just what was acknowledged: nothing is lost, nothing rewritten;
- no other deed has the same place, and a deed with a key has one place;
- the answer shows the state that the log adds up to there, under that state's revision;
- what began after it had ended has a later place;
- an If-Match was true right before it, and false where it was refused.

And of the log: its chain holds, its instants rise, and nothing stands in it that nobody did.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import attrs

from calndro.adapters.sql.storage import SqlStorage
from tests.faults.deeds import pairs
from tests.model_fold import unfolded


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from uuid import UUID

    from tests.faults.deeds import Deed, Pair


_OCCURRENCES: Final = {"PATCH": "UPDATE", "POST": "UPDATE", "GET": "VIEW", "NOTIFY": "NOTIFY"}
_REFUSALS: Final = {
    "PATCH": {400, 412},
    "NOTIFY": {400},
    "GET": set[int](),
    "HEAD": set[int](),
    "POST": set[int](),
}


@attrs.frozen
class Point:
    """
    What an event was after one entry, by the model.

    Args:
        entry: The entry.
        head: Its hash.
        title: Of the event.
        slots: On the table.
        kept: By address; None for who has not acted.
        revision: Counted by the judge.
    """

    entry: dict[str, Any]
    head: str
    title: str
    slots: frozenset[Pair]
    kept: Mapping[str, frozenset[Pair] | None]
    revision: int


@attrs.frozen
class Record:
    """
    What a database holds of one event.

    Args:
        event: Its id.
        people: Their addresses, by number.
        points: By seq; nothing stands at 0.
        faults: What is wrong with the log itself.
    """

    event: int
    people: Mapping[int, str]
    points: Sequence[Point | None]
    faults: Sequence[str]

    def at(self, seq: int) -> Point | None:
        """
        Find the state after an entry, if there is one.
        """
        return self.points[seq] if 0 < seq < len(self.points) else None


def records(url: str, events: Iterable[int]) -> dict[int, Record]:
    """
    Read the logs of some events, bytes and hashes, and what is stored beside them.

    Args:
        url: Of the database.
        events: Their ids.
    """
    found = {}
    with SqlStorage(url) as storage:
        for event in sorted(set(events)):
            with storage.snapshot() as work:
                ledger = work.events.get(event)
                stored = work.events.stored(event, after=0, limit=1_000_000)
            if ledger is None:
                found[event] = Record(event, {}, [None], ["the event is not there"])
                continue
            people = {person.number: str(person) for person in ledger.people}
            links = [(each.body, each.hash) for each in stored]
            points = [None, *_points(people, links)]
            state = ledger.state
            beside = (state.title, _plain(state.slots), state.revision, ledger.chain.seq)
            faults = list(_chain_faults(ledger.chain.uuid, links))
            last = points[-1]
            if last is None or beside != (last.title, last.slots, last.revision, len(points) - 1):
                faults.append("what is stored beside the log is not what it adds up to")
            found[event] = Record(event, people, points, faults)
    return found


def _plain(slots: Iterable[Any]) -> frozenset[Pair]:
    return frozenset(
        (each.begin.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), int(each.duration.total_seconds() * 1e6))
        for each in slots
    )


def _points(people: Mapping[int, str], links: Sequence[tuple[bytes, bytes]]) -> Iterator[Point]:
    bodies = [json.loads(body) for body, _ in links]
    revision, before = 0, None
    for state, body, (_, head) in zip(unfolded(bodies), bodies, links, strict=True):
        kept = {
            people[number]: None if slots is None else frozenset(slots)
            for number, slots in state["kept"].items()
        }
        picture = (state["title"], frozenset(state["slots"]), kept)
        revision += picture != before
        before = picture
        yield Point(body, head.hex(), *picture, revision)


def _chain_faults(uuid: UUID, links: Sequence[tuple[bytes, bytes]]) -> Iterator[str]:
    head, when = sha256(b"calndro/genesis/v1\x00" + uuid.bytes).digest(), ""
    for seq, (body, stored) in enumerate(links, start=1):
        head = sha256(b"calndro/entry/v1\x00" + head + sha256(body).digest()).digest()
        if head != stored:
            yield f"the chain is broken at {seq}"
            return
        entry = json.loads(body)
        if entry["seq"] != seq or entry["when"] <= when:
            yield f"entry {seq} is out of order"
        when = entry["when"]


def judge(deeds: Sequence[Deed], found: Mapping[int, Record]) -> list[str]:
    """
    Find all that no server could have told that does one thing at a time.

    Args:
        deeds: Everything that was asked about these events, after their proposal.
        found: What the database holds of them.

    Returns:
        Sentences; none is good.
    """
    complaints = [
        f"event {each.event}: {fault}" for each in found.values() for fault in each.faults
    ]
    by_event: dict[int, list[Deed]] = defaultdict(list)
    for deed in deeds:
        by_event[deed.event].append(deed)
    for event, theirs in by_event.items():
        if event in found:
            court = _Court(found[event])
            complaints += [f"event {event}: {each}" for each in court.hear(theirs)]
    return complaints


class _Court:
    """
    Judges the deeds done to one event.
    """

    def __init__(self, record: Record) -> None:
        self.record = record
        self.claimed: dict[int, Deed] = {}

    def hear(self, deeds: Sequence[Deed]) -> Iterator[str]:
        """
        Go through all of them.
        """
        for deed in deeds:
            if deed.is_done:
                yield from self._acknowledged(deed)
            elif deed.status == 412:
                yield from self._stale(deed)
            elif not deed.is_unknown and deed.status not in _REFUSALS[deed.kind]:
                yield f"{deed.kind} was answered {deed.status}: {deed.answer}"
        yield from self._out_of_order(deeds)
        yield from self._done_by_nobody(deeds)

    def _acknowledged(self, deed: Deed) -> Iterator[str]:
        point = self.record.at(deed.seq)
        if point is None or point.head != deed.head:
            yield f"LOST: {deed.kind} was acknowledged at {deed.seq}, and does not stand there"
            return
        if deed.kind not in {"NOTIFY", "POST"}:
            yield from self._told(deed, point)
        if deed.kind == "HEAD":
            return
        place = self._place_of(deed)
        other = self.claimed.setdefault(place, deed)
        if other is not deed:
            yield f"{deed.kind} and {other.kind} were both acknowledged at {place}"
            return
        entry = self.record.points[place]
        before = self.record.at(place - 1)
        assert entry is not None
        yield from self._effect(deed, entry, before)

    def _place_of(self, deed: Deed) -> int:
        # The news of an agreement stands behind what made or broke it.
        place = deed.seq
        while deed.kind == "PATCH" and place > 1:
            point = self.record.points[place]
            if point is None or "reason" not in point.entry["data"]:
                break
            place -= 1
        return place

    def _told(self, deed: Deed, point: Point) -> Iterator[str]:
        if deed.tag != point.revision:
            yield f"{deed.kind} at {deed.seq} showed revision {deed.tag}, not {point.revision}"
        if deed.kind == "HEAD":
            return
        answer = deed.answer
        kept = {
            who: None if slots is None else pairs(slots) for who, slots in answer["kept"].items()
        }
        shown = (answer["title"], pairs(answer["slots"]), kept)
        if shown != (point.title, point.slots, point.kept):
            yield f"{deed.kind} at {deed.seq} showed what the event never was there"

    def _effect(self, deed: Deed, point: Point, before: Point | None) -> Iterator[str]:
        who = self.record.people.get(point.entry["effector"])
        if (who, point.entry["occurrence"]) != (deed.by, _OCCURRENCES[deed.kind]):
            yield f"{deed.kind} by {deed.by} is logged as {point.entry['occurrence']} by {who}"
        if deed.kind != "PATCH" or before is None:
            return
        if deed.expected is not None and deed.expected != before.revision:
            yield (
                f"PATCH with If-Match {deed.expected} was done at {deed.seq} to revision "
                f"{before.revision}"
            )
        if point.slots != _slots_after(deed, before.slots):
            yield f"PATCH {deed.body} at {deed.seq} left {sorted(point.slots)}"
        if point.title != deed.body.get("title", before.title):
            yield f"PATCH at {deed.seq} left the title {point.title!r}"

    def _stale(self, deed: Deed) -> Iterator[str]:
        point = self.record.at(deed.seq)
        if deed.expected is None:
            yield "PATCH without If-Match was answered 412"
        elif point is None or point.head != deed.head or point.revision != deed.tag:
            yield f"a 412 showed what the event never was: {deed.tag} at {deed.seq}"
        elif deed.tag <= deed.expected:
            yield f"PATCH with If-Match {deed.expected} was refused at revision {deed.tag}"

    def _out_of_order(self, deeds: Sequence[Deed]) -> Iterator[str]:
        placed = [deed for deed in deeds if deed.seq and deed.status != 503]
        ended = iter(sorted(placed, key=lambda deed: deed.ended))
        latest, last = next(ended, None), 0
        for deed in sorted(placed, key=lambda deed: deed.began):
            while latest is not None and latest.ended < deed.began:
                last = max(last, latest.seq)
                latest = next(ended, None)
            reads = deed.kind == "HEAD" or not deed.is_done
            if deed.seq < last + (not reads):
                yield f"{deed.kind} at {deed.seq} began after {last} had been shown"

    def _done_by_nobody(self, deeds: Sequence[Deed]) -> Iterator[str]:
        excused: Counter[tuple[str, str]] = Counter()
        for deed in deeds:
            occurrence = _OCCURRENCES.get(deed.kind, "")
            if deed.is_done or deed.is_unknown:
                # One entry for each recipient; an answer names only the last one.
                entries = len(deed.body["parties"]) if deed.kind == "NOTIFY" else 1
                excused[occurrence, deed.by] += entries - deed.is_done
        for seq, point in enumerate(self.record.points):
            if point is None or seq == 1 or seq in self.claimed:
                continue
            entry = point.entry
            if entry["effector"] == 0 or "reason" in entry["data"]:
                continue
            who = self.record.people[entry["effector"]]
            excused[entry["occurrence"], who] -= 1
        for (occurrence, who), count in excused.items():
            if count < 0:
                yield f"{-count} {occurrence} by {who} that were asked for once, or never"


def _slots_after(deed: Deed, before: frozenset[Pair]) -> frozenset[Pair]:
    body = deed.body
    if "keep" in body:
        return before & pairs(body["keep"])
    if "add" in body:
        return before | pairs(body["add"])
    return pairs(body["slots"]) if "slots" in body else before
