"""
A client of several servers on this machine, which notes whether its request was answered.

It is written on bare streams, because it has to be light: it shares two cores with the
servers that it loads, and a library's client takes longer for a request than they do.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import attrs


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


HERE: Final = "127.0.0.1"
PATIENCE: Final = 60.0
_PAUSE: Final = 0.02
_LOYALTY: Final = 50
_STAY: Final = 50
_NO_HEADERS: Final[Mapping[str, str]] = {}


class LostError(Exception):
    """
    A request was sent, at least in part, and no answer came.
    """


@attrs.frozen
class Answer:
    """
    What came back.

    Args:
        status: As a number.
        headers: By name in lower case.
        body: As sent.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """
        The body, read.
        """
        return json.loads(self.body)


class Client:
    """
    One connection at a time, to whichever of the servers takes it.

    Args:
        ports: Of the servers.
        first: Which of them it asks, unless that is away for a second; then it asks another,
            and looks after some answers whether the first is back.
        patience: Seconds to wait for an answer.
    """

    def __init__(self, ports: Sequence[int], first: int = 0, patience: float = PATIENCE) -> None:
        self._ports = ports
        self._home = self._at = first
        self._patience = patience
        self._answers = 0
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.is_asking = False

    @property
    def port(self) -> int:
        """
        Of the server it talks to.
        """
        return self._ports[self._at % len(self._ports)]

    async def ask(
        self,
        method: str,
        path: str,
        token: str,
        body: object = None,
        headers: Mapping[str, str] = _NO_HEADERS,
    ) -> Answer:
        """
        Send a request and wait for its answer; who has not been reached is tried again.

        Raises:
            LostError: No whole answer came; nobody knows what became of the request.
        """
        reader, writer = self._streams or await self._connected()
        self._streams = None
        self.is_asking = True
        try:
            writer.write(self._written(method, path, token, body, headers))
            async with asyncio.timeout(self._patience):
                answer = await _read(reader, method)
        except (OSError, EOFError, TimeoutError) as error:
            await _hang_up(writer)
            raise LostError(str(error)) from error
        except asyncio.CancelledError:
            writer.close()
            raise
        finally:
            self.is_asking = False
        self._answers += 1
        has_stayed = self._at != self._home and self._answers >= _STAY
        if answer.headers.get("connection") == "close" or has_stayed:
            await _hang_up(writer)
        else:
            self._streams = (reader, writer)
        return answer

    async def close(self) -> None:
        """
        Hang up.
        """
        if self._streams is not None:
            await _hang_up(self._streams[1])

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        self._answers = 0
        async with asyncio.timeout(self._patience):
            for attempt in count():
                self._at = self._home + attempt // _LOYALTY
                try:
                    return await asyncio.open_connection(HERE, self.port)
                except OSError:
                    await asyncio.sleep(_PAUSE)
        raise AssertionError

    def _written(
        self, method: str, path: str, token: str, body: object, headers: Mapping[str, str]
    ) -> bytes:
        sent = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", f"Host: {HERE}:{self.port}"]
        lines += [f"Authorization: Token {token}"] * bool(token)
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if sent:
            lines += ["Content-Type: application/json", f"Content-Length: {len(sent)}"]
        return "\r\n".join([*lines, "", ""]).encode() + sent


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


async def _read(reader: asyncio.StreamReader, method: str) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    status = int(head[0].split(" ")[1])
    pairs = (line.partition(":") for line in head[1:] if line)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    size = 0 if method == "HEAD" else int(headers.get("content-length", "0"))
    return Answer(status, headers, await reader.readexactly(size))
