"""
What an agreement made, changed or broken means for everybody's calendar.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from calndro.core.agreement import Reason, news
from calndro.core.notice import Kind
from tests.examples import MICROSECOND, Scene, reasons, slot


def test_agreement_is_told_to_every_party() -> None:
    """
    What makes an event agreed promises each party an invitation, after its own entry.
    """
    scene = Scene(1, 2, parties="ab")
    update, *rest = scene.keep("b", 1)
    assert update.occurrence.value == "UPDATE"
    assert reasons(rest) == [("agreed", 1), ("agreed", 2)]
    assert [entry.occurrence.value for entry in rest] == ["NOTIFY", "NOTIFY"]
    assert [entry.effector for entry in rest] == [2, 2]
    assert [entry.data["sender"] for entry in rest] == [2, 2]
    assert [(n.event_id, n.of, n.recipient, n.kind) for n in scene.notices] == [
        (7, 3, 1, Kind.AGREED),
        (7, 4, 2, Kind.AGREED),
    ]


def test_proposer_that_is_no_party_gets_the_news() -> None:
    """
    A proposer outside the parties is told last, and other outsiders never.
    """
    scene = Scene(1, parties="ab", proposer="p")
    scene.view("s")
    scene.keep("a", 1)
    assert reasons(scene.keep("b", 1)) == [("agreed", 1), ("agreed", 2), ("agreed", 3)]


def test_extending_what_was_agreed_cancels_and_it_can_be_agreed_again() -> None:
    """
    More slots after an agreement cancel it; narrowing to one again invites again.
    """
    scene = Scene(1, parties="ab")
    assert reasons(scene.keep("b", 1)) == [("agreed", 1), ("agreed", 2)]
    assert reasons(scene.extend("a", 2)) == [("cancelled", 1), ("cancelled", 2)]
    assert scene.status == "open"
    assert reasons(scene.extend("b", 2)) == []
    assert reasons(scene.keep("a", 2)) == [("agreed", 1), ("agreed", 2)]
    assert scene.status == "agreed"


def test_emptying_what_was_agreed_cancels() -> None:
    """
    An agreed event that becomes void is cancelled.
    """
    scene = Scene(1, parties="ab")
    scene.keep("b", 1)
    assert reasons(scene.replace("a")) == [("cancelled", 1), ("cancelled", 2)]
    assert scene.status == "void"


def test_deleting_what_was_agreed_cancels_and_nothing_else_does() -> None:
    """
    Deleting tells of the cancellation of an agreement, and of nothing when there was none.
    """
    agreed, unsettled = Scene(1, parties="ab"), Scene(1, 2, parties="ab")
    agreed.keep("b", 1)
    closing, *rest = agreed.delete("s")
    assert closing.data["closed"] == "deleted"
    assert reasons(rest) == [("cancelled", 1), ("cancelled", 2)]
    assert reasons(unsettled.delete("s")) == []


def test_retitling_what_was_agreed_invites_again() -> None:
    """
    A new title of an agreed event is a changed invitation; the same title is none.
    """
    scene = Scene(1, parties="ab")
    scene.keep("b", 1)
    assert reasons(scene.retitle("a", "noon")) == [("changed", 1), ("changed", 2)]
    assert reasons(scene.retitle("a", "noon")) == []
    assert reasons(scene.keep("a", 1)) == []


def test_retitling_what_is_open_tells_nobody() -> None:
    """
    A new title without agreement is no news.
    """
    assert reasons(Scene(1, 2).retitle("a", "noon")) == []


def test_move_of_a_single_party_is_one_changed_invitation() -> None:
    """
    From one agreed slot to another in one act is one letter, not a cancellation and one more.
    """
    scene = Scene(1, parties="a", proposer="p")
    assert reasons(scene.keep("a", 1)) == [("agreed", 1), ("agreed", 2)]
    assert reasons(scene.replace("a", 2)) == [("changed", 1), ("changed", 2)]


def test_retitle_that_breaks_an_agreement_cancels() -> None:
    """
    A title beside slots that break the agreement tells of the break alone.
    """
    scene = Scene(1, parties="ab")
    scene.keep("b", 1)
    assert reasons(scene.replace("a", 2, title="noon")) == [("cancelled", 1), ("cancelled", 2)]


def test_stopped_parties_are_left_out_of_the_news() -> None:
    """
    Agreement notices leave out who has stopped mail, and only while it is stopped.
    """
    scene = Scene(1, parties="abc", proposer="p")
    scene.keep("a", 1)
    scene.stop("a")
    scene.keep("b", 1)
    assert reasons(scene.keep("c", 1)) == [("agreed", 2), ("agreed", 3), ("agreed", 4)]
    scene.resume("a")
    assert [n for _, n in reasons(scene.extend("b", 2))] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("after_end", "told"), [(-MICROSECOND, 2), (timedelta(0), 0), (MICROSECOND, 0)]
)
def test_slot_that_has_ended_is_no_news(after_end: timedelta, told: int) -> None:
    """
    Nothing is sent about a slot from the instant on at which it ends.
    """
    scene = Scene(1, parties="ab")
    scene.now = slot(1).end + after_end
    assert len(reasons(scene.keep("b", 1))) == told
    assert scene.status == "agreed"
    assert len(reasons(scene.extend("b", 2))) == told


def test_an_agreement_on_what_is_over_is_none() -> None:
    """
    To move from a slot still ahead to one that has ended calls it off; the other way agrees.
    """
    over, ahead = (Scene(number, parties="a").ledger.state for number in (1, 2))
    between = slot(1).end
    assert news(ahead, over, between) == (Reason.CANCELLED, slot(2))
    assert news(over, ahead, between) == (Reason.AGREED, slot(2))
    assert news(over, over, between) is None


def test_no_news_where_nothing_was_agreed() -> None:
    """
    News is about agreements made, changed or broken, and is nothing in between.
    """
    state = Scene(1, 2).ledger.state
    assert news(state, state, slot(0).begin) is None
    agreed = Scene(1, parties="a").ledger.state
    assert news(state, agreed, slot(0).begin) == (Reason.AGREED, slot(1))
    assert news(agreed, state, slot(0).begin) == (Reason.CANCELLED, slot(1))
    assert state.agreed_slot is None


def test_move_to_a_slot_that_has_ended_calls_the_old_one_off() -> None:
    """
    An agreement moved to a time that is over cancels the time that still lay ahead.
    """
    scene = Scene(5, parties="a")
    scene.now = slot(3).begin

    assert reasons(scene.replace("a", 1)) == [("cancelled", 1)]
    assert reasons(scene.replace("a", 2)) == []
    assert reasons(scene.replace("a", 6)) == [("agreed", 1)]


def test_where_nobody_is_left_nothing_is_agreed() -> None:
    """
    An event whose parties are all erased stays open and tells nobody of an agreement.
    """
    scene = Scene(1, parties="b", proposer="p")

    assert reasons(scene.erase("b")) == []
    assert scene.ledger.state.status == "open"
    assert scene.ledger.state.waiting_on == ()
