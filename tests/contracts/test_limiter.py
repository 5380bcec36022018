"""
The contract of Limiter.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING
from uuid import uuid1

import pytest

from calndro.adapters.limiting import WindowLimiter
from calndro.adapters.memory import MemoryClock, MemoryLimiter
from calndro.adapters.system import SystemClock
from calndro.core.errors import InvalidInputError, PortError
from calndro.core.limit import Limit
from tests.brokers import broker_at


if TYPE_CHECKING:
    from calndro.ports.limiter import Limiter


TWO = Limit("tries", 2, 60)


@pytest.fixture(
    params=["fake", "memory", pytest.param("redis", marks=pytest.mark.service)],
)
def limiter(request: pytest.FixtureRequest) -> Limiter:
    """
    Make a limiter of each kind in turn.
    """
    match request.param:
        case "fake":
            return MemoryLimiter(SystemClock())
        case "memory":
            return WindowLimiter()
        case _:
            return WindowLimiter(broker_at("redis"))


@pytest.fixture
def key() -> str:
    """
    Make a key that nobody has counted under.
    """
    return uuid1().hex


def test_one_more_than_the_limit_waits(limiter: Limiter, key: str) -> None:
    """
    So many pass as the limit says, the next ones not.
    """
    waits = []
    for _ in range(4):
        waits.append(limiter.wait(TWO, key))
        limiter.count(TWO, key)

    assert waits[:2] == [0, 0]
    assert all(0 < each <= 60 for each in waits[2:])


def test_who_waits_as_long_as_told_gets_in(limiter: Limiter, key: str) -> None:
    """
    The wait that is told is enough, and no longer than the window.
    """
    brief = Limit("tries", 1, 2)
    limiter.count(brief, key)

    told = limiter.wait(brief, key)
    assert told <= 2
    time.sleep(told + 0.1)
    assert limiter.wait(brief, key) == 0


def test_several_that_count_at_once(limiter: Limiter, key: str) -> None:
    """
    However many count at once, just as many are told that there was room as the limit says.
    """
    five = Limit("tries", 5, 60)
    gate = Barrier(16)

    def count() -> list[bool]:
        gate.wait()
        return [limiter.count(five, key) for _ in range(4)]

    with ThreadPoolExecutor(16) as pool:
        told = [each for run in [pool.submit(count) for _ in range(16)] for each in run.result()]

    assert (told.count(True), len(told)) == (5, 64)
    assert limiter.wait(five, key) > 0


def test_asking_counts_nothing(limiter: Limiter, key: str) -> None:
    """
    Only what is counted counts.
    """
    for _ in range(9):
        assert limiter.wait(TWO, key) == 0


def test_keys_and_limits_are_apart(limiter: Limiter, key: str) -> None:
    """
    What is counted for one key or limit is nothing to another.
    """
    for _ in range(2):
        limiter.count(TWO, key)

    assert limiter.wait(TWO, key) > 0
    assert limiter.wait(TWO, f"{key} x") == 0
    assert limiter.wait(Limit("deeds", 2, 60), key) == 0


def test_the_window_moves() -> None:
    """
    The wait ends with the oldest of what fills the window, to the second.
    """
    clock = MemoryClock()
    limiter = MemoryLimiter(clock)
    limit = Limit("tries", 2, 60)
    limiter.count(limit, "k")
    clock.advance(limit.window / 3)
    limiter.count(limit, "k")

    assert limiter.wait(limit, "k") == 40
    clock.advance(limit.window * 2 / 3)
    assert limiter.wait(limit, "k") == 0


def test_counts_that_cannot_be_reached() -> None:
    """
    A Redis that is away is an error of the port, whether one asks or counts.
    """
    limiter = WindowLimiter("redis://127.0.0.1:1/0")

    with pytest.raises(PortError):
        limiter.wait(TWO, "k")
    with pytest.raises(PortError):
        limiter.count(TWO, "k")


@pytest.mark.parametrize(
    "url",
    [
        *("nowhere://", "", "memcached", "redis://127.0.0.1:port/0"),
        *("redis://127.0.0.1:1/0?zap=1", "redis://127.0.0.1:1/0?socket_timeout=zap"),
        "rediss://127.0.0.1:1/0?ssl_cert_reqs=zap",
        *("redis+cluster://127.0.0.1:1", "async+memory://", "async+redis://127.0.0.1:1/0"),
        "memcached://127.0.0.1:1",
    ],
)
def test_a_url_that_is_none(url: str) -> None:
    """
    Where nothing can be counted, now or ever, is refused at once, with the mend.
    """
    with pytest.raises(InvalidInputError, match="redis://"):
        WindowLimiter(url)
