from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from calndro.core.notice import Kind, Outcome
from tests.contracts.deposits import (
    LATER,
    MUCH_LATER,
    NO_IDS,
    claim,
    notice,
    propose,
    queue,
    waiting,
)
from tests.examples import HOUR, MICROSECOND, START


if TYPE_CHECKING:
    from datetime import datetime

    from calndro.core.notice import Notice, Post
    from tests.contracts.deposits import Storage


SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def claimed(storage: Storage, now: datetime = START) -> Post:
    """
    Claim a notice that is there.
    """
    post = claim(storage, now)
    assert post is not None
    return post


def settle(storage: Storage, post: Post, outcome: Outcome = Outcome.SENT) -> bool:
    """
    Note how a notice ended; tell whether it was noted.
    """
    with storage.unit_of_work() as work:
        done = work.outbox.settle(post, outcome)
        work.commit()
    return done


def put_back(storage: Storage, post: Post, due_in_hours: int, **changes: Any) -> bool:
    """
    Queue a notice again; tell whether it was.
    """
    due = START + due_in_hours * HOUR
    again = attrs.evolve(post, due=due, unsettled=0, **changes)
    with storage.unit_of_work() as work:
        done = work.outbox.put_back(again)
        work.commit()
    return done


class TestOutbox:
    """
    The contract of Outbox.
    """

    @pytest.fixture(autouse=True)
    def _events(self, storage: Storage) -> None:
        propose(storage, 1)
        propose(storage, 1)

    def test_first_in_first_out(self, storage: Storage) -> None:
        """
        Notices are claimed in the order in which they were queued, each once.
        """
        queue(storage, notice(1), notice(2))
        queue(storage, notice(3, kind=Kind.AGREED), now=START + 5 * SECOND)

        posts = [claim(storage, START + MINUTE) for _ in range(4)]
        assert [post and post.notice for post in posts] == [
            notice(1),
            notice(2),
            notice(3, kind=Kind.AGREED),
            None,
        ]
        ids = [post.id for post in posts if post is not None]
        assert ids == sorted(set(ids))
        assert {post.attempts for post in posts if post is not None} == {0}
        assert [post.added for post in posts if post is not None] == [
            START,
            START,
            START + 5 * SECOND,
        ]

    def test_a_long_batch_lets_others_pass(self, storage: Storage) -> None:
        """
        The turns of a batch are a second apart, so that a later, shorter one is not kept.
        """
        queue(storage, *(notice(of) for of in range(1, 100)))
        queue(storage, notice(1, event_id=2), notice(2, event_id=2), now=START + 2 * SECOND)

        posts = [claimed(storage, START + MINUTE) for _ in range(7)]

        assert [(post.notice.event_id, post.notice.of) for post in posts] == [
            (1, 1),
            (1, 2),
            (1, 3),
            (2, 1),
            (1, 4),
            (2, 2),
            (1, 5),
        ]

    def test_nothing_to_queue(self, storage: Storage) -> None:
        """
        No notices queue nothing.
        """
        queue(storage)

        assert claim(storage) is None

    def test_a_notice_is_due_from_the_instant_it_was_queued(self, storage: Storage) -> None:
        """
        A clock that stands before that instant finds nothing due.
        """
        queue(storage, notice())

        assert claim(storage, START - MICROSECOND) is None
        assert claim(storage, START) is not None

    def test_a_claim_lapses(self, storage: Storage) -> None:
        """
        Nobody gets a claimed notice before the claim lapses; at that instant anybody does.
        """
        queue(storage, notice())
        first = claimed(storage)

        assert claim(storage, LATER - MICROSECOND) is None
        second = claimed(storage, LATER)
        assert second == attrs.evolve(first, due=LATER + HOUR, claims=2, unsettled=2)
        assert list(waiting(storage)) == [second]

    def test_of_one_event(self, storage: Storage) -> None:
        """
        Who asks for one event gets only its notices.
        """
        queue(storage, notice(1, event_id=1), notice(2, event_id=2))

        post = claim(storage, event_id=2)
        assert post is not None
        assert post.notice == notice(2, event_id=2)
        assert claim(storage, event_id=2) is None
        assert [each.notice.event_id for each in waiting(storage, 2)] == [2]
        for event_id in NO_IDS:
            assert claim(storage, event_id=event_id) is None
            assert list(waiting(storage, event_id)) == []

    def test_waiting(self, storage: Storage) -> None:
        """
        What is not settled waits, claimed or not, oldest first.
        """
        queue(storage, notice(1), notice(2), notice(3))
        settle(storage, claimed(storage))
        second = claimed(storage)

        assert [post.notice.of for post in waiting(storage)] == [2, 3]
        assert waiting(storage)[0] == second

    @pytest.mark.parametrize("outcome", Outcome)
    def test_what_is_settled_is_not_claimed_again(self, storage: Storage, outcome: Outcome) -> None:
        """
        However a notice ended, it waits no longer.
        """
        queue(storage, notice())
        settle(storage, claimed(storage), outcome)

        assert claim(storage, MUCH_LATER) is None
        assert list(waiting(storage)) == []

    def test_a_notice_is_settled_once(self, storage: Storage) -> None:
        """
        What has ended is neither settled nor put back.
        """
        queue(storage, notice())
        post = claimed(storage)
        assert settle(storage, post)

        assert not settle(storage, post, Outcome.FAILED)
        assert not put_back(storage, post, 1)
        assert claim(storage, MUCH_LATER) is None
        assert list(waiting(storage)) == []

    def test_a_lapsed_claim_that_was_taken_over_decides_nothing(self, storage: Storage) -> None:
        """
        Who was too slow can neither settle nor put back while somebody else has the notice.
        """
        queue(storage, notice())
        slow = claimed(storage)
        fast = claimed(storage, LATER)

        assert not settle(storage, slow)
        assert not put_back(storage, slow, 0)
        assert list(waiting(storage)) == [fast]
        assert settle(storage, fast)

    def test_a_lapsed_claim_that_nobody_took_over_still_decides(self, storage: Storage) -> None:
        """
        Who was slow, but is the last to have claimed the notice, says how it ended.
        """
        queue(storage, notice())
        slow = claimed(storage)

        assert settle(storage, slow)

    def test_put_back(self, storage: Storage) -> None:
        """
        A notice put back is due when it says, before its claim lapses, and keeps what it is.
        """
        queue(storage, notice(1), notice(2))
        post = claimed(storage)
        assert put_back(storage, post, 0, attempts=1, code=451)
        again = claimed(storage)

        assert again == attrs.evolve(post, attempts=1, code=451, claims=2)
        assert put_back(storage, again, 5, attempts=2)
        assert claimed(storage).notice == notice(2)
        assert claim(storage, START + 5 * HOUR - MICROSECOND, event_id=1) != again
        third = claimed(storage, START + 5 * HOUR)
        assert (third.notice, third.attempts, third.claims) == (notice(1), 2, 3)

    def test_set_aside(self, storage: Storage) -> None:
        """
        A notice that is held waits, but nobody gets it until it is let go.
        """
        queue(storage, notice(1))
        assert put_back(storage, claimed(storage), 0, held=True)

        (held,) = waiting(storage)
        assert held.held
        assert claim(storage, MUCH_LATER) is None
        assert put_back(storage, held, 0, held=False)
        assert claimed(storage).notice == notice(1)

    def test_what_is_held_can_be_settled(self, storage: Storage) -> None:
        """
        A notice that was set aside ends like any other.
        """
        queue(storage, notice(1))
        put_back(storage, claimed(storage), 0, held=True)
        (held,) = waiting(storage)

        assert settle(storage, held, Outcome.DROPPED)
        assert list(waiting(storage)) == []

    @pytest.mark.parametrize(
        ("later", "newest"),
        [
            (notice(2), False),
            (notice(2, recipient=2), True),
            (notice(2, event_id=2), True),
            (notice(2, kind=Kind.INVITATION), True),
        ],
    )
    def test_is_newest(self, storage: Storage, later: Notice, newest: bool) -> None:
        """
        Only a later notice of the same kind to the same person of the same event is newer.
        """
        queue(storage, notice(1), later)

        with storage.snapshot() as work:
            first, second = work.outbox.waiting()
            assert work.outbox.is_newest(first) is newest
            assert work.outbox.is_newest(second)

    @pytest.mark.parametrize("outcome", Outcome)
    def test_what_was_sent_is_newer(self, storage: Storage, outcome: Outcome) -> None:
        """
        A later notice supersedes an older one while it waits and once it was sent.
        """
        queue(storage, notice(1), notice(2))
        first, second = claimed(storage), claimed(storage)
        with storage.snapshot() as work:
            assert not work.outbox.is_newest(first)
        settle(storage, second, outcome)

        with storage.snapshot() as work:
            assert work.outbox.is_newest(first) is (outcome is not Outcome.SENT)
