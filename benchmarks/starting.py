"""
How long the command line takes to start, compared with Python itself.

    python -m benchmarks.starting [--rounds 15]

The package is installed from a wheel with its bytecode compiled, into a folder of its own;
an editable install may compile its modules anew at each start.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Final

from benchmarks.generate import YOU, Shape, fill
from benchmarks.table import Row


if TYPE_CHECKING:
    from collections.abc import Mapping


ROOT: Final = Path(__file__).parents[1]
ROUNDS: Final = 15
RUN: Final = "import sys; from calndro.entry.cli.app import main; sys.exit(main())"
KINDS: Final = {
    "python -c pass": ("-c", "pass"),
    "calndro --help": ("-c", RUN, "--help"),
    "calndro list": ("-c", RUN, "list"),
}
MOST: Final = {"calndro --help": 7, "calndro list": 25}


def install(folder: Path) -> None:
    """
    Build a wheel and unpack it, compiled; the libraries stay where they are.
    """
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
    subprocess.run([*command, str(folder), str(ROOT)], check=True)  # noqa: S603  our own package


def surroundings(folder: Path) -> dict[str, str]:
    """
    Name the installed package and a small database of yours, and nothing else.
    """
    url = f"sqlite:///{folder / 'small.db'}"
    fill(url, Shape(events=3, entries=2, first_entries=2))
    return {
        "PATH": os.defpath,
        "HOME": str(folder),
        "PYTHONPATH": str(folder / "installed"),
        "CALNDRO_DATABASE_URL": url,
        "CALNDRO_USER": YOU,
    }


def seconds(arguments: tuple[str, ...], environment: Mapping[str, str], folder: Path) -> float:
    """
    Time one process from its start to its end.
    """
    begun = perf_counter()
    subprocess.run(  # noqa: S603  our own program
        [sys.executable, *arguments], env=environment, cwd=folder, check=True, capture_output=True
    )
    return perf_counter() - begun


def measure(rounds: int = ROUNDS) -> list[Row]:
    """
    Start each in turn, round after round.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        install(folder / "installed")
        environment = surroundings(folder)
        found: dict[str, list[float]] = {kind: [] for kind in KINDS}
        for turn in range(rounds + 1):
            for kind, arguments in KINDS.items():
                spent = seconds(arguments, environment, folder)
                # The first round only warms up.
                if turn:
                    found[kind].append(spent)
    bare, *_ = found.values()
    rows = []
    for kind, most in MOST.items():
        ratio = median(one / other for one, other in zip(found[kind], bare, strict=True))
        middle = 1000 * median(found[kind])
        absolute = f"{middle:.0f} ms of {1000 * median(bare):.0f} ms"
        rows.append(Row(kind, f"{ratio:.1f} x", f"{most} x", absolute, ratio <= most))
    return rows


def main() -> None:
    """
    Print the figures.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    for row in measure(parser.parse_args().rounds):
        print(row)


if __name__ == "__main__":
    main()
