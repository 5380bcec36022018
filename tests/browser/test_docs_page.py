from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from calndro.entry.http.openapi import document
from tests.browser.sight import looking, serving
from tests.entry.http_site import Site


if TYPE_CHECKING:
    from playwright.sync_api import Browser


pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_operations_are_shown(browser: Browser) -> None:
    """
    The page shows every operation, asks for nothing outside, and keeps to its own policy.
    """
    described = [
        (method, path)
        for path, item in document()["paths"].items()
        for method in item
        if method != "parameters"
    ]
    with serving(Site().app) as url, looking(browser, url) as sight:
        page = sight.go("/docs")
        page.locator(".opblock").first.wait_for()
        shown = [
            (block.locator(".opblock-summary-method").inner_text().lower(), path)
            for block in page.locator(".opblock").all()
            if (path := block.locator(".opblock-summary-path").get_attribute("data-path"))
        ]
        page.locator("#operations-default-propose .opblock-summary-control").click()
        page.locator("#operations-default-propose .opblock-body").get_by_text(
            "they@"
        ).first.wait_for()

    assert sorted(shown) == sorted(described)
    assert sight.outside == []
    assert sight.complaints == []
