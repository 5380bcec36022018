"""
What a log adds up to, row by row of docs/explanation/narrowing.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from calndro.core.agreement import replay
from calndro.core.ledger import record_delivery
from tests.examples import START, Scene, reasons, slot


if TYPE_CHECKING:
    from collections.abc import Callable


def test_first_worked_row() -> None:
    """
    A proposes {1,2,3}, B narrows to {1,2}, C narrows to {2}: agreed on 2.
    """
    scene = Scene(1, 2, 3)
    assert (scene.status, scene.waiting) == ("open", "bc")
    scene.keep("b", 1, 2)
    assert scene.kept == {"a": {1, 2}, "b": {1, 2}, "c": None}
    assert (scene.status, scene.waiting) == ("open", "c")
    scene.keep("c", 2)
    assert scene.kept == {"a": {2}, "b": {2}, "c": {2}}
    assert (scene.status, scene.table, scene.waiting) == ("agreed", {2}, "")
    assert scene.ledger.state.agreed_slot == slot(2)


def test_second_worked_row() -> None:
    """
    A proposes {1,2}, B extends {9}, A replaces by {2,9}, B narrows to {9}: agreed.
    """
    scene = Scene(1, 2, parties="ab")
    assert scene.kept == {"a": {1, 2}, "b": None}
    scene.extend("b", 9)
    assert scene.kept == {"a": {1, 2}, "b": {9}}
    assert scene.table == {1, 2, 9}
    scene.replace("a", 2, 9)
    assert scene.kept == {"a": {2, 9}, "b": {9}}
    scene.keep("b", 9)
    assert scene.kept == {"a": {9}, "b": {9}}
    assert scene.status == "agreed"


def test_third_worked_row() -> None:
    """
    All keep {1,2}, C replaces by {1}: agreed; by {3} instead: A and B are waited on.
    """
    for chosen, status, waiting in ((1, "agreed", ""), (3, "open", "ab")):
        scene = Scene(1, 2)
        scene.keep("b", 1, 2)
        scene.keep("c", 1, 2)
        assert (scene.status, scene.waiting) == ("open", "")
        scene.replace("c", chosen)
        assert (scene.status, scene.waiting) == (status, waiting)


def test_two_narrow_at_once_in_either_order() -> None:
    """
    Narrowings by two parties that know nothing of each other end alike in either order.
    """
    one, other = Scene(1, 2, 3, 4), Scene(1, 2, 3, 4)
    one.keep("b", 1, 2, 3)
    one.keep("c", 2, 3, 4)
    other.keep("c", 2, 3, 4)
    other.keep("b", 1, 2, 3)
    assert one.table == other.table == {2, 3}
    assert one.kept == other.kept == {"a": {2, 3}, "b": {2, 3}, "c": {2, 3}}
    assert one.status == other.status == "open"


def test_judging_leaves_alone_what_was_not_judged() -> None:
    """
    narrow(drop, accept) sets the actor's kept to (kept + accept) - drop and nobody else's.
    """
    scene = Scene(1, 2, 3, 4)
    (entry,) = scene.judge("b", drop=[1], accept=[2, 9])
    assert scene.table == {2, 3, 4}
    assert scene.kept == {"a": {2, 3, 4}, "b": {2}, "c": None}
    assert entry.data["form"] == "narrow"
    assert len(entry.data["accepted"]) == 1
    scene.judge("b", drop=[2], accept=[4])
    assert scene.kept == {"a": {3, 4}, "b": {4}, "c": None}


def test_judging_and_extending_add_to_what_was_kept() -> None:
    """
    What a party has accepted before stays accepted when it accepts more.
    """
    scene = Scene(1, 2, 3, 4)
    scene.judge("b", drop=[], accept=[2])
    scene.judge("b", drop=[1], accept=[3])
    assert scene.kept["b"] == {2, 3}
    scene.extend("b", 5)
    assert scene.kept["b"] == {2, 3, 5}
    scene.extend("a", 6)
    assert scene.kept["a"] == {2, 3, 4, 6}


def test_unknown_counts_as_empty() -> None:
    """
    Extending and judging start from nothing when the party has not answered yet.
    """
    scene = Scene(1, 2)
    scene.extend("b", 3)
    scene.judge("c", drop=[1], accept=[])
    assert scene.kept == {"a": {2}, "b": {3}, "c": set()}
    assert scene.waiting == "c"


def test_extending_by_what_is_there_accepts_it() -> None:
    """
    A slot that is on the table already is kept by whoever adds it again.
    """
    scene = Scene(1, 2, parties="ab")
    (entry,) = scene.extend("b", 1)
    assert scene.kept == {"a": {1, 2}, "b": {1}}
    assert "added" not in entry.data


def test_slot_put_back_must_be_kept_anew() -> None:
    """
    Who kept a slot that left the table does not keep it when it comes back.
    """
    scene = Scene(1, 2)
    scene.keep("b", 1, 2)
    scene.judge("c", drop=[1], accept=[])
    scene.extend("c", 1)
    assert scene.table == {1, 2}
    assert scene.kept == {"a": {2}, "b": {2}, "c": {1}}


def test_strangers_answer_for_nobody() -> None:
    """
    Acts of who is no party change the table and take away, and give nobody an answer.
    """
    scene = Scene(1, 2, proposer="p")
    assert scene.kept == {"a": None, "b": None, "c": None}
    scene.keep("a", 1, 2)
    scene.replace("p", 2, 3)
    assert scene.kept == {"a": {2}, "b": None, "c": None}
    scene.extend("s", 4)
    scene.judge("p", drop=[2], accept=[3])
    assert scene.table == {3, 4}
    assert scene.kept == {"a": set(), "b": None, "c": None}
    assert scene.waiting == "abc"


def test_title_and_mail_are_no_answers() -> None:
    """
    Retitling, viewing, stopping and resuming change no kept set.
    """
    scene = Scene(1, 2)
    before = scene.kept
    scene.retitle("b", "noon")
    scene.stop("b")
    scene.view("b")
    scene.resume("b")
    scene.notify("b", "abc", 1, 2)
    assert scene.kept == before
    assert scene.ledger.state.title == "noon"


def test_title_with_a_form_is_an_answer_too() -> None:
    """
    A new title beside a form leaves that form its effect.
    """
    scene = Scene(1, 2)
    (entry,) = scene.keep("b", 1, title="noon")
    assert scene.kept == {"a": {1}, "b": {1}, "c": None}
    assert scene.ledger.state.title == entry.data["title"] == "noon"
    assert entry.data["form"] == "narrow"


def test_void_has_no_slots_and_waits_on_nobody() -> None:
    """
    An event without slots is void and can be given slots again.
    """
    scene = Scene(parties="ab")
    assert (scene.status, scene.waiting) == ("void", "")
    scene.extend("b", 1)
    assert (scene.status, scene.waiting) == ("open", "a")
    scene.keep("a")
    assert scene.status == "void"
    assert scene.kept == {"a": set(), "b": set()}


def test_closed_comes_before_everything() -> None:
    """
    A deleted event is closed whatever its slots say, and nobody is waited on.
    """
    for numbers in ((), (1,), (1, 2)):
        scene = Scene(*numbers, parties="ab")
        scene.delete("s")
        assert (scene.status, scene.waiting) == ("closed", "")
        assert scene.table == set(numbers)


def test_one_party_may_agree_at_birth_and_nothing_is_sent() -> None:
    """
    Propose never sends, not even where the status is agreed at once.
    """
    scene = Scene(1, parties="a")
    assert scene.status == "agreed"
    assert scene.notices == []
    assert len(scene.log) == 1


def test_nobody_waited_on_and_still_open() -> None:
    """
    With two slots kept by all, or none by all, the event is open and waits on nobody.
    """
    scene = Scene(1, 2, parties="ab")
    scene.keep("b", 1, 2)
    assert (scene.status, scene.waiting) == ("open", "")
    other = Scene(1, parties="ab")
    other.extend("b", 2)
    assert (other.status, other.waiting) == ("open", "")


def test_erased_party_is_neither_waited_on_nor_counted() -> None:
    """
    Forgetting the only party that is waited on makes the event agreed, and that is told.
    """
    scene = Scene(1)
    scene.keep("b", 1)
    assert scene.waiting == "c"
    entry, *rest = scene.erase("c")
    assert entry.data["erased"] == 3
    assert scene.status == "agreed"
    assert reasons(rest) == [("agreed", 1), ("agreed", 2)]
    assert scene.ledger.state.kept[2] is None
    assert [str(person) for person in scene.ledger.parties][2] == "erased-3"


@pytest.mark.parametrize(("name", "number"), [("a", 1), ("b", 2), ("c", 3)])
def test_erasing_what_was_kept_changes_nothing_for_others(name: str, number: int) -> None:
    """
    An erased party's answer is forgotten; the others keep what they kept.
    """
    scene = Scene(1, 2)
    scene.keep("b", 1, 2)
    scene.keep("c", 1, 2)
    kept = scene.kept
    scene.erase(name)
    others = {other: keeps for other, keeps in kept.items() if other != name}
    assert scene.kept == {**others, f"erased-{number}": None}
    assert (scene.status, scene.waiting) == ("open", "")


def test_whom_no_letter_reaches_is_forgotten_with_the_person() -> None:
    """
    A letter that failed is remembered until one arrives, or its recipient is erased.
    """
    scene = Scene(1)
    scene.notify("a", "bc", 1)
    for recipient in (2, 3):
        tried = {"delivery": "failed", "of": recipient, "recipient": recipient}
        scene.take(record_delivery(scene.ledger, START, tried))
    assert scene.ledger.state.undelivered == {2, 3}

    scene.erase("b")

    assert scene.ledger.state.undelivered == {3}
    sent = {"delivery": "sent", "of": 3, "recipient": 3}
    scene.take(record_delivery(scene.ledger, START, sent))
    assert scene.ledger.state.undelivered == set()
    before = scene.ledger.state
    scene.take(record_delivery(scene.ledger, START, sent))
    assert scene.ledger.state is before


def test_erasing_a_proposer_that_is_no_party_takes_no_answer() -> None:
    """
    Forgetting somebody who is no party changes no kept set and tells nobody.
    """
    scene = Scene(1, 2, parties="ab", proposer="p")
    scene.keep("a", 1, 2)
    kept = scene.kept
    scene.erase("p")
    assert scene.kept == kept
    scene.keep("b", 1)
    assert reasons(scene.log) == [("agreed", 1), ("agreed", 2)]


def test_erasing_an_agreed_party_leaves_the_agreement() -> None:
    """
    One party fewer leaves an agreement what it was, and sends nothing.
    """
    scene = Scene(1)
    scene.keep("b", 1)
    scene.keep("c", 1)
    assert scene.status == "agreed"
    assert reasons(scene.erase("b")) == []
    assert scene.status == "agreed"
    assert reasons(scene.extend("a", 2)) == [("cancelled", 1), ("cancelled", 3)]


def test_revision_moves_with_title_slots_and_kept() -> None:
    """
    The revision moves by one with title, slots or anybody's kept set, and with nothing else.
    """
    scene = Scene(1, 2)
    steps: list[tuple[Callable[[], object], int]] = [
        (lambda: scene.keep("a", 1, 2), 0),
        (lambda: scene.keep("b", 1, 2), 1),
        (lambda: scene.keep("b", 1, 2, 7), 0),
        (lambda: scene.retitle("b", "moot"), 0),
        (lambda: scene.retitle("b", "noon"), 1),
        (lambda: scene.replace("s", 1, 2), 0),
        (lambda: scene.extend("s", 3), 1),
        (lambda: scene.extend("s", 3), 0),
        (lambda: scene.judge("c", [8], []), 1),
        (lambda: scene.judge("c", [8], []), 0),
        (lambda: scene.judge("c", [], [1]), 1),
        (lambda: scene.replace("c", 2, title="moot"), 1),
        (lambda: scene.view("a"), 0),
        (lambda: scene.notify("a", "b", 2), 0),
        (lambda: scene.stop("a"), 0),
        (lambda: scene.resume("a"), 0),
        (lambda: scene.delete("s"), 0),
    ]
    assert scene.ledger.state.revision == 1
    for number, (step, moves) in enumerate(steps):
        before = scene.ledger.state.revision
        step()
        assert scene.ledger.state.revision - before == moves, f"step {number}"


def test_replay_gives_what_was_stored() -> None:
    """
    Folding the entries alone gives the state, erasure and closing with it.
    """
    scene = Scene(1, 2)
    scene.keep("b", 1)
    scene.stop("b")
    scene.retitle("s", "noon")
    scene.judge("c", [], [1])
    scene.erase("c")
    scene.delete("s")
    assert replay(scene.log) == scene.ledger.state
    assert scene.ledger.state.awaited == (1, 2)
