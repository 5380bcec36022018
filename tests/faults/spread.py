"""
Spread letters over two workers of Celery, kill them in the middle of one, and count.

Run as ``python -m tests.faults.spread BROKER KILLS LETTERS``; prints its figures as one JSON
line and fails when one is out of bounds.
"""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

import attrs
from kombu import Connection

from calndro.adapters.celery import CeleryBell
from calndro.adapters.sql.storage import SqlStorage
from tests.faults.mail import PARTIES, PATIENCE, counted, program, promise, wait
from tests.faults.worker import wired


if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.faults.mail import Figures


WORKERS: Final = 2
A_WHILE: Final = 1.5


def run(
    broker: str,
    url: str,
    folder: Path,
    *,
    kills: int,
    letters: int,
    how: Sequence[str] = (),
    rings: bool = True,
    patience: float = PATIENCE,
) -> Figures:
    """
    Promise letters, and kill a worker *kills* times while each of them hands one over.

    Args:
        broker: The URL of a Redis or a RabbitMQ.
        url: Of a database with its schema.
        folder: Where the mail server may write.
        kills: How often.
        letters: How many to begin with; a multiple of the parties of an event.
        how: What workers are told besides: ``careless``, ``unswept``.
        rings: Whether they are woken once the letters are promised.
        patience: Seconds to wait until no letter waits.

    Raises:
        TimeoutError: Letters still wait.
    """
    began = monotonic()
    record, queue = folder / "record.jsonl", f"calndro-{folder.name}"
    with ExitStack() as running, SqlStorage(url) as storage:
        post = running.enter_context(program("post_office", str(record), "0", "slow"))
        assert post.stdout is not None
        port = post.stdout.readline().strip()
        running.callback(forget, broker, queue)
        words = ("celery_worker", broker, queue, url, port, *how)
        workers = [running.enter_context(ExitStack()) for _ in range(WORKERS)]
        for each in workers:
            each.enter_context(program(*words))
        services = wired(storage, int(port))
        with CeleryBell(broker, queue=queue) as bell:
            first = promise(services, 0)
            for number in range(1, letters // PARTIES):
                promise(services, number)
            if rings:
                bell.ring()
            for number in range(kills):
                while not has_in_hand(record, 1 if "careless" in how else WORKERS):
                    # A worker takes some seconds to begin, and both must have something to do.
                    promise(services, letters)
                    bell.ring()
                victim = workers[number % WORKERS]
                victim.close()
                victim.enter_context(program(*words))
        wait(services, patience)
        if "careless" in how:
            # What it says it has handed over may still be on its way.
            sleep(3)
    return counted(
        first, storage_url=url, record=record, kills=kills, seconds=int(monotonic() - began)
    )


def has_in_hand(record: Path, number: int) -> bool:
    """
    Tell whether the mail server has so many letters in hand, within a second or so.
    """
    end = monotonic() + A_WHILE
    while monotonic() < end:
        facts = [json.loads(line) for line in record.read_text("utf-8").split("\n")[:-1]]
        counts = [fact["in_hand"] for fact in facts if "in_hand" in fact]
        if counts and counts[-1] >= number:
            return True
        sleep(0.01)
    return False


def forget(broker: str, queue: str) -> None:
    """
    Leave nothing of a queue at the broker.
    """
    with Connection(broker) as connection:
        connection.SimpleQueue(queue).queue.delete()


def main() -> None:
    """
    Do as the command line says.
    """
    broker, *numbers = sys.argv[1:]
    kills, letters = map(int, numbers)
    with TemporaryDirectory(prefix="calndro-") as folder:
        url = f"sqlite:///{folder}/team.db"
        figures = run(broker, url, Path(folder), kills=kills, letters=letters)
    sys.stdout.write(json.dumps(attrs.asdict(figures)) + "\n")
    sys.exit(0 if figures.are_in_bounds else 1)


if __name__ == "__main__":
    main()
