"""
A month of slots, four parties answering at once, a restart: with the real programs.
"""

from __future__ import annotations

import email
import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from email import policy
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from tests.free_ports import free_port
from tests.patience import PATIENCE, until


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


YOU = "you@here.net"
GUESTS = [f"{name}@thar.net" for name in ("ada", "ben", "cai", "dee")]
ZONES = ["UTC", "Europe/Paris", "Asia/Kathmandu", "America/St_Johns", "Pacific/Auckland"]
AGREED = 15


class Instance:
    """
    One instance: its database, its settings, and the programs that work on it.
    """

    def __init__(self, folder: Path, surroundings: pytest.MonkeyPatch) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.mail = folder / "mail"
        environment = {
            "CALNDRO_DATABASE_URL": f"sqlite:///{folder / 'story.db'}",
            "CALNDRO_EMAIL_BACKEND": "filebased",
            "CALNDRO_EMAIL_FILE_PATH": str(self.mail),
            "CALNDRO_PUBLIC_URL": self.url,
            "CALNDRO_USER": YOU,
        }
        for name, value in environment.items():
            surroundings.setenv(name, value)

    def calndro(self, *arguments: str, given: str = "") -> str:
        """
        Run the command line, which must succeed, and give what it prints.
        """
        command = [sys.executable, "-m", "calndro", *arguments]
        done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextmanager
    def serving(self) -> Iterator[None]:
        """
        Run the server until the block ends.
        """
        command = [sys.executable, "-m", "calndro", "serve", "--port", str(self.port)]
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as server:
            try:
                until(self._is_ready)
                yield
            finally:
                server.terminate()
                assert server.wait(PATIENCE) == 0

    def _is_ready(self) -> bool:
        try:
            answer = httpx2.get(f"{self.url}/readyz", timeout=PATIENCE)
        except httpx2.TransportError:
            return False
        return answer.status_code == httpx2.codes.OK

    def tokens(self) -> dict[str, str]:
        """
        Read the token out of the letter that each recipient got.
        """
        found = {}
        for file in self.mail.glob("*.eml"):
            letter = email.message_from_bytes(file.read_bytes(), policy=policy.default)
            body = letter.get_body(("plain",))
            assert body is not None
            token = re.search(r"[?&]et=([0-9a-f]{40})\b", body.get_content())
            assert token is not None
            found[str(letter["To"])] = token.group(1)
        return found


def a_month() -> str:
    """
    Write thirty days of slots, one a line, each in one of five zones.
    """
    return "".join(
        f"2096-09-{day:02}T{9 + day % 8:02}:15[{ZONES[day % len(ZONES)]}]/PT45M\n"
        for day in range(1, 31)
    )


def looked(url: str, token: str) -> Any:
    """
    Look at something over HTTP by the token of a letter.
    """
    return httpx2.get(url, params={"et": token}, timeout=PATIENCE).json()


def narrowed(url: str, token: str, keep: list[Any]) -> Any:
    """
    Narrow an event over HTTP with the token of a letter.
    """
    answer = httpx2.patch(f"{url}/1/", json={"keep": keep, "et": token}, timeout=PATIENCE)
    assert answer.status_code == httpx2.codes.ACCEPTED, answer.text
    return answer.json()


@pytest.mark.slow
def test_a_month_of_slots_is_narrowed_by_four_guests_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    From piped slots to agreement, with a restart between, the log shows every step.
    """
    instance = Instance(tmp_path, monkeypatch)
    parties = [option for guest in GUESTS for option in ("--party", guest)]
    proposed = json.loads(
        instance.calndro(
            "propose", "--party", YOU, *parties, "--slot", "-", "--json", given=a_month()
        )
    )
    assert len(proposed["slots"]) == 30
    invited = [option for guest in GUESTS for option in ("--to", guest)]
    instance.calndro("notify", "1", *invited, "--invitation")
    tokens = instance.tokens()
    assert sorted(tokens) == GUESTS
    slots = proposed["slots"]
    wishes = {
        guest: [slot for n, slot in enumerate(slots, 1) if n % (place + 2) or n == AGREED]
        for place, guest in enumerate(GUESTS)
    }

    with instance.serving(), ThreadPoolExecutor(len(GUESTS)) as pool:
        answers = [
            pool.submit(narrowed, instance.url, tokens[guest], wish)
            for guest, wish in wishes.items()
        ]
        assert all(answer.result()["id"] == 1 for answer in answers)
    left = [slot for slot in slots if all(slot in wish for wish in wishes.values())]
    with instance.serving():
        seen = looked(f"{instance.url}/1/", tokens[GUESTS[0]])
        assert seen["slots"] == left
        assert seen["waiting_on"] == []
        chosen = [slots[AGREED - 1]]
        assert narrowed(instance.url, tokens[GUESTS[3]], chosen)["status"] == "agreed"
        over_http = looked(f"{instance.url}/1/log/", tokens[GUESTS[1]])

    log = json.loads(instance.calndro("log", "1", "--json"))
    assert log["entries"][: len(over_http["entries"])] == over_http["entries"]
    kinds = [entry["occurrence"] for entry in log["entries"]]
    assert (
        kinds == ["UPDATE"] + ["NOTIFY"] * 4 + ["UPDATE"] * 4 + ["VIEW", "UPDATE"] + ["NOTIFY"] * 5
    )
    effectors = {entry["effector"] for entry in log["entries"]}
    assert effectors == {YOU, *GUESTS}
    for token in tokens.values():
        assert token not in json.dumps(log)
