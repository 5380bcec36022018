"""
The introductory session by other clients than HTTPie, against the real program.

With HTTPie ``make scenario`` plays it; with a browser tests/browser/test_guest_pages.py does.
"""

from __future__ import annotations

import email
import json
import re
import subprocess
from email import policy
from shutil import which
from typing import TYPE_CHECKING, Any, Protocol

import httpx2
import pytest

from tests.entry.cli_terminal import YOU, Terminal
from tests.entry.http_site import PASSWORD, THEM, THEY
from tests.patience import PATIENCE, until
from tests.serving import serving


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


# As they stand on the table, and as somebody elsewhere writes the same instants.
TYPED = [
    {"begin": "2022-11-01T01:11:22.02", "duration": "00:10"},
    {"begin": "2022-11-01T01:11:22+02", "duration": "00:20"},
    {"begin": "2022-11-01T01:11:22-02", "duration": "00:30"},
]
READ = [
    {"begin": "2022-10-31T23:11:22Z", "duration": "00:00:20"},
    {"begin": "2022-11-01T01:11:22.020000Z", "duration": "00:00:10"},
    {"begin": "2022-11-01T03:11:22Z", "duration": "00:00:30"},
]
ELSEWHERE = [TYPED[0], {"begin": "2022-11-01T00:11:22+01:00", "duration": "00:20"}]
OTHER = [TYPED[0], {"begin": "2022-11-01T02:11:22+01:00", "duration": "00:20"}]


class Client(Protocol):
    """
    Something that sends requests.
    """

    def __call__(self, method: str, url: str, *headers: str, user: str, body: Any) -> Any:
        """
        Send one; gives the status and the answer as text.
        """


def by_curl(method: str, url: str, *headers: str, user: str, body: Any) -> tuple[int, str]:
    """
    Send a request with curl.
    """
    words = ["curl", "--silent", "--show-error", "--noproxy", "*", "--request", method, url]
    words += [word for header in headers for word in ("--header", header)]
    words += ["--write-out", "\n%{http_code}"] + (["--user", user] if user else [])
    if body is not None:
        words += ["--header", "Content-Type: application/json", "--data-binary", "@-"]
    done = subprocess.run(
        words, input=json.dumps(body), capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    answer, _, status = done.stdout.rpartition("\n")
    return int(status), answer


def by_httpx(method: str, url: str, *headers: str, user: str, body: Any) -> tuple[int, str]:
    """
    Send a request with Python's httpx2.
    """
    name, _, password = user.partition(":")
    answer = httpx2.request(
        method,
        url,
        headers=dict(header.split(": ") for header in headers),
        auth=(name, password) if user else None,
        json=body,
        timeout=PATIENCE,
        trust_env=False,
    )
    return answer.status_code, answer.text


@pytest.fixture(params=[by_curl, by_httpx])
def client(request: pytest.FixtureRequest) -> Client:
    """
    Take each client in turn that there is.
    """
    if request.param is by_curl and which("curl") is None:
        pytest.skip("there is no curl")
    chosen: Client = request.param
    return chosen


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    """
    Name a folder for letters.
    """
    return tmp_path / "mail"


@pytest.fixture
def url(tmp_path: Path, mail: Path) -> Iterator[str]:
    """
    Serve an empty database at which you are registered.
    """
    terminal = Terminal.of(tmp_path)
    terminal.done("user", "add", YOU, "--password-stdin", stdin=f"{PASSWORD}\n")
    settings = {"CALNDRO_EMAIL_BACKEND": "filebased", "CALNDRO_EMAIL_FILE_PATH": str(mail)}
    with serving(terminal, **settings) as address:
        yield address


def token_for(address: str, mail: Path) -> str:
    """
    Read the token out of somebody's letter, as soon as it has come.
    """

    def read() -> str | None:
        for file in mail.glob("*.eml"):
            letter = email.message_from_bytes(file.read_bytes(), policy=policy.default)
            text = letter.get_body(("plain",))
            if str(letter["To"]) == address and text is not None:
                found = re.search(r"[?&]et=([0-9a-f]{40})\b", text.get_content())
                assert found is not None
                return found.group(1)
        return None

    token = until(read)
    assert token is not None
    return token


def test_the_session(client: Client, url: str, mail: Path) -> None:
    """
    Propose, notify, look by a letter's token, narrow, notify back: each step ends as announced.
    """

    def ask(status: int, method: str, path: str, *headers: str, body: Any = None) -> Any:
        user = "" if headers or "?et=" in path or "et" in (body or ()) else f"{YOU}:{PASSWORD}"
        given, text = client(method, f"{url}{path}", *headers, user=user, body=body)
        assert given == status, text
        return json.loads(text)

    event = ask(201, "POST", "/", body={"parties": [YOU, THEY, THEM], "slots": TYPED})
    assert event["slots"] == READ
    ask(202, "POST", "/1/notify/", body={"parties": [THEY, THEM], "slots": TYPED})
    et = token_for(THEY, mail)

    assert ask(200, "GET", "/1/", body={"et": et})["slots"] == READ
    assert ask(200, "GET", f"/1/?et={et}")["slots"] == READ
    left = ask(202, "PATCH", "/1/", body={"slots": TYPED[:2], "et": et})
    assert left["slots"] == READ[:2]
    told = {"parties": [YOU, THEM], "et": et}
    ask(400, "POST", "/1/notify/", body=told | {"slots": OTHER})
    ask(202, "POST", "/1/notify/", body=told | {"slots": ELSEWHERE})

    log = ask(200, "GET", "/1/log/")
    kinds = [entry["occurrence"] for entry in log["entries"]]
    assert kinds == ["UPDATE", *["NOTIFY"] * 2, *["VIEW"] * 2, "UPDATE", *["NOTIFY"] * 2]
    assert et not in json.dumps(log)
    assert ask(200, "GET", "/openapi.json")["openapi"].startswith("3.1")
    right = {"username": YOU, "password": PASSWORD}
    made = ask(200, "POST", "/api-token-auth/", "Accept: */*", body=right)
    (listed,) = ask(200, "GET", "/", f"Authorization: Token {made['token']}")
    assert listed["id"] == event["id"]
    ask(401, "GET", "/", f"Authorization: Token {'0' * 40}")
