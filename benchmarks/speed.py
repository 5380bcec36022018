"""
How fast calndro answers over HTTP, as ratios to the floor in one run.

    python -m benchmarks.speed [--rounds 5] [--scale 6] [--only PATCH]

Two servers stand side by side on copies of one database. Work by work and round by round
the same requests go to the one and to the other; medians of the rounds' ratios are told.
"""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

import attrs

from benchmarks.generate import TOKEN, fill
from benchmarks.table import Row
from benchmarks.works import SHAPE, WORKS
from tests.free_ports import free_port


if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.load import Asking, Figures
    from benchmarks.works import Work


LEAST: Final = 0.5
MOST_P99: Final = 3.0
CONNECTIONS: Final = 16
SECONDS: Final = 30
PATIENCE: Final = 30


@attrs.frozen
class Server:
    """
    A server that runs.

    Args:
        kind: What it is.
        port: Where it listens on this machine.
        process: Its number.
    """

    kind: str
    port: int
    process: int


@contextmanager
def serving(kind: str, database: str) -> Iterator[Server]:
    """
    Run a server as long as it is needed.
    """
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.serving", kind, database, str(port)]
    with subprocess.Popen(command) as process:  # noqa: S603  our own module
        try:
            _await(port, process)
            yield Server(kind, port, process.pid)
        finally:
            process.terminate()


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} does not listen")


def load(server: Server, requests: list[Asking], status: int) -> Figures:
    """
    Send requests to a server, from a process of its own.
    """
    command = [sys.executable, "-m", "benchmarks.load", "--port", str(server.port)]
    command += ["--connections", str(CONNECTIONS), "--seconds", str(SECONDS)]
    task = json.dumps({"token": TOKEN, "status": status, "requests": requests})
    done = subprocess.run(command, input=task, capture_output=True, text=True, check=True)  # noqa: S603  our own module
    figures: Figures = json.loads(done.stdout)
    if figures["failed"] or not figures["count"]:
        raise RuntimeError(f"{server.kind} did not answer as it should: {figures}")
    return figures


def measured(work: Work, servers: list[Server], *, rounds: int, scale: float) -> Row:
    """
    Measure one work on calndro and the floor in turn.
    """
    count = int(work.weight * scale)
    found: dict[str, list[Figures]] = {server.kind: [] for server in servers}
    for turn in range(rounds + 1):
        requests = [work.ask(turn * count + n) for n in range(count)]
        for server in servers[:: 1 if turn % 2 else -1]:
            figures = load(server, requests, work.status)
            # The first round only warms up.
            if turn:
                found[server.kind].append(figures)
    ours, floor = found["calndro"], found["floor"]
    ratio = median(one["rate"] / other["rate"] for one, other in zip(ours, floor, strict=True))
    slower = median(one["p99"] / other["p99"] for one, other in zip(ours, floor, strict=True))
    rates = [median(each["rate"] for each in side) for side in (ours, floor)]
    tails = [median(each["p99"] for each in side) for side in (ours, floor)]
    return Row(
        work.name,
        f"{ratio:.2f}; p99 {slower:.1f} x",
        f"{LEAST}; p99 {MOST_P99:.0f} x",
        f"{rates[0]:.0f} of {rates[1]:.0f}/s; p99 {tails[0]:.1f}, {tails[1]:.1f} ms",
        ratio >= LEAST and slower <= MOST_P99,
    )


def ceiling() -> Row:
    """
    Measure what the driver can do at most, which must be well above the floor.
    """
    with serving("trivial", "") as server:
        requests: list[Asking] = [{"method": "GET", "path": "/", "body": None}] * 5000
        figures = load(server, requests, 200)
    return Row("the driver's own limit", "", "", f"{figures['rate']:.0f}/s", None)


def compare(urls: dict[str, str], *, only: str, rounds: int, scale: float) -> Iterator[Row]:
    """
    Measure all works on two databases that hold the same.
    """
    with ExitStack() as running:
        servers = [running.enter_context(serving(kind, url)) for kind, url in urls.items()]
        for work in WORKS:
            if only in work.name:
                yield measured(work, servers, rounds=rounds, scale=scale)


def on_sqlite(folder: Path, *, only: str, rounds: int, scale: float) -> Iterator[Row]:
    """
    Measure on two copies of a file.
    """
    fill(f"sqlite:///{folder / 'calndro.db'}", SHAPE)
    shutil.copy(folder / "calndro.db", folder / "floor.db")
    urls = {kind: f"sqlite:///{folder / kind}.db" for kind in ("calndro", "floor")}
    yield from compare(urls, only=only, rounds=rounds, scale=scale)


def main() -> None:
    """
    Print the figures.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scale", type=float, default=6)
    parser.add_argument("--only", default="", help="part of the name of a work")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for row in on_sqlite(Path(folder), only=asked.only, rounds=asked.rounds, scale=asked.scale):
            print(row, flush=True)


if __name__ == "__main__":
    main()
