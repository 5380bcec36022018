from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest

from calndro.core import deeds, telling
from calndro.core.event import is_delivery
from calndro.core.log import Occurrence, decode
from calndro.core.notice import Outcome
from calndro.core.stored import StoredEvent
from tests.contracts.deposits import (
    log,
    notice,
    proposal,
    propose,
    save,
)
from tests.examples import START, act, address, slots


if TYPE_CHECKING:
    from calndro.core.ledger import Ledger
    from tests.contracts.deposits import Storage


class TestLog:
    """
    The contract of EventRepository: logs.
    """

    @pytest.fixture
    def stored(self, storage: Storage) -> Ledger:
        """
        Store an event with entries 1 UPDATE, 2 NOTIFY, 3 its delivery, 4 VIEW.
        """
        stored = propose(storage, 1)
        change = telling.notify(
            stored,
            act("a"),
            [address("b")],
            slots(1),
            sender=None,
            sender_salt=bytes(32),
            staff=[],
            barred=[],
            invitation=False,
        )
        stored = save(storage, change)
        promise = notice(2, 2, stored.id)
        stored = save(
            storage, telling.record_outcome(stored, START, promise, Outcome.FAILED, code=550)
        )
        return save(storage, deeds.view(stored, act("b")))

    def test_entries_in_order(self, storage: Storage, stored: Ledger) -> None:
        """
        Entries come back oldest first, equal to what their own bytes say.
        """
        entries = log(storage, stored.id)

        assert [entry.seq for entry in entries] == [1, 2, 3, 4]
        assert [entry.occurrence for entry in entries] == [
            Occurrence.UPDATE,
            Occurrence.NOTIFY,
            Occurrence.NOTIFY,
            Occurrence.VIEW,
        ]
        assert [decode(entry.body, entry.hash) for entry in entries] == list(entries)
        assert entries[-1].hash == stored.chain.head

    def test_bytes_are_those_that_were_saved(self, storage: Storage) -> None:
        """
        What is stored of an entry is its bytes, whatever stands beside them.
        """
        change = proposal(1)
        (entry,) = change.entries
        odd = attrs.evolve(entry, body=entry.body.replace(b'"data"', b' "data"'))
        stored = save(storage, attrs.evolve(change, entries=(odd,)))

        assert [each.body for each in log(storage, stored.id)] == [odd.body]

    def test_pages_and_deliveries(self, storage: Storage, stored: Ledger) -> None:
        """
        A page has at most so many entries after a seq; deliveries come only when wanted.
        """
        with storage.snapshot() as work:

            def seqs(
                after: int, limit: int, *, deliveries: bool, newest_first: bool = False
            ) -> list[int]:
                entries = work.events.entries(
                    stored.id,
                    after=after,
                    limit=limit,
                    with_deliveries=deliveries,
                    newest_first=newest_first,
                )
                return [entry.seq for entry in entries]

            assert seqs(0, 9, deliveries=False) == [1, 2, 4]
            assert seqs(1, 2, deliveries=False) == [2, 4]
            assert seqs(1, 2, deliveries=True) == [2, 3]
            assert seqs(4, 9, deliveries=True) == []
            assert seqs(10**30, 9, deliveries=True) == []
            assert seqs(-1, 2, deliveries=True) == [1, 2]
            assert seqs(0, 2, deliveries=False, newest_first=True) == [4, 2]
            assert seqs(0, 9, deliveries=True, newest_first=True) == [4, 3, 2, 1]
            assert seqs(4, 2, deliveries=True, newest_first=True) == [3, 2]
            assert seqs(10**30, 1, deliveries=True, newest_first=True) == [4]
            for nowhere in (1, -1):
                assert seqs(nowhere, 9, deliveries=True, newest_first=True) == []
            stored_too = work.events.stored(stored.id, after=-1, limit=2)
            assert [each.seq for each in stored_too] == [1, 2]

    def test_stored_entries(self, storage: Storage, stored: Ledger) -> None:
        """
        Stored entries tell the bytes and, beside them, what they say; events likewise.
        """
        with storage.snapshot() as work:
            found = work.events.stored(stored.id, after=0, limit=9)
            assert [each.seq for each in work.events.stored(stored.id, after=1, limit=2)] == [2, 3]
            assert list(work.events.stored(stored.id, after=10**30, limit=2)) == []
            assert work.events.beside(stored.id) == StoredEvent.of(stored)

        for each, entry in zip(found, log(storage, stored.id), strict=True):
            assert (each.seq, each.when, each.effector) == (entry.seq, entry.when, entry.effector)
            assert each.occurrence == entry.occurrence
            assert each.is_delivery == is_delivery(entry)
            assert (each.body, each.hash) == (entry.body, entry.hash)
