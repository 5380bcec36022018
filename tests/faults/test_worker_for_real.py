"""
A server and a worker of Celery, as an operator starts them.
"""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx2
import pytest

from calndro import connect
from calndro.adapters.sql.storage import SqlStorage
from tests.adapters.post_office import PostOffice
from tests.brokers import broker_at
from tests.docs.playing import ROOT, blocks, commands
from tests.patience import PATIENCE, until


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


pytestmark = [pytest.mark.slow, pytest.mark.service]

YOU, THEY = "you@here.net", "they@thar.net"
PASSWORD = "correct horse battery"


@contextmanager
def program(*words: str, log: Path, **environ: str) -> Iterator[subprocess.Popen[str]]:
    """
    Run a program of the package's, and ask it to end.
    """
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [sys.executable, "-m", *words],
            stdin=subprocess.PIPE,
            env=environ,
            cwd=log.parent,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as started,
    ):
        try:
            yield started
        finally:
            started.send_signal(signal.SIGTERM)
            started.wait(PATIENCE)


def waiting(url: str) -> int:
    """
    Count the letters that wait.
    """
    with SqlStorage(url) as storage, storage.snapshot() as work:
        return len(work.outbox.waiting())


def printed(words: list[str], environ: dict[str, str]) -> str:
    """
    Run a program to its end; gives what it printed.
    """
    done = subprocess.run(
        [sys.executable, "-m", *words], env=environ, capture_output=True, text=True, check=False
    )
    return done.stdout


def told(begin: str) -> list[str]:
    """
    Read a command of the page on workers, in words.
    """
    page = (ROOT / "docs" / "how-to" / "spread-delivery.md").read_text(encoding="utf-8")
    [found] = [
        command
        for block in blocks(page)
        if block.language == "console"
        for command, _ in commands(block.text)
        if command.startswith(begin)
    ]
    return shlex.split(found)


def test_a_worker_delivers_what_a_server_leaves(tmp_path: Path) -> None:
    """
    With a broker named, the server hands over nothing itself, and a worker hands over all.

    Each program is started as the page on workers says.
    """
    broker = broker_at("redis")
    url = f"sqlite:///{tmp_path / 'team.db'}"
    with connect(url, acting_as=YOU, staff=True):
        pass
    with PostOffice() as office:
        environ = {
            "HOME": str(tmp_path),
            "CALNDRO_DATABASE_URL": url,
            "CALNDRO_BROKER_URL": broker,
            "CALNDRO_EMAIL_BACKEND": "smtp",
            "CALNDRO_EMAIL_HOST": "127.0.0.1",
            "CALNDRO_EMAIL_PORT": str(office.port),
        }
        add = ["calndro", "user", "add", YOU, "--password-stdin"]
        with program(*add, log=tmp_path / "add", **environ) as added:
            added.communicate(PASSWORD)
        serve = [*told("calndro serve"), "--port=0", "--json"]
        with program(*serve, log=tmp_path / "server", **environ) as server:
            assert server.stdout is not None
            base = json.loads(server.stdout.readline())["url"]
            with httpx2.Client(base_url=base, auth=(YOU, PASSWORD), timeout=PATIENCE) as client:
                slot = {"begin": "2046-12-01T09:00:00Z", "duration": "01:00:00"}
                proposal = {"parties": [YOU, THEY], "slots": [slot]}
                event = client.post("/", json=proposal).raise_for_status().json()
                body = {"parties": [YOU, THEY], "slots": event["slots"]}
                client.post(f"/{event['id']}/notify/", json=body).raise_for_status()
        assert (office.letters, waiting(url)) == ([], 2)

        celery = "celery --app calndro.entry.worker"
        worker = [*told(f"{celery} worker"), "--concurrency=1"]
        with (
            program(*worker, log=tmp_path / "worker", **environ),
            program(*told(f"{celery} beat"), log=tmp_path / "beat", **environ),
        ):
            until(lambda: not waiting(url))
            until(lambda: "pong" in printed(told(f"{celery} inspect"), environ))
        assert [each.rcpt_tos for each in office.letters] == [[YOU], [THEY]]
    assert not list(tmp_path.glob("celerybeat*"))
