"""
What is told to whom: letters promised, prevented, and how they ended.
"""

from __future__ import annotations

import attrs
import pytest

from calndro.core import telling
from calndro.core.errors import (
    InvalidInputError,
    MailStoppedError,
    NotAPartyError,
    SlotsNotCurrentError,
)
from calndro.core.notice import Kind, Notice, Outcome
from calndro.core.token import EmailToken
from tests.examples import HOUR, MICROSECOND, START, Scene, act, address


def test_notify_promises_one_letter_each() -> None:
    """
    Each recipient gets one NOTIFY and one notice, in the order given.
    """
    scene = Scene(1, 2)
    entries = scene.notify("b", "cba", 1, 2)
    assert [entry.occurrence.value for entry in entries] == ["NOTIFY"] * 3
    assert [entry.data for entry in entries] == [
        {"recipient": number, "sender": 2} for number in (3, 2, 1)
    ]
    assert scene.notices == [
        Notice(7, entry.seq, number, Kind.UPDATE)
        for entry, number in zip(entries, (3, 2, 1), strict=True)
    ]


def test_invitation_is_a_kind_of_its_own() -> None:
    """
    An invitation says so in the log and in the notice.
    """
    scene = Scene(1, 2)
    (entry,) = scene.notify("a", "b", 1, 2, invitation=True)
    assert entry.data == {"recipient": 2, "sender": 1, "invitation": True}
    assert scene.notices[0].kind is Kind.INVITATION


def test_notify_needs_a_recipient() -> None:
    """
    A letter to nobody is refused.
    """
    with pytest.raises(InvalidInputError) as caught:
        Scene(1).notify("a", "", 1)
    assert str(caught.value) == "parties: name at least one recipient"


def test_strangers_are_not_notified() -> None:
    """
    Every recipient must be a party; all that are not are named, the proposer among them.
    """
    scene = Scene(1, parties="ab", proposer="p")
    with pytest.raises(NotAPartyError) as caught:
        scene.notify("p", "axpb", 1)
    assert caught.value.addresses == ("x@here.net", "p@here.net")
    assert caught.value.parties == ("a@here.net", "b@here.net")
    assert caught.value.event_id == 7
    assert len(scene.log) == 1


def test_stale_slots_are_told_to_nobody() -> None:
    """
    The slots told must be exactly those on the table.
    """
    scene = Scene(1, 2)
    for numbers in ((1,), (1, 2, 3), (), (3, 4)):
        with pytest.raises(SlotsNotCurrentError) as caught:
            scene.notify("a", "b", *numbers)
        assert caught.value.event_id == 7
    assert scene.notices == []


def test_sender_is_party_or_staff() -> None:
    """
    A letter is on behalf of a party or of staff, and of nobody else.
    """
    scene = Scene(1, parties="ab", proposer="p")
    assert scene.notify("a", "a", 1, sender="b")[0].data["sender"] == 2
    assert scene.notify("a", "a", 1, sender="s", staff="s")[0].data["sender"] == 4
    for stranger in ("x", "p"):
        with pytest.raises(NotAPartyError) as caught:
            scene.notify("a", "b", 1, sender=stranger)
        assert caught.value.addresses == (f"{stranger}@here.net",)


def test_sender_is_the_actor_unless_given() -> None:
    """
    Without a sender the acting user is it, party or not.
    """
    scene = Scene(1, parties="ab", proposer="p")
    assert scene.notify("p", "a", 1)[0].data["sender"] == 3
    assert scene.notify("s", "a", 1)[0].data["sender"] == 4
    assert scene.notify("s", "a", 1, sender="s")[0].data["sender"] == 4


def test_stopped_and_barred_are_named() -> None:
    """
    A letter to who wants none, or may get none, is refused as a whole and names them.
    """
    scene = Scene(1)
    scene.stop("b")
    with pytest.raises(MailStoppedError) as caught:
        scene.notify("a", "abc", 1, barred="c")
    assert caught.value.addresses == ("b@here.net", "c@here.net")
    assert caught.value.event_id == 7
    assert len(scene.log) == 2
    scene.resume("b")
    assert len(scene.notify("a", "abc", 1)) == 3


def test_erased_party_can_not_be_named() -> None:
    """
    Whoever comes with an erased party's address is no party.
    """
    scene = Scene(1)
    scene.erase("b")
    with pytest.raises(NotAPartyError) as caught:
        scene.notify("a", "b", 1)
    assert caught.value.parties == ("a@here.net", "erased-2", "c@here.net")


def test_an_entry_tells_what_it_has_promised() -> None:
    """
    The notices of a story can be read from its log, of every kind.
    """
    scene = Scene(1, 2)
    scene.notify("a", "bc", 1, 2)
    scene.notify("a", "b", 1, 2, invitation=True)
    for who in "abc":
        scene.keep(who, 1)
    scene.retitle("a", "other")
    scene.replace("a", 2)
    found = [telling.promised(7, scene.log[notice.of - 1]) for notice in scene.notices]

    assert found == [attrs.evolve(notice, event_id=7) for notice in scene.notices]
    assert {notice.kind for notice in found} == {*Kind} - {Kind.LINK}
    change = telling.link(scene.ledger, act("b"), 2)
    assert [telling.promised(7, *change.entries)] == [
        attrs.evolve(notice, event_id=7) for notice in change.notices
    ]


NOTICE = Notice(7, 2, 2, Kind.UPDATE)


@pytest.mark.parametrize(
    ("kind", "newest", "barred", "ended", "deed", "outcome"),
    [
        (Kind.UPDATE, True, False, False, "", None),
        (Kind.UPDATE, False, False, False, "", Outcome.SUPERSEDED),
        (Kind.UPDATE, True, True, False, "", Outcome.DROPPED),
        (Kind.UPDATE, True, False, False, "stop", Outcome.DROPPED),
        (Kind.UPDATE, True, False, False, "erase", Outcome.DROPPED),
        (Kind.UPDATE, True, False, False, "delete", Outcome.SUPERSEDED),
        (Kind.AGREED, True, False, False, "delete", Outcome.SUPERSEDED),
        (Kind.CANCELLED, True, False, False, "delete", None),
        (Kind.CANCELLED, False, False, False, "delete", Outcome.SUPERSEDED),
        (Kind.CANCELLED, True, True, False, "delete", Outcome.DROPPED),
        (Kind.CANCELLED, True, False, True, "delete", Outcome.DROPPED),
        (Kind.AGREED, True, False, True, "", Outcome.DROPPED),
        (Kind.AGREED, False, False, True, "", Outcome.SUPERSEDED),
    ],
)
def test_letters_that_must_not_be_sent(
    kind: Kind, newest: bool, barred: bool, ended: bool, deed: str, outcome: Outcome | None
) -> None:
    """
    Old news and news of deleted events are superseded; what nobody may get or need is dropped.
    """
    scene = Scene(1, 2)
    if deed:
        getattr(scene, deed)("s" if deed == "delete" else "b")
    found = telling.prevented(
        scene.ledger,
        Notice(7, 2, 2, kind),
        is_newest=newest,
        is_barred=barred,
        has_ended=ended,
    )
    assert found is outcome


@pytest.mark.parametrize(
    ("code", "data"),
    [
        (None, {"delivery": "sent", "of": 2, "recipient": 2}),
        (550, {"delivery": "sent", "of": 2, "recipient": 2, "code": 550}),
    ],
)
def test_outcome_is_a_notify_of_the_system(code: int | None, data: dict[str, object]) -> None:
    """
    How a delivery ended is one NOTIFY by the system that names its entry and moves nothing.
    """
    scene = Scene(1, 2)
    before = scene.ledger.state
    change = telling.record_outcome(scene.ledger, START, NOTICE, Outcome.SENT, code)
    (entry,) = change.entries
    assert (entry.occurrence.value, entry.effector, entry.data) == ("NOTIFY", 0, data)
    assert change.after.state == before
    assert change.notices == ()


def test_address_is_compared_folded() -> None:
    """
    A recipient written in capitals is the same party, and its stored form stays.
    """
    scene = Scene(1)
    assert scene.ledger.party_number(address("B")) == 2
    scene.notify("a", "B", 1)
    assert str(scene.ledger.people[1]) == "b@here.net"


def test_a_new_link_is_promised() -> None:
    """
    Who asks for a new link is told by one letter of that kind, which the log has with its reason.
    """
    scene = Scene(1, 2)
    (entry,) = scene.take(telling.link(scene.ledger, act("b"), 2))

    assert (entry.occurrence.value, entry.effector) == ("NOTIFY", 2)
    assert entry.data == {"reason": "link", "recipient": 2, "sender": 2}
    assert scene.notices == [Notice(7, entry.seq, 2, Kind.LINK)]


OLD = EmailToken(b"d" * 32, 7, 2, START)


@pytest.mark.parametrize(
    ("token", "who"),
    [
        (OLD, "b@here.net"),
        (attrs.evolve(OLD, person=1), "a@here.net"),
        (attrs.evolve(OLD, expires=START + HOUR, spent=True), "b@here.net"),
        (None, None),
        (attrs.evolve(OLD, event_id=8), None),
        (attrs.evolve(OLD, revoked=True), None),
        (attrs.evolve(OLD, expires=START + MICROSECOND), None),
        (attrs.evolve(OLD, person=3), None),
    ],
)
def test_only_an_expired_link_is_renewed(token: EmailToken | None, who: str | None) -> None:
    """
    A new link is mailed to the party of an old one that is over, unless it stopped its letters.
    """
    scene = Scene(1, 2)
    scene.stop("c")
    found = telling.party_to_link(scene.ledger, token, START)

    assert (found and str(found)) == who


def test_no_link_to_what_is_closed() -> None:
    """
    A deleted event gives no new links.
    """
    scene = Scene(1, 2)
    scene.delete("a")

    assert telling.party_to_link(scene.ledger, OLD, START) is None


def test_proposal_has_no_news() -> None:
    """
    A change without a before is a proposal, and a proposal never sends.
    """
    scene = Scene(1, parties="a")
    change = telling.tell_news(scene.opening, act("a"))
    assert change is scene.opening
