"""
Delivering until told to stop, at whatever moment that is told.
"""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from itertools import count
from select import select
from typing import TYPE_CHECKING, Any

import pytest

from calndro.entry.cli import watching
from calndro.entry.cli.asked import Asked
from tests.patience import PATIENCE
from tests.worlds import World


if TYPE_CHECKING:
    from collections.abc import Iterator
    from socket import socket


class StuckError(Exception):
    """
    Somebody who was told to stop does not end.
    """


@contextmanager
def no_longer_than(seconds: float) -> Iterator[None]:
    """
    Break off what does not end, wherever it waits.

    Raises:
        StuckError: It did not end.
    """

    def break_off(*_: object) -> None:
        raise StuckError

    before = signal.signal(signal.SIGALRM, break_off)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def rounds_when_told_at(moment: int, patch: pytest.MonkeyPatch) -> int:
    """
    Watch an empty outbox, and be told to stop by the so manieth call or return in Python.

    Args:
        moment: Of a round and the wait after it.
        patch: Takes back what was changed for it.

    Returns:
        How many rounds were begun.
    """
    left, rounds, look = count(moment, -1), 0, watching._round  # noqa: SLF001  where it begins

    def tell(*_: object) -> None:
        if next(left) == 0:
            sys.setprofile(None)
            signal.raise_signal(signal.SIGTERM)

    def look_watched(*args: Any) -> bool:
        nonlocal rounds
        rounds += 1
        sys.setprofile(tell)
        return look(*args)

    with patch.context() as within:
        within.setattr(watching, "_round", look_watched)
        try:
            watching.keep_watch(World().services, Asked(quiet=True), every=0.01)
        finally:
            sys.setprofile(None)
    return rounds


def test_it_ends_at_whatever_moment_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A signal that interrupts a round, or the wait after it, anywhere, ends the watch.
    """
    moments = count()
    with no_longer_than(PATIENCE):
        while rounds_when_told_at(next(moments), monkeypatch) == 1:
            pass

    assert next(moments) > 50


def test_a_signal_is_heard_as_the_wait_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The last moment of a round at which one can be told is that in which it begins to wait.
    """

    def begin_to_wait(ears: list[socket], *others: Any) -> None:
        if others[-1]:
            signal.raise_signal(signal.SIGTERM)
            if select(ears, [], [], 0)[0] == []:
                raise StuckError

    monkeypatch.setattr(watching, "select", begin_to_wait)
    watching.keep_watch(World().services, Asked(quiet=True), every=PATIENCE)

    monkeypatch.setattr(signal, "set_wakeup_fd", lambda *_, **__: -1)
    with pytest.raises(StuckError):
        watching.keep_watch(World().services, Asked(quiet=True), every=PATIENCE)
