"""
The page of an event: who looks is logged once, and a form records what was changed in it.
"""

from __future__ import annotations

from typing import Any

import pytest

from calndro.core.access import Caller, Operation
from calndro.core.agreement import Status
from calndro.core.ballot import Ballot, Need, Press
from calndro.core.errors import GoneError, TokenInvalidError
from calndro.core.looking import LOOK_EVERY
from calndro.usecases import events, updates, visiting
from tests.examples import mail, slots
from tests.worlds import World, caller


@pytest.fixture
def world() -> World:
    """
    A world with one event of three parties.
    """
    made = World()
    made.propose(1, 2, 3)
    return made


def ballot(press: Press = Press.SAVE, **given: Any) -> Ballot:
    """
    Fill in a form that showed three slots to somebody who keeps none.
    """
    chosen = {"seen": slots(1, 2, 3), "kept": (), "works": (), "fails": ()}
    return Ballot(press=press, **(chosen | given))


def occurrences(world: World) -> list[str]:
    """
    Name what the log has, in order.
    """
    return [entry.occurrence.value for entry in world.log()]


def test_one_look_is_one_view(world: World) -> None:
    """
    Looking again at once logs nothing, looking a quarter of an hour later does.
    """
    first = visiting.visit(world.services, caller("b"), 1)
    again = visiting.visit(world.services, caller("b"), 1)
    assert (first.you, first.is_party) == (mail("b"), True)
    assert first == again
    assert [entry.effector for entry in first.entries] == [mail("a"), mail("b")]
    assert occurrences(world) == ["UPDATE", "VIEW"]

    world.clock.advance(2 * LOOK_EVERY)
    visiting.visit(world.services, caller("b"), 1)
    assert occurrences(world) == ["UPDATE", "VIEW", "VIEW"]


def test_deliveries_push_nothing_off_the_page() -> None:
    """
    Letters to a hundred parties, and how they went, leave on the page what people did.
    """
    world = World(most_slots=3)
    numbers = range(100)
    everybody = [f"p{number}" for number in numbers]
    events.propose(
        world.services, caller("a"), parties=[mail(each) for each in everybody], slots=slots(1)
    )
    visiting.visit(world.services, caller("p0"), 1)
    world.notify(everybody)
    world.deliver()

    visit = visiting.visit(world.services, caller("p0"), 1)

    assert len(world.log()) == 202
    assert [entry.id for entry in visit.entries] == list(range(1, 103))
    for each in everybody[:-1]:
        updates.narrow(world.services, caller(each), 1, slots(1))
    last = visiting.answer(
        world.services, caller("p99"), 1, ballot(seen=slots(1), works=slots(1)), mail("p99")
    )
    world.deliver()
    assert last.event.status is Status.AGREED
    assert last.saved in {
        entry.id for entry in visiting.glance(world.services, caller("p99"), 1).entries
    }


def test_a_glance_is_no_view(world: World) -> None:
    """
    What a page reads on its way is not logged; the log of a deleted event can be read so.
    """
    seen = visiting.glance(world.services, caller("s"), 1)
    assert (seen.you, seen.is_party) == (mail("s"), False)
    assert occurrences(world) == ["UPDATE"]

    events.delete(world.services, caller("s"), 1)
    with pytest.raises(GoneError):
        visiting.glance(world.services, caller("b"), 1)
    closed = visiting.glance(world.services, caller("b"), 1, Operation.READ_LOG)
    assert closed.event.status is Status.CLOSED


def test_how_long_a_link_works(world: World) -> None:
    """
    The end of a link is that of its token; who has an account of its own has none.
    """
    link = world.link("b")
    token = world.token(link)
    assert token is not None
    assert visiting.link_ends(world.services, Caller(token=link), 1) == token.expires
    assert visiting.link_ends(world.services, caller("a"), 1) is None
    assert visiting.link_ends(world.services, caller("a", "no token"), 1) is None
    with pytest.raises(TokenInvalidError):
        visiting.link_ends(world.services, Caller(token="0" * 40), 1)


def test_an_answer_is_recorded_once(world: World) -> None:
    """
    What was chosen is judged in one entry, whose number comes back.
    """
    made = ballot(works=slots(1), fails=slots(2))
    answered = visiting.answer(world.services, caller("b"), 1, made, mail("b"))

    assert answered.saved == 2
    assert answered.need is None
    assert answered.event.slots == slots(1, 3)
    assert answered.event.kept[mail("b")] == slots(1)
    assert len(world.log()) == 2


@pytest.mark.parametrize(
    ("made", "whose", "need"),
    [
        (ballot(), "b", Need.NOTHING),
        (ballot(Press.NONE), "b", Need.SURE),
        (ballot(works=slots(1)), "c", None),
    ],
)
def test_what_is_not_recorded(world: World, made: Ballot, whose: str, need: Need | None) -> None:
    """
    No choice, no certainty, or another person's form: nothing is written.
    """
    answered = visiting.answer(world.services, caller("b"), 1, made, mail(whose))

    assert (answered.saved, answered.need) == (None, need)
    assert len(world.log()) == 1


@pytest.mark.parametrize("tells", [True, False])
def test_the_last_answer_makes_an_agreement(tells: bool) -> None:
    """
    Who completes an agreement by form lets everybody know, unless the instance does not tell.
    """
    world = World(notify_on_agreement=tells)
    world.propose(1, parties="ab")
    made = ballot(seen=slots(1), works=slots(1))
    answered = visiting.answer(world.services, caller("b"), 1, made, mail("b"))

    assert answered.event.status is Status.AGREED
    assert len(world.waiting()) == (2 if tells else 0)
    assert answered.saved == 2


def test_two_guests_at_once(world: World) -> None:
    """
    Forms made at the same time are both recorded, and neither undoes the other.
    """
    for name, fails in (("b", 1), ("c", 2)):
        made = ballot(fails=slots(fails), works=slots(3))
        visiting.answer(world.services, caller(name), 1, made, mail(name))

    state = world.ledger().state
    assert state.slots == slots(3)
    assert state.kept == (slots(3),) * 3
