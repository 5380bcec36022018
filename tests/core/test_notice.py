"""
Notices, and the letters they become.
"""

from __future__ import annotations

import attrs

from calndro.core.dispatch import Dispatch
from calndro.core.event import see
from calndro.core.notice import Kind, Notice, Outcome, Post
from tests.examples import HOUR, START, Scene, slots


def test_letter_tells_whether_the_table_has_moved_on() -> None:
    """
    A letter has moved on exactly when the table is no longer what its entry showed.
    """
    scene = Scene(1, 2)
    letter = Dispatch(
        notice=Notice(7, 2, 1, Kind.UPDATE),
        event=see(scene.ledger),
        told=slots(1, 2),
        about=None,
        recipient="a@here.net",
        sender="b@here.net",
        effector="b@here.net",
        link=None,
        expires=None,
        receipt=scene.ledger.chain.receipt,
    )
    assert not letter.has_moved_on
    assert attrs.evolve(letter, told=slots(1)).has_moved_on


def test_new_post_was_never_tried() -> None:
    """
    A notice enters the outbox without attempts.
    """
    post = Post(1, Notice(7, 2, 1, Kind.LINK), START, START)
    assert (post.attempts, post.claims, post.unsettled, post.held) == (0, 0, 0, False)


def test_a_letter_is_leaving_while_it_is_claimed() -> None:
    """
    From its claim to the instant that lapses a letter may be on its way, and at no other time.
    """
    post = Post(1, Notice(7, 2, 1, Kind.LINK), START, START + HOUR)
    assert not post.is_leaving(START)
    claimed = attrs.evolve(post, unsettled=1)
    assert claimed.is_leaving(START)
    assert not claimed.is_leaving(START + HOUR)


def test_outcomes_have_the_words_of_the_log() -> None:
    """
    The outcomes are those that ``data.delivery`` may hold.
    """
    assert {str(each) for each in Outcome} == {"sent", "failed", "dropped", "superseded"}
