"""
What is secret is written nowhere: not in the database, a log, an answer or an export.
"""

from __future__ import annotations

import json
import logging
import re
from hashlib import sha256
from typing import TYPE_CHECKING, NoReturn

import attrs
import pytest
from starlette.testclient import TestClient

from calndro.adapters.sql.storage import SqlStorage
from calndro.core.errors import DeliveryError, StorageError
from calndro.entry.http import HttpTerms, create_app
from calndro.entry.http.logs import JsonLines, PlainLines
from calndro.usecases import accounts
from tests.entry.cli_terminal import Terminal
from tests.entry.http_site import STRANGER, THEY, YOU, Site
from tests.worlds import caller


if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


AWAY = 7
"""What a command ends with whose database or mail server is away."""
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


CANARIES = {
    "CALNDRO_SECRET_KEY": "canary-of-the-secret-key-0123456789",
    "CALNDRO_EMAIL_HOST_PASSWORD": "canary-of-the-mail-server",
    "CALNDRO_PASSWORD": "canary-of-a-server",
    "CALNDRO_BROKER_URL": "redis://calndro:canary-of-the-broker@127.0.0.1:1/0",
    "CALNDRO_LIMITS_URL": "redis://calndro:canary-of-the-limits@127.0.0.1:1/0",
}
DATABASES = (
    {"CALNDRO_DATABASE_URL": "postgresql+psycopg://you:canary-of-the-database@127.0.0.1:1/none"},
    {
        "CALNDRO_DATABASE_ENGINE": "postgresql",
        "CALNDRO_DATABASE_NAME": "none",
        "CALNDRO_DATABASE_USER": "you",
        "CALNDRO_DATABASE_PASSWORD": "canary-of-the-database",
        "CALNDRO_DATABASE_HOST": "127.0.0.1",
        "CALNDRO_DATABASE_PORT": "1",
    },
)


@pytest.mark.parametrize("database", DATABASES)
def test_no_command_tells_a_secret(tmp_path: Path, database: dict[str, str]) -> None:
    """
    Neither the settings as shown, nor an example of them, nor what fails to work tells a secret.
    """
    terminal = Terminal.of(tmp_path)
    told = ""
    for words in (["config"], ["config", "--example"], ["outbox", "list"]):
        for more in ([], ["--json"]):
            result = terminal.program(*words, *more, **CANARIES, **database)
            assert result.returncode in {0, AWAY}, result.stderr
            told += result.stdout + result.stderr

    assert "canary" not in told
    assert "CALNDRO_EMAIL_HOST_PASSWORD" in told
    assert "127.0.0.1" in told


def test_a_list_of_waiting_letters_tells_no_secret(tmp_path: Path) -> None:
    """
    Letters that could not be sent are listed without a link, nor what signs in at the server.
    """
    terminal = Terminal.of(tmp_path)
    mail = {
        "CALNDRO_EMAIL_BACKEND": "smtp",
        "CALNDRO_EMAIL_HOST": "127.0.0.1",
        "CALNDRO_EMAIL_PORT": "1",
        "CALNDRO_EMAIL_HOST_USER": "you",
        "CALNDRO_EMAIL_HOST_PASSWORD": CANARIES["CALNDRO_EMAIL_HOST_PASSWORD"],
    }
    slot = "2096-12-01T09:00Z/PT30M"
    sent = terminal.program("propose", "--party", THEY, "--slot", slot, "--notify", **mail)
    listed = [terminal.program("outbox", "list", *more, **mail) for more in ([], ["--json"])]
    told = "".join(each.stdout + each.stderr for each in (sent, *listed))

    assert sent.returncode == AWAY
    assert THEY in listed[0].stdout
    assert len(json.loads(listed[1].stdout)) == 1
    assert "canary" not in told
    assert not re.search(r"\b[0-9a-f]{40}\b", told)


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_no_error_page_tells_a_secret(accept: str) -> None:
    """
    What goes wrong in a port or in the program is answered without what its message holds.
    """
    site = Site()
    for error, status in (
        (StorageError(f"no connection to you:{CANARY}@127.0.0.1"), 503),
        (DeliveryError(f"the server refused {CANARY}"), 503),
        (ZeroDivisionError(CANARY), 500),
    ):
        app = create_app(attrs.evolve(site.services, check=failing(error)), HttpTerms())
        client = TestClient(app, raise_server_exceptions=False)
        answer = client.get("/readyz", headers={"Accept": f"{accept},*/*;q=0.1"})
        assert answer.status_code == status
        assert CANARY not in f"{answer.headers} {answer.text}"
        assert accept.partition("/")[2] in answer.headers["Content-Type"]


def failing(error: Exception) -> Callable[[], NoReturn]:
    """
    Make what raises an error.
    """

    def fail() -> NoReturn:
        raise error

    return fail
