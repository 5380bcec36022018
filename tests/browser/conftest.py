"""
A browser for every test that looks at pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.sight import CHROMIUM, browsing
from tests.surroundings import SERVICES_ARE_REQUIRED


if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


# While it is open an event loop runs in this thread, so that no other module may have it.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """
    Lend a browser; without one the test is skipped, unless services are required.
    """
    if CHROMIUM is None:
        reason = "no browser: chromium is not on the path"
        if SERVICES_ARE_REQUIRED:
            pytest.fail(reason)
        pytest.skip(reason)
    with browsing() as opened:
        yield opened
