"""
Several processes serve one database: workers of a server, and servers of their own.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid1

import httpx2
import pytest

from tests.brokers import broker_at
from tests.entry.cli_terminal import FIRST, SECOND, THEY, YOU, Terminal
from tests.patience import PATIENCE, until
from tests.servers import Server, served


if TYPE_CHECKING:
    from collections.abc import Iterator


PASSWORD = "correct horse"
DATABASES = [
    "sqlite",
    *(pytest.param(kind, marks=pytest.mark.service) for kind in ("postgres", "mariadb")),
]
pytestmark = pytest.mark.slow


@pytest.fixture(params=DATABASES)
def terminal(request: pytest.FixtureRequest, tmp_path: Path) -> Terminal:
    """
    Sit down before a database of each kind in turn, in which you have an account.
    """
    sat = Terminal.of(tmp_path)
    if request.param != "sqlite":
        sat.environ["CALNDRO_DATABASE_URL"] = request.getfixturevalue(f"clean_{request.param}")
    sat.done("user", "add", YOU, "--password-stdin", "--staff", stdin=PASSWORD)
    return sat


@pytest.fixture
def alone(tmp_path: Path) -> Terminal:
    """
    Sit down before an SQLite database in which you have an account.
    """
    sat = Terminal.of(tmp_path)
    sat.done("user", "add", YOU, "--password-stdin", "--staff", stdin=PASSWORD)
    return sat


def you(url: str) -> httpx2.Client:
    """
    Make a client that signs in as you.
    """
    return httpx2.Client(base_url=url, auth=(YOU, PASSWORD), timeout=PATIENCE)


def serving(server: Server) -> set[int]:
    """
    Name the processes of a server that have come up and live.
    """
    said = " ".join(line["message"] for line in server.lines())
    return {int(pid) for pid in _STARTED.findall(said) if Path(f"/proc/{pid}").exists()}


_STARTED = re.compile(r"Started server process \[(\d+)\]")


def propose(client: httpx2.Client, **headers: str) -> httpx2.Response:
    """
    Open an event.
    """
    body = {"parties": [YOU, THEY], "slots": [slot(FIRST), slot(SECOND)]}
    return client.post("/", json=body, headers=headers)


def slot(text: str) -> dict[str, str]:
    """
    Write a slot as HTTP wants it.
    """
    begin, _, duration = text.partition("/")
    return {"begin": begin, "duration": duration}


def work(url: str, times: int) -> list[int]:
    """
    Propose, and do to that event what people do; gives the statuses.
    """
    statuses = []
    with you(url) as client:
        for _ in range(times):
            event = propose(client)
            where = event.json()["url"]
            seen = client.get(where)
            kept = client.patch(where, json={"keep": [slot(FIRST)]})
            told = {"parties": [THEY], "slots": [slot(FIRST)]}
            answers = [event, seen, kept, client.post(f"{where}notify/", json=told)]
            answers += [client.get(f"{where}log/"), client.get("/", params={"limit": 5})]
            statuses += [answer.status_code for answer in answers]
    return statuses


def test_four_workers_under_load(terminal: Terminal, tmp_path: Path) -> None:
    """
    Four workers answer what eight clients ask at once, no request fails, and all logs are whole.
    """
    environ = {"CALNDRO_RATE_LIMITS": "off"}
    with served(terminal, tmp_path / "log", "--workers", "4", **environ) as server:
        until(lambda: len(serving(server)) == 4)
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda _: work(server.url, 3), range(8)))
        # Each letter is taken by one of the four.
        until(lambda: terminal.json("outbox", "list") == [])
        assert server.stop() == 0

    assert found == [[201, 200, 202, 202, 200, 200] * 3] * 8
    assert terminal.run("audit", "verify").exit_code == 0
    sent = [line for line in server.lines() if line.get("outcome") == "sent" and "event" in line]
    assert len(sent) == len({line["event"] for line in sent}) == 24


def test_a_worker_that_dies_is_replaced(alone: Terminal, tmp_path: Path) -> None:
    """
    After a worker was killed another takes its place, and the others have answered meanwhile.
    """
    with served(alone, tmp_path / "log", "--workers", "2", CALNDRO_RATE_LIMITS="off") as server:
        until(lambda: len(serving(server)) == 2)
        before = serving(server)
        os.kill(min(before), signal.SIGKILL)
        with you(server.url) as client:
            assert client.get("/").status_code == 200
        until(lambda: len(serving(server)) == 2 and serving(server) != before)

        assert serving(server) & before


@pytest.mark.parametrize("workers", ["1", "2"])
def test_what_is_under_way_is_finished(alone: Terminal, tmp_path: Path, workers: str) -> None:
    """
    A request that has begun when the server is told to stop is answered, and then it ends well.
    """
    body = json.dumps({"parties": [YOU], "slots": [slot(FIRST)]}).encode()
    with served(alone, tmp_path / "log", "--workers", workers, CALNDRO_RATE_LIMITS="off") as server:
        with you(server.url) as client:
            token = client.post(
                "/api-token-auth/", json={"username": YOU, "password": PASSWORD}
            ).json()["token"]
        head = (
            f"POST / HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nAuthorization: Token {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            "Expect: 100-continue\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as slow:
            slow.sendall(head.encode() + body[:10])
            said = slow.makefile("rb")
            assert [said.readline(), said.readline()] == [b"HTTP/1.1 100 Continue\r\n", b"\r\n"]
            server.process.send_signal(signal.SIGTERM)
            until(lambda: "Shutting down" in server.log.read_text("utf-8"))
            slow.sendall(body[10:])
            answer = said.read()
        status = server.process.wait(PATIENCE)

    assert answer.startswith(b"HTTP/1.1 201 ")
    assert status == 0


@pytest.fixture
def pair(terminal: Terminal, tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    """
    Run two servers that know nothing of each other but the database, the key and a Redis.
    """
    environ = {"CALNDRO_SECRET_KEY": "k" * 40, "CALNDRO_LIMITS_URL": broker_at("redis")}
    with ExitStack() as opened:
        one, other = (
            opened.enter_context(served(terminal, tmp_path / name, **environ))
            for name in ("one", "other")
        )
        yield one, other


@pytest.mark.service
def test_two_servers_are_one(pair: tuple[Server, Server]) -> None:
    """
    What one did the other knows: an event, a revision, a session, a repeated request.
    """
    one, other = pair
    with you(one.url) as here, you(other.url) as there:
        first = propose(here, **{"Idempotency-Key": "k-1"})
        again = propose(there, **{"Idempotency-Key": "k-1"})
        assert first.status_code == again.status_code == 201
        assert first.json()["id"] == again.json()["id"]
        number = first.json()["id"]

        stale = {"If-Match": here.get(f"/{number}/").headers["ETag"]}
        assert there.patch(f"/{number}/", json={"keep": [slot(FIRST)]}).status_code == 202
        late = here.patch(f"/{number}/", json={"keep": []}, headers=stale)
        assert late.status_code == 412

    form = {"username": YOU, "password": PASSWORD}
    with httpx2.Client(timeout=PATIENCE) as browser:
        page = {"Accept": "text/html", "Origin": one.url, "Sec-Fetch-Site": "same-origin"}
        assert browser.post(f"{one.url}/login/", data=form, headers=page).status_code == 303
        kept = "; ".join(f"{each.name}={each.value}" for each in browser.cookies.jar)
        assert kept
        assert (
            httpx2.get(f"{other.url}/", headers={"Cookie": kept}, timeout=PATIENCE).status_code
            == 200
        )


@pytest.mark.service
def test_the_same_key_at_both_at_once(pair: tuple[Server, Server]) -> None:
    """
    Of requests with one key that reach both servers together, one has an effect, all its answer.
    """

    def ask(number: int) -> Any:
        with you(pair[number % 2].url) as client:
            return propose(client, **{"Idempotency-Key": "race"}).json().get("id")

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(ask, range(16)))

    assert len(found) == 1
    assert None not in found


@pytest.mark.service
def test_limits_are_counted_together(pair: tuple[Server, Server]) -> None:
    """
    Ten wrong passwords, some here and some there, are ten; the next is refused by both.
    """
    # Whoever else counts in this Redis counts others.
    wrong = {"username": f"{uuid1().hex}@here.net", "password": "wrong"}
    urls = [server.url for server in pair]
    statuses = [
        httpx2.post(f"{urls[turn % 2]}/api-token-auth/", json=wrong, timeout=PATIENCE).status_code
        for turn in range(12)
    ]

    assert statuses[10:] == [429, 429]
    assert 429 not in statuses[:10]


def test_alone_each_counts_for_itself(alone: Terminal, tmp_path: Path) -> None:
    """
    It is the Redis that counts together: without one, the eleventh passes at another server.
    """
    wrong = {"username": "nobody@here.net", "password": "wrong"}
    with ExitStack() as opened:
        urls = [
            opened.enter_context(served(alone, tmp_path / name)).url for name in ("one", "other")
        ]
        statuses = [
            httpx2.post(
                f"{urls[turn % 2]}/api-token-auth/", json=wrong, timeout=PATIENCE
            ).status_code
            for turn in range(12)
        ]

    assert 429 not in statuses


def test_letters_can_be_left_to_others(alone: Terminal, tmp_path: Path) -> None:
    """
    With ``--no-deliver`` a server sends nothing, and ``deliver`` finds what it has queued.
    """
    with (
        served(alone, tmp_path / "log", "--no-deliver", CALNDRO_RATE_LIMITS="off") as server,
        you(server.url) as client,
    ):
        number = propose(client).json()["id"]
        told = {"parties": [THEY], "slots": [slot(FIRST), slot(SECOND)]}
        assert client.post(f"/{number}/notify/", json=told).status_code == 202
        assert client.get("/").status_code == 200

    assert not [line for line in server.lines() if "outcome" in line]
    sent = alone.json("deliver")
    assert [(each["event"], each["outcome"]) for each in sent] == [(number, "sent")]


def test_several_workers_without_redis_are_warned_of(tmp_path: Path) -> None:
    """
    Who starts several workers without a place to count limits in is told what that means.
    """
    terminal = Terminal.of(tmp_path)
    with served(terminal, tmp_path / "log", "--workers", "2") as server:
        said = server.log.read_text("utf-8")
    with served(terminal, tmp_path / "one", "--workers", "1") as alone:
        nothing = alone.log.read_text("utf-8")

    assert "CALNDRO_LIMITS_URL: 2 workers count limits each on its own" in said
    assert "CALNDRO_LIMITS_URL" not in nothing
