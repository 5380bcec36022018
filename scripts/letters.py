"""
Draws the pictures of letters in docs/pictures/letters; needs chromium, pngquant and no network.

    python scripts/letters.py [FOLDER]
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from email import message_from_bytes, policy
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from calndro.adapters.letter import Letterhead, octets, write
from calndro.adapters.memory import (
    MemoryClock,
    MemoryNotifier,
    MemoryPasswords,
    MemorySecrets,
    MemoryStorage,
)
from calndro.core.access import Caller
from calndro.core.notice import Kind
from calndro.core.party import Address
from calndro.usecases import events, letters, updates
from calndro.usecases.services import Services, Terms


if TYPE_CHECKING:
    from calndro.core.dispatch import Dispatch


FOLDER: Final = Path(__file__).parent.parent / "docs" / "pictures" / "letters"
LETTERHEAD: Final = Letterhead("https://meet.example.org", "Meeting desk <desk@example.org>")
PHONE, DESK = 375, 800
PICTURES: Final = (
    ("invitation", Kind.INVITATION, PHONE, ""),
    ("invitation", Kind.INVITATION, DESK, ""),
    ("invitation", Kind.INVITATION, DESK, "text"),
    ("agreed", Kind.AGREED, PHONE, ""),
    ("agreed", Kind.AGREED, PHONE, "dark"),
    ("agreed", Kind.AGREED, DESK, ""),
    ("cancelled", Kind.CANCELLED, PHONE, ""),
    ("cancelled", Kind.CANCELLED, PHONE, "dark"),
    ("cancelled", Kind.CANCELLED, DESK, "text"),
)

MEASURE: Final = """<!DOCTYPE html><body style="margin:0"><iframe width="{width}" height="100"
style="border:0" srcdoc="{page}"></iframe><script>onload = () => document.body.append(
"height=" + document.querySelector("iframe").contentDocument.documentElement.scrollHeight)</script>
"""


def played() -> dict[Kind, Dispatch]:
    """
    Play a story and keep the last letter of each kind.
    """
    storage, carrier = MemoryStorage(), MemoryNotifier()
    services = Services(
        unit_of_work=storage.unit_of_work,
        snapshot=storage.snapshot,
        notifier=lambda: carrier,
        clock=MemoryClock(),
        secrets=MemorySecrets(),
        passwords=MemoryPasswords(),
        scrub=lambda: None,
        terms=Terms(),
    )
    me, she, they = (f"{name}@{name}.net" for name in ("here", "thar", "whar"))
    callers = {name: Caller(Address.parse(name)) for name in (me, she, they)}
    table = ["2026-12-01T09:00/PT45M", "2026-12-01T16:30/PT45M", "2026-12-03T09:00/PT45M"]
    event = events.propose(
        services,
        callers[me],
        parties=[me, she, they],
        slots=table,
        title="Plans for the new reading room",
        zone="Europe/Paris",
    )
    for party in (she, they):
        events.notify(services, callers[me], event.id, [party], table, invitation=True)
    letters.deliver(services)
    updates.narrow(services, callers[she], event.id, table[1:])
    updates.narrow(services, callers[they], event.id, table[2:])
    updates.narrow(services, callers[me], event.id, table[2:])
    letters.deliver(services)
    updates.replace(services, callers[they], event.id, ["2026-12-04T14:00/PT1H"])
    letters.deliver(services)
    return {each.notice.kind: each for each in carrier.delivered if each.recipient == she}


def pages(dispatch: Dispatch) -> tuple[str, str]:
    """
    Write a letter and take its HTML, and its text on a page.
    """
    content = octets(write(dispatch, LETTERHEAD, MemoryClock().now()), "\n")
    message = message_from_bytes(content, policy=policy.default)
    html, text = (message.get_body((kind,)) for kind in ("html", "plain"))
    if html is None or text is None:
        raise LookupError("a letter lacks a form")
    form = "margin:0;padding:16px;background:#fff;font:14px/1.4 monospace;white-space:pre-wrap"
    return html.get_content(), f'<body style="margin:0"><pre style="{form}">' + escape(
        text.get_content()
    )


def run(program: str, *options: str) -> str:
    """
    Run a program and give what it prints.
    """
    place = shutil.which(program)
    if place is None:
        raise LookupError(f"{program} is not installed")
    command = [place, *options]
    # Nothing in it comes from outside.
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603


def chromium(folder: Path, page: str, *options: str) -> str:
    """
    Show a page to Chromium without a screen.
    """
    file = folder / "page.html"
    file.write_text(page, encoding="utf-8")
    return run(
        "chromium",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        f"--user-data-dir={folder / 'profile'}",
        *options,
        file.as_uri(),
    )


def draw(folder: Path, page: str, width: int, target: Path, *options: str) -> None:
    """
    Draw the whole of a page.
    """
    measured = chromium(folder, MEASURE.format(width=width, page=escape(page)), "--dump-dom")
    found = re.search(r"height=(\d+)", measured)
    if found is None:
        raise LookupError("Chromium did not measure the page")
    size = f"--window-size={width},{found[1]}"
    chromium(folder, page, size, f"--screenshot={target}", *options)
    run("pngquant", "--force", "--ext=.png", "32", str(target))


def main() -> None:
    """
    Draw all pictures.
    """
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    target.mkdir(parents=True, exist_ok=True)
    found = played()
    with TemporaryDirectory() as folder:
        for name, kind, width, form in PICTURES:
            html, text = pages(found[kind])
            picture = target / f"{'-'.join(filter(None, (name, str(width), form)))}.png"
            dark = ["--blink-settings=preferredColorScheme=0"] if form == "dark" else []
            draw(Path(folder), text if form == "text" else html, width, picture, *dark)
            sys.stdout.write(f"{picture}\n")


if __name__ == "__main__":
    main()
