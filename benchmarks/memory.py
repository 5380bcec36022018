"""
Whether a server under load grows: the slope of its resident memory after warming up.

    python -m benchmarks.memory [--minutes 30] [--warm-up 5]

A short run only shows that nothing runs away; the bound is for half an hour or more.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from itertools import count
from pathlib import Path
from statistics import linear_regression
from typing import TYPE_CHECKING, Final

from benchmarks.generate import fill
from benchmarks.speed import load, serving
from benchmarks.table import Row
from benchmarks.works import SHAPE, WORKS


if TYPE_CHECKING:
    from benchmarks.speed import Server


MOST: Final = 1.0
LONG: Final = 30.0
HOUR: Final = 3600
AT_ONCE: Final = 100


def resident(process: int) -> float:
    """
    Read how many MiB of a process are in memory.
    """
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    (found,) = (line.split()[1] for line in lines if line.startswith("VmRSS:"))
    return int(found) / 1024


def watched(server: Server, *, minutes: float, warm_up: float) -> tuple[list[float], list[float]]:
    """
    Load a server with every work in turn; returns hours and MiB once it is warm.
    """
    begun = time.monotonic()
    hours, sizes = [], []
    for turn in count():
        work = WORKS[turn % len(WORKS)]
        first = turn // len(WORKS) * AT_ONCE
        requests = [work.ask(first + n) for n in range(AT_ONCE * work.weight // 100)]
        load(server, requests, work.status)
        spent = time.monotonic() - begun
        if spent > 60 * warm_up:
            hours.append(spent / HOUR)
            sizes.append(resident(server.process))
        if spent > 60 * (warm_up + minutes):
            break
    return hours, sizes


def measure(minutes: float = 1.0, warm_up: float = 0.5) -> Row:
    """
    Fit a line through what is seen.
    """
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/team.db"
        fill(url, SHAPE)
        with serving("calndro", url) as server:
            hours, sizes = watched(server, minutes=minutes, warm_up=warm_up)
    slope = linear_regression(hours, sizes).slope
    return Row(
        f"memory of a server under load, {minutes:g} min after {warm_up:g}",
        f"{slope:+.1f} MiB/h",
        f"{MOST:g} MiB/h over {LONG:g} min",
        f"{sizes[0]:.0f} to {sizes[-1]:.0f} MiB",
        slope <= MOST if minutes >= LONG else None,
    )


def main() -> None:
    """
    Print the slope.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--warm-up", type=float, default=0.5)
    asked = parser.parse_args()
    print(measure(asked.minutes, asked.warm_up))


if __name__ == "__main__":
    main()
