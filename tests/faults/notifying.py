"""
Notify over HTTP while the mail server is a black hole, and measure how long answers take.

Run as ``python -m tests.faults.notifying TIMES``; prints its figures as one JSON line. With
``dummy`` behind that letters are dropped instead, which tells what the machine itself takes.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import httpx2

from calndro import connect


SOURCE = Path(__file__).parents[2] / "src"
SLOT = {"begin": "2046-12-01T09:00:00Z", "duration": "01:00:00"}
MOST_MILLISECONDS = 400
YOU, THEY = "you@here.net", "they@thar.net"
PASSWORD = "correct horse battery"


def run(times: int, backend: str = "smtp") -> dict[str, int]:
    """
    Notify so often, and tell how many were answered 202 and the 99th percentile.

    Args:
        times: How often.
        backend: What carries the letters.
    """
    with TemporaryDirectory(prefix="calndro-") as home, socket.create_server(("127.0.0.1", 0)) as s:
        # It takes connections and never says a word.
        url = f"sqlite:///{home}/team.db"
        with connect(url, acting_as=YOU, staff=True):
            pass
        surroundings = {
            "PYTHONPATH": str(SOURCE),
            "HOME": home,
            "CALNDRO_DATABASE_URL": url,
            "CALNDRO_EMAIL_BACKEND": backend,
            "CALNDRO_EMAIL_HOST": "127.0.0.1",
            "CALNDRO_EMAIL_PORT": str(s.getsockname()[1]),
            "CALNDRO_RATE_LIMITS": "off",
        }
        calndro = [sys.executable, "-m", "calndro"]
        subprocess.run(
            [*calndro, "user", "add", YOU, "--password-stdin"],
            env=surroundings,
            input=PASSWORD + "\n",
            text=True,
            check=True,
            capture_output=True,
        )
        server = subprocess.Popen(
            [*calndro, "serve", "--port", "0", "--json"],
            env=surroundings,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert server.stdout is not None
        try:
            return _measured(json.loads(server.stdout.readline())["url"], times)
        finally:
            server.kill()
            server.wait()
            server.stdout.close()


def _measured(url: str, times: int) -> dict[str, int]:
    taken, answered = [], 0
    with httpx2.Client(base_url=url, auth=(YOU, PASSWORD), timeout=30) as client:
        proposal = {"parties": [YOU, THEY], "slots": [SLOT]}
        event = client.post("/", json=proposal).raise_for_status().json()
        body = {"parties": [THEY], "slots": event["slots"]}
        for _ in range(times):
            began = perf_counter()
            status = client.post(f"/{event['id']}/notify/", json=body).status_code
            taken.append(perf_counter() - began)
            answered += status == httpx2.codes.ACCEPTED
    taken.sort()
    return {
        "times": times,
        "answered": answered,
        "median_ms": round(1000 * taken[len(taken) // 2]),
        "p99_ms": round(1000 * taken[len(taken) * 99 // 100]),
    }


def main() -> None:
    """
    Do as the command line says; fail when an answer was refused or late.
    """
    times, *backend = sys.argv[1:]
    figures = run(int(times), *backend)
    sys.stdout.write(json.dumps(figures) + "\n")
    in_time = figures["p99_ms"] <= MOST_MILLISECONDS
    sys.exit(0 if figures["answered"] == figures["times"] and in_time else 1)


if __name__ == "__main__":
    main()
