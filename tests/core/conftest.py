"""
What every test of the core shares: it begins with nothing remembered.
"""

from __future__ import annotations

import pytest

from calndro.core import log, party, reading, times


REMEMBERING = [
    each
    for module in (log, party, reading, times)
    for each in vars(module).values()
    if hasattr(each, "cache_clear") and each.__module__ == module.__name__
]


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> None:
    """
    Forget what earlier tests have read, so that this one reads it for itself.
    """
    for each in REMEMBERING:
        each.cache_clear()
