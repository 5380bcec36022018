"""
Many logs that are read in, led up and down through schemas, and written out again.

Run as ``python -m tests.faults.moving KIND EVENTS ENTRIES``, with KIND sqlite, postgres or
mariadb and ENTRIES for each event; prints its figures as one JSON line and fails when one is
out of bounds. They come from an SQLite file, whose export is what is imported; every byte of
every log is compared after each step, and so is every line of the export at the end.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import TYPE_CHECKING, Final

import attrs

from benchmarks.generate import Shape, fill
from calndro.adapters.sql import upgrading
from calndro.adapters.sql.revision import HEAD
from tests.databases import database
from tests.stepping import LATER, go, later, stored


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


MOST_SECONDS: Final = 60.0


@attrs.define(kw_only=True)
class Figures:
    """
    What a run came to.

    Args:
        events: How many there were.
        entries: In all their logs.
        bytes: Of the entries' bodies.
        changed: Entries and lines that were not the same afterwards, of all comparisons.
        drift: What ``calndro db check`` found at the end.
        up: Seconds of a step up, the longer of two.
        down: Of the step down between them.
        exported: Seconds of ``calndro export``.
        imported: Seconds of ``calndro import``.
    """

    events: int
    entries: int
    bytes: int
    changed: int = 0
    drift: int = 0
    up: float = 0.0
    down: float = 0.0
    exported: float = 0.0
    imported: float = 0.0


def run(kind: str, folder: Path, shape: Shape, *, step: str = LATER) -> Figures:
    """
    Move about what a database holds.

    Args:
        kind: sqlite, postgres or mariadb.
        folder: For files.
        shape: Of what it holds.
        step: What the later schema does, which a control does wrong.
    """
    origin = f"sqlite:///{folder / 'origin.db'}"
    files = [folder / "before.jsonl", folder / "after.jsonl"]
    fill(origin, shape)
    _calndro(origin, "export", str(files[0]))
    before = stored(origin)
    figures = Figures(
        events=shape.events,
        entries=len(before),
        bytes=sum(len(body) for _, _, body, _ in before),
    )
    with database(kind, folder) as url:
        with _timed(figures, "imported"):
            _calndro(url, "import", str(files[0]))
        figures.changed += _differ(before, stored(url))
        steps = later(folder, step)
        for name, revision in (("up", "later"), ("down", HEAD), ("up", "later")):
            with _timed(figures, name):
                go(url, revision, steps)
            figures.changed += _differ(before, stored(url))
        go(url, HEAD, steps)
        figures.drift = len(upgrading.check(url))
        with _timed(figures, "exported"):
            _calndro(url, "export", str(files[1]))
    # The first line tells when it was written.
    figures.changed += _differ(*(file.read_bytes().splitlines()[1:] for file in files))
    return figures


@contextmanager
def _timed(figures: Figures, name: str) -> Iterator[None]:
    begun = monotonic()
    yield
    setattr(figures, name, max(getattr(figures, name), round(monotonic() - begun, 1)))


def _differ(before: Sequence[object], after: Sequence[object]) -> int:
    return len(set(before) ^ set(after))


def _calndro(url: str, *words: str) -> None:
    program = Path(sys.executable).with_name("calndro")
    subprocess.run(
        [str(program), words[0], "--db", url, *words[1:]], check=True, stdout=subprocess.DEVNULL
    )


def main() -> None:
    """
    Do as the command line says.
    """
    kind, events, entries = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    shape = Shape(events=events, entries=entries, first_entries=entries)
    with TemporaryDirectory(prefix="calndro-") as home:
        figures = run(kind, Path(home), shape)
    sys.stdout.write(json.dumps({"on": kind, **attrs.asdict(figures)}) + "\n")
    slowest = max(figures.up, figures.down, figures.exported, figures.imported)
    well = slowest <= MOST_SECONDS and not figures.drift
    sys.exit(0 if well and not figures.changed else 1)


if __name__ == "__main__":
    main()
