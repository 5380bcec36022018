from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.docs.playing import Player


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def player(tmp_path: Path) -> Iterator[Player]:
    """
    Sit down with an empty home.
    """
    sat = Player.at(tmp_path)
    yield sat
    sat.leave()
