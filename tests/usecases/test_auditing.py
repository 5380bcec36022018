"""
Verifying, exporting and forgetting, through the use cases.
"""

from __future__ import annotations

import attrs
import pytest

from calndro.core.errors import (
    NotAllowedError,
    NotFoundError,
    OneselfError,
    StorageError,
    TokenInvalidError,
    TokenMissingError,
)
from calndro.core.log import Chain, Receipt, entry_hash
from calndro.core.notice import Outcome
from calndro.usecases import accounts, auditing, events, updates
from tests.examples import mail, slots
from tests.worlds import World, caller


STAFF = caller("s")


def test_a_log_verifies_for_whoever_may_read_it() -> None:
    """
    A party verifies its event's log with the receipts it holds; a stranger may not.
    """
    world = World()
    event = world.propose(1, 2)
    world.notify("bc")
    world.deliver()

    verdict = auditing.verify_log(world.services, caller("b"), event.id, [event.receipt])

    assert verdict.is_good
    assert verdict.receipt == world.ledger().chain.receipt
    assert len(world.log()) == 5
    with pytest.raises(NotAllowedError):
        auditing.verify_log(world.services, caller("z"), event.id)
    with pytest.raises(TokenMissingError):
        auditing.verify_log(world.services, caller(None), event.id)


def test_a_receipt_that_differs_is_a_finding() -> None:
    """
    A receipt for bytes that are not there any more is found.
    """
    world = World()
    event = world.propose(1)
    wrong = attrs.evolve(event.receipt, head=bytes(32))

    verdict = auditing.verify_log(world.services, caller("a"), event.id, [wrong])

    assert [finding.seq for finding in verdict.findings] == [1]


def test_staff_verify_every_log_the_deleted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Every event is verified, however many there are, and nobody but staff may ask.
    """
    monkeypatch.setattr(auditing, "PAGE", 2)
    world = World()
    for _ in range(5):
        world.propose(1)
    events.delete(world.services, STAFF, 2)

    verdicts = list(auditing.verify_all(world.services, STAFF))

    assert [verdict.event_id for verdict in verdicts] == [1, 2, 3, 4, 5]
    assert all(verdict.is_good for verdict in verdicts)
    with pytest.raises(NotAllowedError):
        list(auditing.verify_all(world.services, caller("a")))


def test_an_export_holds_what_a_stranger_needs_to_check_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """
    The exported bytes chain from the genesis hash to the exported head.
    """
    monkeypatch.setattr(auditing, "PAGE", 2)
    world = World()
    event = world.propose(1, 2)
    for _ in range(4):
        events.view(world.services, caller("b"), event.id)
    lines = auditing.export_log(world.services, caller("a"), event.id)
    first = next(lines)
    events.view(world.services, caller("c"), event.id)

    entries = list(lines)

    head = Chain.begin(event.receipt.event).head
    for line in entries:
        head = entry_hash(head, line["body"].encode())
        assert head.hex() == line["hash"]
    assert (first["seq"], first["head"]) == (len(entries), head.hex())
    assert first["seq"] == 5
    assert [person["address"] for person in first["people"]] == [mail(name) for name in "abc"]


def test_an_export_that_loses_its_end_stops() -> None:
    """
    When entries vanish under an export it ends, and its head gives the cut away.
    """
    world = World()
    event = world.propose(1)
    lines = auditing.export_log(world.services, caller("a"), event.id)
    world.storage.contents.logs[event.id] = ()

    assert [line.get("seq") for line in lines] == [1]


def test_a_stranger_exports_nothing() -> None:
    """
    The refusal comes before the first line.
    """
    world = World()
    event = world.propose(1)

    with pytest.raises(NotAllowedError):
        auditing.export_log(world.services, caller("z"), event.id)


@pytest.mark.parametrize("name", ["a", "b", "c"])
def test_an_erased_party_is_forgotten_and_the_event_moves_on(name: str) -> None:
    """
    Erasing a party leaves a good log, an event that moves on, and its address nowhere.
    """
    world = World()
    event = world.propose(1)
    for other in "abc":
        if other != name:
            updates.narrow(world.services, caller(other), event.id, event.slots)
    token = world.link("b")

    (after,) = auditing.erase(world.services, STAFF, mail(name)).events

    assert after.status == "agreed"
    assert after.parties["abc".index(name)] == f"erased-{'abc'.index(name) + 1}"
    assert auditing.verify_log(world.services, STAFF, event.id).is_good
    assert mail(name) not in repr(world.storage.contents)
    told = [entry.data for entry in world.log() if entry.data.get("reason") == "agreed"]
    assert len(told) == (3 if name == "a" else 2)
    if name == "b":
        with pytest.raises(TokenInvalidError):
            events.view(world.services, caller(None, token), event.id)


def test_what_waited_for_the_erased_is_dropped() -> None:
    """
    Letters queued for an erased person are dropped and said to be, in the log too.
    """
    world = World(notify_on_agreement=False)
    world.propose(1, 2)
    world.notify("bc")

    auditing.erase(world.services, STAFF, mail("b"))

    assert [post.notice.recipient for post in world.waiting()] == [3]
    dropped = [entry.data for entry in world.log() if "delivery" in entry.data]
    assert [(data["delivery"], data["of"]) for data in dropped] == [(Outcome.DROPPED.value, 2)]
    assert len(world.deliver()) == 1


def test_a_proposer_and_a_mere_user_can_be_erased() -> None:
    """
    A proposer that is no party is forgotten too, and an account no event speaks of.
    """
    world = World()
    world.propose(1, by="p")
    accounts.add_user(world.services, STAFF, mail("lone"), "correct horse")

    assert auditing.erase(world.services, STAFF, mail("lone")).events == []
    (event,) = auditing.erase(world.services, STAFF, mail("p")).events

    assert event.proposer == "erased-4"
    assert event.parties == tuple(mail(name) for name in "abc")
    assert mail("p") not in repr(world.storage.contents)


def test_the_address_of_the_erased_is_a_new_person_later() -> None:
    """
    Whoever comes back under the same address is somebody else to every log.
    """
    world = World()
    event = world.propose(1, 2)
    auditing.erase(world.services, STAFF, mail("b"))
    again = world.propose(1, 2)

    assert again.parties == event.parties
    with pytest.raises(NotAllowedError):
        events.view(world.services, caller("b"), event.id)


def test_erasing_is_for_staff_not_for_oneself_and_not_for_nobody() -> None:
    """
    Only staff erase, never themselves, and only somebody who is known.
    """
    world = World()
    event = world.propose(1, parties="sb")
    for who, whom, error in (
        (caller("a"), "b", NotAllowedError),
        (caller(None), "b", TokenMissingError),
        (STAFF, "s", OneselfError),
        (STAFF, "unknown", NotFoundError),
    ):
        with pytest.raises(error):
            auditing.erase(world.services, who, mail(whom))

    assert len(world.log(event.id)) == 1


def test_the_deleted_can_forget_too() -> None:
    """
    An erasure is appended even after the closing entry, and sends nothing.
    """
    world = World()
    event = world.propose(1)
    events.delete(world.services, STAFF, event.id)

    (after,) = auditing.erase(world.services, STAFF, mail("b")).events

    assert after.status == "closed"
    assert world.log()[-1].data["erased"] == 2
    assert world.waiting() == []
    assert auditing.verify_log(world.services, STAFF, event.id).is_good


def test_storage_is_scrubbed_after_an_erasure() -> None:
    """
    What was removed is made unreadable once the erasure is committed.
    """
    world = World()
    world.propose(1)
    seen: list[bool] = []
    services = attrs.evolve(
        world.services, scrub=lambda: seen.append(mail("b") in repr(world.storage.contents))
    )

    assert auditing.erase(services, STAFF, mail("b")).warning == ""

    assert seen == [False]


def test_who_is_forgotten_stays_so_when_scrubbing_fails() -> None:
    """
    Storage that can't be scrubbed now leaves a warning, and what came of the erasure is told.
    """
    world = World()
    world.propose(1)

    def scrub() -> None:
        raise StorageError("somebody reads")

    erased = auditing.erase(attrs.evolve(world.services, scrub=scrub), STAFF, mail("b"))

    assert [event.id for event in erased.events] == [1]
    assert erased.warning == "the person is forgotten, but somebody reads"


def test_an_event_that_vanishes_meanwhile_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Storage that speaks of an event it does not hold is an error, and nothing is changed.
    """
    world = World()
    world.propose(1)
    del world.storage.contents.ledgers[1]
    monkeypatch.setattr("calndro.adapters.memory.storage.MemoryEvents.mentioning", lambda *_: [1])

    with pytest.raises(NotFoundError):
        auditing.erase(world.services, STAFF, mail("b"))

    assert mail("b") in repr(world.storage.contents)


def test_receipts_name_event_length_and_head() -> None:
    """
    A receipt is written as headers and letters carry it.
    """
    world = World()
    receipt = world.propose(*(1, 2)).receipt

    assert str(receipt) == f"event={receipt.event} seq=1 head={receipt.head.hex()}"
    assert isinstance(receipt, Receipt)
    assert slots(1, 2) == world.ledger().state.slots
