"""
Requests that come again: one effect, and one answer.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.databases import database
from tests.faults.asking import Client, LostError
from tests.faults.deeds import slot
from tests.faults.judging import records
from tests.faults.load import PEOPLE, enlist, propose
from tests.faults.servers import Servers


if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.asking import Answer


TWISTS = "tests.faults.controls:"
RACERS = 16
KEY = {"Idempotency-Key": "once"}
BODY = {"keep": [slot(0)], "title": "only once"}
SERVED = pytest.mark.service
KINDS = ["sqlite", pytest.param("postgres", marks=SERVED), pytest.param("mariadb", marks=SERVED)]


def race(ports: list[int], event: int, token: str) -> list[Answer]:
    """
    Send one request many times at once, and once more.
    """

    async def whole() -> list[Answer]:
        clients = [Client(ports, first) for first in range(RACERS + 1)]

        async def ask(client: Client) -> Answer:
            return await client.ask("PATCH", f"/{event}/", token, BODY, KEY)

        answers = await asyncio.gather(*map(ask, clients[1:]))
        answers.append(await ask(clients[0]))
        for client in clients:
            await client.close()
        return answers

    return asyncio.run(whole())


def effects(url: str, event: int) -> int:
    """
    Count the updates in a log behind its proposal.
    """
    points = records(url, [event])[event].points
    return [each.entry["occurrence"] for each in points if each is not None].count("UPDATE") - 1


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_raced_request_has_one_effect(tmp_path: Path, kind: str) -> None:
    """
    Sixteen of the same request at once, and one later, have one effect and one answer.
    """
    with database(kind, tmp_path) as url:
        tokens, (event,) = enlist(url), propose(url, 1)
        with Servers(url, tmp_path, 2, delivers=False) as servers:
            answers = race(servers.ports, event, tokens[PEOPLE[0]])

        # Each server tells its own address in links.
        told = {
            (each.status, each.headers["calndro-audit"], each.json["title"]) for each in answers
        }
        assert len(told) == 1, told
        assert answers[0].status == 202
        assert effects(url, event) == 1


@pytest.mark.slow
def test_the_race_shows_who_forgets_keys(tmp_path: Path) -> None:
    """
    A server that does again what comes again is found out.
    """
    with database("sqlite", tmp_path) as url:
        tokens, (event,) = enlist(url), propose(url, 1)
        with Servers(url, tmp_path, 2, delivers=False, twist=f"{TWISTS}forget_keys") as servers:
            race(servers.ports, event, tokens[PEOPLE[0]])

        assert effects(url, event) > 1


@pytest.mark.slow
def test_a_request_killed_after_its_commit_is_not_done_again(tmp_path: Path) -> None:
    """
    Who repeats a request that was stored and never answered gets the answer to the first.
    """
    with database("sqlite", tmp_path) as url:
        tokens, (event,) = enlist(url), propose(url, 1)
        twist = f"{TWISTS}die_after_commit"
        with Servers(url, tmp_path, 1, delivers=False, twist=twist) as dying:
            asked = Client(dying.ports).ask("PATCH", f"/{event}/", tokens[PEOPLE[0]], BODY, KEY)
            with pytest.raises(LostError):
                asyncio.run(asked)
        assert effects(url, event) == 1
        with Servers(url, tmp_path, 2, delivers=False) as servers:
            answers = race(servers.ports, event, tokens[PEOPLE[0]])

        assert {each.status for each in answers} == {202}
        assert {each.json["title"] for each in answers} == {"only once"}
        assert effects(url, event) == 1
