"""
A program that writes: looks at one event again and again.

Run as ``python -m tests.contracts.writing URL EVENT TIMES``.
"""

from __future__ import annotations

import sys

import attrs

from calndro.adapters.sql.storage import SqlStorage
from calndro.adapters.system import SystemSecrets
from calndro.core.access import Caller
from calndro.usecases import events
from tests.contracts.deposits import services
from tests.examples import address


def look(storage: SqlStorage, event_id: int, times: int) -> None:
    """
    Look at an event *times* times.
    """
    # Those who collide must not wait as long as each other.
    wired = attrs.evolve(services(storage), secrets=SystemSecrets())
    for _ in range(times):
        events.view(wired, Caller(address("a"), staff=True), event_id)


def main() -> None:
    """
    Do as the command line says.
    """
    url, event_id, times = sys.argv[1:]
    with SqlStorage(url) as storage:
        look(storage, int(event_id), int(times))


if __name__ == "__main__":
    main()
