from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import attrs
import pytest

from calndro.core import deeds
from calndro.core.agreement import Status, replay
from calndro.core.errors import StorageError
from calndro.core.party import Address
from calndro.core.slot import MOST_DURATION, Slot, table
from tests.contracts.deposits import (
    NO_IDS,
    keeping,
    ledger,
    log,
    page,
    proposal,
    propose,
    save,
)
from tests.examples import act, address


if TYPE_CHECKING:
    from collections.abc import Callable

    from calndro.core.ledger import Change, Ledger
    from tests.contracts.deposits import Storage


EXTREME = table(
    [
        Slot(datetime(1, 1, 1, tzinfo=UTC), timedelta(microseconds=1)),
        Slot(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), timedelta(hours=1)),
        Slot(datetime(9998, 12, 30, 1, 2, 3, 4, tzinfo=UTC), timedelta(seconds=1)),
        Slot(datetime(9997, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), MOST_DURATION),
    ]
)


class TestEventRepository:
    """
    The contract of EventRepository: events.
    """

    @pytest.mark.parametrize("event_id", NO_IDS)
    def test_an_absent_event(self, storage: Storage, event_id: int) -> None:
        """
        An id that no event has, however large, finds nothing and fails nothing.
        """
        with storage.snapshot() as work:
            assert work.events.get(event_id) is None
            assert list(work.events.entries(event_id, after=0, limit=9, with_deliveries=True)) == []
            assert list(work.events.stored(event_id, after=0, limit=9)) == []
            found = work.events.page(
                None, status=None, with_closed=True, after=max(0, event_id), limit=9
            )
            assert list(found) == []

    def test_ids_count_up(self, storage: Storage) -> None:
        """
        Events are numbered 1, 2, 3.
        """
        assert [propose(storage, 1).id for _ in range(3)] == [1, 2, 3]

    def test_a_stored_event_is_read_as_it_was(self, storage: Storage) -> None:
        """
        Whatever an event may hold comes back equal, to the microsecond and the character.
        """
        title = "h\u00e4\u4f1a\U0001f600 \"';--\\"
        for change in (
            proposal(table=EXTREME, title=title, identity=1),
            proposal(parties="a", proposer="b", identity=2),
            proposal(*range(30), parties="abcdefghij", identity=2**128 - 1, title="x" * 256),
        ):
            stored = save(storage, change)

            assert stored == attrs.evolve(change.after, id=stored.id)
            assert ledger(storage, stored.id) == stored
            assert type(ledger(storage, stored.id).chain.when) is datetime

    def test_addresses_come_back_as_typed(self, storage: Storage) -> None:
        """
        People keep the form of their address, which comparing addresses would not tell.
        """
        shout = Address.parse("A@Here.NET")
        change = proposal(1)
        first = attrs.evolve(change.after.people[0], address=shout)
        change = attrs.evolve(
            change, after=attrs.evolve(change.after, people=(first, *change.after.people[1:]))
        )
        stored = ledger(storage, save(storage, change).id)

        assert str(stored.people[0]) == "A@Here.NET"

    def test_a_change_moves_the_event(self, storage: Storage) -> None:
        """
        After a change the event is what the change led to, and its log adds up to it.
        """
        stored = propose(storage, 1, 2, 3)
        changes: list[Callable[[Ledger], Change]] = [
            lambda at: keeping(at, "b", 1, 2),
            lambda at: deeds.view(at, act("c")),
            lambda at: deeds.stop_mail(at, act("c")),
            lambda at: deeds.update(
                at, act("a"), deeds.Extend(EXTREME), title="new", most=30, expected=None
            ),
            lambda at: deeds.delete(at, act("s")),
        ]
        for change in changes:
            stored = save(storage, change(stored))

            assert ledger(storage, stored.id) == stored
            assert replay(log(storage, stored.id)) == stored.state
        assert stored.chain.seq == 6

    def test_several_changes_in_one_transaction(self, storage: Storage) -> None:
        """
        A unit of work may save what it has saved before, also an event it has made.
        """
        with storage.unit_of_work() as work:
            stored = work.events.save(proposal(1, 2))
            stored = work.events.save(keeping(stored, "b", 1))
            stored = work.events.save(deeds.view(stored, act("s")))
            assert work.events.get(stored.id) == stored
            work.commit()

        assert ledger(storage, stored.id) == stored
        assert [entry.seq for entry in log(storage, stored.id)] == [1, 2, 3]

    def test_a_stale_change_is_refused(self, storage: Storage) -> None:
        """
        A change made from an event that has moved on stores nothing, nor can be forced.
        """
        old = propose(storage, 1, 2)
        new = save(storage, deeds.view(old, act("s")))

        with (
            pytest.raises(StorageError, match=f"event {old.id} is not as it was"),
            storage.unit_of_work() as work,
        ):
            work.events.save(keeping(old, "b", 1))

        assert ledger(storage, old.id) == new
        assert len(log(storage, old.id)) == 2

    def test_a_change_of_an_absent_event_is_refused(self, storage: Storage) -> None:
        """
        A change of an event that is not stored stores nothing.
        """
        stranger = attrs.evolve(proposal(1).after, id=7)

        with (
            pytest.raises(StorageError, match="event 7 is not as it was"),
            storage.unit_of_work() as work,
        ):
            work.events.save(deeds.view(stranger, act("a")))

        assert list(page(storage)) == []

    def test_a_brought_id_is_kept(self, storage: Storage) -> None:
        """
        A new event may bring its id, and those without one are then numbered above it.
        """
        brought = proposal(1, identity=1)
        brought = attrs.evolve(brought, after=attrs.evolve(brought.after, id=41))

        assert save(storage, brought).id == 41
        assert ledger(storage, 41).id == 41
        assert save(storage, proposal(1, identity=2)).id == 42
        lower = proposal(1, identity=3)
        assert save(storage, attrs.evolve(lower, after=attrs.evolve(lower.after, id=5))).id == 5
        assert save(storage, proposal(1, identity=4)).id == 43

    def test_a_brought_id_that_is_taken_is_refused(self, storage: Storage) -> None:
        """
        A new event can't take the place of another.
        """
        stored = propose(storage, 1)
        other = proposal(2, identity=2)
        other = attrs.evolve(other, after=attrs.evolve(other.after, id=stored.id))

        with pytest.raises(StorageError), storage.unit_of_work() as work:
            work.events.save(other)

        assert list(page(storage)) == [stored]
        assert len(log(storage, stored.id)) == 1

    def test_newcomers_are_stored(self, storage: Storage) -> None:
        """
        Somebody of whom the log speaks for the first time is kept with its number and salt.
        """
        stored = save(storage, deeds.view(propose(storage, 1), act("s")))

        assert [str(person) for person in ledger(storage, stored.id).people][3:] == ["s@here.net"]
        assert ledger(storage, stored.id).people[3].salt == b"s" * 32

    def test_the_erased_lose_their_address(self, storage: Storage) -> None:
        """
        A person that a change leaves without address and salt is forgotten, nobody else.
        """
        old = propose(storage, 1, 2)
        stored = save(storage, deeds.erase(old, act("s"), address("b")))

        read = ledger(storage, stored.id)
        assert read == stored
        assert [str(person) for person in read.people][:3] == [
            "a@here.net",
            "erased-2",
            "c@here.net",
        ]
        assert read.people[1].salt is None
        with storage.snapshot() as work:
            assert list(work.events.mentioning(address("b"))) == []
            assert list(work.events.mentioning(address("c"))) == [stored.id]

    def test_mentioning_finds_whomever_the_log_speaks_of(self, storage: Storage) -> None:
        """
        Parties, proposers and passers-by are found in every event, by any form of address.
        """
        for parties, proposer in (("ab", "a"), ("b", "c"), ("b", "b")):
            propose(storage, 1, parties=parties, proposer=proposer)
        save(storage, deeds.delete(ledger(storage, 3), act("a")))

        with storage.snapshot() as work:
            assert list(work.events.mentioning(Address.parse("A@HERE.NET"))) == [1, 3]
            assert list(work.events.mentioning(address("b"))) == [1, 2, 3]
            assert list(work.events.mentioning(address("c"))) == [2]
            assert list(work.events.mentioning(address("x"))) == []


class TestPage:
    """
    The contract of EventRepository: lists.
    """

    @pytest.fixture(autouse=True)
    def _events(self, storage: Storage) -> None:
        """
        Store one event of each status: 1 open, 2 agreed, 3 void, 4 closed.
        """
        propose(storage, 1, 2, parties="ab", proposer="a")
        propose(storage, 1, parties="b", proposer="b")
        propose(storage, parties="bc", proposer="d")
        stored = propose(storage, 1, parties="ab", proposer="b")
        save(storage, deeds.delete(stored, act("s")))
        save(storage, deeds.view(ledger(storage, 2), act("a")))

    def ids(
        self,
        storage: Storage,
        member: str | None = None,
        *,
        status: Status | None = None,
        with_closed: bool = False,
        after: int = 0,
        limit: int = 9,
        newest_first: bool = False,
    ) -> list[int]:
        """
        List events by id, each of them as ``get`` reads it.
        """
        with storage.snapshot() as work:
            found = work.events.page(
                None if member is None else Address.parse(member),
                status=status,
                with_closed=with_closed,
                after=after,
                limit=limit,
                newest_first=newest_first,
            )
            assert list(found) == [work.events.get(each.id) for each in found]
        return [each.id for each in found]

    @pytest.mark.parametrize("member", [None, "b@here.net"])
    def test_the_newest_first(self, storage: Storage, member: str | None) -> None:
        """
        From the greatest id down come the newest, as many as wanted, of everybody and of one.
        """
        ids = partial(self.ids, storage, member, newest_first=True)

        assert ids() == [3, 2, 1]
        assert ids(limit=2) == [3, 2]
        assert ids(with_closed=True, limit=2) == [4, 3]
        assert ids(after=3) == [2, 1]
        assert ids(after=1) == []
        assert ids(after=10**30) == [3, 2, 1]
        assert ids(with_closed=True, after=4, limit=2) == [3, 2]
        assert ids(status=Status.CLOSED) == [4]

    def test_of_everybody(self, storage: Storage) -> None:
        """
        Without member all events are listed, the deleted only when asked for.
        """
        assert self.ids(storage) == [1, 2, 3]
        assert self.ids(storage, with_closed=True) == [1, 2, 3, 4]

    @pytest.mark.parametrize(
        ("member", "open_ones", "all_of_them"),
        [
            ("a@here.net", [1], [1, 4]),
            ("B@HERE.net", [1, 2, 3], [1, 2, 3, 4]),
            ("c@here.net", [3], [3]),
            ("d@here.net", [3], [3]),
            ("s@here.net", [], []),
        ],
    )
    def test_of_a_member(
        self, storage: Storage, member: str, open_ones: list[int], all_of_them: list[int]
    ) -> None:
        """
        Parties and proposers find their events; who has only looked or deleted does not.
        """
        assert self.ids(storage, member) == open_ones
        assert self.ids(storage, member, with_closed=True) == all_of_them

    @pytest.mark.parametrize("status", Status)
    @pytest.mark.parametrize("member", [None, "b@here.net"])
    def test_by_status(self, storage: Storage, status: Status, member: str | None) -> None:
        """
        A status finds the events of that status, ``closed`` the deleted.
        """
        place = [Status.OPEN, Status.AGREED, Status.VOID, Status.CLOSED].index(status)

        assert self.ids(storage, member, status=status) == [place + 1]

    @pytest.mark.parametrize("member", [None, "b@here.net"])
    def test_in_pages(self, storage: Storage, member: str | None) -> None:
        """
        Pages follow each other by id without gap or overlap.
        """
        assert self.ids(storage, member, limit=2) == [1, 2]
        assert self.ids(storage, member, after=2, limit=2) == [3]
        assert self.ids(storage, member, after=3) == []
        assert self.ids(storage, member, after=10**30) == []
