"""
Idempotency-Key over HTTP.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import httpx2
import pytest
from anyio import create_task_group

from calndro.adapters.memory import MemoryStorage
from calndro.adapters.sql.storage import SqlStorage
from tests.entry.http_site import (
    FIRST,
    PASSWORD,
    ROOT,
    SECOND,
    STRANGER,
    THEY,
    YOU,
    Site,
)


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from httpx2 import Response


KEY = {"Idempotency-Key": "8e03978e-40d5-43dd"}
BODY = {"parties": [YOU, THEY], "slots": [FIRST, SECOND]}


@pytest.fixture(params=["memory", "sqlite"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """
    A server, on each kind of storage that needs no other server.
    """
    if request.param == "memory":
        yield Site()
        return
    with SqlStorage(f"sqlite:///{tmp_path / 'calndro.db'}") as storage:
        yield Site(storage)


def said(answer: Response) -> tuple[int, dict[str, str], bytes]:
    """
    Take all of an answer but the number of the exchange.
    """
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    return answer.status_code, headers, answer.content


@pytest.mark.parametrize(
    ("method", "path", "body", "more"),
    [
        ("POST", "/", BODY, {}),
        ("PATCH", "/1/", {"keep": [FIRST]}, {"If-Match": '"1"'}),
        ("POST", "/1/notify/", {"parties": [THEY], "slots": [FIRST, SECOND], "sender": YOU}, {}),
    ],
)
def test_the_same_request_gets_the_same_answer(
    site: Site, method: str, path: str, body: dict[str, Any], more: dict[str, str]
) -> None:
    """
    Status, headers and body are repeated byte for byte, and nothing happens a second time.
    """
    site.propose(FIRST, SECOND)
    first = site.ask(method, path, YOU, json=body, headers=KEY | more)
    assert first.is_success
    log = site.ask("GET", "/1/log/", YOU).json()
    site.ask("PATCH", "/1/", ROOT, json={"title": "Tea"})
    again = site.ask(method, path, YOU, json=dict(reversed(body.items())), headers=KEY | more)

    assert said(again) == said(first)
    assert len(site.log({"log_url": "/1/log/"})) == len(log["entries"]) + 1
    assert len(site.ask("GET", "/", YOU).json()) == (2 if path == "/" else 1)


def test_a_key_with_another_request_is_a_conflict(site: Site) -> None:
    """
    Another body, address or If-Match under the same key is a 409 that names the key.
    """
    site.propose()
    site.ask("PATCH", "/1/", YOU, json={"title": "Tea"}, headers=KEY)

    for method, path, body, more in (
        ("PATCH", "/1/", {"title": "Coffee"}, {}),
        ("PATCH", "/1/", {"title": "Tea"}, {"If-Match": '"2"'}),
        ("POST", "/", BODY, {}),
    ):
        refused = site.ask(method, path, YOU, json=body, headers=KEY | more)
        assert refused.status_code == 409
        assert refused.json()["type"] == "urn:calndro:problem:key-reused"
        assert refused.json()["key"] == KEY["Idempotency-Key"]


@pytest.mark.parametrize("key", ["", "a b", "k" * 256, "\xe9".encode("latin-1")])
def test_keys_that_are_none_are_refused(site: Site, key: str | bytes) -> None:
    """
    A key has 1 to 255 visible ASCII characters; anything else is a 400 that names the header.
    """
    refused = site.ask("POST", "/", YOU, json=BODY, headers={"Idempotency-Key": key})

    assert refused.status_code == 400
    assert list(refused.json()["errors"]) == ["Idempotency-Key"]


def test_two_keys_are_refused(site: Site) -> None:
    """
    One request has one key.
    """
    headers = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]

    assert site.ask("POST", "/", YOU, json=BODY, headers=headers).status_code == 400


def test_a_guest_has_keys_as_well(site: Site) -> None:
    """
    The token itself is no part of what is asked, wherever it stands.
    """
    event = site.propose()
    et = site.token(event, THEY)
    first = site.ask("PATCH", "/1/", json={"title": "Tea", "et": et}, headers=KEY)
    again = site.ask("PATCH", f"/1/?et={et}", json={"title": "Tea"}, headers=KEY)

    assert first.status_code == 202
    assert said(again) == said(first)


def test_a_race_has_one_effect(site: Site) -> None:
    """
    Of sixteen that arrive together one is done, and all are answered alike.
    """
    answers: list[Response] = []

    async def race() -> None:
        transport = httpx2.ASGITransport(site.app)
        async with (
            httpx2.AsyncClient(
                transport=transport, base_url="http://calndro.here.net", auth=(YOU, PASSWORD)
            ) as client,
            create_task_group() as group,
        ):

            async def ask() -> None:
                answers.append(await client.post("/", json=BODY, headers=KEY))

            for _ in range(16):
                group.start_soon(ask)

    anyio.run(race)
    assert len(answers) == 16
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len(site.ask("GET", "/", YOU).json()) == 1


def test_an_answer_survives_the_process(tmp_path: Path) -> None:
    """
    What was committed is answered by the next process, though nobody heard the answer.
    """
    url = f"sqlite:///{tmp_path / 'calndro.db'}"
    with SqlStorage(url) as storage:
        first = Site(storage).ask("POST", "/", YOU, json=BODY, headers=KEY)
    with SqlStorage(url) as storage:
        site = Site(storage)
        again = site.ask("POST", "/", YOU, json=BODY, headers=KEY)
        assert said(again) == said(first)
        assert len(site.ask("GET", "/", YOU).json()) == 1


def test_the_nameless_have_no_keys() -> None:
    """
    Who has shown nothing is refused before any key is looked at.
    """
    storage = MemoryStorage()
    site = Site(storage)

    assert site.ask("POST", "/", json=BODY, headers=KEY).status_code == 401
    assert storage.contents.answers == {}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/{}/", {"title": "Tea"}),
        ("POST", "/{}/notify/", {"parties": [THEY], "slots": [FIRST]}),
    ],
)
def test_a_key_opens_no_way_to_probe(
    site: Site, method: str, path: str, body: dict[str, Any]
) -> None:
    """
    With a key, too, others' events, deleted ones and those that never were answer alike.
    """
    for _ in range(2):
        site.propose(FIRST)
    site.ask("DELETE", "/2/", ROOT)

    others, deleted, absent = (
        said(site.ask(method, path.format(number), STRANGER, json=body, headers=KEY))
        for number in (1, 2, 999)
    )
    assert others[0] == 403
    assert others == deleted == absent
