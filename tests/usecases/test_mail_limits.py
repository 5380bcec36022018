"""
Letters are limited by what the outbox holds; agreement is never in the way.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import attrs
import pytest

from calndro.core.errors import TooManyError
from calndro.core.limit import Limits
from calndro.core.token import AFTERLIFE
from calndro.usecases import events, links, updates
from tests.examples import MICROSECOND, mail, slots
from tests.worlds import World, caller


if TYPE_CHECKING:
    from calndro.usecases.letters import Delivery


HOUR = timedelta(hours=1)


@pytest.fixture
def world() -> World:
    """
    An event of a, b and c, in a world where letters are limited.
    """
    world = World(limits_letters=True)
    world.propose(1, 2)
    return world


def test_the_eleventh_letter_to_a_party_waits_an_hour(world: World) -> None:
    """
    Ten letters an hour reach one party of an event, whoever sends; a refusal changes nothing.
    """
    for number in range(10):
        world.notify(["b"], by="ac"[number % 2])
    before = world.ledger()
    with pytest.raises(TooManyError) as caught:
        world.notify(["c", "b"])

    assert caught.value.retry_after == 3600
    assert world.ledger() == before
    assert len(world.waiting()) == 10
    world.notify(["c"])
    world.clock.advance(HOUR)
    world.notify(["b"])


def test_the_fifty_first_letter_to_somebody_silent_waits_a_day(world: World) -> None:
    """
    Fifty letters a day reach who has never answered, over all events; who answers gets more.
    """
    for _ in range(5):
        world.propose(1)
        for _ in range(10):
            world.notify(["b"], event_id=len_of(world))
        world.clock.advance(HOUR)
    world.propose(1)
    with pytest.raises(TooManyError) as caught:
        world.notify(["b"], event_id=len_of(world))
    assert caught.value.retry_after == 19 * 3600
    updates.narrow(world.services, caller("b"), 1, slots(1))

    world.notify(["b"], event_id=len_of(world))


def len_of(world: World) -> int:
    """
    Count the events.
    """
    return len(events.list_events(world.services, caller("s"), closed=True))


def test_the_hundred_and_first_letter_of_one_user_waits(world: World) -> None:
    """
    One user causes a hundred letters an hour, whomever they are to.
    """
    for event_id in range(2, 7):
        world.propose(1, parties="abcdefghijklmnopqrst")
        if event_id < 7:
            world.notify("abcdefghijklmnopqrst", event_id=event_id)
    with pytest.raises(TooManyError) as caught:
        world.notify(["a"])

    assert caught.value.retry_after == 3600
    world.notify(["a"], by="b")


@pytest.mark.parametrize("free", ["staff", "local"])
def test_who_is_free_of_limits(world: World, free: str) -> None:
    """
    Staff, and who has opened the database itself, send what they like.
    """
    who = caller("s") if free == "staff" else attrs.evolve(caller("a"), local=True)
    for _ in range(30):
        events.notify(world.services, who, 1, [mail("b")], slots(1, 2))

    assert len(world.waiting()) == 30


def test_limits_can_be_turned_off() -> None:
    """
    Where the operator wants no limits on letters there are none.
    """
    world = World(limits_letters=False)
    world.propose(1)
    for _ in range(30):
        world.notify(["b"])


def test_news_of_an_agreement_waits_and_refuses_nothing() -> None:
    """
    Over the limit the act succeeds, its letters are promised, and leave when they may.
    """
    limits = Limits()
    few = attrs.evolve(limits, letters_to_party=attrs.evolve(limits.letters_to_party, most=1))
    world = World(limits_letters=True, limits=few)
    world.propose(1, 2, parties="ab")
    world.notify(["b"])
    world.deliver()
    world.clock.advance(HOUR / 4)
    updates.narrow(world.services, caller("a"), 1, slots(1))
    agreed = updates.narrow(world.services, caller("b"), 1, slots(1))

    assert agreed.status.value == "agreed"
    assert recipients(world.deliver()) == [mail("a")]
    world.clock.advance(HOUR * 3 / 4)
    assert recipients(world.deliver()) == [mail("b")]


@pytest.mark.parametrize(("limited", "sent"), [(True, 10), (False, 12)])
def test_new_links_are_counted_and_never_refused(limited: bool, sent: int) -> None:
    """
    Of new links a party gets ten an hour like of all letters; who asks is told no difference.
    """
    world = World(limits_letters=limited)
    world.propose(1)
    token = world.link("b")
    world.clock.advance(timedelta(days=6))
    reached = []
    for _ in range(12):
        links.renew_link(world.services, 1, token)
        reached += recipients(world.deliver())
    assert reached == [mail("b")] * sent
    world.clock.advance(HOUR)
    links.renew_link(world.services, 1, token)

    assert recipients(world.deliver()) == [mail("b")]


def test_after_90_days_a_link_is_none_at_all() -> None:
    """
    A link that expired 90 days ago brings no new one, though nobody has cleared it away.
    """
    world = World()
    world.propose(1)
    token = world.link("b")
    world.clock.advance(world.services.terms.token_life + AFTERLIFE - MICROSECOND)
    links.renew_link(world.services, 1, token)
    assert len(world.waiting()) == 1

    world = World()
    world.propose(1)
    token = world.link("b")
    world.clock.advance(world.services.terms.token_life + AFTERLIFE)
    links.renew_link(world.services, 1, token)
    assert world.waiting() == []


def recipients(reports: list[Delivery]) -> list[str]:
    """
    Tell who was sent a letter.
    """
    return [report.recipient for report in reports]
