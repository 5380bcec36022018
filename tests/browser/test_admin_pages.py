from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator

from tests.browser.sight import barriers, serving
from tests.browser.stage import at_work, staged
from tests.entry.http_site import STRANGER, THEM


if TYPE_CHECKING:
    from playwright.sync_api import Browser


pytestmark = [pytest.mark.browser, pytest.mark.slow]

TEXT_LINES = (
    "cell => { const range = document.createRange(); range.selectNodeContents(cell); "
    "return new Set([...range.getClientRects()].map(box => box.top)).size; }"
)
"""Counts the lines that a cell's text takes."""

PAGES = (
    "events/",
    "events/?status=void",
    "events/1/",
    "events/2/",
    "events/3/",
    "users/",
    "users/?q=nobody",
    f"user/?email={THEM}",
    f"user/?email={STRANGER}&done=staff",
    "user/?email=x",
    f"erase/?email={THEM}",
    "outbox/",
)


def test_staff_goes_about_its_work(browser: Browser) -> None:
    """
    From signing in to signing out all works without scripts and with the network cut.
    """
    site = staged()
    with serving(site.app) as url, at_work(browser, url) as sight:
        page = sight.go("/admin/")
        page.get_by_role("link", name="The boat needs a new mast").click()
        page.get_by_role("heading", name="The boat needs a new mast").wait_for()
        assert page.get_by_role("row").filter(has_text=THEM).count() > 0

        page.get_by_role("link", name="Users").click()
        page.get_by_role("searchbox").fill("stranger")
        page.get_by_role("button", name="Search").click()
        page.get_by_role("link", name=STRANGER).click()
        page.get_by_role("button", name="Deactivate").click()
        page.get_by_text("The user was dismissed").wait_for()

        page.get_by_role("link", name="Outbox").click()
        page.get_by_role("button", name="Drop: Letter").first.click()
        page.get_by_text("The letter was dropped").wait_for()
        links = [box for box in map(Locator.bounding_box, page.locator("nav a").all()) if box]
        assert len({box["y"] for box in links}) == 1, "our style sheet lays them out in a row"

        page.get_by_role("button", name="Sign out").click()
        page.get_by_label("Password").wait_for()

    assert site.ask("GET", "/", STRANGER).status_code == 401
    assert sight.outside == []
    assert sight.complaints == []


def test_words_in_tables_stay_whole(browser: Browser) -> None:
    """
    On a phone a table scrolls within its part of the page rather than break its words.
    """
    site = staged()
    with serving(site.app) as url, at_work(browser, url, width=375) as sight:
        page = sight.go("/admin/events/1/")
        cells = page.locator("#log ~ table td:nth-child(3)").all()
        assert {cell.evaluate(TEXT_LINES) for cell in cells} == {1}


@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
@pytest.mark.parametrize("pages", [PAGES[::2], PAGES[1::2]], ids=["even", "odd"])
def test_everybody_on_the_staff_can_use_it(
    browser: Browser, pages: tuple[str, ...], locale: str
) -> None:
    """
    No page for staff has a fault that axe finds, nor overflows a small screen, in any language.
    """
    site = staged()
    found = {}
    given = {"scripts": True, "bypass_csp": True, "locale": locale}
    with serving(site.app) as url, at_work(browser, url, **given) as sight:
        for path in pages:
            if faults := barriers(sight.go(f"/admin/{path}")):
                found[path] = faults

    assert found == {}
