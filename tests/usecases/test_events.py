"""
Propose, list, view, notify, delete, read log: what people do with events.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from calndro.core.agreement import Status
from calndro.core.errors import (
    GoneError,
    InvalidInputError,
    MailStoppedError,
    NotAllowedError,
    NotAPartyError,
    SlotsNotCurrentError,
    TokenExpiredError,
    TokenInvalidError,
    TokenMissingError,
)
from calndro.core.user import User
from calndro.usecases import accounts, events, paging, updates
from tests.examples import MICROSECOND, START, address, mail, slots
from tests.worlds import World, caller, with_user


def faults(error: InvalidInputError) -> list[str]:
    """
    List where the faults are.
    """
    return [fault.path for fault in error.faults]


def test_list_shows_what_one_is_in() -> None:
    """
    A list has one's own events by id, all of them for staff, and logs nothing.
    """
    world = World()
    world.propose(1, by="a", parties="b")
    world.propose(1, by="p", parties="ac")
    world.propose(1, 2, by="p", parties="c")

    def listed(name: str, **more: object) -> list[int]:
        found = events.list_events(world.services, caller(name), **more)  # type: ignore[arg-type]  # a few at a time
        return [event.id for event in found]

    assert [listed(name) for name in "abcpxs"] == [[1, 2], [1], [2, 3], [2, 3], [], [1, 2, 3]]
    assert listed("s", after=1) == [2, 3]
    assert listed("s", limit=2) == [1, 2]
    events.delete(world.services, caller("s"), 2)
    assert listed("p") == [3]
    assert listed("p", closed=True) == [2, 3]
    assert listed("s", status=Status.CLOSED) == [2]
    assert listed("s", status=Status.OPEN) == [1, 3]
    assert len(world.log(3)) == 1


def test_view_is_logged_and_peek_is_not() -> None:
    """
    A look is one VIEW and leaves the revision; a program's read leaves nothing.
    """
    world = World()
    world.propose(1, 2)
    seen = events.view(world.services, caller("b"), 1)
    assert (seen.revision, seen.receipt.seq) == (1, 2)
    assert world.log()[1].occurrence.value == "VIEW"
    assert events.peek(world.services, caller("b"), 1) == seen
    assert events.peek(world.services, caller(None, world.link("b")), 1).revision == 1
    assert [entry.occurrence.value for entry in world.log()].count("VIEW") == 1


def test_deleted_event_is_gone_and_its_log_stays() -> None:
    """
    After a deletion all is gone but the log, for staff, proposer, parties and tokens.
    """
    world = World()
    world.propose(1, 2, by="p")
    link = world.link("b")
    assert events.delete(world.services, caller("s"), 1).status is Status.CLOSED
    count = len(world.log())
    for one in (caller("a"), caller("p"), caller("s"), caller(None, link)):
        for gone in (events.view, events.peek):
            with pytest.raises(GoneError):
                gone(world.services, one, 1)
        with pytest.raises(GoneError):
            updates.retitle(world.services, one, 1, "noon")
        with pytest.raises(GoneError):
            events.notify(world.services, one, 1, [mail("a")], slots(1, 2))
        shown, entries = events.read_log(world.services, one, 1)
        assert (shown.status, entries[-1].data) == (Status.CLOSED, {"closed": "deleted"})
    with pytest.raises(GoneError):
        events.delete(world.services, caller("s"), 1)
    with pytest.raises(GoneError):
        events.stop_mail(world.services, caller("a"), 1)
    for stranger, error in ((caller("x"), NotAllowedError), (caller(None), TokenMissingError)):
        for verb in (events.view, events.read_log):
            with pytest.raises(error):
                verb(world.services, stranger, 1)
    assert len(world.log()) == count


def test_only_staff_deletes() -> None:
    """
    Deleting is for staff alone, whatever one is to the event.
    """
    world = World()
    world.propose(1)
    for one in (caller("a"), caller(None, world.link("b")), caller("x")):
        with pytest.raises(NotAllowedError):
            events.delete(world.services, one, 1)
    assert not world.ledger().state.closed


def test_absent_event_answers_like_somebody_elses() -> None:
    """
    Without a right, no verb tells an absent event from another's.
    """
    world = World()
    world.propose(1)
    link = world.link("b")
    world.propose(1, by="p", parties="c")
    for one in (caller(None), caller(None, link), caller(None, "e" * 40), caller("x")):
        for verb in (events.view, events.peek, events.read_log, events.delete, events.stop_mail):
            told = set()
            for event_id in (2, 3):
                with pytest.raises(
                    (TokenMissingError, TokenInvalidError, NotAllowedError)
                ) as error:
                    verb(world.services, one, event_id)
                told.add((error.type, str(error.value)))
            assert len(told) == 1


def test_token_at_its_end() -> None:
    """
    A token works one microsecond before it expires and not at that instant.

    Once refused it stays so when the clock is set back.
    """
    world = World()
    world.propose(1)
    holder = caller(None, world.link("b"))
    world.clock.instant = START + timedelta(days=5) - MICROSECOND
    assert events.peek(world.services, holder, 1).id == 1
    world.clock.advance(MICROSECOND)
    count = len(world.log())
    with pytest.raises(TokenExpiredError):
        events.view(world.services, holder, 1)
    world.clock.instant = START
    for verb in (events.view, events.peek, events.read_log):
        with pytest.raises(TokenExpiredError) as caught:
            verb(world.services, holder, 1)
        assert caught.value.expires == START + timedelta(days=5)
    assert len(world.log()) == count


@pytest.mark.parametrize("verb", [events.peek, events.read_log, events.view])
def test_token_refused_by_any_verb_stays_refused(verb: object) -> None:
    """
    Reading writes down as well that a token was refused as expired.
    """
    world = World()
    world.propose(1)
    holder = caller(None, world.link("b"))
    world.clock.advance(timedelta(days=6))
    assert callable(verb)
    with pytest.raises(TokenExpiredError):
        verb(world.services, holder, 1)
    world.clock.advance(timedelta(days=-6))
    with pytest.raises(TokenExpiredError):
        events.view(world.services, holder, 1)


def test_token_beside_a_right_is_neither_used_nor_logged() -> None:
    """
    Who has a right acts as itself, whatever token comes along.
    """
    world = World()
    world.propose(1)
    link = world.link("b")
    for token in (link, "e" * 40, "rubbish"):
        events.view(world.services, caller("a", token), 1)
        assert (world.log()[-1].effector, dict(world.log()[-1].data)) == (1, {})
    events.view(world.services, caller("x", link), 1)
    assert world.log()[-1].effector == 2
    assert "token" in world.log()[-1].data


def test_dismissed_party_has_no_tokens() -> None:
    """
    Dismissing a user revokes its live links for good.
    """
    world = World()
    world.propose(1)
    holder = caller(None, world.link("b"))
    accounts.deactivate(world.services, caller("s"), mail("b"))
    accounts.activate(world.services, caller("s"), mail("b"))
    with pytest.raises(TokenInvalidError):
        events.view(world.services, holder, 1)


def test_notify_refuses_and_tells_nobody() -> None:
    """
    Whatever is wrong with a notification, nothing is queued and nothing logged.
    """
    world = World()
    world.propose(1, 2)
    with world.storage.unit_of_work() as work:
        work.users.put(User(address("s"), active=True, staff=True))
        work.users.put(User(address("t"), active=False, staff=True))
        work.commit()
    events.stop_mail(world.services, caller("c"), 1)
    accounts.deactivate(world.services, caller("s"), mail("b"))
    count = len(world.log())
    for recipients, told, sender, error in (
        (["x"], slots(1, 2), None, NotAPartyError),
        (["a"], slots(1), None, SlotsNotCurrentError),
        (["a", "c"], slots(1, 2), None, MailStoppedError),
        (["a", "b"], slots(1, 2), None, MailStoppedError),
        (["a"], slots(1, 2), "x", NotAPartyError),
        (["a"], slots(1, 2), "t", NotAPartyError),
        ([], slots(1, 2), None, InvalidInputError),
    ):
        with pytest.raises(error):
            events.notify(
                world.services,
                caller("a"),
                1,
                [mail(name) for name in recipients],
                told,
                sender=sender and mail(sender),
            )
    assert len(world.log()) == count
    assert world.waiting() == []
    world.notify("aA", sender=mail("s"))
    assert [post.notice.recipient for post in world.waiting()] == [1]


def test_a_sender_is_named_as_its_account_is() -> None:
    """
    Whoever is new to the log as a sender stands there in its stored form, however typed.
    """
    world = with_user("s", staff=True)
    world.propose(1)

    world.notify("b", sender=mail("s").upper())

    assert world.ledger().people[-1].address == address("s")
    assert str(world.ledger().people[-1].address) == mail("s")


def test_every_fault_of_a_notification_is_named() -> None:
    """
    Recipients, slots and sender that can't be read are named together.
    """
    world = World()
    world.propose(1)
    with pytest.raises(InvalidInputError) as caught:
        events.notify(world.services, caller("a"), 1, ["nobody"], ["never"], sender="nobody either")
    paths = [path.partition(".")[0] for path in faults(caught.value)]
    assert paths == ["parties[0]", "slots[0]", "sender"]


def test_notify_without_recipients_tells_the_rest_as_well() -> None:
    """
    An empty list of recipients is one fault among the others.
    """
    world = World()
    world.propose(1)
    with pytest.raises(InvalidInputError) as caught:
        events.notify(world.services, caller("a"), 1, [], ["never"])
    assert [path.partition(".")[0] for path in faults(caught.value)] == ["parties", "slots[0]"]


def test_slots_are_read_in_the_zone_of_the_event() -> None:
    """
    Text without offset is a local time of the event, wherever slots are named.
    """
    world = World()
    world.propose(parties="a", zone="Europe/Paris")
    event = updates.extend(world.services, caller("a"), 1, ["2030-01-02T01:00/PT1H"])
    assert event.slots == slots(1)
    shown = events.notify(
        world.services, caller("a"), 1, [mail("a")], ["2030-01-02T01:00/PT1H"], invitation=True
    )
    assert shown.receipt.seq == 4


def test_log_is_read_page_by_page() -> None:
    """
    A log comes oldest first, from any entry on, and without deliveries unless asked.
    """
    world = World()
    world.propose(1)
    world.notify("b")
    world.deliver()
    events.view(world.services, caller("a"), 1)

    def read(**more: object) -> list[int]:
        _, page = events.read_log(world.services, caller("a"), 1, **more)  # type: ignore[arg-type]  # a few at a time
        return [entry.id for entry in page]

    assert read() == [1, 2, 4]
    assert read(deliveries=True) == [1, 2, 3, 4]
    assert read(after=2) == [4]
    assert read(limit=2) == [1, 2]
    assert [entry.id for entry in events.whole_log(world.services, caller("a"), 1)] == [1, 2, 4]


def test_whole_log_goes_on_over_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Reading a whole log leaves nothing out where one page ends and the next begins.
    """
    for module in (events, paging):
        monkeypatch.setattr(module, "PAGE", 2)
    world = World()
    world.propose(1)
    for _ in range(3):
        events.view(world.services, caller("a"), 1)
    entries = events.whole_log(world.services, caller("a"), 1, after=1, deliveries=True)
    assert [entry.id for entry in entries] == [2, 3, 4]
    assert len(events.read_log(world.services, caller("a"), 1, limit=99)[1]) == 2


def test_mail_is_stopped_and_resumed_by_its_party() -> None:
    """
    Parties and token holders stop mail to themselves; nobody else has mail to stop.
    """
    world = World()
    world.propose(1, by="p")
    assert events.stop_mail(world.services, caller("a"), 1).stopped == (mail("a"),)
    holder = caller(None, world.link("b"))
    assert events.stop_mail(world.services, holder, 1).stopped == (mail("a"), mail("b"))
    assert events.resume_mail(world.services, caller("a"), 1).stopped == (mail("b"),)
    for outsider in ("p", "s", "x"):
        with pytest.raises(NotAllowedError):
            events.stop_mail(world.services, caller(outsider), 1)
