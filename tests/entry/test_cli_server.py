"""
The server and its description, as the command line starts them.
"""

from __future__ import annotations

import gc
import json
import platform
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from calndro.entry.cli import app, server
from tests.entry.cli_terminal import FIRST, THEY, Terminal
from tests.patience import PATIENCE, until
from tests.servers import served
from tests.serving import serving


if TYPE_CHECKING:
    from uvicorn import Config


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """
    Give a machine with an empty home.
    """
    return Terminal.of(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_serve_answers_and_stops(terminal: Terminal, workers: str) -> None:
    """
    One process or several serve the same database, and end when told to.
    """
    terminal.propose(FIRST)
    with (
        serving(terminal, "--workers", workers) as url,
        urllib.request.urlopen(  # noqa: S310 - our own server
            f"{url}/healthz", timeout=PATIENCE
        ) as answer,
    ):
        assert answer.status == 200


TOLD_AT_ONCE = """
import signal
from calndro.entry.cli import session
from calndro.entry.cli.app import main
session.answer = lambda _: signal.raise_signal(signal.SIGTERM)
main()
"""


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_serve_ends_well_as_soon_as_it_has_begun(terminal: Terminal, workers: str) -> None:
    """
    Who tells it to stop the moment it has said where it is finds no fault either.
    """
    terminal.environ["CALNDRO_RATE_LIMITS"] = "off"
    words = terminal.command("serve", "--port", "0", "--json", "--workers", workers)
    module = words.index("-m")
    words[module : module + 2] = ["-c", TOLD_AT_ONCE]
    done = subprocess.run(words, capture_output=True, timeout=PATIENCE, check=False)

    assert (done.returncode, done.stderr) == (0, b"")


def test_serve_listens_nowhere_unsaid(terminal: Terminal) -> None:
    """
    A host of a variable that is not set does not open the server to everybody.
    """
    assert "--host has no value" in terminal.refused(2, "serve", "--host", "")


@pytest.mark.parametrize("url", ["memory://", "sqlite://"])
def test_workers_share_their_database(terminal: Terminal, url: str) -> None:
    """
    Several workers of which each would have a database of its own are refused.
    """
    said = terminal.refused(2, "serve", "--db", url, "--workers", "2")

    assert f"{url} is in memory, where each of 2 workers has its own" in said


@pytest.mark.slow
def test_letters_stay_out_of_json(terminal: Terminal, tmp_path: Path) -> None:
    """
    With --json a server says on stdout where it is, and prints its letters on stderr.
    """
    number = terminal.propose(FIRST)
    terminal.environ["CALNDRO_EMAIL_BACKEND"] = "console"
    terminal.done("notify", str(number), "--all", "--no-deliver")
    with (tmp_path / "errors").open("w+") as errors:
        process = subprocess.Popen(
            terminal.command("serve", "--port", "0", "--json"),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        until(lambda: f"To: {THEY}" in (tmp_path / "errors").read_text())
        process.terminate()
        said, _ = process.communicate(timeout=PATIENCE)

    assert list(json.loads(said)) == ["url"]


HEAP_BYTES = 64 * 2**20

HOARDING = """
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
together = Barrier(3)
def hoard(_):
    kept = [bytes(1000) for _ in range(1000)]
    together.wait()
    return kept
with ThreadPoolExecutor(3) as pool:
    kept = list(pool.map(hoard, range(3)))
print("ready", flush=True)
input()
"""


def heaps(process: int) -> int:
    """
    Count the heaps that glibc has given to threads: each reserves 64 MiB, aligned to that.
    """
    text = Path(f"/proc/{process}/maps").read_text(encoding="utf-8")
    spans = [
        tuple(int(each, 16) for each in span) for span in re.findall(r"(?m)^(\w+)-(\w+)", text)
    ]
    return sum(
        used[0] % HEAP_BYTES == 0 and used[1] == rest[0] and rest[1] - used[0] == HEAP_BYTES
        for used, rest in pairwise(spans)
    )


@pytest.mark.slow
@pytest.mark.parametrize(("workers", "most"), [("1", 0), ("2", 1)])
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has several heaps")
def test_threads_share_a_heap(terminal: Terminal, tmp_path: Path, workers: str, most: int) -> None:
    """
    Busy threads of a server use one heap; those of any other program have their own.

    A worker has one more, for the pulse that uvicorn begins before all else.
    """
    with (
        served(terminal, tmp_path / "log", "--workers", workers) as started,
        ThreadPoolExecutor(8) as pool,
    ):
        for answer in pool.map(urllib.request.urlopen, [f"{started.url}/readyz"] * 200):
            with answer:
                assert answer.status == 200
        parent = started.process.pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="utf-8")
        assert max(heaps(each) for each in (parent, *map(int, children.split()))) == most

    with subprocess.Popen(
        [sys.executable, "-c", HOARDING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as control:
        assert control.stdout is not None
        assert control.stdout.readline() == "ready\n"
        assert heaps(control.pid) >= 2
        control.communicate("\n")


def test_serve_collects_garbage_as_usual(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A command that ends soon collects next to nothing; a server begins with it again.
    """
    usual, seen = gc.get_threshold(), []
    told_to_stop = signal.getsignal(signal.SIGTERM)

    def run(config: Config, listener: socket.socket) -> None:
        assert config.workers == 1
        listener.close()
        seen.append(gc.get_threshold())

    monkeypatch.setattr(server, "_run", run)
    monkeypatch.setattr(app, "app", lambda **_: terminal.done("serve", "--port", "0"))
    try:
        app.main()
    finally:
        gc.set_threshold(*usual)
        signal.signal(signal.SIGTERM, told_to_stop)

    assert seen == [usual]


def test_serve_at_a_taken_port(terminal: Terminal) -> None:
    """
    A port that somebody else has is one sentence, and the status for the world outside.
    """
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        said = terminal.refused(7, "serve", "--port", port)

    assert said.startswith(f"calndro: can't listen on 127.0.0.1, port {port}: ")


def test_openapi_in_both_forms(terminal: Terminal) -> None:
    """
    The description is YAML for people and the same as JSON for machines.
    """
    document = terminal.json("openapi")

    assert document["openapi"].startswith("3.1")
    assert {"/", "/{id}/", "/{id}/notify/", "/{id}/log/"} <= document["paths"].keys()
    assert terminal.done("openapi").startswith('openapi: "3.1')


def test_deliver_watch_goes_on(terminal: Terminal) -> None:
    """
    ``deliver --watch`` sends what waits and does not end by itself.
    """
    terminal.propose(FIRST)
    terminal.done("notify", "1", "--to", THEY, "--no-deliver")

    process = subprocess.Popen(
        terminal.command("deliver", "--watch", "--json"),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process:
        sent = json.loads(process.stdout.readline())
        assert process.poll() is None
        process.terminate()

    assert (sent["recipient"], sent["outcome"]) == (THEY, "sent")
