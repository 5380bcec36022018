"""
Mail that fails: nothing is lost, and nothing is said that is not so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults import notifying
from tests.faults.mail import run


if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
def test_no_letter_is_lost(tmp_path: Path) -> None:
    """
    With a failing mail server and killed workers each letter arrives or is logged as failed.
    """
    figures = run(f"sqlite:///{tmp_path / 'team.db'}", tmp_path, kills=12, letters=60)

    assert figures.promised == 60
    assert figures.are_in_bounds, figures


@pytest.mark.slow
def test_without_the_outbox_letters_are_lost(tmp_path: Path) -> None:
    """
    It is the order of things that loses none: settled before they leave, letters are lost.
    """
    url = f"sqlite:///{tmp_path / 'team.db'}"
    figures = run(url, tmp_path, kills=6, letters=60, careless=True)

    assert figures.lost > 0, figures


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind",
    [
        "sqlite",
        pytest.param("postgres", marks=pytest.mark.service),
        pytest.param("mariadb", marks=pytest.mark.service),
    ],
)
def test_several_workers_send_each_letter_once(
    tmp_path: Path, request: pytest.FixtureRequest, kind: str
) -> None:
    """
    Workers that share an outbox never send the same letter twice.
    """
    url = f"sqlite:///{tmp_path / 'team.db'}"
    if kind != "sqlite":
        url = request.getfixturevalue(f"clean_{kind}")

    figures = run(url, tmp_path, kills=0, letters=100, calm=True)

    assert (figures.promised, figures.taken, figures.repeated) == (100, 100, 0)
    assert figures.are_in_bounds, figures


@pytest.mark.slow
def test_a_dead_mail_server_keeps_nobody_waiting() -> None:
    """
    Notify is answered while the mail server takes connections and never says a word.
    """
    assert notifying.run(20)["answered"] == 20
