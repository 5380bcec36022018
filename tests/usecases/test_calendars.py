from __future__ import annotations

import pytest

from calndro.core.errors import NotAllowedError, TokenMissingError
from calndro.usecases import calendars, events, paging, updates
from tests.examples import slot, slots
from tests.worlds import World, caller


def agreed_world() -> World:
    """
    Play until *a* and *b* agree on slot 1.
    """
    world = World()
    world.propose(1, by="p", parties="ab")
    for name in "ab":
        updates.narrow(world.services, caller(name), 1, slots(1))
    return world


def test_whoever_reads_the_log_gets_the_file_and_leaves_no_trace() -> None:
    """
    Parties, the proposer, staff and token holders get the file; nobody else, and no log entry.
    """
    world = agreed_world()
    holder = caller(None, world.link("b"))
    before = world.log()
    for who in (caller("a"), caller("p"), caller("s"), holder):
        event, lost = calendars.calendar_file(world.services, who, 1)
        assert (event.slots, lost) == (slots(1), None)
    with pytest.raises(NotAllowedError):
        calendars.calendar_file(world.services, caller("x"), 1)
    with pytest.raises(TokenMissingError):
        calendars.calendar_file(world.services, caller(None), 1)
    assert world.log() == before


def test_what_was_agreed_on_last_is_remembered() -> None:
    """
    Of an event that is not agreed any longer, the slot last agreed on is told, deleted or not.
    """
    world = agreed_world()
    for number in (2, 3):
        updates.replace(world.services, caller("a"), 1, slots(number))
        assert calendars.calendar_file(world.services, caller("a"), 1)[1] == slot(number - 1)
        updates.narrow(world.services, caller("b"), 1, slots(number))
        assert calendars.calendar_file(world.services, caller("a"), 1)[1] is None
    updates.replace(world.services, caller("a"), 1, [])
    assert calendars.calendar_file(world.services, caller("a"), 1)[1] == slot(3)
    events.delete(world.services, caller("s"), 1)
    event, lost = calendars.calendar_file(world.services, caller("a"), 1)
    assert (event.status.value, lost) == ("closed", slot(3))


def test_event_deleted_while_agreed_has_lost_its_time() -> None:
    """
    Deleting an event takes away what was agreed on.
    """
    world = agreed_world()
    events.delete(world.services, caller("s"), 1)
    assert calendars.calendar_file(world.services, caller("b"), 1)[1] == slot(1)


def test_event_that_was_never_agreed_has_lost_nothing() -> None:
    """
    Where there was no agreement there is nothing to call off.
    """
    world = World()
    world.propose(1, 2)
    assert calendars.calendar_file(world.services, caller("a"), 1)[1] is None


def test_agreement_of_long_ago_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A log longer than a page is read to its end.
    """
    monkeypatch.setattr(paging, "PAGE", 2)
    world = agreed_world()
    updates.replace(world.services, caller("a"), 1, slots(2))
    for _ in range(5):
        events.view(world.services, caller("a"), 1)
    assert calendars.calendar_file(world.services, caller("a"), 1)[1] == slot(1)
