"""
Whether a large database is slower than a small one: rates and statements of both.

    python -m benchmarks.growth [--events 100000] [--entries 10] [--rounds 5]

The bound is for a million events and ten million entries, which takes 5 GB and some
minutes to make; the usual run is a tenth of that.
"""

from __future__ import annotations

import argparse
import tempfile
from contextlib import ExitStack
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from starlette.testclient import TestClient

from benchmarks.generate import TOKEN, Shape, fill, slot_jsons
from benchmarks.serving import make
from benchmarks.speed import load, serving
from benchmarks.table import Row
from benchmarks.works import WORKS, Work, listed
from tests.contracts.counting import counted


if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.load import Asking


SMALL: Final = 1000
MOST: Final = 1.3
STRIDE: Final = 7919
REQUESTS: Final = 400
URL: Final = "http://127.0.0.1:1"
MOST_STATEMENTS: Final = {"list": 4, "detail": 6, "PATCH": 9, "notify": 10}


def spread(events: int) -> list[Work]:
    """
    Make the works on events from all over a database.
    """

    def where(number: int) -> int:
        return 2 + number * STRIDE % (events - 2)

    def view(number: int) -> Asking:
        return {"method": "GET", "path": f"/{where(number)}/", "body": None}

    def narrow(number: int) -> Asking:
        event = where(number)
        kept = max(2, 9 - number // (events - 2))
        body = {"keep": slot_jsons(event, 10)[:kept]}
        return {"method": "PATCH", "path": f"/{event}/", "body": body}

    return [
        Work("detail GET", 200, view),
        Work("PATCH", 202, narrow),
        Work("first page of a list", 200, listed, weight=20),
    ]


def growth(small: str, large: str, events: int, rounds: int) -> Iterator[Row]:
    """
    Measure both databases in turn.
    """
    with ExitStack() as running:
        servers = [running.enter_context(serving("calndro", url)) for url in (small, large)]
        works = zip(spread(SMALL), spread(events), strict=True)
        for pair in works:
            count = REQUESTS * pair[0].weight // 100
            ratios, rates = [], []
            for turn in range(rounds + 1):
                found = []
                for server, work in zip(servers, pair, strict=True):
                    requests = [work.ask(turn * count + n) for n in range(count)]
                    found.append(load(server, requests, work.status)["rate"])
                if turn:
                    ratios.append(found[0] / found[1])
                    rates.append(found)
            ratio = median(ratios)
            yield Row(
                f"{pair[0].name}: {events:,} events as against {SMALL:,}",
                f"{ratio:.2f} x",
                f"{MOST} x",
                " as against ".join(f"{median(r[n] for r in rates):.0f}/s" for n in (1, 0)),
                ratio <= MOST,
            )


def statements(url: str) -> dict[str, int]:
    """
    Count the statements of one request of each work, its credentials included.
    """
    found = {}
    with ExitStack() as opened:
        client = TestClient(make("calndro", url, URL, opened), base_url=URL)
        for work in WORKS:
            asking = work.ask(0)
            body: dict[str, Any] = {} if asking["body"] is None else {"json": asking["body"]}
            with counted() as sent:
                answer = client.request(
                    asking["method"],
                    asking["path"],
                    headers={"Authorization": f"Token {TOKEN}"},
                    **body,
                )
            assert answer.status_code == work.status, answer.text
            found[work.name] = len(sent)
    return found


def count_both(small: str, large: str) -> Iterator[Row]:
    """
    Compare the statements of both.
    """
    here, there = statements(small), statements(large)
    for name, number in here.items():
        most = MOST_STATEMENTS.get(name.split()[0])
        good = number == there[name] and (most is None or number <= most)
        wanted = "the same" if most is None else f"the same, at most {most}"
        yield Row(f"statements: {name}", f"{number} and {there[name]}", wanted, "", good)


def measure(events: int, entries: int, rounds: int) -> Iterator[Row]:
    """
    Make both databases and compare them.
    """
    with tempfile.TemporaryDirectory() as folder:
        small, large = (f"sqlite:///{folder}/{name}.db" for name in ("small", "large"))
        fill(small, Shape(events=SMALL, entries=entries, first_entries=120))
        fill(large, Shape(events=events, entries=entries, first_entries=120))
        yield from count_both(small, large)
        yield from growth(small, large, events, rounds)


def main() -> None:
    """
    Print the figures.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--entries", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    for row in measure(asked.events, asked.entries, asked.rounds):
        print(row, flush=True)


if __name__ == "__main__":
    main()
