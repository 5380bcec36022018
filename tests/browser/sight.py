"""
What a real browser sees of a whole server, with every name outside unresolvable.
"""

from __future__ import annotations

import shutil
import socket
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import attrs
from playwright.sync_api import sync_playwright
from uvicorn import Config, Server

from tests.patience import PATIENCE, until


if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, ConsoleMessage, Page, Request
    from starlette.types import ASGIApp


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NARROW, WIDE = 375, 1280
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""By night nothing but colours is another."""
AXE = Path(__file__).parent / "axe" / "axe.min.js"

NAMED = "team.here.net"
"""This machine under a name, by which no browser takes plain HTTP for safe."""

_NAMES = f"MAP {NAMED} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
_FLAGS = ["--no-sandbox", f"--host-resolver-rules={_NAMES}"]


# Playwright leaves a mark on the object whose methods it calls.
@attrs.define(slots=False)
class Sight:
    """
    One page of a browser, and what it complains of.

    Args:
        page: As Playwright drives it.
        url: Where the server is.
        outside: The addresses it asked for that are not the server's.
        complaints: What its console and its guard against foreign content said.
    """

    page: Page
    url: str
    outside: list[str] = attrs.field(factory=list)
    complaints: list[str] = attrs.field(factory=list)

    def go(self, path: str) -> Page:
        """
        Open an address of the server, and wait until nothing more is loaded.
        """
        self.page.goto(self.url + path, wait_until="networkidle")
        return self.page

    def note_request(self, request: Request) -> None:
        """
        Keep an address that is not the server's.
        """
        parts = urlsplit(request.url)
        if parts.scheme != "data" and not request.url.startswith(self.url + "/"):
            self.outside.append(request.url)

    def note_message(self, message: ConsoleMessage) -> None:
        """
        Keep an error of the console.
        """
        if message.type == "error":
            self.complaints.append(message.text)


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """
    Run an application on a port of its own; tells where.
    """
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server = Server(Config(app, log_config=None, lifespan="off", ws="none"))
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            until(lambda: server.started)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def browsing() -> Iterator[Browser]:
    """
    Start a browser that can reach this machine and nothing else.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        yield browser
        browser.close()


@contextmanager
def looking(
    browser: Browser, url: str, *, width: int = WIDE, scripts: bool = True, **given: Any
) -> Iterator[Sight]:
    """
    Open a page that knows nothing of others.

    Args:
        browser: As started.
        url: Where the server is.
        width: Of the screen, in pixels.
        scripts: False for a person without JavaScript.
        given: More for the context of the browser.
    """
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        java_script_enabled=scripts,
        **{"locale": "en-GB", **given},
    )
    context.set_default_timeout(1000 * PATIENCE)
    sight = Sight(context.new_page(), url)
    sight.page.on("request", sight.note_request)
    sight.page.on("console", sight.note_message)
    sight.page.on("pageerror", lambda error: sight.complaints.append(str(error)))
    yield sight
    context.close()


def barriers(page: Page) -> list[str]:
    """
    Name what keeps people from using a page: narrow or wide, by day or by night.

    The page must come from a context that bypasses its policy, since axe is no part of it.
    """
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = []
    for width in (NARROW, WIDE):
        page.set_viewport_size({"width": width, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"overflows at {width}")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            faults = page.evaluate(
                "rules => axe.run({runOnly: rules}).then(r => r.violations.map("
                "v => v.id + ' ' + v.nodes.map(n => n.target.join(' ')).join(', ')))",
                RULES if scheme == "light" else COLOURS,
            )
            found += [f"{fault} at {width}, {scheme}" for fault in faults]
    return found
