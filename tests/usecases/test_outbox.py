"""
The outbox: what staff see of waiting letters, and decide about them.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from calndro.core.errors import NotAllowedError, NotFoundError, RuleError, TokenMissingError
from calndro.core.notice import Outcome
from calndro.usecases import events, letters, outbox
from calndro.usecases.letters import Delivery
from tests.examples import mail
from tests.worlds import CrashError, World, caller


STAFF = caller("s")


def worn(world: World) -> None:
    """
    Let three that try to deliver die of the first letter.
    """
    for _ in range(3):
        with pytest.raises(CrashError):
            world.deliver("crash")
        world.clock.advance(timedelta(minutes=2))


def test_waiting_letters_are_listed() -> None:
    """
    Staff see what waits, oldest first, with its recipient.
    """
    world = World()
    world.propose(1)
    world.notify("bc")
    world.deliver("again")
    world.notify("b", invitation=True)

    found = outbox.list_letters(world.services, STAFF)
    assert [(each.recipient, each.post.attempts, each.leaving) for each in found] == [
        (mail("b"), 1, False),
        (mail("b"), 0, False),
    ]


def test_a_letter_on_its_way_is_left_alone() -> None:
    """
    While a claim lasts a letter shows as leaving, and can be neither hurried nor dropped.
    """
    world = World()
    world.propose(1)
    world.notify("b")

    def look() -> None:
        (letter,) = outbox.list_letters(world.services, STAFF)
        assert letter.leaving
        assert outbox.retry_letters(world.services, STAFF) == 0
        for decide in (outbox.retry_letters, outbox.drop_letters):
            with pytest.raises(RuleError, match="on its way"):
                decide(world.services, STAFF, [letter.post.id])

    world.postman.meanwhile = look
    assert [each.outcome for each in world.deliver()] == [Outcome.SENT]


def test_what_kills_three_is_set_aside() -> None:
    """
    A letter that three died of is held: not tried again until staff say so.
    """
    world = World()
    world.propose(1)
    world.notify("b")
    worn(world)

    (report,) = world.deliver()
    assert (report.outcome, report.recipient) == (None, mail("b"))
    assert "set aside" in report.reason
    assert report.held
    world.clock.advance(timedelta(days=1))
    assert world.deliver() == []
    assert [each.post.held for each in outbox.list_letters(world.services, STAFF)] == [True]
    assert len(world.postman.tried) == 3

    assert outbox.retry_letters(world.services, STAFF, [1]) == 1
    assert world.deliver() == [Delivery(1, mail("b"), Outcome.SENT)]


def test_a_passing_failure_forgives_lapsed_claims() -> None:
    """
    Only claims without end in a row count.
    """
    world = World()
    world.propose(1)
    world.notify("b")
    worn(world)
    outbox.retry_letters(world.services, STAFF)
    world.deliver("again")
    world.clock.advance(timedelta(minutes=1))
    worn(world)
    assert [each.outcome for each in world.deliver()] == [None]
    assert len(world.postman.tried) == 7


def test_hurried_letters_are_due_at_once() -> None:
    """
    A letter that waits for its next attempt can be tried without waiting.
    """
    world = World()
    world.propose(1)
    world.notify("bc")
    world.deliver("again", "again")
    assert world.deliver() == []

    assert outbox.retry_letters(world.services, STAFF) == 2
    assert [each.outcome for each in world.deliver()] == [Outcome.SENT] * 2


def test_dropped_letters_are_logged() -> None:
    """
    Dropping ends a letter, with one entry by the system.
    """
    world = World()
    world.propose(1)
    world.notify("bc")

    assert outbox.drop_letters(world.services, STAFF, [1, 1]) == 1
    assert dict(world.log()[-1].data) == {"delivery": "dropped", "of": 2, "recipient": 2}
    assert world.log()[-1].effector == 0
    assert [each.recipient for each in world.deliver()] == [mail("c")]


def test_what_has_ended_is_out_of_reach() -> None:
    """
    A letter that was sent or failed is neither hurried nor dropped, and nothing else is.
    """
    world = World()
    world.propose(1)
    world.notify("bc")
    world.deliver("failed", "again")
    length = len(world.log())

    for decide in (outbox.retry_letters, outbox.drop_letters):
        with pytest.raises(NotFoundError, match="waiting letter 1"):
            decide(world.services, STAFF, [2, 1])
    assert world.deliver() == []
    assert len(world.log()) == length


def test_a_failure_shows_until_a_letter_arrives() -> None:
    """
    Who could not be reached is shown with the event, until a later letter was sent.
    """
    world = World()
    world.propose(1)
    world.notify("bc")
    world.deliver("failed")
    assert events.peek(world.services, caller("a"), 1).undelivered == (mail("b"),)
    world.notify("b")
    world.deliver()
    assert events.peek(world.services, caller("a"), 1).undelivered == ()


def test_a_carrier_away_ends_the_batch() -> None:
    """
    When no letter can be handed over, the others are not tried; of one event they are reported.
    """
    world = World()
    world.propose(1)
    world.propose(2)
    world.notify("b", event_id=2)
    world.deliver("again")
    world.notify("bc")
    world.notify("c", event_id=2)

    away = partial(Delivery, outcome=None, reason="nobody answers", everywhere=True)
    assert world.deliver("away") == [away(1, mail("b"))]
    assert world.deliver("away", event_id=1) == [away(1, mail("b")), away(1, mail("c"))]
    assert len(world.postman.tried) == 3
    assert [post.attempts for post in world.waiting()] == [1, 0, 0, 0]
    assert len(world.deliver()) == 3


def test_a_listener_may_stop_between_letters() -> None:
    """
    Who stops taking reports leaves the other letters as they are.
    """
    world = World()
    world.propose(1)
    world.notify("bc")

    reports = letters.deliveries(world.services)
    assert next(reports).recipient == mail("b")
    reports.close()

    assert [post.claims for post in world.waiting()] == [0]


def test_only_staff_see_the_outbox() -> None:
    """
    Anybody else is refused.
    """
    world = World()
    for who, refusal in (("a", NotAllowedError), (None, TokenMissingError)):
        with pytest.raises(refusal):
            outbox.list_letters(world.services, caller(who))
        with pytest.raises(refusal):
            outbox.retry_letters(world.services, caller(who))
        with pytest.raises(refusal):
            outbox.drop_letters(world.services, caller(who), [1])
