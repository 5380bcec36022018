"""
What readers see of an event and of its log.
"""

from __future__ import annotations

from calndro.core import telling
from calndro.core.agreement import Status
from calndro.core.event import is_delivery, is_erased, see, see_entry
from calndro.core.notice import Kind, Notice, Outcome
from tests.examples import IDENTITY, START, Scene, slots


def test_event_shows_people_by_address() -> None:
    """
    An event is seen with addresses in place of numbers.
    """
    scene = Scene(1, 2, parties="ab", proposer="p")
    scene.keep("a", 1, 2)
    scene.stop("b")
    event = see(scene.ledger)
    assert (event.id, event.title, event.zone, event.revision) == (7, "moot", "UTC", 2)
    assert event.parties == ("a@here.net", "b@here.net")
    assert event.proposer == "p@here.net"
    assert event.slots == slots(1, 2)
    assert event.status is Status.OPEN
    assert event.waiting_on == ("b@here.net",)
    assert event.kept == {"a@here.net": slots(1, 2), "b@here.net": None}
    assert event.stopped == ("b@here.net",)
    assert event.receipt.event == IDENTITY
    assert (event.receipt.seq, event.receipt.head) == (3, scene.log[-1].hash)
    assert len({event, see(scene.ledger)}) == 1


def test_common_slots_are_those_that_all_keep() -> None:
    """
    What everybody can do leaves the erased out and counts silence as no.
    """
    scene = Scene(1, 2, 3)
    assert see(scene.ledger).common == ()
    scene.judge("b", [], [1, 2])
    scene.judge("c", [], [2, 3])
    assert see(scene.ledger).common == slots(2)
    scene.erase("c")
    assert see(scene.ledger).common == slots(1, 2)


def test_nothing_is_common_to_nobody() -> None:
    """
    Where all parties were erased, none remains and no slot suits all.
    """
    scene = Scene(1, 2, parties="ab", proposer="p")
    scene.erase("a")
    assert see(scene.ledger).remaining == ("b@here.net",)
    scene.erase("b")
    assert see(scene.ledger).remaining == ()
    assert see(scene.ledger).common == ()


def test_forgotten_are_shown_in_their_place() -> None:
    """
    An erased party keeps its place in every view.
    """
    scene = Scene(1, 2)
    scene.keep("b", 1)
    scene.erase("b")
    event = see(scene.ledger)
    assert event.parties == ("a@here.net", "erased-2", "c@here.net")
    assert [party for party in event.parties if is_erased(party)] == ["erased-2"]
    shown = see_entry(scene.ledger, scene.log[1])
    assert shown.effector == "erased-2"


def test_entries_show_people_and_slots() -> None:
    """
    An entry is seen with addresses and slots, without the commitments.
    """
    scene = Scene(1, 2, parties="ab", proposer="p")
    scene.replace("a", 2, 3)
    scene.judge("b", [], [2])
    scene.notify("a", "b", 2, 3, sender="b")
    scene.erase("a")
    shown = [see_entry(scene.ledger, entry) for entry in scene.log]
    assert shown[0].data == {
        "opened": "created",
        "proposer": "p@here.net",
        "title": "moot",
        "zone": "UTC",
    }
    assert shown[1].data == {"form": "replace", "added": slots(3), "removed": slots(1)}
    assert shown[2].data == {"form": "narrow", "accepted": slots(2)}
    assert shown[3].data == {"recipient": "b@here.net", "sender": "b@here.net"}
    assert shown[4].data == {"erased": "erased-1"}
    for entry, seen in zip(scene.log, shown, strict=True):
        assert (seen.id, seen.when, seen.occurrence) == (entry.seq, entry.when, entry.occurrence)
        assert (seen.slots, seen.hash) == (entry.slots, entry.hash)


def test_deliveries_are_told_from_notifications() -> None:
    """
    Entries that say how a delivery went are recognised, and no others.
    """
    scene = Scene(1)
    scene.notify("a", "b", 1)
    notice = Notice(7, 2, 2, Kind.UPDATE)
    scene.take(telling.record_outcome(scene.ledger, START, notice, Outcome.SENT))
    assert [is_delivery(entry) for entry in scene.log] == [False, False, True]
    assert see_entry(scene.ledger, scene.log[2]).effector == "system"
