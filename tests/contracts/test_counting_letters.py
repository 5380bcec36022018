"""
What storage tells of the letters of the last day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from calndro.core.agreement import after
from calndro.core.ledger import Change
from calndro.core.limit import Letter
from calndro.core.log import SYSTEM, Occurrence
from calndro.core.notice import Outcome
from tests.contracts.deposits import claim, keeping, ledger, notice, propose, queue, save
from tests.examples import HOUR, MICROSECOND, START, address, addresses


if TYPE_CHECKING:
    from tests.contracts.deposits import Storage


def test_received(storage: Storage) -> None:
    """
    Letters are told by their address over all events, whatever became of them, since an instant.
    """
    propose(storage, 1, parties="ab")
    propose(storage, 1, parties="ba", proposer="b")
    queue(storage, notice(1, 1, 1), notice(1, 2, 1), notice(1, 2, 2))
    post = claim(storage)
    assert post is not None
    with storage.unit_of_work() as work:
        work.outbox.settle(post, Outcome.SENT)
        work.outbox.add([notice(1, 1, 1)], START + HOUR)
        work.commit()

    with storage.snapshot() as work:
        a, b = address("a"), address("b")
        found = work.outbox.received([a], START)
        assert sorted((each.event_id, each.at) for each in found) == [
            (1, START),
            (1, START + HOUR),
            (2, START),
        ]
        assert {each.to for each in found} == {a}
        assert work.outbox.received([a], START + MICROSECOND) == [Letter(1, a, START + HOUR)]
        assert len(work.outbox.received([a, b], START)) == 4
        assert list(work.outbox.received([], START)) == []
        assert list(work.outbox.received([address("z")], START)) == []


def test_caused(storage: Storage) -> None:
    """
    A letter is caused by whoever its log entry names, over all events, since an instant.
    """
    propose(storage, 1, parties="ab")
    propose(storage, 1, parties="ab", proposer="b")
    queue(storage, notice(1, 1, 1), notice(1, 2, 1), notice(1, 1, 2))

    with storage.snapshot() as work:
        assert list(work.outbox.caused(address("a"), START)) == [START, START]
        assert list(work.outbox.caused(address("b"), START)) == [START]
        assert list(work.outbox.caused(address("a"), START + MICROSECOND)) == []
        assert list(work.outbox.caused(address("z"), START)) == []


def test_answered(storage: Storage) -> None:
    """
    Who has ever proposed or changed an event has answered; a mere party has not.

    What the system noted itself, as imports do, is nobody's answer.
    """
    propose(storage, 1, 2, parties="abc")
    known = save(storage, keeping(ledger(storage, 1), "b", 1))
    chain, entry = known.chain.append(
        now=START + HOUR,
        occurrence=Occurrence.UPDATE,
        effector=SYSTEM,
        slots=known.state.slots,
        data={"form": "replace", "imported": 0},
    )
    moved = attrs.evolve(known, chain=chain, state=after(known.state, entry))
    save(storage, Change(known, moved, (entry,)))

    with storage.snapshot() as work:
        assert set(work.events.answered(addresses("abcz"))) == set(addresses("ab"))
        assert not work.events.answered([])


def test_a_notice_that_waits_for_its_time(storage: Storage) -> None:
    """
    What is queued with a time of its own is claimed from then on, and counts from now on.
    """
    propose(storage, 1)
    with storage.unit_of_work() as work:
        work.outbox.add([notice()], START, START + HOUR)
        work.commit()

    assert claim(storage, START + HOUR - MICROSECOND) is None
    with storage.snapshot() as work:
        assert [each.at for each in work.outbox.received([address("a")], START)] == [START]
    assert claim(storage, START + HOUR) is not None
