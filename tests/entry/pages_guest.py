"""
A guest that opens a link and fills in forms, for tests of the pages.
"""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from starlette.testclient import TestClient

from tests.entry.http_site import COMING, THEM, THEY, YOU, Site, portal


if TYPE_CHECKING:
    from httpx2 import Response


BROWSER = {
    "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "Sec-Fetch-Site": "same-origin",
    "Accept-Language": "en-GB,en;q=0.5",
}
NEXT = {"begin": "2096-12-02T09:00:00Z", "duration": "01:00:00"}
LAST = {"begin": "2096-12-03T09:00:00Z", "duration": "00:30:00"}
A, B, C = (
    "2096-12-01T09:00:00Z/PT1800S",
    "2096-12-02T09:00:00Z/PT3600S",
    "2096-12-03T09:00:00Z/PT1800S",
)


class Forms(HTMLParser):
    """
    Reads what a browser would send if each form of a page were submitted as it is.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, list[tuple[str, str]]]] = []
        self._name = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """
        Note a form, or a field of the last form.
        """
        given = dict(attrs)
        if tag == "form":
            self.found.append((given.get("action") or "", []))
        if tag == "select":
            self._name = given.get("name") or ""
        name, value = given.get("name") or "", given.get("value") or ""
        kind = given.get("type") or "text"
        is_sent = kind not in {"radio", "checkbox", "submit", "reset"} or "checked" in given
        if tag == "input" and self.found and is_sent and name:
            self.found[-1][1].append((name, value))
        if tag == "option" and "selected" in given:
            self.found[-1][1].append((self._name, value))


class Guest:
    """
    Somebody with a link and a browser.

    Args:
        site: The server.
        who: To whom the letter goes.
        zone: Of the event.
    """

    def __init__(self, site: Site | None = None, who: str = THEY, zone: str = "UTC") -> None:
        self.site = site or Site()
        self.event = self.site.propose(COMING, NEXT, LAST, title="Mast", zone=zone)
        self.who = who
        self.token = self.site.token(self.event, who)
        self.headers = dict(BROWSER)
        self.client = TestClient(
            self.site.app, base_url="http://calndro.here.net", follow_redirects=False
        )
        self.client.portal = portal()

    def open(self) -> Response:
        """
        Follow the link of the letter, to the end.
        """
        return self.follow(self.get(f"/1/?et={self.token}"))

    def get(self, path: str, **headers: str) -> Response:
        """
        Ask for a page.
        """
        return self.client.get(path, headers=self.headers | headers)

    def follow(self, answer: Response) -> Response:
        """
        Go where an answer sends a browser.
        """
        while answer.status_code == 303:
            answer = self.get(answer.headers["Location"])
        return answer

    def post(self, path: str, **fields: Any) -> Response:
        """
        Send a form.
        """
        sent = {"as": self.who, **fields}
        return self.client.post(path, data=sent, headers=self.headers)

    def answer(self, press: str = "save", **chosen: Any) -> Response:
        """
        Send the form about slots, of which three are shown.
        """
        works, fails = chosen.pop("works", ()), chosen.pop("fails", ())
        fields = {"press": press, "seen": [A, B, C], "since": "3", **chosen}
        fields |= {f"slot:{slot}": "works" for slot in works}
        fields |= {f"slot:{slot}": "fails" for slot in fails}
        return self.post("/1/answer/", **fields)

    def happened(self) -> list[str]:
        """
        Name what the log has since the letter was promised.
        """
        return [entry["occurrence"] for entry in self.site.log(self.event)[2:]]

    def current(self) -> dict[str, Any]:
        """
        Read the event as a program does.
        """
        event: dict[str, Any] = self.site.ask("GET", "/", YOU).json()[0]
        return event


def agree(guest: Guest) -> Response:
    """
    Have all three parties agree on the second time, and give the guest's page then.
    """
    guest.open()
    guest.answer("only", works=[B])
    body = {"keep": [NEXT]}
    assert guest.site.ask("PATCH", "/1/", YOU, json=body).is_success
    token = guest.site.token(guest.current(), THEM)
    assert guest.site.ask("PATCH", f"/1/?et={token}", json=body).is_success
    return guest.get("/1/")


def words(answer: Response) -> str:
    """
    Take the words of a page, with one blank between them, and plain dashes.
    """
    return text_of(answer.text)


def text_of(page: str) -> str:
    """
    Take the words of a page's source.
    """
    text = unescape(re.sub(r"<[^>]+>", " ", page)).replace("\u2013", "-")
    return " ".join(text.split())


PARTIES = [YOU, THEY, THEM]
