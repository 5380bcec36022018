"""
Propose, from nothing or like another event.
"""

from __future__ import annotations

import re

import pytest

from calndro.core.agreement import Status
from calndro.core.errors import (
    GoneError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    TokenInvalidError,
    TokenMissingError,
    TooManySlotsError,
)
from calndro.core.user import User
from calndro.usecases import accounts, events
from tests.examples import address, mail, slot, slots
from tests.worlds import World, caller


def faults(error: InvalidInputError) -> list[str]:
    """
    List where the faults are.
    """
    return [fault.path for fault in error.faults]


def test_proposal_is_seen_as_made() -> None:
    """
    Proposing gives the event at revision 1, with a log of one entry and nothing to send.
    """
    world = World()
    event = world.propose(2, 1, 2, by="p", parties="baa", title=" moot ", zone="Europe/Paris")
    assert (event.id, event.revision, event.status) == (1, 1, Status.OPEN)
    assert (event.title, event.zone, event.proposer) == ("moot", "Europe/Paris", mail("p"))
    assert event.parties == (mail("b"), mail("a"))
    assert event.slots == slots(1, 2)
    assert event.receipt == world.ledger().chain.receipt
    assert len(world.log()) == 1
    assert world.waiting() == []


def test_proposal_never_sends() -> None:
    """
    An event that is agreed at birth promises no letter.
    """
    world = World()
    assert world.propose(1, parties="a").status is Status.AGREED
    assert world.waiting() == []
    assert world.deliver() == []


@pytest.mark.parametrize("title", [None, "", "  "])
def test_title_is_made_when_there_is_none(title: str | None) -> None:
    """
    Without a title a word of five letters is made, vowels and consonants in turn.
    """
    event = World().propose(1, title=title)
    vowel, consonant = "[aeiouy]", "[bcdfghjklmnpqrstvwxz]"
    pattern = f"({vowel}{consonant}){{2}}{vowel}|({consonant}{vowel}){{2}}{consonant}"
    assert re.fullmatch(pattern, event.title)


def test_named_addresses_become_users() -> None:
    """
    Naming an unknown address makes an inactive user without password; a known one stays.
    """
    world = World()
    with world.storage.unit_of_work() as work:
        work.users.put(User(address("a"), "hash", active=True))
        work.commit()
    events.propose(
        world.services, caller("a"), parties=["A@HERE.net", "Bee@here.net"], slots=[slot(1)]
    )
    with world.storage.snapshot() as work:
        first, second = work.users.page(after=None, limit=9)
    assert first == User(address("a"), "hash", active=True)
    assert (str(second.address), second.active, second.password) == ("Bee@here.net", False, None)
    assert world.ledger().parties[0].address is not None
    assert str(world.ledger().parties[0]) == mail("a")


def test_every_fault_of_a_proposal_is_named() -> None:
    """
    A proposal with several faults names all of them, and nothing is stored.
    """
    world = World()
    with pytest.raises(InvalidInputError) as caught:
        events.propose(
            world.services,
            caller("a"),
            parties=["nobody", mail("a"), ""],
            slots=["never", slot(1)],
            title="x" * 257,
            zone="Nowhere/At_all",
        )
    assert {path.partition(".")[0] for path in faults(caught.value)} == {
        "parties[0]",
        "parties[2]",
        "zone",
        "slots[0]",
        "title",
    }
    assert world.storage.contents.ledgers == {}
    assert world.storage.contents.users == {}


@pytest.mark.parametrize("parties", [None, []])
def test_proposal_without_parties_is_refused(parties: list[str] | None) -> None:
    """
    An event has at least one party, and what else is wrong is told as well.
    """
    world = World()
    with pytest.raises(InvalidInputError) as caught:
        events.propose(world.services, caller("a"), parties=parties, slots=["never"])
    assert [path.partition(".")[0] for path in faults(caught.value)] == ["parties", "slots[0]"]


def test_proposal_with_too_many_slots_leaves_no_users() -> None:
    """
    A proposal refused by a rule stores nothing, not even the users it names.
    """
    world = World(most_slots=2)
    with pytest.raises(TooManySlotsError):
        world.propose(1, 2, 3)
    assert world.storage.contents.users == {}
    assert world.propose(1, 2).id == 1


def test_only_registered_users_propose() -> None:
    """
    Neither nobody nor the holder of a token opens events.
    """
    world = World()
    world.propose(1)
    link = world.link("b")
    for token, error in ((None, TokenMissingError), (link, TokenInvalidError)):
        with pytest.raises(error):
            events.propose(world.services, caller(None, token), parties=[mail("b")], slots=[])
        with pytest.raises(error):
            events.list_events(world.services, caller(None, token))


def test_proposal_like_another() -> None:
    """
    What is not given comes from the model; the log says which; all may be overridden.
    """
    world = World()
    world.propose(1, 2, title="moot", zone="Europe/Paris")
    services = world.services
    copy = events.propose(services, caller("b"), like=1)
    assert (copy.title, copy.zone, copy.slots) == ("moot", "Europe/Paris", slots(1, 2))
    assert copy.parties == (mail("a"), mail("b"), mail("c"))
    assert copy.proposer == mail("b")
    assert copy.kept == {mail("a"): None, mail("b"): slots(1, 2), mail("c"): None}
    assert world.log(2)[0].data["like"] == 1
    other = events.propose(
        services,
        caller("b"),
        like=1,
        title="noon",
        zone="UTC",
        slots=[slot(3)],
        parties=[mail("x")],
    )
    assert (other.title, other.zone, other.slots) == ("noon", "UTC", slots(3))
    assert other.parties == (mail("x"),)
    assert len(world.log(1)) == 1
    unnamed = events.propose(services, caller("b"), like=1, title="")
    assert unnamed.title != "moot"


def test_proposal_like_what_one_may_not_see() -> None:
    """
    The model must be an event that the caller may see.
    """
    world = World()
    world.propose(1)
    for name, like, error in (
        ("x", 1, NotAllowedError),
        ("x", 2, NotAllowedError),
        ("s", 2, NotFoundError),
    ):
        with pytest.raises(error):
            events.propose(world.services, caller(name), like=like)
    link = world.link("b")
    assert events.propose(world.services, caller("x", link), like=1).proposer == mail("x")
    events.delete(world.services, caller("s"), 1)
    with pytest.raises(GoneError):
        events.propose(world.services, caller("a"), like=1)


def test_local_proposal_is_marked() -> None:
    """
    Who has opened the database itself leaves ``data.via``.
    """
    world = World()
    local = accounts.act_locally(world.services, mail("a"), staff=False)
    events.propose(world.services, local, parties=[mail("a")], slots=[])
    assert world.log()[0].data["via"] == "local"
    events.view(world.services, local, 1)
    assert world.log()[1].data == {"via": "local"}
