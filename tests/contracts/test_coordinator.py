"""
The contract of the Coordinator port, checked for every way to get one.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from icalendar import Calendar

import calndro
from calndro import Occurrence, Slot, Status
from calndro.adapters.sql.storage import SqlStorage
from calndro.usecases import accounts
from tests.contracts.conftest import SERVERS
from tests.entry.http_site import PASSWORD, Site
from tests.serving import running


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from calndro.ports.coordinator import Coordinator

    Desks = Callable[..., Coordinator]


YOU, THEY, THEM = "you@here.net", "they@thar.net", "them@whar.net"
ONE, TWO, THREE = (f"2096-12-0{day}T09:00Z/PT30M" for day in (1, 2, 3))


@pytest.fixture(params=["memory", "sqlite", "http", *SERVERS])
def desks(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desks]:
    """
    Make coordinators for one and the same instance, by address.
    """
    if request.param == "http":
        with SqlStorage(f"sqlite:///{tmp_path / 'team.db'}") as storage, served(storage) as make:
            yield make
        return
    match request.param:
        case "memory":
            url = "memory://"
        case "sqlite":
            url = f"sqlite:///{tmp_path / 'team.db'}"
        case server:
            url = request.getfixturevalue(f"clean_{server}")
    with calndro.connect(url, acting_as=YOU) as desk:
        yield desk.acting_as


@contextmanager
def served(storage: SqlStorage) -> Iterator[Desks]:
    """
    Run a server, and make coordinators by API tokens of accounts at it.
    """
    site = Site(storage, delivers=False)
    with running(site.app) as url, ExitStack() as opened:

        def desk(address: str, *, staff: bool = False) -> Coordinator:
            site.register(address, staff=staff)
            token = accounts.issue_api_token(site.services, address, PASSWORD)
            return opened.enter_context(calndro.connect(url, api_token=token))

        yield desk


def test_the_story_of_the_documentation(desks: Desks) -> None:
    """
    Propose, narrow by everybody and look at the log: the contract's own example.
    """
    you, they, them = desks(YOU), desks(THEY), desks(THEM)
    event = you.propose(parties=[YOU, THEY, THEM], slots=[ONE, TWO, THREE])
    they.narrow(event.id, keep=event.slots[:2])
    agreed = them.narrow(event.id, keep=event.slots[1:])

    assert agreed.slots == event.slots[1:2]
    assert agreed.status is Status.AGREED
    assert agreed.common == agreed.slots
    assert [entry.effector for entry in you.log(event.id)][:3] == [YOU, THEY, THEM]


def test_slots_come_as_values_and_as_text(desks: Desks) -> None:
    """
    A slot value and its text are the same slot.
    """
    desk = desks(YOU)
    event = desk.propose(parties=[YOU], slots=[ONE, TWO])

    kept = desk.narrow(event.id, keep=[TWO])

    assert kept.slots == event.slots[1:]
    assert isinstance(kept.slots[0], Slot)


def test_text_without_offset_is_read_in_the_events_zone(desks: Desks) -> None:
    """
    A clock without offset is a local time of the event's zone, also later on.
    """
    desk = desks(YOU)
    event = desk.propose(parties=[YOU], slots=["2096-12-01T09:00 PT30M"], zone="Asia/Kathmandu")

    same = desk.replace(event.id, ["2096-12-01T03:15Z PT30M"])
    also = desk.replace(event.id, ["2096-12-01T09:00 PT30M"])

    assert event.slots == same.slots == also.slots


def test_a_stale_revision_changes_nothing(desks: Desks) -> None:
    """
    Who names a revision that has passed is refused, with both revisions.
    """
    desk = desks(YOU)
    event = desk.propose(parties=[YOU], slots=[ONE, TWO])
    desk.narrow(event.id, keep=[ONE])

    with pytest.raises(calndro.StaleRevisionError) as refused:
        desk.extend(event.id, [THREE], if_revision=event.revision)

    assert (refused.value.expected, refused.value.actual) == (1, 2)
    assert desk.peek(event.id).slots == event.slots[:1]


def test_what_has_changed_is_neither_told_nor_deleted(desks: Desks) -> None:
    """
    Letters and the end of an event take a revision too; with the one that is there all is done.
    """
    desk = desks(YOU, staff=True)
    event = desk.propose(parties=[YOU], slots=[ONE])
    now = desk.retitle(event.id, "x")

    with pytest.raises(calndro.StaleRevisionError):
        desk.notify(event.id, [YOU], [ONE], if_revision=event.revision)
    with pytest.raises(calndro.StaleRevisionError):
        desk.delete(event.id, if_revision=event.revision)
    told = desk.notify(event.id, [YOU], [ONE], if_revision=now.revision)
    assert told.revision == now.revision
    desk.delete(event.id, if_revision=told.revision)

    with pytest.raises(calndro.GoneError):
        desk.view(event.id)


def test_everybody_sees_only_their_events(desks: Desks) -> None:
    """
    Lists hold what one is a party of or has proposed; staff see all.
    """
    you, they = desks(YOU), desks(THEY)
    mine = you.propose(parties=[THEM], slots=[])
    theirs = they.propose(parties=[THEY], slots=[])

    assert [event.id for event in you.events()] == [mine.id]
    assert [event.id for event in they.events()] == [theirs.id]
    assert [event.id for event in desks(THEM, staff=True).events()] == [mine.id, theirs.id]
    with pytest.raises(calndro.NotAllowedError):
        you.view(theirs.id)
    with pytest.raises(calndro.NotAllowedError):
        you.view(99)


def test_lists_can_be_filtered(desks: Desks) -> None:
    """
    A list is narrowed by status and holds deleted events only when asked.
    """
    staff = desks(YOU, staff=True)
    agreed = staff.propose(parties=[YOU], slots=[ONE])
    void = staff.propose(parties=[YOU], slots=[])
    gone = staff.propose(parties=[YOU], slots=[ONE, TWO])
    staff.delete(gone.id)

    assert [event.id for event in staff.events()] == [agreed.id, void.id]
    assert [event.id for event in staff.events(status=Status.AGREED)] == [agreed.id]
    assert [event.id for event in staff.events(status=Status.CLOSED)] == [gone.id]
    text: Any = "void"
    assert [event.id for event in staff.events(status=text)] == [void.id]
    with pytest.raises(calndro.InvalidInputError, match="is none of open, agreed, void, closed"):
        list(staff.events(status=text.upper()))
    assert [event.id for event in staff.events(closed=True)] == [agreed.id, void.id, gone.id]


def test_a_deleted_event_leaves_its_log(desks: Desks) -> None:
    """
    After deletion an event is gone, and its log is readable by its parties.
    """
    staff, they = desks(YOU, staff=True), desks(THEY)
    event = staff.propose(parties=[THEY], slots=[ONE, TWO])
    staff.delete(event.id)

    with pytest.raises(calndro.GoneError):
        they.view(event.id)
    assert [entry.data.get("closed") for entry in they.log(event.id)] == [None, "deleted"]


def test_only_a_persons_look_is_logged(desks: Desks) -> None:
    """
    ``view`` is logged, ``peek`` and reading the log are not.
    """
    desk = desks(YOU)
    event = desk.propose(parties=[YOU], slots=[ONE])
    desk.peek(event.id)
    list(desk.log(event.id))
    desk.view(event.id)

    assert [entry.occurrence.value for entry in desk.log(event.id)] == ["UPDATE", "VIEW"]
    assert [entry.id for entry in desk.log(event.id, after=1)] == [2]
    with pytest.raises(calndro.InvalidInputError, match="after"):
        list(desk.log(event.id, after=-1))


def test_propose_like_takes_what_is_not_given(desks: Desks) -> None:
    """
    A new event takes title, zone, slots and parties of another, any of them overridden.
    """
    desk = desks(YOU)
    model = desk.propose(parties=[YOU, THEY], slots=[ONE], title="Tea", zone="Europe/Paris")

    same = desk.propose(like=model.id)
    other = desk.propose(like=model.id, title="Coffee", slots=[TWO, THREE])

    assert (same.title, same.zone, same.parties, same.slots) == (
        model.title,
        model.zone,
        model.parties,
        model.slots,
    )
    assert (other.title, len(other.slots), other.parties) == ("Coffee", 2, model.parties)
    assert next(desk.log(other.id)).data["like"] == model.id


def test_narrow_by_judgement(desks: Desks) -> None:
    """
    Drop and accept leave alone what was not judged; keep goes with neither.
    """
    you, they = desks(YOU), desks(THEY)
    event = you.propose(parties=[YOU, THEY], slots=[ONE, TWO, THREE])

    judged = they.narrow(event.id, drop=[ONE], accept=[TWO])

    assert judged.slots == event.slots[1:]
    assert judged.kept[THEY] == event.slots[1:2]
    with pytest.raises(calndro.InvalidInputError):
        they.narrow(event.id)
    with pytest.raises(calndro.InvalidInputError):
        they.narrow(event.id, [ONE], drop=[TWO])


def test_notify_tells_only_the_current_state(desks: Desks) -> None:
    """
    A notification with other slots than those on the table is refused whole.
    """
    desk = desks(YOU)
    event = desk.propose(parties=[YOU, THEY], slots=[ONE, TWO])

    with pytest.raises(calndro.SlotsNotCurrentError):
        desk.notify(event.id, [THEY], [ONE])
    desk.notify(event.id, [THEY, "THEY@thar.net"], event.slots)

    recipients = [e.data["recipient"] for e in desk.log(event.id) if "recipient" in e.data]
    assert recipients == [THEY]


def test_mail_can_be_stopped_and_resumed(desks: Desks) -> None:
    """
    A party that has stopped its letters can't be notified until it resumes them.
    """
    you, they = desks(YOU), desks(THEY)
    event = you.propose(parties=[YOU, THEY], slots=[ONE, TWO])

    assert they.stop_mail(event.id).stopped == (THEY,)
    with pytest.raises(calndro.MailStoppedError):
        you.notify(event.id, [THEY], event.slots)
    assert they.resume_mail(event.id).stopped == ()
    you.notify(event.id, [THEY], event.slots)


def test_every_fault_is_named_at_once(desks: Desks) -> None:
    """
    Bad input is refused whole, with a fault for each thing wrong.
    """
    with pytest.raises(calndro.InvalidInputError) as refused:
        desks(YOU).propose(parties=["nobody", YOU], slots=["soon", ONE], zone="Mars/Base")

    assert {fault.path for fault in refused.value.faults} == {"parties[0]", "slots[0]", "zone"}
    assert list(desks(YOU).events()) == []


def test_the_export_holds_the_whole_log(desks: Desks) -> None:
    """
    An export begins with the receipt and holds every entry; reading it is not logged.
    """
    you = desks(YOU)
    event = you.propose(parties=[YOU, THEY], slots=[ONE, TWO])
    seen = desks(THEY).narrow(event.id, keep=[ONE])

    head, *entries = you.export(event.id)

    assert (head["event"], head["seq"]) == (str(seen.receipt.event), seen.receipt.seq)
    assert head["head"] == seen.receipt.head.hex() == entries[-1]["hash"]
    assert {each["address"] for each in head["people"]} == {YOU, THEY}
    assert [entry.hash.hex() for entry in you.log(event.id)] == [each["hash"] for each in entries]
    with pytest.raises(calndro.NotAllowedError):
        list(desks(THEM).export(event.id))


def test_the_calendar_holds_what_is_on_the_table(desks: Desks) -> None:
    """
    The calendar file has a tentative entry for each slot, and of an agreed event the one time.
    """
    you = desks(YOU)
    event = you.propose(parties=[YOU], slots=[ONE, TWO], title="Tea")

    tentative = Calendar.from_ical(you.calendar(event.id)).walk("VEVENT")
    you.narrow(event.id, keep=[TWO])
    (agreed,) = Calendar.from_ical(you.calendar(event.id)).walk("VEVENT")

    assert [str(each["STATUS"]) for each in tentative] == ["TENTATIVE", "TENTATIVE"]
    assert (str(agreed["STATUS"]), str(agreed["SUMMARY"])) == ("CONFIRMED", "Tea")
    assert agreed.decoded("DTSTART") == event.slots[1].begin
    assert not any(entry.occurrence is Occurrence.VIEW for entry in you.log(event.id))
    with pytest.raises(calndro.NotAllowedError):
        desks(THEM).calendar(event.id)
