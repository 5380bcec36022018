"""
Connections, as the server that runs for real keeps and ends them.
"""

from __future__ import annotations

import json
import re
import socket
import time
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest
import uvicorn
from starlette.datastructures import Headers

from calndro.entry.http.envelope import ALWAYS, TRANSPORT_SECURITY
from calndro.entry.http.listening import MOST_HEAD, Connection
from tests.entry.http_site import Site
from tests.patience import PATIENCE


if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp, Receive, Scope, Send


HEAD = b"GET /healthz HTTP/1.1\r\nHost: here.net\r\n"
CHUNKED = (
    b"POST /api-token-auth/ HTTP/1.1\r\nHost: here.net\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)


@contextmanager
def served(app: ASGIApp, connection: type[Connection]) -> Iterator[tuple[str, int]]:
    """
    Serve an application; tells where.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(
            uvicorn.Config(
                app, http=connection, access_log=False, log_config=None, timeout_keep_alive=1
            )
        )
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield listener.getsockname()
        server.should_exit = server.force_exit = True
        thread.join(PATIENCE)
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    """
    Where a server is, while it runs.
    """
    with served(Site().app, Connection) as address:
        yield address


def everything(address: tuple[str, int], sent: bytes) -> bytes:
    """
    Send something, and read until the server closes the connection.
    """
    told = b""
    with socket.create_connection(address, timeout=PATIENCE) as client:
        client.sendall(sent)
        while piece := client.recv(65_536):
            told += piece
    return told


def first_line(
    address: tuple[str, int], beginning: bytes, more: bytes = b"", times: int = 0
) -> str:
    """
    Send a request piece by piece, and give how its answer begins; empty if it is cut off.
    """
    with socket.create_connection(address, timeout=PATIENCE) as client:
        try:
            client.sendall(beginning)
            for _ in range(times):
                client.sendall(more)
            return client.recv(4096).partition(b"\r\n")[0].decode()
        except ConnectionError:
            return ""


@pytest.mark.parametrize(
    ("beginning", "more"),
    [
        (HEAD + b"X-Long: ", b"a" * 8192),
        (HEAD, b"X-Many: a\r\n" * 800),
        (b"GET /", b"a" * 8192),
        (CHUNKED + b"2\r\n{}\r\n0\r\nX-Trailer: ", b"a" * 8192),
    ],
)
def test_a_head_without_end_is_refused(
    address: tuple[str, int], beginning: bytes, more: bytes
) -> None:
    """
    Whoever never comes to the end of a head or trailer is cut off, not listened to for ever.
    """
    said = first_line(address, beginning, more, times=8 * 1024 * 1024 // len(more))

    assert said in {"", "HTTP/1.1 431 Request Header Fields Too Large"} or " 40" in said


def test_long_heads_and_bodies_are_taken(address: tuple[str, int]) -> None:
    """
    What fits is answered: a head with long values, and a body of many pieces after it.
    """
    long = HEAD + b"X-Long: " + b"a" * (MOST_HEAD // 2) + b"\r\n\r\n"
    body = b"1\r\n \r\n" * 20_000 + b"2\r\n{}\r\n0\r\n\r\n"

    assert first_line(address, long) == "HTTP/1.1 200 OK"
    assert first_line(address, CHUNKED + body) == "HTTP/1.1 400 Bad Request"


class Brisk(Connection):
    """
    A connection that is soon given up.
    """

    most_seconds = 0.3


@pytest.fixture(scope="module")
def brisk() -> Iterator[tuple[str, int]]:
    """
    Where a server is that waits for nobody.
    """
    with served(Site(public_url="https://here.net").app, Brisk) as address:
        yield address


@pytest.mark.parametrize(
    ("beginning", "status"),
    [
        (b"", ""),
        (b"\r\n", ""),
        (b"GET", "408"),
        (HEAD, "408"),
        (CHUNKED + b"1\r\n{\r\n", "408"),
        (CHUNKED.replace(b"Transfer-Encoding: chunked", b"Content-Length: 20") + b"{}", "408"),
        (HEAD + b"\r\n" + HEAD, "200 OK 408"),
        (HEAD + b"\r\n\r\n", "200 OK"),
    ],
)
def test_who_never_ends_is_hung_up_on(
    brisk: tuple[str, int], beginning: bytes, status: str
) -> None:
    """
    A connection on which no whole request comes is closed, with 408 where one had begun.
    """
    said = everything(brisk, beginning)

    found = re.findall(r"HTTP/1\.1 (.*?)\r\n", said.decode())
    assert " ".join(found) == status.replace("408", "408 Request Timeout")


def test_bytes_that_are_no_request_do_not_keep_a_connection(brisk: tuple[str, int]) -> None:
    """
    Whoever sends empty lines for ever, after an answer as before one, is hung up on.
    """

    def pester(client: socket.socket) -> None:
        for _ in range(int(PATIENCE / 0.02)):
            client.sendall(b"\r\n")
            time.sleep(0.02)

    for beginning in (b"", HEAD + b"\r\n"):
        with socket.create_connection(brisk, timeout=PATIENCE) as client:
            client.sendall(beginning)
            with pytest.raises(ConnectionError):
                pester(client)


def test_who_never_reads_is_hung_up_on() -> None:
    """
    An answer that nobody takes is given up.
    """
    ended = Event()

    async def stream(scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for _ in range(1024):
                await send({"type": "http.response.body", "body": bytes(65_536), "more_body": True})
            await send({"type": "http.response.body", "body": b""})
            # All was sent, or nobody is there any more.
            ended.set()

    with (
        served(stream, Brisk) as address,
        socket.create_connection(address, timeout=PATIENCE) as client,
    ):
        client.sendall(HEAD + b"\r\n")
        assert ended.wait(PATIENCE)
        taken = 0
        with suppress(ConnectionError):
            while piece := client.recv(1_048_576):
                taken += len(piece)
    assert 0 < taken < 1024 * 65_536


@pytest.mark.parametrize("refused", [b"BREW\x00/ HTTP/1.1\r\n\r\n", HEAD + b"X" * 70_000, b"GET "])
def test_what_the_server_itself_refuses_protects_too(
    brisk: tuple[str, int], refused: bytes
) -> None:
    """
    Refusals that no application sees carry the headers of every answer, and a problem in JSON.
    """
    said = everything(brisk, refused)

    head, _, body = said.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = Headers(dict(line.split(": ", 1) for line in lines))
    assert json.loads(body)["status"] == int(status.split()[1])
    assert {name: headers[name] for name in ALWAYS} == ALWAYS
    assert headers["Strict-Transport-Security"] == TRANSPORT_SECURITY
    assert headers["Connection"] == "close"
    assert int(headers["Content-Length"]) == len(body)
    assert len(headers["X-Request-Id"]) == 16


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /healthz HTTP/1.0\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.0\r\nHost: here.net\r\n\r\n", 200),
        (b"GET /healthz HTTP/1.1\r\nHost: here.net\r\nHost: here.net\r\n\r\n", 400),
    ],
)
def test_a_request_names_one_host(brisk: tuple[str, int], head: bytes, status: int) -> None:
    """
    Without a Host header, or with two, a request is a 400, also in the older HTTP.
    """
    assert everything(brisk, head).startswith(b"HTTP/1.1 %d " % status)
