"""
What chaining an old log does in the cases that matter.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from calndro.core.agreement import Status
from calndro.core.continuing import Past, continued
from calndro.core.errors import InvalidInputError
from calndro.core.ledger import Change, Person
from calndro.core.log import Occurrence
from calndro.core.original import Fact, cast_of
from tests.examples import HOUR, IDENTITY, MICROSECOND, START, address, addresses, slots


NOW = START + 24 * HOUR


def fact(key: int, who: str, *numbers: int, when: datetime | None = None, **more: Any) -> Fact:
    """
    Make an update that somebody logged *key* hours after the start.
    """
    return Fact(
        id=key,
        when=START + key * HOUR if when is None else when,
        occurrence=more.pop("occurrence", Occurrence.UPDATE),
        effector=address(who) if who else None,
        slots=slots(*numbers),
        data=more.pop("data", {}),
        people=more.pop("people", {}),
        **more,
    )


def opening(*numbers: int, who: str = "a", **data: str) -> Fact:
    """
    Make what the original logged when an event was proposed.
    """
    return fact(1, who, *numbers, data={"opened": "created", **data})


def chained(*facts: Fact, now_on: tuple[int, ...], parties: str = "ab") -> Change:
    """
    Chain a log whose event has some slots on its table now.
    """
    cast = cast_of(addresses(parties), facts)
    people = [Person(n, each, bytes([n % 256]) * 32) for n, each in enumerate(cast, start=1)]
    past = Past(
        id=7,
        title="cybes",
        zone="Europe/Paris",
        parties=len(parties),
        slots=slots(*now_on),
        facts=facts,
    )
    return continued(past, people, IDENTITY, NOW)


def test_an_agreement_is_found_in_an_old_log() -> None:
    """
    Parties that each left the same slot on the table have agreed.
    """
    change = chained(opening(1, 2), fact(2, "b", 2), fact(3, "a", 2), now_on=(2,))

    state = change.after.state
    assert (state.status, state.title, state.zone) == (Status.AGREED, "cybes", "Europe/Paris")
    assert [entry.data["imported"] for entry in change.entries] == [1, 2, 3]
    assert "form" not in change.entries[1].data


def test_the_proposer_may_be_no_party() -> None:
    """
    Whoever logged the opening is the proposer, under the number after the parties.
    """
    change = chained(opening(1, who="p"), now_on=(1,))

    assert change.after.state.proposer == 3
    assert change.entries[0].effector == 3
    assert change.after.state.kept == (None, None)
    assert set(change.entries[0].data["people"]) == {"1", "2", "3"}


def test_an_event_without_log_gets_an_opening_by_the_system() -> None:
    """
    Nobody is known to have proposed it, so that nobody keeps anything yet.
    """
    change = chained(now_on=(1, 2))

    (entry,) = change.entries
    assert (entry.effector, entry.when, entry.slots) == (0, NOW, slots(1, 2))
    assert entry.data["opened"] == "imported"
    assert change.after.state.proposer == 0
    assert change.after.state.waiting_on == (1, 2)


def test_a_log_that_begins_late_gets_an_opening_before_it() -> None:
    """
    It is dated just before the first entry and has the slots that entry saw.
    """
    change = chained(fact(5, "a", 1, occurrence=Occurrence.VIEW), now_on=(1,))

    first, second = change.entries
    assert (first.when, first.slots) == (second.when - MICROSECOND, slots(1))
    assert (second.when, second.data) == (START + 5 * HOUR, {"imported": 5})


def test_an_opening_has_the_slots_that_were_seen_first() -> None:
    """
    Not those of today: what was seen first was there before whatever came later.
    """
    looked = fact(5, "a", 1, occurrence=Occurrence.VIEW)

    change = chained(looked, fact(6, "a", 2), now_on=(2,))

    assert [entry.slots for entry in change.entries] == [slots(1), slots(1), slots(2)]


def test_an_opening_finds_room_at_the_beginning_of_time() -> None:
    """
    Where nothing can come before, the entry itself is dated a little later.
    """
    dawn = datetime(1, 1, 1, tzinfo=UTC)

    change = chained(fact(5, "a", 1, when=dawn), now_on=(1,))

    assert [entry.when for entry in change.entries] == [dawn, dawn + MICROSECOND]


def test_an_opening_without_readable_slots_has_those_of_the_event() -> None:
    """
    What the first entry does not tell is taken from the event.
    """
    silent = Fact(5, START, Occurrence.VIEW, address("a"), None, {}, {}, ("slots",))

    change = chained(silent, now_on=(1, 2))

    assert [entry.slots for entry in change.entries] == [slots(1, 2), slots(1, 2)]
    assert change.entries[1].data["left_out"] == ["slots"]


def test_what_changed_without_a_word_is_told_by_the_system() -> None:
    """
    Slots that somebody looked at, and those that are there now, were put there before.
    """
    change = chained(
        opening(1, 2), fact(2, "b", 2, 3, occurrence=Occurrence.VIEW), now_on=(3,), parties="ab"
    )

    first, gap, look, end = change.entries
    assert gap.data == {
        "form": "replace",
        "imported": 0,
        "added": [["2030-01-04T00:00:00.000000Z", 3_600_000_000]],
        "removed": [["2030-01-02T00:00:00.000000Z", 3_600_000_000]],
    }
    assert (gap.when, look.when) == (START + 2 * HOUR - MICROSECOND, START + 2 * HOUR)
    assert (end.when, end.slots) == (NOW, slots(3))
    assert set(end.data) == {"form", "imported", "removed"}
    assert change.after.state.kept == ((), None)
    assert first.slots == slots(1, 2)


def test_only_a_last_update_closes() -> None:
    """
    An event that went on after it was said to be deleted was not.
    """
    deleted = fact(2, "a", 1, data={"closed": "deleted"})

    ended = chained(opening(1), deleted, now_on=(1, 2))
    assert ended.after.state.status is Status.CLOSED
    assert len(ended.entries) == 2

    went_on = chained(opening(1), deleted, fact(3, "b", 1), now_on=(1,))
    assert went_on.after.state.status is Status.AGREED
    assert went_on.entries[1].data == {"imported": 2, "left_out": ["closed"]}

    looked = fact(2, "a", 1, data={"closed": "deleted"}, occurrence=Occurrence.VIEW)
    assert chained(opening(1), looked, now_on=(1,)).after.state.status is Status.OPEN
    assert chained(opening(1, closed="deleted"), now_on=(1,)).after.state.closed is False


def test_a_newcomer_is_committed_to_where_it_is_named_first() -> None:
    """
    Numbers follow the order of mention, and nobody is named twice.
    """
    change = chained(
        opening(1),
        fact(2, "a", 1, occurrence=Occurrence.NOTIFY, people={"recipient": address("d")}),
        fact(3, "d", 1, occurrence=Occurrence.VIEW),
        now_on=(1,),
    )

    assert [sorted(entry.data.get("people", ())) for entry in change.entries] == [
        ["1", "2"],
        ["3"],
        [],
    ]
    assert change.entries[1].data["recipient"] == change.entries[2].effector == 3


@pytest.mark.parametrize("parties", ["", "a" * 101])
def test_an_event_needs_parties_and_not_too_many(parties: str) -> None:
    """
    What no event may be is refused here as well.
    """
    names = [f"{place}{name}" for place, name in enumerate(parties)]
    cast = tuple(address(name) for name in names)
    people = [Person(n, each, bytes(32)) for n, each in enumerate(cast, start=1)]
    past = Past(id=7, title="x", zone="UTC", parties=len(names), slots=(), facts=())

    with pytest.raises(InvalidInputError) as error:
        continued(past, people, IDENTITY, NOW)
    assert error.value.faults[0].path == "parties"
