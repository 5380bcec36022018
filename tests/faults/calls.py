"""
One failing system call: each that touches the database fails once, and nothing is lost.

Run as ``python -m tests.faults.calls [STEP]``, with STEP 1 to meet each call and 10 for each
tenth. Three commits on SQLite are done under strace, which lets one call fail or kills the
program there. Prints its figures as one JSON line and fails when one is out of bounds.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import TYPE_CHECKING, Final

import attrs
from sqlalchemy import create_engine

from calndro.adapters.sql.storage import SqlStorage
from calndro.core.log import Receipt
from calndro.entry.settings import Settings
from calndro.entry.wiring import open_services
from calndro.usecases import auditing, events
from tests.faults.forking import FORKING
from tests.faults.writer import STAFF, commit_thrice, wired
from tests.patience import PATIENCE


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.connection import Connection


STRACE: Final = shutil.which("strace")
CALLS: Final = (
    "openat",
    "pread64",
    "pwrite64",
    "write",
    "fdatasync",
    "fsync",
    "ftruncate",
    "unlink",
    "fcntl",
    "flock",
    "mmap",
)
WAYS: Final = ("signal=KILL", "error=EIO", "error=ENOSPC")


@attrs.frozen
class Fault:
    """
    What happens to one call.

    Args:
        call: Its name.
        place: The first of that name is 1.
        way: As strace writes it.
    """

    call: str
    place: int
    way: str


@attrs.frozen(kw_only=True)
class Figures:
    """
    What a run came to.

    Args:
        calls: How many a run makes that touch the database's files.
        runs: With one fault each.
        met: Runs in which the fault came.
        killed: Of them, by the fault.
        acknowledged: Commits.
        refused: Commits and openings, with a StorageError.
        lost: Acknowledged, and not there afterwards.
        corrupt: Databases that did not verify, or took no further commit.
        seconds: How long it took.
        complaints: The first few in words.
    """

    calls: int
    runs: int
    met: int
    killed: int
    acknowledged: int
    refused: int
    lost: int
    corrupt: int
    seconds: float
    complaints: list[str]


@attrs.define
class _Tally:
    met: int = 0
    killed: int = 0
    acknowledged: int = 0
    refused: int = 0
    lost: int = 0
    corrupt: int = 0
    complaints: list[str] = attrs.field(factory=list)


def run(folder: Path, *, step: int = 1, twist: str = "") -> Figures:
    """
    Let calls fail, one in each run.

    Args:
        folder: Where databases may be.
        step: Each so-manieth fault is tried; no multiple of 3, lest all be of one way.
        twist: What the program does wrong, in a control.
    """
    begun = monotonic()
    template = folder / "template.db"
    with open_services(Settings(database_url=f"sqlite:///{template}"), StringIO()) as services:
        slots = ["2046-12-01T09:00Z/PT1H"]
        event = events.propose(services, STAFF, parties=["you@here.net"], slots=slots).id
    tally, quiet = _Tally(), _Tally()
    made = _one(folder, template, event, None, quiet, twist)
    assert quiet.acknowledged, quiet
    faults = [
        Fault(call, place, way)
        for call, many in sorted(made.items())
        for place in range(1, many + 1)
        for way in WAYS
    ][::step]
    for fault in faults:
        _one(folder, template, event, fault, tally, twist)
    return Figures(
        calls=made.total(),
        runs=len(faults),
        met=tally.met,
        killed=tally.killed,
        acknowledged=tally.acknowledged,
        refused=tally.refused,
        lost=tally.lost,
        corrupt=tally.corrupt,
        seconds=round(monotonic() - begun, 1),
        complaints=tally.complaints[:5],
    )


def _one(
    folder: Path, template: Path, event: int, fault: Fault | None, tally: _Tally, twist: str
) -> Counter[str]:
    """
    Do one run; returns how often it made each call.
    """
    path, trace = folder / "team.db", folder / "trace"
    for left in folder.glob("team.db*"):
        left.unlink()
    shutil.copyfile(template, path)
    url = f"sqlite:///{path}"
    here, there = FORKING.Pipe()
    process = FORKING.Process(target=commit_thrice, args=(url, event, there, twist), daemon=True)
    process.start()
    there.close()
    assert here.poll(PATIENCE), "the program did not start"
    here.recv()
    with subprocess.Popen(
        _command(process.pid or 0, path, trace, fault), stderr=subprocess.PIPE, text=True
    ) as tracer:
        assert tracer.stderr is not None
        attached = tracer.stderr.readline()
        assert "attached" in attached, attached
        here.send("go")
        said = list(_heard(here))
        with suppress(BrokenPipeError):
            here.send("end")
        process.join(PATIENCE)
        tracer.stderr.read()
    lines = trace.read_text(encoding="utf-8", errors="replace").splitlines()
    was_met = fault is not None and (
        any("(INJECTED)" in line for line in lines) or process.exitcode == -9
    )
    tally.met += was_met
    tally.killed += process.exitcode == -9
    if process.exitcode not in {0, -9}:
        tally.complaints.append(f"{fault}: the program ended with {process.exitcode}")
    receipts = [each for each in said if isinstance(each, Receipt)]
    tally.acknowledged += len(receipts)
    tally.refused += len(said) - len(receipts)
    _examine(url, event, receipts, fault, tally)
    return Counter(line.partition("(")[0] for line in lines if "(" in line)


def _command(process: int, path: Path, trace: Path, fault: Fault | None) -> Sequence[str]:
    # Only calls that touch these files are seen, counted and failed.
    files = [f"--trace-path={path}{end}" for end in ("", "-wal", "-shm", ".lock")]
    command = [STRACE or "strace", "-p", str(process), "-o", str(trace), *files]
    if fault is None:
        return [*command, f"--trace={','.join(CALLS)}"]
    chosen = f"--inject={fault.call}:{fault.way}:when={fault.place}"
    return [*command, f"--trace={fault.call}", chosen]


def _heard(line: Connection) -> Iterator[object]:
    try:
        while line.poll(PATIENCE) and (word := line.recv()) is not None:
            yield word
    except EOFError:
        return


def _examine(
    url: str, event: int, receipts: Sequence[Receipt], fault: Fault | None, tally: _Tally
) -> None:
    engine = create_engine(url)
    with engine.connect() as connection:
        (whole,) = connection.exec_driver_sql("PRAGMA integrity_check").one()
    engine.dispose()
    with SqlStorage(url) as storage:
        services = wired(storage)
        verdict = auditing.verify_log(services, STAFF, event, receipts)
        events.view(services, STAFF, event)
    lost = [each for each in verdict.findings if "receipt" in each.message]
    if lost:
        tally.lost += 1
    if whole != "ok" or len(lost) < len(verdict.findings):
        tally.corrupt += 1
    if whole != "ok" or verdict.findings:
        tally.complaints.append(f"{fault}: {whole}, {'; '.join(map(str, verdict.findings))}")


def main() -> None:
    """
    Do as the command line says.
    """
    step = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    with TemporaryDirectory(prefix="calndro-") as home:
        figures = run(Path(home), step=step)
    sys.stdout.write(json.dumps(attrs.asdict(figures)) + "\n")
    sys.exit(1 if figures.lost or figures.corrupt or figures.complaints else 0)


if __name__ == "__main__":
    main()
