"""
Promise letters while the mail server fails and workers are killed, and count what became.

Run as ``python -m tests.faults.mail KILLS LETTERS``; prints its figures as one JSON line and
fails when one is out of bounds.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random  # noqa: TID251 - what goes wrong is drawn, by seed
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import TYPE_CHECKING

import attrs

from calndro.adapters.sql.storage import SqlStorage
from calndro.core.access import Caller
from calndro.core.errors import RuleError
from calndro.core.party import Address
from calndro.usecases import events, outbox
from tests.faults.worker import wired


if TYPE_CHECKING:
    from collections.abc import Iterator

    from calndro.usecases.services import Services


ROOT = Path(__file__).parents[2]
STAFF = Caller(Address.parse("staff@example.org"), staff=True, local=True)
WORKERS = 3
PARTIES = 5
PATIENCE = 240.0
SLOT = "2046-12-01T09:00Z/PT1H"


@attrs.frozen(kw_only=True)
class Figures:
    """
    What a run came to.

    Args:
        promised: NOTIFY entries by people.
        taken: How many different letters the mail server took.
        failed: How many ended failed.
        lost: Promised, but neither taken nor failed.
        repeated: Letters taken again.
        unconfirmed: Letters taken whose confirmation the server dropped.
        kills: Workers killed.
        twice_logged: Promises with more than one outcome in the log.
        untrue: Logged as sent and never taken, or as failed and never refused.
        seconds: How long it took, whole.
    """

    promised: int
    taken: int
    failed: int
    lost: int
    repeated: int
    unconfirmed: int
    kills: int
    twice_logged: int
    untrue: int
    seconds: int

    @property
    def are_in_bounds(self) -> bool:
        """
        Nothing lost, nothing untrue, and no repeated letter without a reason.
        """
        excused = self.unconfirmed + self.kills
        return self.lost == self.twice_logged == self.untrue == 0 and self.repeated <= excused


def run(
    url: str, folder: Path, *, kills: int, letters: int, careless: bool = False, calm: bool = False
) -> Figures:
    """
    Promise *letters* letters and kill workers *kills* times while they are delivered.

    Args:
        url: Of a database with its schema.
        folder: Where the mail server may write.
        kills: How often.
        letters: How many; a multiple of the parties of an event.
        careless: Let workers send only what they have settled.
        calm: Let the mail server do its work.
    """
    began = monotonic()
    chance = Random(letters)  # noqa: S311 - chance, not secrets
    record = folder / "record.jsonl"
    with ExitStack() as running, SqlStorage(url) as storage:
        post = running.enter_context(
            program("post_office", str(record), str(letters), *(["calm"] * calm))
        )
        assert post.stdout is not None
        port = post.stdout.readline().strip()
        words = ("worker", url, port, *(["careless"] * careless))
        services = wired(storage, int(port))
        workers = [running.enter_context(ExitStack()) for _ in range(WORKERS)]
        for each in workers:
            each.enter_context(program(*words))
        count = letters // PARTIES
        first = promise(services, 0)
        for number in range(max(kills, count)):
            if 0 < number < count:
                promise(services, number)
            if number < kills:
                sleep(chance.uniform(0.1, 0.5))
                victim = chance.choice(workers)
                victim.close()
                victim.enter_context(program(*words))
        wait(services)
        if careless:
            # What it says it has handed over may still be on its way.
            sleep(3)
    return counted(
        first, storage_url=url, record=record, kills=kills, seconds=int(monotonic() - began)
    )


@contextmanager
def program(name: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    """
    Run a program of this folder until it is killed at the end, with all that it has started.
    """
    output = subprocess.PIPE if name == "post_office" else subprocess.DEVNULL
    command = [sys.executable, "-m", f"tests.faults.{name}", *words]
    program = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=output,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        yield program
    finally:
        # A program may have started others.
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()
        if program.stdout is not None:
            program.stdout.close()


def promise(services: Services, number: int) -> int:
    """
    Promise a letter to each party of a new event; give its id.
    """
    parties = [f"p{number}-{party}@here.net" for party in range(PARTIES)]
    event = events.propose(services, STAFF, parties=parties, slots=[SLOT])
    events.notify(services, STAFF, event.id, parties, event.slots)
    return event.id


def wait(services: Services, patience: float = PATIENCE) -> None:
    """
    Wait until no letter waits.

    Raises:
        TimeoutError: Some still do.
    """
    end = monotonic() + patience
    while found := outbox.list_letters(services, STAFF):
        if monotonic() > end:
            raise TimeoutError(f"{len(found)} letters still wait")
        held = [each.post.id for each in found if each.post.held]
        try:
            outbox.retry_letters(services, STAFF, held)
        except (RuleError, LookupError):
            # Somebody else was faster.
            continue
        sleep(0.2)


def counted(first: int, *, storage_url: str, record: Path, kills: int, seconds: int) -> Figures:
    """
    Compare what was promised, since event *first*, with the log and the mail server's record.
    """
    facts = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]
    taken = Counter(fact["taken"] for fact in facts if "taken" in fact)
    refused = {fact["refused"] for fact in facts if "refused" in fact}
    promised: dict[str, str] = {}
    ends: dict[str, list[str]] = {}
    with SqlStorage(storage_url) as storage, storage.snapshot() as work:
        for ledger in work.events.page(
            None, status=None, with_closed=True, after=first - 1, limit=1_000_000
        ):
            for entry in work.events.entries(
                ledger.id, after=0, limit=1_000_000, with_deliveries=True
            ):
                if entry.occurrence.value != "NOTIFY":
                    continue
                of = entry.data.get("of", entry.seq)
                number = entry.data["recipient"]
                name = f"<{ledger.chain.uuid}.{of}.{number}@example.org>"
                if "delivery" in entry.data:
                    ends.setdefault(name, []).append(entry.data["delivery"])
                else:
                    promised[name] = ledger.name(number)
    failed = {name for name, how in ends.items() if "failed" in how}
    sent = {name for name, how in ends.items() if "sent" in how}
    return Figures(
        promised=len(promised),
        taken=len(taken),
        failed=len(failed),
        lost=len(promised.keys() - taken.keys() - failed),
        repeated=taken.total() - len(taken),
        unconfirmed=sum(not fact.get("confirmed", True) for fact in facts),
        kills=kills,
        twice_logged=sum(len(how) != 1 for how in ends.values()),
        untrue=len(sent - taken.keys()) + sum(promised[name] not in refused for name in failed),
        seconds=seconds,
    )


def main() -> None:
    """
    Do as the command line says.
    """
    kills, letters = map(int, sys.argv[1:])
    with TemporaryDirectory(prefix="calndro-") as folder:
        figures = run(f"sqlite:///{folder}/team.db", Path(folder), kills=kills, letters=letters)
    sys.stdout.write(json.dumps(attrs.asdict(figures)) + "\n")
    sys.exit(0 if figures.are_in_bounds else 1)


if __name__ == "__main__":
    main()
