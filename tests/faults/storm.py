"""
Storms: servers are killed at random under load, and nothing that was acknowledged is lost.

Run as ``python -m tests.faults.storm KIND ROUNDS [FIRST]``, with KIND sqlite, postgres or
mariadb, and the number of the first storm, which is its seed, where others have been before;
``calm KIND DEEDS`` instead kills nobody, and only judges what many clients were told at once.
Prints its figures as one JSON line and fails when one is out of bounds; on stderr it tells
how far it has come.
"""

from __future__ import annotations

import asyncio
import json
import sys
from itertools import count
from pathlib import Path
from random import Random  # noqa: TID251 - whom it hits is drawn, by seed
from tempfile import TemporaryDirectory
from time import monotonic
from typing import TYPE_CHECKING, Final

import attrs

from tests.databases import database
from tests.faults.judging import judge, records
from tests.faults.load import WRITING, Load, enlist, propose
from tests.faults.servers import Servers


if TYPE_CHECKING:
    from collections.abc import Mapping


SERVERS: Final = 4
EVENTS: Final = 12
WRITES: Final = 1000
KILLS: Final = 3
_TICK: Final = 0.005
_MOST_SECONDS: Final = 900
"""For one storm: who takes longer on the busiest machine waits for what never comes."""


@attrs.frozen(kw_only=True)
class Figures:
    """
    What a run came to.

    Args:
        rounds: How many.
        deeds: All that was asked.
        acknowledged: Writes that were.
        least_acknowledged: In the round with the fewest.
        kills: Of processes, while requests were in flight.
        least_kills: In the round with the fewest.
        unanswered: Requests of whose fate nobody was told.
        lost: Acknowledged, and not in the log.
        violations: All that the judge complains of, losses among it.
        worst_seconds: The longest that anybody waited for an answer.
        seconds: How long it took.
        complaints: The first few in words.
    """

    rounds: int
    deeds: int
    acknowledged: int
    least_acknowledged: int
    kills: int
    least_kills: int
    unanswered: int
    lost: int
    violations: int
    worst_seconds: float
    seconds: float
    complaints: list[str]


@attrs.frozen(kw_only=True)
class _Round:
    """
    What one storm, or one calm, came to.
    """

    deeds: int
    acknowledged: int
    kills: int
    unanswered: int
    worst_seconds: float
    complaints: list[str]


def run(
    kind: str,
    folder: Path,
    *,
    rounds: int,
    first: int = 0,
    writes: int = WRITES,
    twist: str = "",
) -> Figures:
    """
    Let storms go over servers.

    Args:
        kind: Of the database.
        folder: For a file and for records.
        rounds: How many storms.
        first: The seed of the first; the others follow.
        writes: That must be acknowledged in each.
        twist: What the servers do wrong, in a control.
    """
    begun = monotonic()
    with database(kind, folder) as url:
        tokens = enlist(url)
        with Servers(url, folder, SERVERS, twist=twist) as servers:
            storms = []
            for seed in range(first, first + rounds):
                storms.append(_storm(servers, url, tokens, seed=seed, writes=writes))
                _tell(f"storm {len(storms)} of {rounds}", storms[-1])
    return _figures(storms, monotonic() - begun)


def run_calm(
    kind: str, folder: Path, *, deeds: int, events: int = EVENTS, twist: str = ""
) -> Figures:
    """
    Let many clients work on few events, and judge what they were told.

    Args:
        kind: Of the database.
        folder: For a file and for records.
        deeds: How many, in portions of 10,000.
        events: How many they share.
        twist: What the servers do wrong, in a control.
    """
    begun = monotonic()
    calms = []
    with database(kind, folder) as url:
        tokens = enlist(url)
        with Servers(url, folder, SERVERS, twist=twist) as servers:
            for seed in count():
                load = Load(servers.ports, tokens, propose(url, events), seed, calm=True)
                share = min(deeds - 10_000 * seed, 10_000)
                if share <= 0:
                    break
                asyncio.run(load.run(lambda load=load, share=share: len(load.deeds) < share))  # type: ignore[misc]  # mypy can't see through the defaults
                calms.append(_judged(load, url))
                _tell(f"calm {seed + 1}", calms[-1])
    return _figures(calms, monotonic() - begun)


def _storm(
    servers: Servers, url: str, tokens: Mapping[str, str], *, seed: int, writes: int
) -> _Round:
    load = Load(servers.ports, tokens, propose(url, EVENTS), seed, mix=WRITING)

    async def whole() -> int:
        async with asyncio.timeout(_MOST_SECONDS):
            killing = asyncio.create_task(_kill(servers, load, Random(seed), writes))  # noqa: S311
            await load.run(lambda: load.acknowledged < writes or not killing.done())
            return await killing

    return _judged(load, url, kills=asyncio.run(whole()))


async def _kill(servers: Servers, load: Load, chance: Random, writes: int) -> int:
    """
    End one server, then another with the worker, then all, each when much is under way.

    Returns:
        How many of these times requests were in flight.
    """
    kills, worker = 0, len(servers) - 1
    moments = sorted(chance.uniform(0.1, 0.9) * writes for _ in range(KILLS))
    victims = [
        [chance.randrange(SERVERS)],
        [chance.randrange(SERVERS), worker],
        list(range(len(servers))),
    ]
    for moment, places in zip(moments, victims, strict=True):
        ports = [servers.ports[place] for place in places if place != worker]
        while load.acknowledged < moment or not load.in_flight(ports):  # noqa: ASYNC110
            await asyncio.sleep(_TICK)
        kills += 1
        # In this thread: nothing is answered between the look and the kill.
        servers.kill(places)
        await asyncio.sleep(_TICK)
        servers.start(places)
    return kills


def _judged(load: Load, url: str, *, kills: int = 0) -> _Round:
    found = records(url, {deed.event for deed in load.deeds if deed.event})
    return _Round(
        deeds=len(load.deeds),
        acknowledged=load.acknowledged,
        kills=kills,
        unanswered=load.lost,
        worst_seconds=max(load.times),
        complaints=[*load.complaints, *judge(load.deeds, found)],
    )


def _tell(name: str, one: _Round) -> None:
    sys.stderr.write(
        f"{name}: {one.acknowledged} acknowledged, {one.kills} kills,"
        f" {len(one.complaints)} violations\n"
    )


def _figures(rounds: list[_Round], seconds: float) -> Figures:
    complaints = [each for one in rounds for each in one.complaints]
    return Figures(
        rounds=len(rounds),
        deeds=sum(one.deeds for one in rounds),
        acknowledged=sum(one.acknowledged for one in rounds),
        least_acknowledged=min(one.acknowledged for one in rounds),
        kills=sum(one.kills for one in rounds),
        least_kills=min(one.kills for one in rounds),
        unanswered=sum(one.unanswered for one in rounds),
        lost=sum("LOST" in each for each in complaints),
        violations=len(complaints),
        worst_seconds=round(max(one.worst_seconds for one in rounds), 2),
        seconds=round(seconds, 1),
        complaints=complaints[:5],
    )


def main() -> None:
    """
    Do as the command line says.
    """
    is_calm = sys.argv[1] == "calm"
    kind, number, *first = sys.argv[1 + is_calm :]
    with TemporaryDirectory(prefix="calndro-") as home:
        if is_calm:
            figures = run_calm(kind, Path(home), deeds=int(number))
        else:
            figures = run(kind, Path(home), rounds=int(number), first=int(first[0]) if first else 0)
    sys.stdout.write(json.dumps({"on": kind, **attrs.asdict(figures)}) + "\n")
    sys.exit(1 if figures.violations else 0)


if __name__ == "__main__":
    main()
