"""
The client that loads servers: where it goes while its own is away, and when it comes back.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.faults.asking import HERE, Client
from tests.free_ports import free_port


if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter


async def answer(reader: StreamReader, writer: StreamWriter) -> None:
    """
    Answer every request of a connection with nothing.
    """
    while await reader.readline():
        while (await reader.readline()).strip():
            pass
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
    writer.close()


def test_a_client_comes_back_to_its_own_server() -> None:
    """
    Who found its server away asks the next one, and its own again once that is back.

    Otherwise nobody asks a server that was slow to start, and a storm waits for it for ever.
    """
    own, other = free_port(), free_port()

    async def story() -> list[int]:
        client, asked = Client([own, other]), []
        async with await asyncio.start_server(answer, HERE, other):
            await client.ask("GET", "/", "")
            asked.append(client.port)
            async with await asyncio.start_server(answer, HERE, own):
                for _ in range(200):
                    await client.ask("GET", "/", "")
                    asked.append(client.port)
                await client.close()
        return asked

    asked = asyncio.run(story())

    assert asked[0] == other
    assert asked[-1] == own
    assert set(asked[asked.index(own) :]) == {own}
