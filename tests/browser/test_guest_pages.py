"""
The page behind the link in a real browser: the guest's whole story, and what may not happen.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.scenes import SCENES, Scene, expired_link, played, slot, staged
from tests.browser.sight import NAMED, barriers, serving
from tests.entry.http_site import COMING, PASSWORD, THEM, THEY, YOU, Site
from tests.patience import PATIENCE


if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page, Request


pytestmark = [pytest.mark.browser, pytest.mark.slow]

MOST_BYTES, MOST_BYTES_AFTER = 60_000, 20_000
PARTS = 4
"""In which the scenes are gone through, so that processes can share them."""
WEIGHED = {"answer", "crowd", "log", "home", "account", "sign-in", "expired", "nothing"}
"""One scene of each page, the heaviest."""
NEXT = slot("02", "09:00")


@contextmanager
def opened(browser: Browser, url: str, **given: Any) -> Iterator[tuple[Page, list[str]]]:
    """
    Lend a page of a browser that knows nothing, and the list of what goes wrong on it.
    """
    context = browser.new_context(**{"locale": "en-GB", "timezone_id": "UTC", **given})
    context.set_default_timeout(1000 * PATIENCE)
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request", lambda asked: wrong.append(asked.url) if not asked.url.startswith(url) else None
    )
    yield page, wrong
    context.close()


def mark(page: Page, state: str, row: int) -> None:
    """
    Choose *state*, ``Works`` or ``Doesn't work``, in a row of the table.
    """
    page.locator("tbody tr").nth(row).get_by_role("radio", name=state).check()


def save(page: Page) -> str:
    """
    Save the form, and read what the page says then.
    """
    page.get_by_role("button", name="Save my answer").click()
    return page.get_by_role("status").inner_text()


@pytest.mark.parametrize("state", ["Works", "Doesn't work"])
def test_the_smallest_screen(browser: Browser, state: str) -> None:
    """
    At 320 pixels nothing scrolls sideways and no control leaves its card, whatever is chosen.

    Source: WCAG 2.2, success criterion 1.4.10.
    """
    site = Site()
    token = site.token(site.propose(COMING, NEXT), THEY)
    size = {"width": 320, "height": 640}
    with serving(site.app) as url, opened(browser, url, viewport=size) as (page, _):
        page.goto(f"{url}/1/?et={token}", wait_until="networkidle")
        mark(page, state, 0)
        assert page.evaluate("document.documentElement.scrollWidth") == 320
        edges = page.evaluate(
            "[document.querySelector('.yours'), ...document.querySelectorAll('.yours label')].map("
            "box => box.getBoundingClientRect().right)"
        )
        assert max(edges) == edges[0]


@pytest.mark.parametrize("scripts", [True, False])
def test_from_the_letter_to_the_receipt(browser: Browser, scripts: bool) -> None:
    """
    A guest opens the link, says what works, and reads the receipt, with or without scripts.
    """
    site = Site()
    event = site.propose(COMING, NEXT, slot("03", "09:00"))
    token = site.token(event, THEY)
    sent: list[str] = []
    with serving(site.app) as url, opened(browser, url, java_script_enabled=scripts) as (page, bad):
        page.on("request", lambda asked: sent.append(asked.headers.get("referer", "")))
        page.goto(f"{url}/1/?et={token}", wait_until="networkidle")
        assert page.url == f"{url}/1/"
        assert token not in page.content()
        mark(page, "Works", 0)
        mark(page, "Doesn't work", 1)
        receipt = save(page)
        assert token not in "".join(sent) + page.url

    entry = site.log(event)[-1]
    assert f"Recorded as number {entry['id']}" in receipt
    assert entry["hash"] in receipt
    assert site.ask("GET", "/", YOU).json()[0]["kept"][THEY] == [COMING]
    assert bad == []


def test_plain_http_under_a_name(browser: Browser) -> None:
    """
    Where a browser does not trust the connection, forms work all the same, and tell no token.
    """
    site = Site()
    token = site.token(site.propose(COMING, NEXT), THEY)
    sent: list[dict[str, str]] = []
    with serving(site.app) as address:
        url = address.replace("127.0.0.1", NAMED)
        with opened(browser, url) as (page, bad):
            page.on("request", lambda asked: sent.append(asked.all_headers()))
            page.goto(f"{url}/1/?et={token}", wait_until="networkidle")
            mark(page, "Works", 0)
            assert "Recorded as number" in save(page)

    assert bad == []
    forms = [each for each in sent if "origin" in each]
    assert [each["origin"] for each in forms] == [url]
    assert not any("sec-fetch-site" in each for each in sent)
    assert token not in "".join(each.get("referer", "") for each in sent)


def test_two_guests_at_once(browser: Browser) -> None:
    """
    Two who open the page together both save, and the second is told what the first changed.
    """
    site = Site()
    event = site.propose(COMING, NEXT, slot("03", "09:00"))
    tokens = [site.token(event, who) for who in (THEY, THEM)]
    with (
        serving(site.app) as url,
        opened(browser, url) as (one, _),
        opened(browser, url) as (two, _),
    ):
        for page, token in zip((one, two), tokens, strict=True):
            page.goto(f"{url}/1/?et={token}", wait_until="networkidle")
        mark(one, "Doesn't work", 0)
        mark(one, "Works", 2)
        save(one)
        mark(two, "Doesn't work", 1)
        mark(two, "Works", 2)
        said = save(two)

    assert "taken away: Saturday 1 December 2096" in said
    now = site.ask("GET", "/", YOU).json()[0]
    assert now["slots"] == [slot("03", "09:00")]
    assert now["status"] == "agreed" or now["waiting_on"] == []


@pytest.mark.parametrize(
    ("zone", "clocks"),
    [
        ("Asia/Kathmandu", ["Sat 31 Oct 2026 21:45", "Sun 1 Nov 2026 21:45"]),
        ("America/St_Johns", ["Sat 31 Oct 2026 13:30", "Sun 1 Nov 2026 12:30"]),
    ],
)
def test_clocks_on_both_sides_of_a_change(browser: Browser, zone: str, clocks: list[str]) -> None:
    """
    The browser's zone is found out, and each day has the clock that hangs on the wall there.
    """
    site = Site()
    days = [("2026-10-31T16:00:00Z"), ("2026-11-01T16:00:00Z")]
    slots = [{"begin": day, "duration": "00:30:00"} for day in days]
    event = site.propose(*slots, zone="Europe/Paris")
    token = site.token(event, THEY)
    with serving(site.app) as url, opened(browser, url, timezone_id=zone) as (page, _):
        page.goto(f"{url}/1/?et={token}", wait_until="networkidle")
        page.get_by_text(f"Times are shown in {zone}; below in Europe/Paris").wait_for()
        rows = page.locator("tbody tr th").all_inner_texts()

    for row, clock in zip(rows, clocks, strict=True):
        assert clock in " ".join(row.split())
        assert "17:00" in row


def test_by_keyboard_alone(browser: Browser) -> None:
    """
    Whoever only has keys reaches the controls in order, sees where it is, and saves.
    """
    site = Site()
    event = site.propose(COMING, NEXT)
    token = site.token(event, THEY)
    with serving(site.app) as url, opened(browser, url) as (page, _):
        page.goto(f"{url}/1/?et={token}", wait_until="networkidle")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        for _ in range(3):
            page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.type") == "radio"
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        said = page.get_by_role("status").inner_text()

    assert "You said yes to one time" in said
    assert "You took one time off the table" in said


def test_each_control_says_all(browser: Browser) -> None:
    """
    The name of a control has the full date, the zone, and what was said so far.
    """
    site = Site()
    token = site.token(site.propose(COMING), THEY)
    with serving(site.app) as url, opened(browser, url) as (page, _):
        page.goto(f"{url}/1/?et={token}", wait_until="networkidle")
        for choice in ("Works", "Doesn't work"):
            day = r"Saturday 1 December 2096, 09:00.09:30 \(UTC\)"
            name = re.compile(rf"^{choice} ?: {day}: no answer yet so far$")
            assert page.get_by_role("radio", name=name).count() == 1
        page.goto(f"{url}/1/?zone=Asia/Kathmandu", wait_until="networkidle")
        row = page.get_by_role("rowheader").inner_text()
        assert "14:45" in row
        assert "(UTC)" in row


def test_hostile_titles(browser: Browser) -> None:
    """
    Titles and addresses that are made to do harm are shown as they are, under our policy.
    """
    site = Site()
    title = "\"'><script>document.title='gone'</script><img src=//evil.example.org/x onerror=y>"
    odd = "o'b{{7*7}}@here.net"
    event = site.propose(COMING, title=title, parties=[YOU, THEY, odd])
    token = site.token(event, THEY)
    with serving(site.app) as url, opened(browser, url) as (page, wrong):
        page.goto(f"{url}/1/?et={token}", wait_until="networkidle")
        assert page.locator("h1").inner_text() == title
        assert odd in page.locator("main").inner_text()
        page.goto(f"{url}/1/log/", wait_until="networkidle")
        assert "gone" not in page.title()[:6]

    assert wrong == []


def test_a_breach_of_the_policy_is_noticed(browser: Browser) -> None:
    """
    A script in the page, which our policy forbids, is complained of, and does not run.
    """
    site = Site()
    token = site.token(site.propose(COMING), THEY)
    with serving(site.app) as url, opened(browser, url) as (page, wrong):
        page.goto(f"{url}/1/?et={token}", wait_until="networkidle")
        page.evaluate(
            "const planted = document.createElement('script'); planted.text = 'document.title = 1';"
            "document.body.append(planted);"
        )
        assert page.title() != "1"

    assert "Content Security Policy" in " ".join(wrong)


@pytest.mark.parametrize("form", ["answer", "add", "notify", "mail", "title"])
def test_a_scanner_with_a_browser(browser: Browser, form: str) -> None:
    """
    Whatever opens the link, runs the scripts and sends a form as it came leaves one VIEW behind.
    """
    site = Site()
    event = site.propose(COMING, NEXT, title="Mast")
    token = site.token(event, THEY)
    before = site.ask("GET", "/", YOU).json()
    with serving(site.app) as url, opened(browser, url, timezone_id="Asia/Kathmandu") as (page, _):
        page.request.head(f"{url}/1/?et={token}", headers={"Accept": "text/html"})
        page.goto(f"{url}/1/?et={token}", wait_until="networkidle")
        for found in page.locator(f"form[action='/1/{form}/']").all():
            with page.expect_navigation():
                found.evaluate("form => HTMLFormElement.prototype.submit.call(form)")
            page.goto(f"{url}/1/", wait_until="networkidle")

    assert [each["occurrence"] for each in site.log(event)[2:]] == ["VIEW"]
    after = site.ask("GET", "/", YOU).json()
    assert [(each["slots"], each["kept"], each["title"]) for each in after] == [
        (each["slots"], each["kept"], each["title"]) for each in before
    ]


def test_on_paper(browser: Browser) -> None:
    """
    Printed, the page has the times and who can do them, and none of its buttons.
    """
    site = Site()
    token = site.token(site.propose(COMING), THEY)
    with serving(site.app) as url, opened(browser, url) as (page, _):
        page.goto(f"{url}/1/?et={token}", wait_until="networkidle")
        assert page.get_by_role("button", name="Save my answer").is_visible()
        page.emulate_media(media="print")
        assert not page.get_by_role("button", name="Save my answer").is_visible()
        assert page.locator(".grid .clock").is_visible()
        assert page.locator(".timeline").is_visible()
        assert page.get_by_text("Times are shown in UTC.").is_visible()


def test_without_cookies(browser: Browser) -> None:
    """
    A browser that keeps no cookies still answers, by the token in the form.
    """
    site = Site()
    event = site.propose(COMING, NEXT)
    token = site.token(event, THEY)
    with serving(site.app) as url, opened(browser, url, java_script_enabled=False) as (page, _):
        page.route("**/*", lambda route: route.continue_(headers=_bare(route.request.headers)))
        page.goto(f"{url}/1/?et={token}", wait_until="networkidle")
        page.context.clear_cookies()
        page.goto(f"{url}/1/?et={token}&cookies=asked", wait_until="networkidle")
        mark(page, "Works", 0)
        page.context.clear_cookies()
        assert "You said yes to one time" in save(page)


def test_a_link_that_ends_before_the_form_is_sent(browser: Browser) -> None:
    """
    Without cookies the page tells back what was chosen, where the eyes and the focus are.
    """
    site = Site()
    token = site.token(site.propose(COMING, NEXT), THEY)
    with serving(site.app) as url, opened(browser, url, bypass_csp=True) as (page, _):
        page.route("**/*", lambda route: route.continue_(headers=_bare(route.request.headers)))
        page.goto(f"{url}/1/?et={token}&cookies=asked", wait_until="networkidle")
        page.context.clear_cookies()
        page.goto(f"{url}/1/?et={token}&cookies=asked", wait_until="networkidle")
        mark(page, "Works", 0)
        site.clock.advance(timedelta(days=6))
        page.get_by_role("button", name="Save my answer").click()

        told = page.locator("[role=alert]:focus").inner_text()
        assert "Works: Saturday 1 December 2096, 09:00" in told
        page.get_by_role("button", name="Mail me a new link").wait_for()
        assert barriers(page) == []


def test_focus_goes_to_what_was_refused(browser: Browser) -> None:
    """
    Without scripts the keyboard is at what was wrong, and no address keeps a place in a page.
    """
    site = Site()
    with serving(site.app) as url, opened(browser, url, java_script_enabled=False) as (page, _):
        page.goto(f"{url}/login/")
        page.get_by_label("Email address").fill(YOU)
        page.get_by_label("Password").fill("wrong one")
        page.get_by_role("button", name="Sign in").click()
        page.locator("[role=alert]:focus").wait_for()
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()

        page.get_by_role("link", name="Propose a new event").click()
        assert page.url == f"{url}/#new"
        page.get_by_label("Title").fill("Mast")
        page.get_by_label("Who takes part").fill("nobody")
        page.get_by_role("button", name="Open the event").click()
        assert "nobody" in page.locator("[role=alert]:focus").inner_text()
        assert page.url == f"{url}/"
        page.get_by_role("button", name="More rows").click()
        page.locator("#date4:focus").wait_for()

        page.get_by_label("Who takes part").fill(f"{YOU} {THEY}")
        page.get_by_role("button", name="Open the event").click()
        page.get_by_role("heading", name="Mast").wait_for()
        assert page.url == f"{url}/1/?saved=1"
        # With no time on the table the form to propose one is open.
        page.get_by_label("Or in words").fill("soon")
        page.get_by_role("button", name="Put it on the table").click()
        assert "soon" in page.locator("[role=alert]:focus").inner_text()


def _bare(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name != "cookie"}


@pytest.mark.parametrize("part", range(PARTS))
def test_everybody_can_use_it(browser: Browser, part: int) -> None:
    """
    In no state has a page a fault that axe finds, nor does it overflow a small screen.
    """
    site = staged()
    expired = expired_link(site)
    found = {}
    with serving(site.app) as url:
        for scene in SCENES[part::PARTS]:
            given = {"locale": "en-GB", "timezone_id": "Asia/Kolkata", "bypass_csp": True}
            with played(browser, url, site, scene, expired, **given) as page:
                if faults := barriers(page):
                    found[scene.name] = faults

    assert found == {}


def test_barriers_are_found(browser: Browser) -> None:
    """
    Grey words on grey, a field without a name and a wide table are found out.
    """
    page = browser.new_page(bypass_csp=True)
    page.set_content(
        "<html lang=en><title>x</title><main><h1>x</h1><p style='color:#ddd;background:#eee'>pale"
        "</p><input><div style='width:2000px'>wide</div></main>"
    )
    found = " ".join(barriers(page))
    page.close()
    assert "color-contrast p at 375, light" in found
    assert "color-contrast p at 1280, dark" in found
    assert "label input at 1280, light" in found
    assert "overflows at 375" in found


def test_pages_are_light(browser: Browser) -> None:
    """
    On the wire no page weighs more than 60 kB with all it loads, nor more than 20 kB after that.
    """
    site = staged()
    expired = expired_link(site)
    many = [slot(f"{day:02}", "09:00") for day in range(1, 31)]
    crowd = [YOU, THEY, THEM, *(f"sailor{number}@whar.net" for number in range(1, 5))]
    site.propose(*many, title="Long", parties=crowd, zone="Europe/Paris")
    scenes = [each for each in SCENES if each.name in WEIGHED]
    scenes.append(Scene("long", "/7/", YOU))
    first, after = {}, {}
    with serving(site.app) as url:
        for scene in scenes:
            with played(browser, url, site, scene, expired, timezone_id="Asia/Tokyo") as page:
                address = page.url
                first[scene.name] = weighed(page, url, address, is_first=True)
                after[scene.name] = weighed(page, url, address, is_first=False)

    assert {name: weight for name, weight in first.items() if weight > MOST_BYTES} == {}
    assert {name: weight for name, weight in after.items() if weight > MOST_BYTES_AFTER} == {}
    assert len(first) == len(WEIGHED) + 1
    assert min(after.values()) > 0
    assert first["long"] > after["long"] > after["sign-in"]


def weighed(page: Page, url: str, address: str, *, is_first: bool) -> int:
    """
    Tell how many bytes come when an address is opened, by one who has nothing of it or all.
    """
    session = page.context.new_cdp_session(page)
    if is_first:
        session.send("Network.clearBrowserCache")
    requests: list[Request] = []

    def note(request: Request) -> None:
        requests.append(request)

    page.on("requestfinished", note)
    page.goto(address, wait_until="networkidle")
    page.remove_listener("requestfinished", note)
    session.detach()
    assert [each.url for each in requests if not each.url.startswith(url)] == []
    sizes = [each.sizes() for each in requests]
    return sum(each["responseBodySize"] + each["responseHeadersSize"] for each in sizes)
