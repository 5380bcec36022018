"""
The application under the server that runs it for real.
"""

from __future__ import annotations

import socket
from contextlib import closing
from http.client import HTTPConnection
from threading import Thread
from typing import TYPE_CHECKING

import httpx2
import pytest
import uvicorn

from calndro.adapters.sql.storage import SqlStorage
from tests.entry.http_site import COMING, FIRST, PASSWORD, THEY, YOU, Site
from tests.patience import PATIENCE, until


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """
    A server on SQLite, at a free port of this machine.
    """
    path: Path = tmp_path_factory.mktemp("served")
    with SqlStorage(f"sqlite:///{path / 'calndro.db'}") as storage:
        yield Site(storage, allowed_hosts=("127.0.0.1",))


@pytest.fixture(scope="module")
def url(site: Site) -> Iterator[str]:
    """
    Where that server is, while it runs.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            site.app, http="httptools", access_log=False, log_config=None, lifespan="on"
        )
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        until(lambda: server.started)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(PATIENCE)
        assert not thread.is_alive()


def test_a_guest_needs_nothing_but_the_letter(url: str, site: Site) -> None:
    """
    Proposed, notified, mailed by the server itself, answered with the letter's token.
    """
    with httpx2.Client(base_url=url, auth=(YOU, PASSWORD), timeout=PATIENCE) as you:
        body = {"parties": [YOU, THEY], "slots": [FIRST, COMING]}
        event = you.post("/", json=body).json()
        assert event["url"] == f"{url}/{event['id']}/"
        told = {"parties": [THEY], "slots": event["slots"]}
        assert you.post(event["notify_url"], json=told).status_code == 202
        until(lambda: site.notifier.delivered)
        et = site.notifier.delivered[-1].link
        with httpx2.Client(timeout=PATIENCE) as they:
            seen = they.request("GET", event["url"], json={"et": et})
            assert seen.json()["slots"] == event["slots"]
            kept = they.patch(
                event["url"],
                json={"keep": [COMING], "et": et},
                headers={"If-Match": seen.headers["ETag"]},
            )
            assert (kept.status_code, kept.json()["slots"]) == (202, [COMING])
            assert kept.json()["status"] == "agreed"
        until(lambda: len(site.notifier.delivered) == 3)
        log = you.get(event["log_url"]).json()["entries"]

    assert [entry["occurrence"] for entry in log] == [
        *("UPDATE", "NOTIFY", "VIEW", "UPDATE", "NOTIFY", "NOTIFY")
    ]


def test_requests_share_a_connection(url: str) -> None:
    """
    HEAD, refusals and errors leave a connection fit for the next request.
    """
    with httpx2.Client(base_url=url, auth=(YOU, PASSWORD), timeout=PATIENCE) as client:
        event = client.post("/", json={"parties": [YOU], "slots": []}).json()
        head = client.head(event["url"])
        assert (head.status_code, head.content) == (200, b"")
        assert int(head.headers["Content-Length"]) > 100
        assert client.options(event["url"]).status_code == 204
        assert client.get(f"/{event['id']}").status_code == 301
        assert client.get("/nowhere").status_code == 404
        assert client.get(event["url"]).json()["id"] == event["id"]


def test_who_sends_too_much_is_told_why(url: str) -> None:
    """
    A body that is little too large is refused on a connection that goes on.
    """
    with httpx2.Client(base_url=url, timeout=PATIENCE) as client:
        answers = [client.post("/", content=b" " * 900_000, headers=JSON) for _ in range(3)]

    assert {answer.status_code for answer in answers} == {413}
    assert {answer.headers.get("Connection") for answer in answers} == {None}


@pytest.mark.parametrize(("size", "expect"), [("1048577", ""), ("65537", "100-continue")])
def test_what_need_not_be_sent_is_refused_unread(url: str, size: str, expect: str) -> None:
    """
    A body that is far too large, or was asked about first, is refused before it comes.
    """
    address = url.partition("//")[2]
    with closing(HTTPConnection(address, timeout=PATIENCE)) as connection:
        connection.putrequest("POST", "/")
        for name, value in {**JSON, "Content-Length": size, "Expect": expect}.items():
            if value:
                connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()

    assert answer.status == 413
    assert answer.headers["Connection"] == "close"


def test_an_endless_body_is_cut_off(url: str) -> None:
    """
    A body without end is refused, not gathered.
    """

    def endless() -> Iterator[bytes]:
        while True:
            yield b" " * 65_536

    with httpx2.Client(base_url=url, timeout=PATIENCE) as client:
        try:
            answer = client.post("/", content=endless(), headers=JSON)
        except httpx2.TransportError:
            # The server may close the connection while the client is still writing.
            pass
        else:
            assert answer.status_code == 413
        assert client.get("/healthz").status_code == 200


def test_other_hosts_are_refused(url: str) -> None:
    """
    A page of another site can't reach the server under a name of its own.
    """
    answer = httpx2.get(f"{url}/healthz", headers={"Host": "evil.example.org"}, timeout=PATIENCE)

    assert answer.status_code == 400
