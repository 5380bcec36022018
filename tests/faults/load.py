"""
Many clients at once, who propose, look, change, and tell; all they are told is kept.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from io import StringIO
from itertools import count
from random import Random  # noqa: TID251 - what is asked is drawn, by seed
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4  # noqa: TID251 - keys that nobody else has

import attrs

from calndro.core.access import Caller
from calndro.core.party import Address
from calndro.entry.settings import Settings
from calndro.entry.wiring import open_services
from calndro.usecases import accounts, events
from tests.faults.asking import Client, LostError
from tests.faults.deeds import WRITES, Deed, slot


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.faults.asking import Answer


STAFF: Final = Caller(Address.parse("staff@example.org"), staff=True, local=True)
PEOPLE: Final = tuple(f"p{number}@here.net" for number in range(6))
SLOTS: Final = 12
CLIENTS: Final = 64
_PAUSE: Final = 0.05
_ATTEMPTS: Final = 400
_KINDS: Final = ("GET", "HEAD", "PATCH", "NOTIFY", "POST")
_PATHS: Final = {"NOTIFY": "notify/"}
_METHODS: Final = {"NOTIFY": "POST"}


@attrs.frozen
class Mix:
    """
    What clients ask for.

    Args:
        weights: How often each kind of deed comes, of GET, HEAD, PATCH, NOTIFY and POST.
        careful: How many of the changes have an If-Match, which is often stale.
    """

    weights: tuple[int, int, int, int, int]
    careful: float


EVERYTHING: Final = Mix((20, 12, 58, 7, 3), 0.5)
"""For those who judge what was told: half of it is not done, or changes nothing."""

WRITING: Final = Mix((6, 4, 74, 12, 4), 0.1)
"""For those who judge what has been stored: nearly all of it is acknowledged."""


def enlist(url: str) -> dict[str, str]:
    """
    Register everybody in a database; returns their API tokens.
    """
    with open_services(Settings(database_url=url), StringIO()) as services:
        for person in PEOPLE:
            accounts.register_locally(services, Caller(Address.parse(person), local=True))
        return {person: accounts.issue_api_token_for(services, STAFF, person) for person in PEOPLE}


def propose(url: str, many: int) -> list[int]:
    """
    Open events that everybody is a party of.
    """
    slots = [f"{each['begin']}/PT1H" for each in map(slot, range(8))]
    with open_services(Settings(database_url=url), StringIO()) as services:
        return [
            events.propose(services, STAFF, parties=list(PEOPLE), slots=slots).id
            for _ in range(many)
        ]


class Load:
    """
    Clients of some servers.

    Args:
        ports: Of the servers.
        tokens: Of the people, by address.
        about: The events they work on.
        seed: Of all chance.
        calm: Whether nothing is meant to go wrong: then a lost answer is an error.
        mix: What they ask for.
    """

    def __init__(
        self,
        ports: Sequence[int],
        tokens: Mapping[str, str],
        about: Sequence[int],
        seed: int,
        *,
        calm: bool = False,
        mix: Mix = EVERYTHING,
    ) -> None:
        self.deeds: list[Deed] = []
        self.complaints: list[str] = []
        self.acknowledged = 0
        self.lost = 0
        self.unanswered = 0
        self.times: list[float] = []
        self._calm = calm
        self._mix = mix
        self._tokens = tokens
        self._about = about
        self._chance = Random(seed)  # noqa: S311 - chance, not secrets
        self._numbers = count(1)
        # Keys outlive a load; its place in memory may come again.
        self._name = uuid4().hex
        self._seen: dict[int, tuple[int, list[dict[str, str]]]] = {}
        self.clients = [Client(ports, first) for first in range(CLIENTS)]

    def in_flight(self, ports: Sequence[int]) -> int:
        """
        Count the requests that wait for an answer from some servers.
        """
        return sum(client.is_asking and client.port in ports for client in self.clients)

    async def run(self, goes_on: Callable[[], bool], pause: float = 0.0) -> None:
        """
        Let all clients work, each on its own, as long as they shall.

        Args:
            goes_on: Asked before each deed.
            pause: Seconds of rest for a client after each.
        """
        async with asyncio.TaskGroup() as group:
            for client in self.clients:
                group.create_task(self._work(client, goes_on, pause))

    async def _work(self, client: Client, goes_on: Callable[[], bool], pause: float) -> None:
        try:
            while goes_on():
                deed = self._drawn()
                self.deeds.append(deed)
                await self._do(client, deed)
                if pause:
                    await asyncio.sleep(pause)
        finally:
            await client.close()

    def _drawn(self) -> Deed:
        chance = self._chance
        (kind,) = chance.choices(_KINDS, self._mix.weights)
        event = 0 if kind == "POST" else chance.choice(self._about)
        deed = Deed(kind=kind, event=event, by=chance.choice(PEOPLE))
        revision, slots = self._seen.get(event, (0, []))
        number = next(self._numbers)
        if kind == "PATCH":
            deed.body = self._change(slots, number)
            if revision and chance.random() < self._mix.careful:
                deed.expected = revision
        elif kind == "NOTIFY":
            deed.body = {"parties": chance.sample(PEOPLE, 2), "slots": slots}
        elif kind == "POST":
            deed.body = {"parties": list(PEOPLE), "slots": [slot(number % SLOTS)]}
        if kind in WRITES and chance.random() < 0.5:
            deed.key = f"{self._name}-{number}"
        return deed

    def _change(self, slots: list[dict[str, str]], number: int) -> dict[str, Any]:
        chance = self._chance
        form = chance.choices(["keep", "add", "slots", "title"], [40, 35, 10, 15])[0]
        body: dict[str, Any] = {}
        if form == "keep":
            body["keep"] = chance.sample(slots, max(len(slots) - 1, 0))
        elif form == "add":
            body["add"] = [slot(each) for each in chance.sample(range(SLOTS), 2)]
        elif form == "slots":
            body["slots"] = [slot(each) for each in sorted(chance.sample(range(SLOTS), 7))]
        if form == "title" or chance.random() < 0.5:
            # What nobody else writes tells one deed from all others.
            body["title"] = f"number {number}"
        return body

    async def _do(self, client: Client, deed: Deed) -> None:
        path = f"/{deed.event}/{_PATHS.get(deed.kind, '')}" if deed.event else "/"
        method = _METHODS.get(deed.kind, deed.kind)
        headers = {}
        if deed.expected is not None:
            headers["If-Match"] = f'"{deed.expected}"'
        if deed.key is not None:
            headers["Idempotency-Key"] = deed.key
        deed.began = perf_counter()
        for _ in range(_ATTEMPTS if deed.key else 1):
            begun = perf_counter()
            try:
                answer = await client.ask(
                    method, path, self._tokens[deed.by], deed.body or None, headers
                )
            except LostError:
                self._miss(deed, 0)
            else:
                self.times.append(perf_counter() - begun)
                if answer.status != 503:
                    self._take(deed, answer)
                    break
                self._miss(deed, 503)
                if "retry-after" not in answer.headers:
                    self.complaints.append("a 503 did not say when to come again")
            await asyncio.sleep(_PAUSE)
        deed.ended = perf_counter()

    def _miss(self, deed: Deed, status: int) -> None:
        deed.status = status
        deed.lost += 1
        self.lost += 1
        self.unanswered += not status
        if self._calm:
            self.complaints.append(f"{deed.kind} was answered {status or 'nothing'}")

    def _take(self, deed: Deed, answer: Answer) -> None:
        deed.status = answer.status
        deed.take(answer.headers.get("calndro-audit", ""), answer.headers.get("etag", ""))
        with suppress(ValueError):
            deed.answer = answer.json
        shown = deed.answer.get("event", deed.answer) if deed.status == 412 else deed.answer
        if "revision" in shown:
            self._seen[shown["id"]] = (shown["revision"], shown["slots"])
        if deed.kind == "POST" and deed.is_done:
            deed.event = deed.answer["id"]
        self.acknowledged += deed.is_done and deed.kind in WRITES
