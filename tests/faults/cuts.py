"""
Databases that go away under load, and come back: refused politely, nothing lost, well again.

Run as ``python -m tests.faults.cuts WAY TIMES``; prints its figures as one JSON line and fails
when one is out of bounds. The ways:

- ``cut-postgres`` and ``cut-mariadb``: the server ends all connections;
- ``restart-postgres``: a private server is stopped by ``pg_ctl -m immediate``, and started;
- ``full-sqlite``: the disk, a small one of its own, is full for a second; needs root.

Nobody may be told anything but 503 with Retry-After meanwhile, and the same servers must
answer again within seconds. If they never do, the run ends all the same, and says so.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager, suppress
from functools import partial
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import TYPE_CHECKING, Final

import attrs
import sqlalchemy

from calndro.adapters.sql import upgrading
from tests.databases import database, postgres_programs
from tests.faults.deeds import WRITES
from tests.faults.judging import judge, records
from tests.faults.load import Load, enlist, propose
from tests.faults.servers import Servers
from tests.free_ports import free_port
from tests.patience import PATIENCE


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager


WAYS: Final = ("cut-postgres", "cut-mariadb", "restart-postgres", "full-sqlite")
EVENTS: Final = 6
WELL_WITHIN: Final = 5.0
_BETWEEN: Final = 40
_TRIES: Final = 200
_TICK: Final = 0.01
_SMALL: Final = "16m"
_BLOCK: Final = 64 * 1024


@attrs.frozen(kw_only=True)
class Figures:
    """
    What a run came to.

    Args:
        times: How often the database went away.
        acknowledged: Writes that were.
        refused: Requests answered 503, or not at all.
        unpolite: Of them, without an answer.
        violations: All that the judge complains of.
        lost: Acknowledged, and not in the log, among them.
        worst_recovery: The longest time from its being back to a write that was asked for
            after that; infinite if there was none.
        all_lived: Whether the servers are the ones that were started.
        complaints: The first few in words.
    """

    times: int
    acknowledged: int
    refused: int
    unpolite: int
    violations: int
    lost: int
    worst_recovery: float
    all_lived: bool
    complaints: list[str]


@attrs.frozen
class Scene:
    """
    A database that can be made to go away and come back.

    Args:
        url: Of the database.
        harm: Makes it go away, and come back if it does not by itself.
        tries: How often that is done until somebody has noticed: who asks for nothing in
            just that moment does not.
    """

    url: str
    harm: Callable[[], None]
    tries: int = 1


def run(
    way: str,
    folder: Path,
    *,
    times: int,
    many: int = 2,
    twist: str = "",
    patience: float = PATIENCE,
) -> Figures:
    """
    Let a database go away, again and again.

    Args:
        way: How.
        folder: For files.
        times: How often.
        many: How many servers there are.
        twist: What the servers do wrong, in a control.
        patience: Seconds without any write after which they are given up.
    """
    with _SCENES[way](folder) as scene:
        tokens, about = enlist(scene.url), propose(scene.url, EVENTS)
        with Servers(scene.url, folder, many, twist=twist, delivers=False) as servers:
            load, recoveries = Load(servers.ports, tokens, about, times), list[float]()

            async def whole() -> None:
                harming = asyncio.create_task(_harm(scene, load, times, recoveries, patience))
                working = asyncio.create_task(load.run(lambda: not harming.done()))
                with suppress(TimeoutError):
                    await harming
                    await working
                # Of those who were given up nobody takes leave.
                working.cancel()
                with suppress(asyncio.CancelledError):
                    await working

            asyncio.run(whole())
            lived = servers.all_live
        found = records(scene.url, {deed.event for deed in load.deeds if deed.event})
        complaints = [*load.complaints, *judge(load.deeds, found)]
    return Figures(
        times=times,
        acknowledged=load.acknowledged,
        refused=load.lost,
        unpolite=load.unanswered,
        violations=len(complaints),
        lost=sum("LOST" in each for each in complaints),
        worst_recovery=round(max(recoveries, default=inf), 2),
        all_lived=lived,
        complaints=complaints[:5],
    )


async def _harm(
    scene: Scene, load: Load, times: int, recoveries: list[float], patience: float
) -> None:
    for _ in range(times):
        await _more(load, _BETWEEN, patience)
        refused = load.lost
        for _ in range(scene.tries):
            await asyncio.to_thread(scene.harm)
            if load.lost > refused:
                break
            if scene.tries > 1:
                # In a row they would all fall into one moment in which nobody asks.
                await _more(load, 1, patience)
        back = monotonic()
        recoveries.append(inf)
        await _new(load, patience)
        recoveries[-1] = monotonic() - back
    await _more(load, _BETWEEN, patience)


async def _new(load: Load, patience: float) -> None:
    """
    Wait for a write that nobody has asked for yet.

    Raises:
        TimeoutError: There was none for that long.
    """
    asked = len(load.deeds)
    async with asyncio.timeout(patience):
        while not any(each.is_done and each.kind in WRITES for each in load.deeds[asked:]):  # noqa: ASYNC110
            await asyncio.sleep(_TICK)


async def _more(load: Load, writes: int, patience: float) -> None:
    """
    Wait for some writes.

    Raises:
        TimeoutError: For that long there was none at all.
    """
    wanted = load.acknowledged + writes
    while (seen := load.acknowledged) < wanted:
        async with asyncio.timeout(patience):
            while load.acknowledged == seen:  # noqa: ASYNC110
                await asyncio.sleep(_TICK)


@contextmanager
def _cut(kind: str, folder: Path) -> Iterator[Scene]:
    with database(kind, folder) as url:
        engine = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
        name = engine.url.database or ""
        yield Scene(url, partial(_HANGING_UP[kind], engine, name), _TRIES)
        engine.dispose()


def _hang_up_postgres(engine: sqlalchemy.Engine, name: str) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = %s AND pid <> pg_backend_pid()",
            (name,),
        )


def _hang_up_mariadb(engine: sqlalchemy.Engine, name: str) -> None:
    with engine.connect() as connection:
        others = connection.exec_driver_sql(
            "SELECT id FROM information_schema.processlist WHERE db = %s AND id <> connection_id()",
            (name,),
        ).scalars()
        for other in list(others):
            # It may have gone by itself.
            with suppress(sqlalchemy.exc.DBAPIError):
                connection.exec_driver_sql(f"KILL {other}")


_HANGING_UP: Final = {"postgres": _hang_up_postgres, "mariadb": _hang_up_mariadb}


@contextmanager
def _restarted(_: Path) -> Iterator[Scene]:
    # Its own user must be able to get there, which is not so below a test's folder.
    with TemporaryDirectory(prefix="calndro-postgres-") as home:
        yield from _private(Path(home))


def _private(home: Path) -> Iterator[Scene]:
    port = free_port()
    programs = postgres_programs()
    owner: list[str] = []
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root.
        shutil.chown(home, "postgres")
        owner = ["runuser", "-u", "postgres", "--"]
    data = str(home / "data")

    def do(*words: str) -> None:
        subprocess.run(
            [*owner, *words], cwd=home, check=True, stdout=subprocess.DEVNULL, timeout=PATIENCE
        )

    ctl = (str(programs / "pg_ctl"), "-D", data, "-w", "-l", str(home / "log"))
    do(str(programs / "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N")
    settings = f"-p {port} -k {home} -c listen_addresses=127.0.0.1"
    do(*ctl, "-o", settings, "start")
    try:
        url = f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
        upgrading.upgrade(url)
        yield Scene(url, lambda: do(*ctl, "-m", "immediate", "restart"))
    finally:
        do(*ctl, "-m", "immediate", "stop")


@contextmanager
def _filled(folder: Path) -> Iterator[Scene]:
    disk = folder / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_SMALL}", "calndro", str(disk)]
    subprocess.run(mount, check=True)
    try:
        with database("sqlite", disk) as url:
            yield Scene(url, partial(_fill, disk / "ballast"))
    finally:
        subprocess.run(["umount", str(disk)], check=True)  # noqa: S607  # wherever it is


def _fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(_BLOCK)) == _BLOCK:
            pass
    end = monotonic() + 1
    while monotonic() < end:
        # What a checkpoint sets free is taken as well.
        with ballast.open("ab", buffering=0) as file, suppress(OSError):
            file.write(bytes(_BLOCK))
    ballast.unlink()


_SCENES: Final[dict[str, Callable[[Path], AbstractContextManager[Scene]]]] = {
    "cut-postgres": partial(_cut, "postgres"),
    "cut-mariadb": partial(_cut, "mariadb"),
    "restart-postgres": _restarted,
    "full-sqlite": _filled,
}


def main() -> None:
    """
    Do as the command line says.
    """
    way, times = sys.argv[1], int(sys.argv[2])
    with TemporaryDirectory(prefix="calndro-") as home:
        figures = run(way, Path(home), times=times)
    sys.stdout.write(json.dumps({"way": way, **attrs.asdict(figures)}) + "\n")
    well = figures.all_lived and figures.worst_recovery <= WELL_WITHIN
    sys.exit(0 if well and not figures.violations and not figures.unpolite else 1)


if __name__ == "__main__":
    main()
