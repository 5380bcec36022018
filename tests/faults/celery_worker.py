"""
A worker of Celery with little patience and a beat, as a program to be killed.

Run as ``python -m tests.faults.celery_worker BROKER QUEUE URL PORT``. With ``careless`` behind
that, letters leave only after the outbox has been told that they were sent; with ``unswept``
there is no beat: the controls that must lose letters, or leave them.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs

from calndro.adapters.celery import CeleryBell, make_app
from calndro.adapters.sql.storage import SqlStorage
from calndro.entry.worker import Rounds
from tests.faults.worker import wired


if TYPE_CHECKING:
    from collections.abc import Iterator

    from calndro.usecases.services import Services


EVERY = 1.0


def main() -> None:
    """
    Do as the command line says, until killed.
    """
    broker, queue, url, port, *how = sys.argv[1:]

    @contextmanager
    def opened() -> Iterator[Services]:
        with SqlStorage(url) as storage, CeleryBell(broker, queue=queue) as bell:
            services = wired(storage, int(port), careless="careless" in how)
            yield attrs.evolve(services, ring=bell.ring)

    rounds = Rounds(opened)
    app = make_app(broker, rounds.go, rounds.close, queue=queue, every=EVERY)
    name = f"--hostname={queue}-{os.getpid()}@%h"
    beat = [] if "unswept" in how else ["--beat"]
    app.worker_main(["worker", name, "--concurrency=1", "--without-mingle", *beat])


if __name__ == "__main__":
    main()
