"""
Take the pictures of the pages in docs/pictures again, with a real browser.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
ADMIN = {
    "events": "/admin/events/",
    "event": "/admin/events/1/",
    "users": "/admin/users/",
    "user": "/admin/user/?email=they@thar.net",
    "erase": "/admin/erase/?email=they@thar.net",
    "outbox": "/admin/outbox/",
}
BY_NIGHT = {"answer", "agreed", "saved"}
"""The scenes that are shown in the dark as well, on a phone."""

# The stage is the tests'.
sys.path.insert(0, str(ROOT))

from scripts.shrinking import keep  # noqa: E402  # needs the path
from tests.browser import scenes  # noqa: E402  # likewise
from tests.browser.sight import NARROW, WIDE, browsing, looking, serving  # noqa: E402  # likewise
from tests.browser.stage import at_work, staged  # noqa: E402  # likewise


def show_admin(browser: Browser) -> None:
    """
    Take the pictures of the pages for staff, and of the description of the API.
    """
    folder = PICTURES / "admin"
    with serving(staged().app) as url:
        with looking(browser, url) as sight:
            sight.go("/docs/").set_viewport_size({"width": WIDE, "height": 1000})
            sight.page.locator(".opblock").first.wait_for()
            keep(browser, sight.page.screenshot(), folder / "docs.png")
        with at_work(browser, url) as sight:
            for name, path in ADMIN.items():
                _show(browser, sight.go(path), folder / name)


def show_pages(browser: Browser) -> None:
    """
    Take the pictures of the pages behind the link, in each of their states.
    """
    folder = PICTURES / "pages"
    site = scenes.staged()
    expired = scenes.expired_link(site)
    zone = {"locale": "en-GB", "timezone_id": "Asia/Kathmandu"}
    with serving(site.app) as url:
        for scene in scenes.SCENES:
            with scenes.played(browser, url, site, scene, expired, **zone) as page:
                _show(browser, page, folder / scene.name)
                if scene.name in BY_NIGHT:
                    page.emulate_media(color_scheme="dark")
                    _take(browser, page, NARROW, folder / f"{scene.name}-dark")


def _show(browser: Browser, page: Page, path: Path) -> None:
    for width in (NARROW, WIDE):
        _take(browser, page, width, path)


def _take(browser: Browser, page: Page, width: int, path: Path) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    # Whatever changes its colour does so at its leisure.
    page.emulate_media(reduced_motion="reduce")
    keep(browser, page.screenshot(full_page=True), path.with_name(f"{path.name}-{width}.png"))


def main() -> None:
    """
    Take them all.
    """
    for folder in ("admin", "pages"):
        (PICTURES / folder).mkdir(parents=True, exist_ok=True)
    with browsing() as browser:
        show_admin(browser)
        show_pages(browser)


if __name__ == "__main__":
    main()
