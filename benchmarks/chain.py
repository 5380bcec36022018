"""
What the chain costs, as ratios in one run: appending, checking bytes, verifying.

    python benchmarks/chain.py [--rounds 25] [--json]

Each side is run in turn, round after round; the median of the ratios is printed.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING
from unittest.mock import patch

import calndro
from calndro.core import log
from calndro.core.audit import check_bytes
from calndro.core.log import Chain, decode
from calndro.usecases import auditing, events


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from calndro.entry.local import LocalCoordinator


YOU = "you@here.net"
ENTRIES = 2_000
WRITES = 300
SLOTS = [f"2096-12-{day:02}T09:00Z/PT30M" for day in range(1, 6)]


def seconds(work: Callable[[], object]) -> float:
    """
    Time one run of some work.
    """
    begin = perf_counter()
    work()
    return perf_counter() - begin


def ratio(one: Callable[[], object], other: Callable[[], object], rounds: int) -> float:
    """
    Compare two kinds of work, run in turn: the median of other's time over one's.
    """
    one()
    other()
    return median(1 / (seconds(one) / seconds(other)) for _ in range(rounds))


@contextmanager
def chain_switched_off() -> Iterator[None]:
    """
    Store the same bytes, but hash nothing.
    """
    with patch.object(log, "link", lambda *_: bytes(32)):
        yield


def appending(desk: LocalCoordinator, rounds: int) -> float:
    """
    Compare the rate of durable writes with the chain to that without.
    """
    event = desk.propose(parties=[YOU], slots=SLOTS)

    def write() -> None:
        for _ in range(WRITES):
            events.view(desk.services, desk.caller, event.id)

    def write_unchained() -> None:
        with chain_switched_off():
            write()

    return ratio(write, write_unchained, rounds)


def checking(links: list[tuple[bytes, bytes]], chain: Chain, rounds: int) -> float:
    """
    Compare checking bytes in memory to hashing them with nothing around.
    """

    def hash_bare() -> None:
        head = chain.head
        for body, _ in links:
            head = sha256(b"calndro/entry/v1\x00" + head + sha256(body).digest()).digest()

    def check() -> None:
        assert check_bytes(chain, links) is None

    return ratio(check, hash_bare, rounds)


def verifying(desk: LocalCoordinator, event_id: int, rounds: int) -> float:
    """
    Compare a full verification from the database to reading and decoding its rows.
    """

    def read() -> None:
        with desk.services.snapshot() as work:
            after = 0
            while page := work.events.stored(event_id, after=after, limit=1000):
                for entry in page:
                    decode(entry.body, entry.hash)
                after = page[-1].seq

    def verify() -> None:
        assert auditing.verify_log(desk.services, desk.caller, event_id).is_good

    return ratio(verify, read, rounds)


def measure(folder: Path, rounds: int) -> dict[str, float]:
    """
    Take all three figures on a SQLite database in a folder.
    """
    with calndro.connect(f"sqlite:///{folder / 'chain.db'}", acting_as=YOU) as desk:
        event = desk.propose(parties=[YOU], slots=SLOTS)
        for _ in range(ENTRIES):
            events.view(desk.services, desk.caller, event.id)
        with desk.services.snapshot() as work:
            ledger = work.events.get(event.id)
            assert ledger is not None
            rows = work.events.stored(event.id, after=0, limit=10 * ENTRIES)
        links = [(row.body, row.hash) for row in rows]
        return {
            "writes with the chain / without": appending(desk, rounds),
            "checking bytes / bare hashing": checking(
                links, Chain.begin(ledger.chain.uuid), rounds
            ),
            "verifying / reading and decoding": verifying(desk, event.id, rounds),
        }


def main() -> None:
    """
    Print the figures.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), asked.rounds)
    if asked.json:
        print(json.dumps(figures))
        return
    for name, figure in figures.items():
        print(f"{name:36} {figure:.2f}")


if __name__ == "__main__":
    main()
