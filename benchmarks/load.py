"""
Load: sends prepared requests to a server on this machine, and times the answers.

    python -m benchmarks.load --port 8000 --connections 16 --seconds 30 < requests.json

A process of its own, so that it takes no time from the server's. It stops when all
requests are answered or the seconds are over, and prints what it found as JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypedDict

import uvloop


if TYPE_CHECKING:
    from collections.abc import Iterator


HERE = "127.0.0.1"


class Asking(TypedDict):
    """
    One request, as it is handed to this process.
    """

    method: str
    path: str
    body: Any


class Figures(TypedDict):
    """
    What was found: answers a second, milliseconds, and how many were not the wanted ones.
    """

    count: int
    failed: int
    rate: float
    p50: float
    p99: float


def written(asking: Asking, token: str) -> bytes:
    """
    Write a request as it goes over the wire.
    """
    body = b"" if asking["body"] is None else json.dumps(asking["body"]).encode()
    lines = [
        f"{asking['method']} {asking['path']} HTTP/1.1",
        f"Host: {HERE}",
        f"Authorization: Token {token}",
        *([f"Content-Type: application/json\r\nContent-Length: {len(body)}"] if body else []),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Client(asyncio.Protocol):
    """
    One connection that asks as long as there is something to ask.

    Args:
        requests: Shared by all connections.
        wanted: The status line's number of every answer.
        times: Where seconds go.
        ended: Set when there is nothing left.
    """

    def __init__(
        self,
        requests: Iterator[bytes],
        wanted: bytes,
        times: list[float],
        ended: asyncio.Future[None],
    ) -> None:
        self._requests = requests
        self._wanted = b"HTTP/1.1 " + wanted
        self._times = times
        self._ended = ended
        self._received = b""
        self._missing = 0
        self._asked = 0.0
        self._transport: Any = None
        self.failed = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """
        Begin.
        """
        self._transport = transport
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        """
        End, whatever is left.
        """
        self.failed += exc is not None or self._missing != 0
        if not self._ended.done():
            self._ended.set_result(None)

    def data_received(self, data: bytes) -> None:
        """
        Take a part of an answer, and ask again when it is whole.
        """
        if self._missing:
            self._missing -= len(data)
        else:
            self._received += data
            head, end, rest = self._received.partition(b"\r\n\r\n")
            if not end:
                return
            self.failed += not head.startswith(self._wanted)
            self._missing = _length(head) - len(rest)
            self._received = b""
        if self._missing == 0:
            self._times.append(perf_counter() - self._asked)
            self._ask()

    def _ask(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            return
        self._asked = perf_counter()
        self._transport.write(request)


def _length(head: bytes) -> int:
    _, _, behind = head.lower().partition(b"\r\ncontent-length:")
    return int(behind.partition(b"\r\n")[0] or b"0")


async def send(
    requests: list[bytes], port: int, *, wanted: bytes, connections: int, seconds: float
) -> Figures:
    """
    Send all requests over some connections, in order as far as several can.

    Args:
        requests: As they go over the wire.
        port: Of a server on this machine.
        wanted: The status of every answer.
        connections: How many at once.
        seconds: After which it stops.
    """
    loop = asyncio.get_running_loop()
    begun = perf_counter()

    def until() -> Iterator[bytes]:
        for request in requests:
            if perf_counter() - begun > seconds:
                return
            yield request

    shared, times, clients, ends = until(), list[float](), [], []
    for _ in range(connections):
        ended = loop.create_future()
        _, client = await loop.create_connection(
            lambda ended=ended: Client(shared, wanted, times, ended),  # type: ignore[misc]  # mypy can't see through the default
            HERE,
            port,
        )
        clients.append(client)
        ends.append(ended)
    await asyncio.wait_for(asyncio.gather(*ends), seconds + 60)
    spent = perf_counter() - begun
    times.sort()
    return {
        "count": len(times),
        "failed": sum(client.failed for client in clients),
        "rate": len(times) / spent,
        "p50": 1000 * times[len(times) // 2],
        "p99": 1000 * times[min(len(times) - 1, len(times) * 99 // 100)],
    }


def main() -> None:
    """
    Send what stands on standard input.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=30)
    asked = parser.parse_args()
    task = json.load(sys.stdin)
    requests = [written(each, task["token"]) for each in task["requests"]]
    wanted = str(task["status"]).encode()
    figures = uvloop.run(
        send(
            requests,
            asked.port,
            wanted=wanted,
            connections=asked.connections,
            seconds=asked.seconds,
        )
    )
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
