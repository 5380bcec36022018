"""
What can be done to an event, what is refused, and what stands in the log of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from calndro.core import deeds
from calndro.core.errors import (
    InvalidInputError,
    StaleRevisionError,
    TooManySlotsError,
)
from tests.examples import IDENTITY, Scene, act, addresses, slots


if TYPE_CHECKING:
    from calndro.core.ledger import Change


def proposed(parties: list[str], *numbers: int, by: str = "a", most: int = 30) -> Change:
    """
    Propose an event.
    """
    return deeds.propose(
        IDENTITY,
        act(by),
        addresses(parties),
        slots(*numbers),
        title="moot",
        zone="UTC",
        salts=[bytes([n]) * 32 for n in range(len(parties) + 1)],
        most=most,
    )


def test_parties_are_numbered_in_order_and_then_the_proposer() -> None:
    """
    Parties are 1 to n in the order given; a proposer that is none comes after them.
    """
    inside = proposed(["c", "a", "b"], by="b").after
    assert [str(person) for person in inside.people] == ["c@here.net", "a@here.net", "b@here.net"]
    assert (inside.state.size, inside.state.proposer) == (3, 3)
    outside = proposed(["c", "a"], by="p").after
    assert [str(person) for person in outside.people][2] == "p@here.net"
    assert (outside.state.size, outside.state.proposer) == (2, 3)
    assert outside.parties == outside.people[:2]
    assert outside.members == outside.people


def test_event_has_one_to_a_hundred_parties() -> None:
    """
    No party is refused, a hundred is the most, and the proposer is not counted.
    """
    with pytest.raises(InvalidInputError) as caught:
        proposed([])
    assert [fault.path for fault in caught.value.faults] == ["parties"]
    names = [f"n{number}" for number in range(101)]
    assert proposed(names[:100], by="p").after.state.proposer == 101
    with pytest.raises(InvalidInputError, match="101 parties") as caught:
        proposed(names)
    assert [fault.path for fault in caught.value.faults] == ["parties"]


def test_opening_holds_at_most_what_fits() -> None:
    """
    An event is opened with nothing up to the most slots, and with one more it is refused.
    """
    assert proposed(["a"]).after.state.slots == ()
    assert len(proposed(["a"], *range(30)).after.state.slots) == 30
    with pytest.raises(TooManySlotsError) as caught:
        proposed(["a"], *range(31))
    assert (caught.value.count, caught.value.most) == (31, 30)


def test_opening_is_one_entry_and_no_notice() -> None:
    """
    A proposal adds exactly one UPDATE and promises nothing.
    """
    change = proposed(["a"], 1)
    assert change.before is None
    assert change.notices == ()
    (entry,) = change.entries
    assert (entry.occurrence.value, entry.effector) == ("UPDATE", 1)
    assert entry.data["opened"] == "created"
    assert change.after.id == 0


def test_narrowing_never_adds() -> None:
    """
    Slots to keep that are not on the table are ignored.
    """
    scene = Scene(1, 2)
    (entry,) = scene.keep("b", 2, 3)
    assert scene.table == {2}
    assert entry.data == {
        "form": "narrow",
        "removed": [["2030-01-02T00:00:00.000000Z", 3_600_000_000]],
    }


def test_judging_ignores_what_is_not_there() -> None:
    """
    Slots to drop or accept that are not on the table are ignored and not logged.
    """
    scene = Scene(1, 2)
    (entry,) = scene.judge("b", drop=[7], accept=[8])
    assert scene.table == {1, 2}
    assert entry.data == {"form": "narrow", "accepted": []}
    assert scene.kept["b"] == set()


def test_extending_adds_and_accepts() -> None:
    """
    An extension is the union; its entry tells what was added and what was accepted.
    """
    scene = Scene(1, 2)
    (entry,) = scene.extend("b", 2, 3)
    one, two = (f"2030-01-0{n}T00:00:00.000000Z" for n in (3, 4))
    assert scene.table == {1, 2, 3}
    assert entry.data == {
        "form": "extend",
        "added": [[two, 3_600_000_000]],
        "accepted": [[one, 3_600_000_000], [two, 3_600_000_000]],
    }


def test_update_that_changes_nothing_is_logged() -> None:
    """
    An update without effect succeeds, adds its entry, and leaves the revision.
    """
    scene = Scene(1, 2)
    (entry,) = scene.replace("a", 1, 2, title="moot")
    assert entry.data == {"form": "replace", "title": "moot"}
    assert scene.ledger.state.revision == 1


def test_update_that_names_nothing_is_refused() -> None:
    """
    Neither slots nor title is no update.
    """
    with pytest.raises(InvalidInputError, match="name what to change"):
        Scene(1).update("a", None)


def test_slot_is_not_dropped_and_accepted_at_once() -> None:
    """
    Who drops and accepts one slot in one act is asked to choose.
    """
    scene = Scene(1, 2)
    with pytest.raises(InvalidInputError) as error:
        scene.judge("b", drop=[1, 2], accept=[2])
    assert str(error.value) == "accept: what is dropped can't be accepted as well; choose one"
    assert len(scene.log) == 1


def test_table_holds_thirty() -> None:
    """
    Whatever form leads beyond the most slots is refused.
    """
    scene = Scene(*range(29))
    scene.extend("a", 29)
    for form in (deeds.Extend(slots(30)), deeds.Replace(slots(*range(31)))):
        with pytest.raises(TooManySlotsError) as caught:
            scene.update("a", form)
        assert (caught.value.count, caught.value.most) == (31, 30)
    scene.extend("a", 3)
    assert len(scene.log) == 3


def test_lowered_limit_does_not_trap_old_tables() -> None:
    """
    A table larger than a lowered limit may shrink, and may not grow.
    """
    ledger = Scene(1, 2, 3, 4).ledger

    def update(form: deeds.Form | None, title: str | None = None) -> int:
        change = deeds.update(ledger, act("a"), form, title=title, most=2, expected=None)
        return len(change.after.state.slots)

    assert update(deeds.Keep(slots(1, 2, 3))) == 3
    assert update(None, "noon") == 4
    with pytest.raises(TooManySlotsError):
        update(deeds.Extend(slots(5)))


@pytest.mark.parametrize("expected", [0, 1, 3])
def test_stale_revision_is_refused(expected: int) -> None:
    """
    Who names a revision that the event is not at changes nothing.
    """
    scene = Scene(1, 2)
    scene.keep("b", 1)
    with pytest.raises(StaleRevisionError) as caught:
        deeds.update(
            scene.ledger,
            act("a"),
            deeds.Keep(slots(1)),
            title=None,
            most=30,
            expected=expected,
        )
    assert (caught.value.event_id, caught.value.expected, caught.value.actual) == (7, expected, 2)
    change = deeds.update(
        scene.ledger, act("a"), deeds.Keep(slots(1)), title=None, most=30, expected=2
    )
    assert len(change.entries) == 1


def test_mail_is_stopped_for_oneself_alone() -> None:
    """
    Stopping and resuming are the actor's, say so in the log, and may be repeated.
    """
    scene = Scene(1)
    assert scene.stop("b")[0].data == {"mail": "stopped"}
    scene.stop("b")
    scene.stop("c")
    assert scene.ledger.state.stopped == {2, 3}
    assert scene.resume("b")[0].data == {"mail": "resumed"}
    scene.resume("b")
    assert scene.ledger.state.stopped == {3}


def test_deleting_closes_and_keeps_the_slots() -> None:
    """
    A deletion is one UPDATE that says so; the log shows the table as it was.
    """
    scene = Scene(1, 2)
    (entry,) = scene.delete("s")
    assert entry.data["closed"] == "deleted"
    assert entry.slots == slots(1, 2)
    assert scene.ledger.state.closed


@pytest.mark.parametrize("form", [None, deeds.Judge((), ()), deeds.Extend(())])
def test_an_update_that_names_nothing_is_refused(form: deeds.Form | None) -> None:
    """
    Neither no form at all nor an empty judgement or extension is an update.
    """
    scene = Scene(1, 2)

    with pytest.raises(InvalidInputError, match="name what to change"):
        scene.update("b", form)

    assert scene.keep("b")[0].data["form"] == "narrow"
