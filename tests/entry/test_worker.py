"""
What a worker of Celery does each time it is woken.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs
import pytest

from calndro.core.errors import StorageError
from calndro.entry import worker
from calndro.entry.settings import SettingsError
from calndro.entry.worker import Rounds
from tests.worlds import World


if TYPE_CHECKING:
    from collections.abc import Iterator

    from calndro.usecases.services import Services


class Station:
    """
    A worker's process, that counts how often it opens, closes, and wakes another one.
    """

    def __init__(self) -> None:
        self.world = World(limits_letters=False)
        self.events: list[str] = []
        self.rounds = Rounds(self.opened)

    @contextmanager
    def opened(self) -> Iterator[Services]:
        """
        Open the services.
        """
        self.events.append("open")
        yield attrs.evolve(self.world.services, ring=lambda: self.events.append("ring"))
        self.events.append("close")

    def promise(self, number: int) -> None:
        """
        Queue letters, each of an event of its own.
        """
        for _ in range(number):
            event = self.world.propose(1)
            self.world.notify(["b"], event_id=event.id)


@pytest.fixture
def station() -> Station:
    """
    A process that has not been woken yet.
    """
    return Station()


def test_nothing_is_open_before_the_first_round(station: Station) -> None:
    """
    What is open does not survive a fork, so the first round opens it, and no later one.
    """
    assert station.events == []
    station.rounds.go()
    station.rounds.go()
    assert station.events == ["open"]
    station.rounds.close()
    assert station.events == ["open", "close"]


def test_the_first_letter_wakes_another_worker(station: Station) -> None:
    """
    Who finds something to do hands over all of it, and calls one other to help.
    """
    station.promise(3)
    station.rounds.go()

    assert len(station.world.postman.tried) == 3
    assert station.events == ["open", "ring"]


def test_a_round_ends_after_fifty_letters(station: Station) -> None:
    """
    A round that could go on for long ends, and wakes whoever is free for the rest.
    """
    station.promise(51)
    station.rounds.go()

    assert len(station.world.waiting()) == 1
    assert station.events == ["open", "ring", "ring"]


def test_a_dead_carrier_is_left_alone(station: Station, caplog: pytest.LogCaptureFixture) -> None:
    """
    When no letter can be handed over, nothing is tried for a minute, however often one is woken.
    """
    station.promise(2)
    station.world.postman.script = ["away"]
    station.rounds.go()
    station.rounds.go()
    assert len(station.world.postman.tried) == 1
    assert "no mail can be sent: nobody answers" in caplog.text
    station.world.clock.advance(station.world.services.terms.retry_policy.probe)
    station.rounds.go()

    assert station.world.waiting() == []


def test_a_database_away_is_borne(station: Station, caplog: pytest.LogCaptureFixture) -> None:
    """
    A round without a database is over, and the next one opens it anew.
    """
    away = [StorageError("no route to db.here.net")]

    @contextmanager
    def opened() -> Iterator[Services]:
        if away:
            raise away.pop()
        with station.opened() as services:
            yield services

    station.promise(1)
    rounds = Rounds(opened)
    rounds.go()
    assert "the database is away" in caplog.text
    assert "db.here.net" not in caplog.text
    rounds.go()

    assert station.world.waiting() == []


@pytest.fixture
def unread() -> Iterator[None]:
    """
    Let the settings be read anew.
    """
    worker.make.cache_clear()
    yield
    worker.make.cache_clear()


@pytest.mark.usefixtures("unread")
def test_celery_finds_its_application(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The module has an application once a broker is named, and says so when none is.
    """
    with pytest.raises(SettingsError, match="CALNDRO_BROKER_URL: name the broker"):
        worker.app  # noqa: B018 - looking is what makes it
    monkeypatch.setenv("CALNDRO_BROKER_URL", "redis://127.0.0.1:6379/0")
    assert worker.app.conf.task_default_queue == "calndro"
    with pytest.raises(AttributeError):
        worker.celery  # noqa: B018 - likewise
