"""
Letters that Celery spreads: the outbox is the truth, and the broker only wakes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from calndro.adapters.sql import upgrading
from tests.brokers import BROKERS, broker_at
from tests.faults.spread import run


if TYPE_CHECKING:
    from pathlib import Path


pytestmark = [pytest.mark.slow, pytest.mark.service]


@pytest.fixture
def url(tmp_path: Path) -> str:
    """
    Make a database with its schema.
    """
    url = f"sqlite:///{tmp_path / 'team.db'}"
    upgrading.upgrade(url)
    return url


@pytest.mark.parametrize("kind", BROKERS)
def test_a_killed_worker_costs_no_letter(tmp_path: Path, url: str, kind: str) -> None:
    """
    Of two workers, one killed in the middle of a letter, none is lost, and twice comes that one.
    """
    figures = run(broker_at(kind), url, tmp_path, kills=2, letters=20)

    assert figures.promised == figures.taken >= 20
    assert figures.kills == 2
    assert figures.are_in_bounds, figures


def test_without_the_outbox_a_killed_worker_costs_letters(tmp_path: Path, url: str) -> None:
    """
    It is the outbox that loses none: settled before they leave, letters die with the worker.
    """
    figures = run(broker_at("redis"), url, tmp_path, kills=1, letters=20, how=["careless"])

    assert figures.lost > 0, figures


def test_lost_messages_are_made_up_for_by_the_sweep(tmp_path: Path, url: str) -> None:
    """
    Letters for which no message came are found by the beat; without it they still wait.
    """
    broker = broker_at("redis")
    with pytest.raises(TimeoutError, match="10 letters still wait"):
        run(broker, url, tmp_path, kills=0, letters=10, rings=False, how=["unswept"], patience=5)

    figures = run(broker, url, tmp_path, kills=0, letters=10, rings=False)

    assert (figures.lost, figures.repeated) == (0, 0)
