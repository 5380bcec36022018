"""
The contract of SessionRepository.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest

from calndro.core.user import Session, User
from tests.contracts.deposits import LATER, enlist
from tests.examples import HOUR, MICROSECOND, START, address


if TYPE_CHECKING:
    from datetime import datetime

    from tests.contracts.deposits import Storage


def session(number: int, name: str = "a", begun: datetime = START) -> Session:
    """
    Make a session.
    """
    return Session(bytes([number]) * 32, address(name), 3, begun, begun + MICROSECOND)


@pytest.fixture(autouse=True)
def _sessions(storage: Storage) -> None:
    """
    Store sessions 1 and 2 of *a* and 3 of *b*, each begun an hour after the one before.
    """
    enlist(storage, "ab")
    with storage.unit_of_work() as work:
        for number, name in ((1, "a"), (2, "a"), (3, "b")):
            work.sessions.add(session(number, name, START + number * HOUR))
        work.commit()


def found(storage: Storage) -> list[int]:
    """
    Number the sessions that are there.
    """
    with storage.snapshot() as work:
        digests = [bytes([number]) * 32 for number in range(9)]
        return [digest[0] for digest in digests if work.sessions.find(digest) is not None]


def test_a_stored_session_is_read_as_it_was(storage: Storage) -> None:
    """
    A session is found by its digest, with everything that is kept of it and of its user.
    """
    user = User(address("b"), password="a hash", staff=True, epoch=3)
    with storage.unit_of_work() as work:
        work.users.put(user)
        work.commit()

    with storage.snapshot() as work:
        stored = session(3, "b", START + 3 * HOUR)
        assert work.sessions.find(bytes([3]) * 32) == (stored, user)
        assert work.sessions.find(bytes([4]) * 32) is None


def test_touch(storage: Storage) -> None:
    """
    To touch a session moves when it was seen, and no other; an absent one stays absent.
    """
    first = session(1, begun=START + HOUR)
    with storage.unit_of_work() as work:
        work.sessions.touch(first.digest, LATER)
        work.sessions.touch(bytes([9]) * 32, LATER)
        work.commit()

    with storage.snapshot() as work:
        stored = work.sessions.find(first.digest)
    assert stored == (attrs.evolve(first, seen=LATER), User(address("a")))
    assert found(storage) == [1, 2, 3]


def test_end(storage: Storage) -> None:
    """
    A session that was ended is gone, the others stay; ending it twice is no error.
    """
    with storage.unit_of_work() as work:
        work.sessions.end(bytes([1]) * 32)
        work.sessions.end(bytes([1]) * 32)
        work.commit()

    assert found(storage) == [2, 3]


def test_sweep(storage: Storage) -> None:
    """
    What began before the instant goes, what began then or later stays.
    """
    with storage.unit_of_work() as work:
        work.sessions.sweep(START + 2 * HOUR)
        work.commit()

    assert found(storage) == [2, 3]


def test_a_user_that_is_removed_takes_its_sessions_along(storage: Storage) -> None:
    """
    With a user go all its sessions, and nobody else's.
    """
    with storage.unit_of_work() as work:
        work.users.remove(address("a"))
        work.commit()

    assert found(storage) == [3]
