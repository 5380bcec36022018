"""
A server on which something has happened, and staff that looks at it.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.browser.sight import looking
from tests.entry.http_site import (
    COMING,
    FIRST,
    PASSWORD,
    ROOT,
    SECOND,
    THEM,
    THEY,
    THIRD,
    YOU,
    Site,
)


if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from tests.browser.sight import Sight


def staged() -> Site:
    """
    Make a server with an event half settled, one agreed, one deleted, and letters waiting.
    """
    site = Site()
    site.register(THEY)
    event = site.propose(
        FIRST, SECOND, THIRD, title="The boat needs a new mast", zone="Europe/Paris"
    )
    token = site.token(event, THEY)
    body = {"keep": [FIRST, SECOND], "et": token}
    assert site.ask("PATCH", event["url"], json=body).is_success
    agreed = site.propose(COMING, title="Lunch", parties=[YOU, THEY])
    assert site.ask("PATCH", agreed["url"], THEY, json={"keep": [COMING]}).is_success
    gone = site.propose(FIRST, title="Too early")
    assert site.ask("DELETE", gone["url"], ROOT).is_success
    told = {"parties": [YOU, THEM], "slots": [FIRST, SECOND], "invitation": True}
    assert site.ask("POST", event["notify_url"], YOU, json=told).is_success
    return site


@contextmanager
def at_work(browser: Browser, url: str, **given: Any) -> Iterator[Sight]:
    """
    Open a page, and sign in there as somebody who is staff.
    """
    with looking(browser, url, **{"scripts": False, **given}) as sight:
        page = sight.go("/login/?next=/admin/")
        page.locator("#username").fill(ROOT)
        page.locator("#password").fill(PASSWORD)
        page.locator("main button").click()
        page.locator("a[aria-current=page]").wait_for()
        yield sight
