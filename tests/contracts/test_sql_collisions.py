"""
Transactions that really meet: in a circle of locks, or in no order at all.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import DBAPIError

from calndro.adapters.sql.storage import SqlStorage
from calndro.adapters.sql.transaction import refusal
from calndro.core.access import Caller
from calndro.core.errors import CollisionError, StorageError
from calndro.usecases import events
from calndro.usecases.collisions import retry_on_collision
from tests.contracts.deposits import ledger, log, propose, services
from tests.examples import address
from tests.patience import PATIENCE


if TYPE_CHECKING:
    from calndro.usecases.services import Services


CROSSED = [pytest.param(kind, marks=pytest.mark.service) for kind in ("postgres", "mariadb")]


@pytest.fixture(params=CROSSED)
def server_url(request: pytest.FixtureRequest) -> str:
    """
    Name a database of a server, of each kind in turn.
    """
    url: str = request.getfixturevalue(f"clean_{request.param}")
    return url


def look_at_both(services: Services, first: int, second: int, meeting: Barrier | None) -> None:
    """
    Lock two events, one after the other, and wait in between for who else does that.
    """
    with services.unit_of_work() as work:
        work.events.get(first)
        if meeting is not None:
            meeting.wait(PATIENCE)
        work.events.get(second)
        work.commit()


def crossed(storage: SqlStorage, *, again: bool) -> list[BaseException | None]:
    """
    Let two lock the same two events in opposite order, and tell what each of them raised.
    """
    one, other = propose(storage, 1).id, propose(storage, 1).id
    meetings = [Barrier(2)]
    wired = services(storage)

    def attempt(services: Services, first: int, second: int) -> None:
        # They meet at their first attempt only, or it would never end.
        both = meetings[0]
        look_at_both(services, first, second, None if both.broken else both)

    def run(first: int, second: int) -> None:
        try:
            attempt(wired, first, second)
        except CollisionError:
            meetings[0].abort()
            if not again:
                raise
            retry_on_collision(attempt)(wired, first, second)

    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(run, one, other), pool.submit(run, other, one)]
        return [each.exception(PATIENCE) for each in runs]


def test_a_deadlock_is_a_collision(server_url: str) -> None:
    """
    Of two that wait for each other the server ends one, whose error says: do it again.
    """
    with SqlStorage(server_url) as storage:
        ended = [each for each in crossed(storage, again=False) if each is not None]

    assert [type(each) for each in ended] == [CollisionError]
    assert "eadlock" in str(ended[0].__cause__)


def test_who_was_ended_succeeds_the_second_time(server_url: str) -> None:
    """
    The one that gave way does it all again, and both get through.
    """
    with SqlStorage(server_url) as storage:
        assert crossed(storage, again=True) == [None, None]


@pytest.mark.service
def test_many_looks_where_only_order_counts(clean_serializable_postgres: str) -> None:
    """
    On a PostgreSQL that puts transactions in line, all who look at one event get through.
    """
    people, times = 4, 5
    with SqlStorage(clean_serializable_postgres) as storage:
        event_id = propose(storage, 1).id
        wired = services(storage)
        start = Barrier(people)

        def look(_: int) -> None:
            start.wait(PATIENCE)
            for _ in range(times):
                events.view(wired, Caller(address("a"), staff=True), event_id)

        with ThreadPoolExecutor(people) as pool:
            list(pool.map(look, range(people)))

        assert ledger(storage, event_id).chain.seq == 1 + people * times
        assert len(log(storage, event_id)) == 1 + people * times


@pytest.mark.service
def test_without_another_attempt_looks_are_lost(clean_serializable_postgres: str) -> None:
    """
    It is the other attempt that brings them through: without it the second is refused.
    """
    with SqlStorage(clean_serializable_postgres) as storage:
        event_id = propose(storage, 1).id
        wired = services(storage)
        with storage.unit_of_work() as work:
            work.users.find([address("a")])
            events.view(wired, Caller(address("a"), staff=True), event_id)
            with pytest.raises(CollisionError, match="others were in the way"):
                work.events.get(event_id)


def test_other_refusals_are_no_collisions() -> None:
    """
    Only what was undone as a whole and may succeed again is a collision.
    """
    for code, kind in ((1213, CollisionError), (1205, StorageError), (2013, StorageError)):
        error = Exception(code, "words")
        assert type(refusal(error)) is kind
        assert type(refusal(DBAPIError("SELECT 1", None, error))) is kind
