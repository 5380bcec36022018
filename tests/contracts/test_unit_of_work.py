from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Thread
from typing import TYPE_CHECKING

import attrs
import pytest

from calndro.core import deeds
from calndro.core.access import Caller
from calndro.core.errors import StorageError
from calndro.core.user import User
from calndro.usecases import events, updates
from tests.contracts.deposits import (
    claim,
    enlist,
    ledger,
    log,
    notice,
    page,
    persist,
    proposal,
    propose,
    queue,
    save,
    services,
    waiting,
)
from tests.examples import HOUR, START, act, address, mail, slots
from tests.patience import PATIENCE


if TYPE_CHECKING:
    from calndro.ports.storage import UnitOfWork
    from tests.contracts.conftest import Opener
    from tests.contracts.deposits import Storage


def write_everything(work: UnitOfWork) -> None:
    """
    Write by every repository.
    """
    stored = work.events.save(proposal(1))
    work.users.enlist([address("z")])
    work.outbox.add([notice(event_id=stored.id)], START)


def write_and_fail(storage: Storage) -> None:
    """
    Write, and leave by an error.
    """
    with storage.unit_of_work() as work:
        write_everything(work)
        raise ZeroDivisionError


class TestUnitOfWork:
    """
    The contract of UnitOfWork: one at a time.
    """

    def test_commit_makes_it_visible(self, storage: Storage) -> None:
        """
        What was written is seen by others after the commit, all of it, and not before.
        """
        work = storage.unit_of_work()
        with work:
            write_everything(work)
            assert work.events.get(1) is not None
            assert len(work.outbox.waiting()) == 1
            work.commit()

        assert len(page(storage)) == 1
        assert len(waiting(storage)) == 1
        with storage.snapshot() as look:
            assert look.users.find([address("z")])

    def test_what_was_committed_is_there_when_opened_again(self, opener: Opener) -> None:
        """
        What was committed outlasts whoever wrote it: it is there when storage is next opened.
        """
        with opener() as first:
            persist(first, write_everything)
            kept = ledger(first, 1), list(log(first, 1))

        with opener() as later:
            assert (ledger(later, 1), list(log(later, 1))) == kept
            assert len(waiting(later)) == 1
            with later.snapshot() as look:
                assert look.users.find([address("z")])

    def test_without_commit_there_is_no_trace(self, storage: Storage) -> None:
        """
        Leaving without commit, by the end or by an error, stores nothing.
        """
        with storage.unit_of_work() as work:
            write_everything(work)
        with pytest.raises(ZeroDivisionError):
            write_and_fail(storage)

        assert list(page(storage)) == []
        assert list(waiting(storage)) == []
        with storage.snapshot() as look:
            assert look.users.find([address("z")]) == {}

    def test_a_snapshot_can_not_be_committed(self, storage: Storage) -> None:
        """
        A snapshot only reads; whoever would commit it is told so.
        """
        with storage.snapshot() as work, pytest.raises(StorageError, match="only reads"):
            work.commit()

    def test_a_snapshot_can_not_write(self, storage: Storage) -> None:
        """
        A snapshot only reads; whoever would write in it is told so.
        """
        with storage.snapshot() as work, pytest.raises(StorageError, match="only reads"):
            work.events.save(proposal(1))

        assert list(page(storage)) == []

    def test_nothing_is_written_after_the_commit(self, storage: Storage) -> None:
        """
        A unit of work is committed once; what comes after that is refused and not stored.
        """
        with storage.unit_of_work() as work:
            write_everything(work)
            work.commit()
            with pytest.raises(StorageError, match="has ended"):
                work.users.put(User(address("y")))
            with pytest.raises(StorageError, match="has ended"):
                work.commit()

        with storage.snapshot() as look:
            assert set(look.users.find([address("y"), address("z")])) == {address("z")}

    def test_what_was_refused_in_part_is_not_committed(self, storage: Storage) -> None:
        """
        Whoever goes on after a refusal of the technology learns that nothing is stored.
        """
        stored = propose(storage, 1)
        other = proposal(2, identity=2)
        taken = attrs.evolve(other, after=attrs.evolve(other.after, id=stored.id))

        with storage.unit_of_work() as work:
            work.users.enlist([address("y")])
            with pytest.raises(StorageError):
                work.events.save(taken)
            with pytest.raises(StorageError, match="nothing is stored"):
                work.commit()

        assert list(page(storage)) == [stored]
        with storage.snapshot() as look:
            assert look.users.find([address("y")]) == {}

    def test_one_within_another_keeps_nobody_waiting(self, storage: Storage) -> None:
        """
        A thread that enters a second unit of work does not wait for itself.

        Where only one can be open it is told so, and the first goes on as if nothing was.
        """

        def nest() -> None:
            with storage.unit_of_work() as work:
                write_everything(work)
                try:
                    with storage.unit_of_work():
                        pass
                except StorageError as error:
                    assert str(error) == (  # noqa: PT017  not every storage refuses it
                        "this thread has a unit of work open; leave that one first"
                    )
                work.commit()

        thread = Thread(target=nest, daemon=True)
        thread.start()
        thread.join(PATIENCE)

        assert not thread.is_alive()
        assert len(page(storage)) == 1
        assert propose(storage, 1).id == 2

    def test_a_unit_of_work_reads_what_it_has_written(self, storage: Storage) -> None:
        """
        Each change within a unit of work builds on the one before.
        """
        with storage.unit_of_work() as work:
            work.users.put(User(address("a"), active=True))
            (stored,) = work.users.enlist([address("a")])
            assert work.users.find([stored])[stored].active

    def test_scrub_leaves_what_is_there(self, storage: Storage) -> None:
        """
        Scrubbing removes nothing that is still stored.
        """
        stored = propose(storage, 1)

        storage.scrub()

        assert ledger(storage, stored.id) == stored


class TestAtOnce:
    """
    The contract of UnitOfWork: several at once.
    """

    def test_no_narrowing_is_lost(self, storage: Storage) -> None:
        """
        Parties who narrow at the same time end where they would have one after the other.
        """
        names, rounds = "abcd", 5
        shared = services(storage)
        callers = {name: Caller(address(name), local=True) for name in names}
        event = events.propose(
            shared, callers["a"], parties=map(mail, names), slots=slots(*range(30))
        )
        start = Barrier(len(names))

        def narrow(name: str) -> None:
            start.wait(PATIENCE)
            for turn in range(rounds):
                lost = 5 * names.index(name) + turn
                keep = [slot for slot in event.slots if slot != event.slots[lost]]
                updates.narrow(shared, callers[name], event.id, keep)

        with ThreadPoolExecutor(len(names)) as pool:
            list(pool.map(narrow, names))

        stored = ledger(storage, event.id)
        assert stored.state.slots == slots(*range(20, 30))
        assert stored.chain.seq == 1 + len(names) * rounds
        assert [entry.seq for entry in log(storage, event.id)] == list(range(1, 22))

    def test_each_notice_is_claimed_once(self, storage: Storage) -> None:
        """
        However many claim at the same time, nobody gets what somebody else has.
        """
        count, workers = 24, 4
        for _ in range(3):
            propose(storage, 1)
        queue(storage, *(notice(n, event_id=1 + n % 3) for n in range(1, count + 1)))
        start = Barrier(workers)

        def work(_: int) -> list[int]:
            start.wait(PATIENCE)
            return [post.id for post in iter(lambda: claim(storage), None)]

        with ThreadPoolExecutor(workers) as pool:
            claimed = [number for found in pool.map(work, range(workers)) for number in found]

        assert len(claimed) == count
        assert len(set(claimed)) == count

    def test_the_same_person_is_enlisted_once(self, storage: Storage) -> None:
        """
        Two who enlist the same people at the same time, in any order, both succeed.
        """
        start = Barrier(2)

        def enlist_all(names: str) -> None:
            start.wait(PATIENCE)
            enlist(storage, names)

        for first in range(0, 26, 5):
            names = "abcdefghijklmnopqrstuvwxyz"[first : first + 5]
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(enlist_all, (names, names[::-1])))

        with storage.snapshot() as work:
            assert len(work.users.page(after=None, limit=99)) == 26

    def test_who_reads_to_change_keeps_others_out(self, storage: Storage) -> None:
        """
        Between reading an event and changing it nobody else gets at it.
        """
        stored = propose(storage, 1, 2)
        has_read, may_write = Event(), Event()

        def first() -> None:
            with storage.unit_of_work() as work:
                found = work.events.get(stored.id)
                assert found is not None
                has_read.set()
                assert not may_write.wait(0.2)
                work.events.save(deeds.view(found, act("b")))
                work.commit()

        def read_and_change(work: UnitOfWork) -> None:
            found = work.events.get(stored.id)
            may_write.set()
            assert found is not None
            work.events.save(deeds.view(found, act("c")))

        def second() -> None:
            assert has_read.wait(PATIENCE)
            persist(storage, read_and_change)

        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(first), pool.submit(second)]:
                done.result(PATIENCE)

        assert [entry.effector for entry in log(storage, stored.id)] == [1, 2, 3]


class TestSnapshot:
    """
    The contract of UnitOfWork: those that only read.
    """

    @pytest.fixture(autouse=True)
    def _several_connections(self, request: pytest.FixtureRequest) -> None:
        if "sqlite in memory" in request.node.name:
            pytest.skip("its one connection is shared by readers and writers")

    def test_a_reader_waits_for_nobody(self, storage: Storage) -> None:
        """
        While somebody is about to change an event others read it as it was.
        """
        stored = propose(storage, 1)
        with storage.unit_of_work() as work:
            found = work.events.get(stored.id)
            assert found is not None
            work.events.save(deeds.view(found, act("b")))
            with ThreadPoolExecutor(1) as pool:
                assert pool.submit(ledger, storage, stored.id).result(PATIENCE) == stored
            work.commit()

        assert ledger(storage, stored.id) != stored

    def test_one_snapshot_shows_one_moment(self, storage: Storage) -> None:
        """
        What is committed after a snapshot has begun to read is not in it.
        """
        stored = propose(storage, 1)
        with storage.snapshot() as look:
            assert look.events.get(stored.id) == stored
            save(storage, deeds.view(stored, act("b")))
            queue(storage, notice())

            assert look.events.get(stored.id) == stored
            assert len(look.events.entries(stored.id, after=0, limit=9, with_deliveries=True)) == 1
            assert list(look.outbox.waiting()) == []

        assert len(log(storage, stored.id)) == 2
        assert claim(storage, START + HOUR) is not None
