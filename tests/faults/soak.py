"""
A soak: a server at half of what it can do, watched for growth.

Run as ``python -m tests.faults.soak MINUTES WARM_UP``; prints its figures as one JSON line and
fails when memory or descriptors grow. A short run only shows that nothing runs away.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from statistics import linear_regression
from tempfile import TemporaryDirectory
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import attrs

from tests.databases import database
from tests.faults.load import CLIENTS, Load, enlist, propose
from tests.faults.servers import Servers


if TYPE_CHECKING:
    from collections.abc import Callable


EVENTS: Final = 200
MOST_MIB_AN_HOUR: Final = 1.0
_MEASURED: Final = 30.0
_EVERY: Final = 10.0
_HOUR: Final = 3600


@attrs.frozen
class Sample:
    """
    What was seen once.

    Args:
        hours: Since the beginning.
        mib: Resident in the server.
        descriptors: It had open.
        answers: Since the sample before.
        p50: Of them, milliseconds.
        p99: Of them, milliseconds.
    """

    hours: float
    mib: float
    descriptors: int
    answers: int
    p50: float
    p99: float


def run(folder: Path, *, minutes: float, warm_up: float) -> dict[str, Any]:
    """
    Load a server and watch it.

    Args:
        folder: For the database.
        minutes: How long it is watched.
        warm_up: Minutes before.
    """
    with database("sqlite", folder) as url:
        tokens, about = enlist(url), propose(url, EVENTS)
        with Servers(url, folder, 1, delivers=False) as servers:
            load = Load(servers.ports, tokens, about, 1)
            measured = min(_MEASURED, 60 * warm_up)
            asyncio.run(load.run(_for(measured)))
            most = len(load.times) / measured
            samples = asyncio.run(
                _watched(servers, load, 60 * (minutes + warm_up), 2 * CLIENTS / most)
            )
    warm = [each for each in samples if each.hours * 60 > warm_up]
    return _figures(warm, most)


async def _watched(servers: Servers, load: Load, seconds: float, pause: float) -> list[Sample]:
    goes_on, samples = _for(seconds), list[Sample]()
    begun = monotonic()

    async def look() -> None:
        while goes_on():
            load.deeds.clear()
            load.times.clear()
            await asyncio.sleep(_EVERY)
            samples.append(_sample(servers.ids[0], load, (monotonic() - begun) / _HOUR))

    async with asyncio.TaskGroup() as group:
        group.create_task(look())
        group.create_task(load.run(goes_on, pause))
    return samples


def _sample(process: int, load: Load, hours: float) -> Sample:
    folder = Path(f"/proc/{process}")
    (resident,) = (
        int(line.split()[1])
        for line in (folder / "status").read_text(encoding="utf-8").splitlines()
        if line.startswith("VmRSS:")
    )
    times = sorted(load.times) or [0.0]
    return Sample(
        hours,
        resident / 1024,
        len(list((folder / "fd").iterdir())),
        len(load.times),
        1000 * times[len(times) // 2],
        1000 * times[len(times) * 99 // 100],
    )


def _figures(samples: list[Sample], most: float) -> dict[str, Any]:
    hours = [each.hours for each in samples]
    third = len(samples) // 3
    first, last = samples[:third], samples[-third:]

    def mean(part: list[Sample], name: str) -> float:
        total: float = sum(getattr(each, name) for each in part)
        return round(total / len(part), 1)

    return {
        "minutes": round(60 * (hours[-1] - hours[0]), 1),
        "requests_a_second": round(sum(each.answers for each in samples) / len(samples) / _EVERY),
        "most_a_second": round(most),
        "mib_an_hour": round(linear_regression(hours, [each.mib for each in samples]).slope, 2),
        **{
            f"{name}_{when}": mean(part, name)
            for name in ("mib", "descriptors", "p50", "p99")
            for when, part in (("first", first), ("last", last))
        },
    }


def _for(seconds: float) -> Callable[[], bool]:
    end = monotonic() + seconds
    return lambda: monotonic() < end


def main() -> None:
    """
    Do as the command line says.
    """
    minutes, warm_up = (float(each) for each in sys.argv[1:])
    with TemporaryDirectory(prefix="calndro-") as home:
        figures = run(Path(home), minutes=minutes, warm_up=warm_up)
    sys.stdout.write(json.dumps(figures) + "\n")
    flat = figures["mib_an_hour"] <= MOST_MIB_AN_HOUR
    sys.exit(0 if flat and figures["descriptors_last"] <= figures["descriptors_first"] + 1 else 1)


if __name__ == "__main__":
    main()
