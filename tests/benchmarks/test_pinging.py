"""
The cost of a ping, measured.
"""

from __future__ import annotations

import re

import pytest

from benchmarks.pinging import ROUNDS, measure


@pytest.mark.service
def test_both_ways_are_measured(clean_postgres: str) -> None:
    """
    Four figures are told, and each of them is more than nothing.
    """
    told = measure(clean_postgres, ROUNDS)

    assert re.fullmatch(r"without a ping [1-9]\d* us .* [1-9]\d* us in all; .*", told), told
    assert min(map(int, re.findall(r"\d+", told))) > 0
    assert len(re.findall(r"\d+", told)) == 4
