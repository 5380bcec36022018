"""
Measures everything, prints one table, and keeps it in docs/explanation/measurements.md.

    python -m benchmarks.everything [--long] [--rounds 5] [--scale 6] [--no-docs]
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy

from benchmarks import core_work, growth, memory, on_servers, speed, starting
from benchmarks.table import Row, keep, table
from calndro.adapters.system import SystemClock


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def short(rounds: int, scale: float) -> Iterator[tuple[str, Iterator[Row]]]:
    """
    Name the parts of the usual run.
    """
    yield "HTTP, SQLite", _on_sqlite(rounds, scale)
    yield "the rest", _rest()
    for kind in on_servers.KINDS:
        if url := kind.server():
            yield f"HTTP, {kind.name}", on_servers.measure(kind, url, rounds=rounds, scale=scale)


def _on_sqlite(rounds: int, scale: float) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        yield speed.ceiling()
        yield from speed.on_sqlite(Path(folder), only="", rounds=rounds, scale=scale)


def _rest() -> Iterator[Row]:
    yield core_work.measure()
    yield from starting.measure()


def long(events: int, entries: int, minutes: float) -> Iterator[tuple[str, Iterator[Row]]]:
    """
    Name the parts of the long run.
    """
    yield "growth", growth.measure(events, entries, 5)
    yield "memory", iter([memory.measure(minutes, 5 if minutes > 1 else minutes)])


def told(parts: Iterator[tuple[str, Iterator[Row]]], say: Callable[[str], None]) -> str:
    """
    Measure part by part, telling each row as soon as it is known; returns Markdown.
    """
    written = []
    for name, rows in parts:
        say(f"\n{name}")
        found = []
        for row in rows:
            say(str(row))
            found.append(row)
        written.append(f"**{name}**\n\n{table(found)}")
    return "\n\n".join(written)


def surroundings(command: str) -> str:
    """
    Say when, how and where it was measured.
    """
    with sqlalchemy.create_engine("sqlite://").connect() as connection:
        sqlite = connection.exec_driver_sql("SELECT sqlite_version()").scalar_one()
    day = SystemClock().now().date().isoformat()
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"`{command}`, {day}, {python}, SQLite {sqlite}, {platform.machine()}."


def main() -> None:
    """
    Measure and write down.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true", help="growth and memory")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scale", type=float, default=6)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--entries", type=int, default=10)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--no-docs", action="store_true", help="print only")
    asked = parser.parse_args()
    if asked.long:
        name, command = "growth", "make bench-growth"
        parts = long(asked.events, asked.entries, asked.minutes)
    else:
        name, command = "bench", "make bench"
        parts = short(asked.rounds, asked.scale)
    text = told(parts, lambda line: print(line, flush=True))
    if given := " ".join(sys.argv[1:]).replace("--long", "").strip():
        command += f' ARGS="{given}"'
    if not asked.no_docs:
        keep(name, f"{surroundings(command)}\n\n{text}")


if __name__ == "__main__":
    main()
