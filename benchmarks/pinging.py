"""
What it would cost to ask each pooled connection whether it is alive before it is used.

    python -m benchmarks.pinging URL [--requests 3000]

calndro does not ask: what a transaction begins with finds a connection that broke, before
anything was done on it, and another one takes its place. The other way is SQLAlchemy's
``pool_pre_ping``. Both look an event up, turn by turn; the processor's time is this program's,
without the server's.
"""

from __future__ import annotations

import argparse
import sys
from statistics import median
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Final

from calndro.adapters.sql.storage import SqlStorage


if TYPE_CHECKING:
    from sqlalchemy import Pool


ROUNDS: Final = 20


def measure(url: str, requests: int) -> str:
    """
    Look an event up, with and without a ping; tells what one look took.

    Args:
        url: Of a database on a server, which has its schema.
        requests: How many of each kind.
    """
    with SqlStorage(url) as storage:
        pool: Pool = storage.database.engine.pool
        found: dict[bool, list[tuple[float, float]]] = {False: [], True: []}
        for number in range(2 * ROUNDS):
            pings = bool(number % 2)
            # As create_engine(pool_pre_ping=True) has it.
            pool._pre_ping = pings  # noqa: SLF001  one pool, lest two have different luck
            begun, worked = perf_counter(), process_time()
            for _ in range(requests // ROUNDS):
                with storage.snapshot() as work:
                    work.events.get(1)
            many = requests // ROUNDS
            found[pings].append(
                ((process_time() - worked) / many * 1e6, (perf_counter() - begun) / many * 1e6)
            )
    (without, waited), (with_, waited_too) = (
        tuple(median(column) for column in zip(*found[pings], strict=True))
        for pings in (False, True)
    )
    return (
        f"without a ping {without:.0f} us of processor and {waited:.0f} us in all; "
        f"with one {with_:.0f} and {waited_too:.0f}"
    )


def main() -> None:
    """
    Measure at the database that is named.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--requests", type=int, default=3000)
    asked = parser.parse_args()
    sys.stdout.write(measure(asked.url, asked.requests) + "\n")


if __name__ == "__main__":
    main()
