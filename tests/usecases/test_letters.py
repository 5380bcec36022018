"""
Deliver: what leaves, with which token, and how it ends.
"""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from calndro.core.errors import DeliveryError, TokenExpiredError
from calndro.core.notice import Kind, Outcome
from calndro.usecases import accounts, auditing, events, letters, links, outbox, updates
from calndro.usecases.letters import Delivery
from tests.examples import MICROSECOND, START, address, mail, reasons, slot, slots
from tests.worlds import CrashError, World, caller


if TYPE_CHECKING:
    from collections.abc import Callable


def outcomes(world: World, event_id: int = 1) -> list[dict[str, Any]]:
    """
    Read how deliveries went, as logged.
    """
    return [dict(entry.data) for entry in world.log(event_id) if "delivery" in entry.data]


def test_nothing_to_deliver() -> None:
    """
    An empty outbox is worked off at once and leaves no trace.
    """
    world = World()
    world.propose(1)
    assert world.deliver() == []
    assert len(world.log()) == 1
    assert world.postman.batches == 1


def test_letter_opens_its_event() -> None:
    """
    A letter's token is fresh, 40 hex, and gives its party view, update, notify and log.
    """
    world = World()
    world.propose(1, 2)
    world.notify("b")
    assert world.deliver() == [Delivery(1, "b@here.net", Outcome.SENT)]
    letter, _ = world.postman.tried[0]
    assert letter.link is not None
    assert len(letter.link) == 40
    assert letter.expires == START + timedelta(days=5)
    holder = caller(None, letter.link)
    assert events.view(world.services, holder, 1).slots == slots(1, 2)
    updates.narrow(world.services, holder, 1, slots(1))
    events.notify(world.services, holder, 1, [mail("c")], slots(1))
    events.stop_mail(world.services, holder, 1)
    shown, log = events.read_log(world.services, holder, 1)
    assert shown.kept[mail("b")] == slots(1)
    assert [entry.effector for entry in log[2:]] == [mail("b")] * 4
    assert {entry.data["token"] for entry in log[2:]} == {
        sha256(letter.link.encode()).hexdigest()[:8]
    }


def test_sending_is_logged_by_the_system() -> None:
    """
    A letter handed over ends sent, with one entry that names its own.
    """
    world = World()
    world.propose(1)
    world.notify("bc")
    world.deliver()
    assert outcomes(world) == [
        {"delivery": "sent", "of": 2, "recipient": 2},
        {"delivery": "sent", "of": 3, "recipient": 3},
    ]
    assert [entry.effector for entry in world.log()[3:]] == [0, 0]
    assert world.waiting() == []
    assert world.deliver() == []


def test_passing_failure_waits_for_another_attempt() -> None:
    """
    After a failure that may pass, the notice waits its time and goes with another token.
    """
    world = World()
    world.propose(1)
    world.notify("b")
    assert world.deliver("again") == [Delivery(1, mail("b"), None, "nobody answers")]
    assert outcomes(world) == []
    assert [post.attempts for post in world.waiting()] == [1]
    world.clock.advance(timedelta(minutes=1) - MICROSECOND)
    assert world.deliver() == []
    world.clock.advance(MICROSECOND)
    assert [each.outcome for each in world.deliver()] == [Outcome.SENT]
    first, second = (letter for letter, _ in world.postman.tried)
    assert first.link != second.link
    assert second.expires == START + timedelta(minutes=1, days=5)
    for letter in (first, second):
        assert events.view(world.services, caller(None, letter.link), 1).id == 1
    world.clock.instant = START + timedelta(days=5)
    with pytest.raises(TokenExpiredError):
        events.view(world.services, caller(None, first.link), 1)
    assert events.view(world.services, caller(None, second.link), 1).id == 1


@pytest.mark.parametrize("late", [timedelta(0), MICROSECOND])
def test_nothing_is_sent_about_a_slot_that_has_ended(late: timedelta) -> None:
    """
    What waited until its slot was over is dropped; a moment before, it is sent.
    """
    world = World()
    event = world.propose(1)
    for name in "bc":
        updates.narrow(world.services, caller(name), 1, event.slots)
    assert len(world.waiting()) == len("abc")
    world.clock.instant = event.slots[0].end - MICROSECOND + late

    ended = Outcome.DROPPED if late else Outcome.SENT
    assert [each.outcome for each in world.deliver()] == [ended] * len("abc")
    assert world.waiting() == []


def test_lasting_failure_is_logged_with_its_code_alone() -> None:
    """
    A refusal for good ends failed, with the server's number and not its text.
    """
    world = World()
    world.propose(1)
    world.notify("b")
    assert world.deliver("failed") == [Delivery(1, mail("b"), Outcome.FAILED, "no such box")]
    assert outcomes(world) == [{"delivery": "failed", "of": 2, "recipient": 2, "code": 550}]
    assert "no such box" not in repr(world.log())
    assert world.waiting() == []


def test_crash_between_committing_and_handing_over() -> None:
    """
    An error that is no DeliveryError comes through; the claim lapses and another try is made.
    """
    world = World()
    world.propose(1)
    world.notify("bc")
    with pytest.raises(CrashError):
        world.deliver("crash")
    assert len(world.waiting()) == 2
    world.clock.advance(timedelta(minutes=2) - MICROSECOND)
    assert [each.recipient for each in world.deliver()] == [mail("c")]
    world.clock.advance(MICROSECOND)
    assert [each.recipient for each in world.deliver()] == [mail("b")]
    links = [letter.link for letter, _ in world.postman.tried if letter.recipient == mail("b")]
    assert len(set(links)) == 2
    for link in links:
        assert events.view(world.services, caller(None, link), 1).id == 1
    assert [each["of"] for each in outcomes(world)] == [3, 2]


@pytest.mark.parametrize("slow", ["sent", "again", "failed"])
def test_overtaken_attempt_logs_nothing_more(slow: str) -> None:
    """
    When a claim lapsed and somebody else has ended the notice, the slow attempt leaves it so.
    """
    world = World()
    world.propose(1)
    world.notify("b")

    def overtake() -> None:
        world.clock.advance(timedelta(minutes=2))
        assert [each.outcome for each in letters.deliver(world.services)] == [Outcome.SENT]

    world.postman.meanwhile = overtake
    world.deliver(slow, "sent")
    assert outcomes(world) == [{"delivery": "sent", "of": 2, "recipient": 2}]
    assert world.waiting() == []
    world.clock.advance(timedelta(days=1))
    assert world.deliver() == []
    assert len(world.postman.tried) == 2


def test_erased_while_a_letter_leaves() -> None:
    """
    An erasure that ends a notice has the last word; the letter on its way adds nothing.
    """
    world = World()
    world.propose(1)
    world.notify("b")
    world.postman.meanwhile = lambda: auditing.erase(world.services, caller("s"), mail("b"))
    world.deliver()
    assert outcomes(world) == [{"delivery": "dropped", "of": 2, "recipient": 2}]


def test_only_the_newest_of_a_kind_is_sent() -> None:
    """
    Of several waiting letters of one kind to one recipient only the last goes out.
    """
    world = World()
    world.propose(1, 2)
    world.notify("bc")
    world.notify("b", invitation=True)
    updates.narrow(world.services, caller("a"), 1, slots(1))
    world.notify("b")
    assert [each.outcome for each in world.deliver()] == [
        Outcome.SUPERSEDED,
        Outcome.SENT,
        Outcome.SENT,
        Outcome.SENT,
    ]
    kinds = [(letter.recipient, letter.notice.kind) for letter, _ in world.postman.tried]
    assert kinds == [
        (mail("b"), Kind.INVITATION),
        (mail("b"), Kind.UPDATE),
        (mail("c"), Kind.UPDATE),
    ]
    assert [each["of"] for each in outcomes(world) if each["delivery"] == "superseded"] == [2]


def test_superseded_mints_no_token() -> None:
    """
    A letter that is not handed over has no token made for it.
    """
    world = World()
    world.propose(1)
    world.notify("b")
    world.notify("b")
    world.deliver()
    assert len(world.storage.contents.tokens) == 1


def test_letter_shows_what_was_told_and_that_it_has_moved_on() -> None:
    """
    A letter has the slots of its own entry, the event as it is now, and knows the difference.
    """
    world = World()
    world.propose(1, 2)
    world.notify("bc")
    world.deliver("again", "sent")
    updates.narrow(world.services, caller("a"), 1, slots(2), title="noon")
    world.clock.advance(timedelta(minutes=1))
    world.deliver()
    at_once, later = (world.postman.tried[place][0] for place in (1, 2))
    assert (at_once.told, at_once.event.slots, at_once.has_moved_on) == (
        slots(1, 2),
        slots(1, 2),
        False,
    )
    assert (later.told, later.event.slots, later.has_moved_on) == (slots(1, 2), slots(2), True)
    assert later.event.title == "noon"
    assert later.receipt.seq == world.ledger().chain.seq - 1


def test_letter_of_an_agreement_tells_the_slot_it_is_about() -> None:
    """
    An agreement's letters name its slot, a cancellation the one that has left the table.
    """
    world = World()
    world.propose(1, parties="ab")
    world.notify("b")
    updates.narrow(world.services, caller("b"), 1, slots(1))
    updates.retitle(world.services, caller("a"), 1, "noon")
    updates.replace(world.services, caller("b"), 1, slots(2))
    world.deliver()
    about = {letter.notice.kind: letter.about for letter, _ in world.postman.tried}
    assert about == {
        Kind.UPDATE: None,
        Kind.AGREED: slot(1),
        Kind.CHANGED: slot(1),
        Kind.CANCELLED: slot(1),
    }


def test_letter_names_sender_and_actor() -> None:
    """
    A letter written for somebody else names both; without a sender they are one.
    """
    world = World()
    world.propose(1, by="p", parties="ab")
    world.notify("b", by="s", sender=mail("a"))
    world.notify("a", by="p")
    world.deliver()
    named = [(letter.sender, letter.effector) for letter, _ in world.postman.tried]
    assert named == [(mail("a"), mail("s")), (mail("p"), mail("p"))]


def test_proposer_that_is_no_party_gets_no_token() -> None:
    """
    News to a proposer outside the parties come without link.
    """
    world = World()
    world.propose(1, by="p", parties="a")
    updates.narrow(world.services, caller("a"), 1, slots(1))
    world.deliver()
    links = {letter.recipient: letter.link for letter, _ in world.postman.tried}
    assert set(links) == {mail("a"), mail("p")}
    assert links[mail("a")] is not None
    assert links[mail("p")] is None
    ends = {letter.recipient: letter.expires for letter, _ in world.postman.tried}
    assert ends[mail("p")] is None


def test_stopped_meanwhile_is_dropped() -> None:
    """
    A letter that waited while its recipient stopped mail is dropped, and that is logged.
    """
    world = World()
    world.propose(1)
    world.notify("b")
    events.stop_mail(world.services, caller("b"), 1)
    assert world.deliver() == [Delivery(1, mail("b"), Outcome.DROPPED)]
    assert outcomes(world) == [{"delivery": "dropped", "of": 2, "recipient": 2}]
    assert world.postman.tried == []


def test_barred_meanwhile_is_dropped() -> None:
    """
    A dismissed user gets no letter that waited, and those after activating again.
    """
    world = World()
    world.propose(1)
    world.notify("b")
    accounts.deactivate(world.services, caller("s"), mail("b"))
    assert [each.outcome for each in world.deliver()] == [Outcome.DROPPED]
    accounts.activate(world.services, caller("s"), mail("b"))
    world.notify("b")
    assert [each.outcome for each in world.deliver()] == [Outcome.SENT]


def test_deleted_event_sends_its_cancellation_alone() -> None:
    """
    Letters of a deleted event end superseded, but for its cancellation.
    """
    world = World()
    world.propose(1, parties="ab")
    world.notify("ab")
    updates.narrow(world.services, caller("b"), 1, slots(1))
    events.delete(world.services, caller("s"), 1)
    world.deliver()
    assert [letter.notice.kind for letter, _ in world.postman.tried] == [Kind.CANCELLED] * 2
    assert reasons(world.log())[-2:] == [("cancelled", 1), ("cancelled", 2)]
    ends = [each["delivery"] for each in outcomes(world)]
    assert sorted(ends) == ["sent"] * 2 + ["superseded"] * 4


def test_only_one_event_when_asked() -> None:
    """
    Delivering one event leaves the letters of the others in the outbox.
    """
    world = World()
    world.propose(1)
    world.propose(1)
    world.notify("b", event_id=1)
    world.notify("b", event_id=2)
    assert [each.event_id for each in letters.deliver(world.services, 2)] == [2]
    assert [post.notice.event_id for post in world.waiting()] == [1]


def test_life_of_a_token_is_as_set() -> None:
    """
    A token lives as long as the operator says, from the attempt on.
    """
    world = World(token_life=timedelta(hours=1))
    world.propose(1)
    world.clock.advance(timedelta(days=3))
    world.notify("b")
    world.clock.advance(timedelta(days=3))
    world.deliver()
    assert world.postman.tried[0][0].expires == START + timedelta(days=6, hours=1)


def test_notice_without_event_is_set_aside() -> None:
    """
    A notice for an event that is not there is the storage's fault, and told as such.
    """
    world = World()
    world.propose(1)
    world.notify("b")
    world.storage.contents.ledgers.clear()
    (report,) = world.deliver()
    assert (report.event_id, report.recipient, report.outcome) == (1, "person 2", None)
    assert report.held
    assert "event 1 can't be read" in report.reason


def test_failures_have_reasons() -> None:
    """
    What the carrier said reaches the report and stays out of the log.
    """
    world = World()
    world.propose(1)
    world.notify("b")

    def refuse() -> None:
        raise DeliveryError("the box is full", code=452)

    world.postman.meanwhile = refuse
    assert world.deliver() == [Delivery(1, str(address("b")), None, "the box is full")]
    assert len(world.log()) == 2


def test_whatever_queues_letters_rings() -> None:
    """
    Who waits for letters is woken by the use case itself, and not by looks and proposals.
    """
    world = World()
    rung: list[str] = []
    services = world.services = attrs.evolve(world.services, ring=lambda: rung.append("ring"))
    staff = accounts.act_locally(services, mail("s"), staff=True)

    def rings(deed: Callable[[], object]) -> int:
        rung.clear()
        deed()
        return len(rung)

    assert rings(lambda: world.propose(1)) == 0
    assert rings(lambda: events.view(services, caller("a"), 1)) == 0
    assert rings(lambda: world.notify("b")) == 1
    assert rings(lambda: outbox.retry_letters(services, staff)) == 1
    world.deliver()
    token = world.postman.tried[0][0].link
    assert token is not None
    world.clock.advance(timedelta(days=6))
    assert rings(lambda: links.renew_link(services, 1, token)) == 1
    assert rings(lambda: auditing.erase(services, staff, mail("c"))) == 1
    assert rings(lambda: events.delete(services, staff, 1)) == 0
