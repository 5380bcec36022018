"""
A request that carries a key has one effect.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import attrs
import pytest

from calndro.core.access import Caller
from calndro.core.errors import (
    GoneError,
    KeyReusedError,
    NotAllowedError,
    StorageError,
    TokenInvalidError,
)
from calndro.core.idempotency import LIFE, IdempotencyKey
from calndro.usecases import auditing, events, updates
from tests.examples import mail, slots
from tests.worlds import World, caller


if TYPE_CHECKING:
    from calndro.core.event import Event

Repeated = Callable[[World, Caller, IdempotencyKey], "Event"]

ONCE = IdempotencyKey("k", b"1")


def propose(world: World, who: Caller, once: IdempotencyKey) -> Event:
    """
    Open an event, once.
    """
    return events.propose(
        world.services, who, parties=[mail("a"), mail("b")], slots=slots(1, 2), once=once
    )


def narrow(world: World, who: Caller, once: IdempotencyKey) -> Event:
    """
    Narrow at revision 1, once.
    """
    return updates.narrow(world.services, who, 1, slots(1), expected=1, once=once)


def notify(world: World, who: Caller, once: IdempotencyKey) -> Event:
    """
    Tell the second party, once.
    """
    return events.notify(world.services, who, 1, [mail("b")], slots(1, 2), once=once)


@pytest.mark.parametrize("ask", [propose, narrow, notify])
def test_a_repeated_request_is_answered_as_before(ask: Repeated) -> None:
    """
    The second time nothing happens, and the answer is that of the first.
    """
    world = World()
    world.propose(1, 2, parties="ab")
    first = ask(world, caller("a"), ONCE)
    before = (world.ledger(1), world.log(1), world.waiting())

    assert ask(world, caller("a"), ONCE) == first
    assert (world.ledger(1), world.log(1), world.waiting()) == before
    assert len(events.list_events(world.services, caller("s"))) == (2 if ask is propose else 1)


@pytest.mark.parametrize("ask", [propose, narrow, notify])
def test_another_request_under_the_same_key_is_refused(ask: Repeated) -> None:
    """
    A key that came with something else is a mistake of the client.
    """
    world = World()
    world.propose(1, 2, parties="ab")
    ask(world, caller("a"), ONCE)
    log = world.log(1)

    with pytest.raises(KeyReusedError):
        ask(world, caller("a"), IdempotencyKey("k", b"2"))
    assert world.log(1) == log


def test_an_answer_does_not_change_with_the_event() -> None:
    """
    What has happened since, deletion too, shows in no answer given before.
    """
    world = World()
    first = propose(world, caller("a"), ONCE)
    told = narrow(world, caller("b"), ONCE)
    world.deliver()
    events.delete(world.services, caller("s"), 1)
    world.deliver()

    assert propose(world, caller("a"), ONCE) == first
    assert narrow(world, caller("b"), ONCE) == told


def test_an_answer_does_not_change_with_the_event_it_was_to_be_like() -> None:
    """
    What was proposed like another event is answered again also when that one is gone.
    """
    world = World()
    world.propose(1, 2, parties="ab")

    def ask() -> Event:
        return events.propose(world.services, caller("a"), like=1, once=ONCE)

    first = ask()
    events.delete(world.services, caller("s"), 1)

    assert ask() == first
    with pytest.raises(GoneError):
        events.propose(world.services, caller("a"), like=1)


def test_keys_are_each_persons_own() -> None:
    """
    Another person under the same key does something else; a party by its token is itself.
    """
    world = World()
    world.propose(1, 2, parties="ab")
    guest = caller(None, world.link("b"))
    first = updates.extend(world.services, guest, 1, slots(4), once=ONCE)

    assert updates.extend(world.services, caller("b"), 1, slots(4), once=ONCE) == first
    assert updates.extend(world.services, caller("a"), 1, slots(4), once=ONCE) != first


def test_a_day_later_a_key_is_new() -> None:
    """
    Answers are kept for a day.
    """
    world = World()
    propose(world, caller("a"), ONCE)
    world.clock.advance(LIFE - timedelta(microseconds=1))
    assert propose(world, caller("a"), ONCE).id == 1
    world.clock.advance(timedelta(microseconds=1))
    assert propose(world, caller("a"), ONCE).id == 2


def test_what_was_refused_may_be_asked_again() -> None:
    """
    A refusal leaves nothing, so the same request may succeed later.
    """
    world = World()
    world.propose(1, 2, parties="ab")
    events.stop_mail(world.services, caller("b"), 1)
    with pytest.raises(Exception, match="stopped"):
        notify(world, caller("a"), ONCE)
    events.resume_mail(world.services, caller("b"), 1)

    assert notify(world, caller("a"), ONCE).receipt.seq == 4


def test_no_answer_for_who_has_no_right() -> None:
    """
    A key opens nothing: whoever may not do it is refused as without.
    """
    world = World()
    world.propose(1, 2, parties="ab")
    narrow(world, caller("a"), ONCE)

    with pytest.raises(NotAllowedError, match="change"):
        narrow(world, caller("x"), ONCE)
    with pytest.raises(TokenInvalidError):
        narrow(world, caller(None, "0" * 40), ONCE)


def test_answers_to_the_erased_go() -> None:
    """
    With a person its answers are forgotten, and it is shown as erased in those to others.
    """
    world = World()
    first = propose(world, caller("a"), ONCE)
    narrow(world, caller("b"), ONCE)
    auditing.erase(world.services, caller("s"), mail("b"))

    again = propose(world, caller("a"), ONCE)
    assert again.parties == (mail("a"), "erased-2")
    assert again.receipt == first.receipt
    with pytest.raises(NotAllowedError):
        narrow(world, caller("b"), ONCE)


def test_an_answer_without_its_event_is_an_error() -> None:
    """
    Storage that has lost an event says so.
    """
    world = World()
    propose(world, caller("a"), ONCE)
    world.storage.contents = attrs.evolve(world.storage.contents, ledgers={})

    with pytest.raises(StorageError, match="not there"):
        propose(world, caller("a"), ONCE)
