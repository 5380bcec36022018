"""
The pages behind the link in each of their states, for looking at and for checking.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import attrs

from tests.entry.http_site import PASSWORD, ROOT, STRANGER, THEM, THEY, YOU, Site
from tests.patience import PATIENCE


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page


def slot(day: str, clock: str, length: str = "00:45:00") -> dict[str, str]:
    """
    Write a slot in December 2096.
    """
    return {"begin": f"2096-12-{day}T{clock}:00Z", "duration": length}


TABLE = [
    slot("04", "08:00"),
    slot("04", "13:30"),
    slot("05", "09:00", "01:30:00"),
    slot("06", "15:00"),
]
TITLE = "The boat needs a new mast"


@attrs.frozen
class Scene:
    """
    One state of a page.

    Args:
        name: Of its picture.
        path: What to open; ``{token}`` stands for that of a guest.
        who: Who has signed in; empty for a guest with a link.
        then: What to do on the page.
    """

    name: str
    path: str
    who: str = ""
    then: Callable[[Page], Any] | None = None


def staged() -> Site:
    """
    Make a server with an event in each state.
    """
    site = Site()
    site.register(THEY)
    site.propose(*TABLE, title=TITLE, zone="Europe/Paris")
    keep(site, 1, THEY, TABLE[1:])
    agreed = [slot("08", "11:00", "01:00:00")]
    site.propose(*agreed, title="Lunch with everybody", zone="Asia/Kathmandu", parties=[YOU, THEY])
    keep(site, 2, THEY, agreed)
    site.propose(*TABLE[:3], title="Which day for the harbour", zone="Europe/Paris")
    for who in (THEY, THEM):
        site.register(who)
        keep(site, 3, who, TABLE[:3])
    site.propose(TABLE[0], title="Nothing suits", zone="Europe/Paris")
    keep(site, 4, THEY, [])
    crowd = [YOU, THEY, *(f"sailor{number}@whar.net" for number in range(1, 40))]
    site.propose(*TABLE, title="The whole fleet", zone="Europe/Paris", parties=crowd)
    site.propose(*TABLE, title="Too early", zone="Europe/Paris")
    assert site.ask("DELETE", "/6/", ROOT).is_success
    for _ in range(2):
        body = {"username": YOU, "password": PASSWORD}
        assert site.ask("POST", "/api-token-auth/", json=body).is_success
    return site


def keep(site: Site, number: int, who: str, slots: list[dict[str, str]]) -> None:
    """
    Let somebody narrow an event.
    """
    assert site.ask("PATCH", f"/{number}/", who, json={"keep": slots}).is_success


def link(site: Site, number: int, who: str) -> str:
    """
    Have a letter sent, and take the token out of it.
    """
    events = site.ask("GET", "/?all=1", ROOT).json()
    return site.token(next(each for each in events if each["id"] == number), who)


def _press(name: str) -> Callable[[Page], Any]:
    return lambda page: page.get_by_role("button", name=name).click()


def _half(page: Page) -> None:
    page.locator(".works input").nth(0).check(force=True)
    page.locator(".fails input").nth(2).check(force=True)
    page.get_by_role("button", name="Save my answer").click()


def _mistype(page: Page) -> None:
    page.get_by_text("Propose another time").click()
    page.get_by_label("Or in words").fill("tue 9-11 /35m")
    page.get_by_role("button", name="Put it on the table").click()


def _open_all(page: Page) -> None:
    for each in page.locator("summary").all():
        each.click()


def _fill(page: Page) -> None:
    page.locator("summary").click()
    page.get_by_label("From").fill("2096-12-01")
    page.get_by_label("Until").fill("2096-12-07")
    page.get_by_label("Times of day").fill("9:00")
    page.get_by_role("button", name="Fill in").click()


SCENES = (
    Scene("answer", "/1/?et={token}"),
    Scene("unchanged", "/1/?et={token}", then=_press("Save my answer")),
    Scene("sure", "/1/?et={token}", then=_press("None of these work")),
    Scene("more", "/1/?et={token}", then=_open_all),
    Scene("agreed", "/2/", YOU),
    Scene("choose", "/3/", YOU),
    Scene("staff", "/1/", ROOT, then=_open_all),
    Scene("refused", "/1/?et={token}", then=_mistype),
    Scene("void", "/4/", YOU),
    Scene("crowd", "/5/", YOU),
    Scene("log", "/1/log/?verify=1", YOU),
    Scene("deleted", "/6/", YOU),
    Scene("home", "/", YOU),
    Scene("filled", "/", YOU, then=_fill),
    Scene("like", "/?like=1", YOU),
    Scene("new", "/", STRANGER),
    Scene("sign-in", "/1/"),
    Scene("expired", "/1/?et={expired}"),
    Scene("account", "/account/", YOU),
    Scene("nothing", "/nowhere/"),
    Scene("forbidden", "/1/", STRANGER),
    Scene("sign-out", "/logout/", YOU),
    # The last one, since it changes what the others show.
    Scene("saved", "/1/?et={token}", then=_half),
)


def expired_link(site: Site) -> str:
    """
    Make a link that has expired, before any other is made.
    """
    # What else waits would go out with that letter.
    site.deliver()
    token = link(site, 1, THEM)
    site.clock.advance(timedelta(days=6))
    return token


@contextmanager
def played(
    browser: Browser, url: str, site: Site, scene: Scene, expired: str, **given: Any
) -> Iterator[Page]:
    """
    Open a page in one of its states.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 800}, **given)
    context.set_default_timeout(1000 * PATIENCE)
    page = context.new_page()
    if scene.who:
        page.goto(f"{url}/login/")
        page.get_by_label("Email address").fill(scene.who)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_load_state("networkidle")
        # The browser's zone has just been found out, for which the page loads once more.
        page.goto(f"{url}/login/", wait_until="networkidle")
    token = link(site, 1, THEM) if "{token}" in scene.path else ""
    page.goto(url + scene.path.format(token=token, expired=expired), wait_until="networkidle")
    if scene.then is not None:
        scene.then(page)
        page.wait_for_load_state("networkidle")
    yield page
    context.close()
