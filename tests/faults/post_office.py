"""
A mail server that fails at random, as a program.

Run as ``python -m tests.faults.post_office RECORD SEED``. It prints its port, and writes one
JSON line into RECORD for each letter it takes or refuses for good. With ``calm`` behind that
it takes everything; with ``slow`` it takes its time for that too, and writes how many letters
it has in hand.
"""

from __future__ import annotations

import asyncio
import json
import sys
from email import message_from_bytes
from pathlib import Path
from random import Random  # noqa: TID251 - what goes wrong is drawn, by seed
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from aiosmtpd.smtp import SMTP, Envelope, Session


if TYPE_CHECKING:
    from typing import TextIO


PUT_OFF: Final = 0.25
REFUSED: Final = 0.05
RESET: Final = 0.05
STALLED: Final = 0.02
PUT_OFF_AT_THE_END: Final = 0.10
UNCONFIRMED: Final = 0.10

LOOK: Final = 0.3
STALL: Final = 1.5
OUTAGES: Final = ((2.0, 3.0), (5.0, 6.5))
"""Seconds after the first connection between which nobody is served."""


class Desk:
    """
    Answers as chance wants it, and writes down what it took.
    """

    def __init__(self, record: TextIO, chance: Random) -> None:
        self._record = record
        self._chance = chance
        self._refused: dict[str, bool] = {}

    async def handle_RCPT(  # noqa: N802 - aiosmtpd looks for the command in capitals
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """
        Take a recipient, or not; one that does not exist never does.
        """
        lost = self._refused.setdefault(address, self._chance.random() < REFUSED)
        drawn = self._chance.random()
        if drawn < PUT_OFF:
            return "451 4.3.0 Later"
        if drawn < PUT_OFF + RESET:
            return await self._reset(server)
        if drawn < PUT_OFF + RESET + STALLED:
            await asyncio.sleep(STALL)
        if lost:
            self._write({"refused": address})
            return "550 5.1.1 Unknown"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(  # noqa: N802 - likewise
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """
        Take a letter, or not, or take it and be silent about it.
        """
        drawn = self._chance.random()
        if drawn < PUT_OFF_AT_THE_END:
            return "451 4.3.0 Later"
        content = envelope.content
        assert isinstance(content, bytes)
        confirmed = drawn >= PUT_OFF_AT_THE_END + UNCONFIRMED
        self._write({"taken": message_from_bytes(content)["Message-ID"], "confirmed": confirmed})
        return "250 2.0.0 Ok" if confirmed else await self._reset(server)

    async def _reset(self, server: SMTP) -> str:
        if isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        await asyncio.sleep(STALL)
        return "421 4.3.2 Gone"

    def _write(self, fact: dict[str, Any]) -> None:
        self._record.write(json.dumps(fact) + "\n")
        self._record.flush()


class SlowDesk(Desk):
    """
    Looks at every letter for a moment, at each other one when it has already taken it.
    """

    in_hand = 0
    looks_first = False

    async def handle_DATA(  # noqa: N802 - likewise
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """
        Take a letter; whoever sent it may be gone by then.
        """
        self.looks_first = not self.looks_first
        moments = (LOOK, 0) if self.looks_first else (0, LOOK)
        self._count(1)
        try:
            await asyncio.sleep(moments[0])
            answer = await super().handle_DATA(server, session, envelope)
            await asyncio.sleep(moments[1])
        finally:
            self._count(-1)
        return answer

    def _count(self, more: int) -> None:
        self.in_hand += more
        self._write({"in_hand": self.in_hand})


class Calm(Random):
    """
    A chance at which nothing goes wrong.
    """

    def random(self) -> float:
        """
        Draw what no fault reaches.
        """
        return 1.0


class Door(SMTP):
    """
    A connection that is cut at once during an outage.
    """

    opened: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """
        Let somebody in, unless it is the wrong time.
        """
        if Door.opened is None:
            Door.opened = monotonic()
        since = monotonic() - Door.opened
        if any(begin <= since < end for begin, end in OUTAGES):
            assert isinstance(transport, asyncio.Transport)
            transport.abort()
            return
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """
        Forget somebody, who may never have been in.
        """
        if self.transport is not None:
            super().connection_lost(error)


async def serve(record: Path, seed: int, *, calm: bool, slow: bool) -> None:
    """
    Serve until killed.
    """
    with record.open("a", encoding="utf-8") as file:
        chance = Calm() if calm or slow else Random(seed)  # noqa: S311 - chance, not secrets
        desk = (SlowDesk if slow else Desk)(file, chance)
        if calm or slow:
            # Long ago, after all outages.
            Door.opened = float("-inf")
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: Door(desk, hostname="post.example.org", loop=loop), "127.0.0.1", 0
        )
        sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()
        await server.serve_forever()


if __name__ == "__main__":
    record, seed, *how = sys.argv[1:]
    asyncio.run(serve(Path(record), int(seed), calm="calm" in how, slow="slow" in how))
