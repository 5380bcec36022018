"""
Replace, narrow, judge, extend, retitle: what people do to the table.
"""

from __future__ import annotations

import pytest

from calndro.core.agreement import Status
from calndro.core.errors import (
    InvalidInputError,
    NotAllowedError,
    StaleRevisionError,
    StorageError,
    TooManySlotsError,
)
from calndro.usecases import updates
from tests.examples import mail, reasons, slot, slots
from tests.worlds import World, caller


def test_each_form_does_what_it_says() -> None:
    """
    Replace sets, narrow intersects, judge takes off, extend unites, retitle names.
    """
    world = World()
    world.propose(1, 2, 3)
    services, b = world.services, caller("b")
    assert updates.replace(services, b, 1, slots(2, 3, 4)).slots == slots(2, 3, 4)
    assert updates.narrow(services, b, 1, slots(3, 4, 5)).slots == slots(3, 4)
    judged = updates.judge(services, b, 1, slots(3), slots(4))
    assert (judged.slots, judged.kept[mail("b")]) == (slots(4), slots(4))
    assert updates.extend(services, b, 1, slots(5), title="noon").slots == slots(4, 5)
    assert updates.retitle(services, b, 1, "  later ").title == "later"
    forms = [entry.data["form"] for entry in world.log()[1:] if "form" in entry.data]
    assert forms == ["replace", "narrow", "narrow", "extend", "retitle"]


def test_slots_come_in_any_form() -> None:
    """
    Slots may be values or text, mixed and repeated.
    """
    world = World()
    world.propose(1, 2)
    event = updates.narrow(world.services, caller("b"), 1, [slot(1), "2030-01-02T00:00Z/PT1H"])
    assert event.slots == slots(1)


@pytest.mark.parametrize("text", ["", "2030-01-02T00:00Z/PT1H"])
def test_a_text_is_no_list_of_slots(text: str) -> None:
    """
    One text in place of a list is refused at its name, the empty one too; nothing is changed.
    """
    world = World()
    world.propose(1, 2)
    services, b = world.services, caller("b")
    for name, verb in {
        "slots": updates.replace,
        "keep": updates.narrow,
        "add": updates.extend,
    }.items():
        with pytest.raises(InvalidInputError, match=f"^{name}: give a list of slots, not a text$"):
            verb(services, b, 1, text)
    with pytest.raises(InvalidInputError) as caught:
        updates.judge(services, b, 1, text, text)
    assert [fault.path for fault in caught.value.faults] == ["drop", "accept"]
    assert len(world.log()) == 1


def test_stale_revision_changes_nothing() -> None:
    """
    Naming a revision that has passed is refused; naming the present one is not.
    """
    world = World()
    world.propose(1, 2)
    updates.narrow(world.services, caller("b"), 1, slots(1), expected=1)
    with pytest.raises(StaleRevisionError):
        updates.narrow(world.services, caller("c"), 1, slots(2), expected=1)
    assert world.ledger().state.slots == slots(1)
    updates.replace(world.services, caller("c"), 1, slots(2))
    assert world.ledger().state.slots == slots(2)


def test_every_fault_of_an_update_is_named() -> None:
    """
    Bad slots of either list and a bad title are named together, each at its place.
    """
    world = World()
    world.propose(1)
    with pytest.raises(InvalidInputError) as caught:
        updates.judge(world.services, caller("a"), 1, ["never"], [slot(1), "nor"], title=" ")
    paths = [fault.path.partition(".")[0] for fault in caught.value.faults]
    assert paths == ["drop[0]", "accept[1]", "title"]
    for verb, name in (
        (updates.replace, "slots[0]"),
        (updates.narrow, "keep[0]"),
        (updates.extend, "add[0]"),
    ):
        with pytest.raises(InvalidInputError) as caught:
            verb(world.services, caller("a"), 1, ["never"])
        assert [fault.path.partition(".")[0] for fault in caught.value.faults] == [name]
    assert len(world.log()) == 1


@pytest.mark.parametrize("title", ["", " ", "two\nlines", "x" * 257])
def test_title_that_is_none_is_refused(title: str) -> None:
    """
    An empty or broken title is a fault at ``title``, alone or with slots.
    """
    world = World()
    world.propose(1)
    with pytest.raises(InvalidInputError) as caught:
        updates.retitle(world.services, caller("a"), 1, title)
    assert [fault.path for fault in caught.value.faults] == ["title"]


def test_update_that_names_nothing_is_refused() -> None:
    """
    Neither form nor title is an error.
    """
    world = World()
    world.propose(1)
    with pytest.raises(InvalidInputError, match="name what to change"):
        updates.update(world.services, caller("a"), 1, None)


def test_table_has_its_limit() -> None:
    """
    The operator's limit holds for every form.
    """
    world = World(most_slots=2)
    world.propose(1, 2)
    with pytest.raises(TooManySlotsError):
        updates.extend(world.services, caller("a"), 1, slots(3))
    with pytest.raises(TooManySlotsError):
        updates.replace(world.services, caller("a"), 1, slots(3, 4, 5))
    assert len(world.log()) == 1


def test_agreement_is_told_in_the_same_transaction() -> None:
    """
    The update that makes an agreement stores its entry, the news and their notices at once.
    """
    world = World()
    world.propose(1, 2, by="p", parties="ab")
    updates.narrow(world.services, caller("a"), 1, slots(1))
    event = updates.narrow(world.services, caller("b"), 1, slots(1))
    assert event.status is Status.AGREED
    assert event.receipt.seq == len(world.log()) == 6
    assert reasons(world.log()) == [("agreed", 1), ("agreed", 2), ("agreed", 3)]
    assert [(post.notice.of, post.notice.recipient) for post in world.waiting()] == [
        (4, 1),
        (5, 2),
        (6, 3),
    ]


def test_news_can_be_turned_off() -> None:
    """
    With the setting off an agreement is made and nobody is told of it.
    """
    world = World(notify_on_agreement=False)
    world.propose(1, parties="ab")
    assert updates.narrow(world.services, caller("b"), 1, slots(1)).status is Status.AGREED
    assert world.waiting() == []
    assert len(world.log()) == 2


def test_strangers_change_nothing() -> None:
    """
    Who has no right to an event can't update it in any form.
    """
    world = World()
    world.propose(1)
    with pytest.raises(NotAllowedError):
        updates.replace(world.services, caller("x"), 1, slots(2))
    assert len(world.log()) == 1


def test_failure_to_commit_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Event, entries and notices are stored together or not at all.
    """
    world = World()
    world.propose(1, parties="ab")
    real = world.storage.unit_of_work

    def broken() -> object:
        work = real()

        def fail() -> None:
            raise StorageError("the disk is full")

        monkeypatch.setattr(work, "commit", fail)
        return work

    services = world.services
    object.__setattr__(services, "unit_of_work", broken)
    with pytest.raises(StorageError):
        updates.narrow(services, caller("b"), 1, slots(1))
    assert len(world.log()) == 1
    assert world.waiting() == []
