"""
What is secret is written nowhere: not in the database, a log, an answer or an export.
"""

from __future__ import annotations

import logging
from hashlib import sha256
from typing import TYPE_CHECKING

from calndro.adapters.sql.storage import SqlStorage
from calndro.entry.http.logs import JsonLines, PlainLines
from calndro.usecases import accounts
from tests.entry.http_site import STRANGER, THEY, YOU, Site
from tests.worlds import caller


if TYPE_CHECKING:
    from pathlib import Path

    import pytest


SEE_OTHER = 303
CANARY = "canary password 7f3a"
WRONG = "canary wrong 91bc"
OWN = {"Origin": "http://calndro.here.net"}
BROWSER = {"Accept": "text/html,*/*;q=0.8", **OWN}


class Story:
    """
    A server on a file, on which everything happens that handles secrets.

    Args:
        folder: For the database.
        caplog: Keeps what is logged.
    """

    def __init__(self, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
        self.answers: list[str] = []
        self.folder = folder
        self.secrets = {CANARY, WRONG}
        with caplog.at_level(logging.DEBUG), SqlStorage(f"sqlite:///{folder}/team.db") as storage:
            self.site = Site(storage, tells_metrics=True)
            self._play()
        lines = (JsonLines(), PlainLines())
        # The client of the tests logs for itself.
        ours = [each for each in caplog.records if not each.name.startswith("http")]
        self.logs = "\n".join(each.format(record) for record in ours for each in lines)

    def ask(self, method: str, path: str, **given: object) -> None:
        """
        Send a request and keep its answer.
        """
        answer = self.site.client.request(method, path, **given)  # type: ignore[arg-type]  # any
        # Who has shown a link gets it back: in a cookie, and where to show the page.
        hidden = ("set-cookie", "location") if answer.status_code == SEE_OTHER else ()
        headers = {name: each for name, each in answer.headers.items() if name not in hidden}
        self.answers.append(f"{headers} {answer.text}")

    def _play(self) -> None:
        site = self.site
        accounts.set_password(site.services, caller("s"), STRANGER, CANARY)
        event = site.propose()
        et = site.token(event, THEY)
        right = {"username": STRANGER, "password": CANARY}
        api = site.client.post("/api-token-auth/", json=right).json()["token"]
        cookie = site.client.post("/login/", json=right).headers["Set-Cookie"]
        session = cookie.partition("=")[2].partition(".")[0]
        self.secrets |= {et, api, session}
        for shown in ({"auth": (STRANGER, CANARY)}, {"auth": (YOU, WRONG)}, {"params": {"et": et}}):
            for path in ("/", "/1/", "/1/log/?all=1&export=1", "/1/calendar.ics", "/nowhere"):
                self.ask("GET", path, **shown)
                self.ask("GET", path, headers=BROWSER, **shown)
        for token in (f"Token {api}", f"EmailToken {et}", f"Bearer {api}"):
            self.ask("PATCH", "/1/", json={"title": "x"}, headers={"Authorization": token})
        for broken in (f'{{"et": "{et}"', f'{{"et": "{et}", "zap": 1}}'):
            json = {"Content-Type": "application/json"}
            self.ask("PATCH", "/1/", content=broken, headers=json | OWN)
        accounts.set_staff(site.services, caller("s"), STRANGER, staff=True)
        for path in ("/api-tokens/", "/users/", f"/users/{STRANGER}/", "/metrics", "/openapi"):
            self.ask("GET", path, headers={"Authorization": f"Token {api}"})
        for path in ("users/", f"user/?email={STRANGER}", "events/", "events/1/", "outbox/"):
            self.ask("GET", f"/admin/{path}", headers={"Authorization": f"Token {api}"})
        taken = {"email": STRANGER, "password": CANARY}
        self.ask("POST", "/users/", json=taken, headers={"Authorization": f"Token {api}"} | OWN)
        for path in (f"/api-tokens/{api}/", f"/{et}/tokens/"):
            self.ask("DELETE", path, headers={"Authorization": f"Token {api}"} | OWN)
        self.ask("GET", f"/{et}/")
        self.ask("GET", f"/1/{et}", headers=BROWSER)
        wrong = {"username": STRANGER, "password": WRONG}
        self.ask("POST", "/login/", data=wrong, headers=BROWSER)
        self.ask("POST", "/login/", data=wrong | {"zap": "1"}, headers=BROWSER)
        self.ask("POST", "/api-token-auth/", json=wrong)
        self.ask("GET", "/healthz", headers={"X-Request-Id": et})


def test_no_secret_is_written_down(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """
    After a story with every credential none of them is in any file, log line or answer.
    """
    story = Story(tmp_path, caplog)
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    answers = "\n".join(story.answers)

    assert len(story.secrets) == 5
    for secret in story.secrets:
        assert secret.encode() not in files
        assert secret not in story.logs
        assert secret not in answers


def test_the_search_would_find_them(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """
    What is meant to be written down is found in the same places.
    """
    story = Story(tmp_path, caplog)
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir())

    assert THEY.encode() in files
    assert "/healthz" in story.logs
    assert YOU in "\n".join(story.answers)
    assert any(
        sha256(secret.encode()).digest() in files for secret in story.secrets if len(secret) == 40
    )
