"""
Clocks that jump.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

import attrs
import pytest

from calndro.adapters.sql.storage import SqlStorage
from calndro.adapters.system import SystemClock
from calndro.core.token import EmailToken, digest_of
from tests.databases import database
from tests.faults.asking import Client
from tests.faults.judging import judge, records
from tests.faults.load import Load, enlist, propose
from tests.faults.servers import Servers


if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.deeds import Deed


_TWISTS: Final = "tests.faults.controls:"


@attrs.frozen
class Seen:
    """
    What was seen of servers, one behind the other, each with another clock.

    Args:
        statuses: Of one link that lasts a day, at the end of each.
        complaints: Of the judge, about all of them.
    """

    statuses: list[int]
    complaints: list[str]


def under(clocks: list[str], folder: Path, *, wrong: str = "") -> Seen:
    """
    Let clients work under several clocks.

    Args:
        clocks: What is done to them; nothing, where it is empty.
        folder: For a file and for records.
        wrong: What the servers do wrong, in a control.
    """
    with database("sqlite", folder) as url:
        tokens, about = enlist(url), propose(url, 3)
        link = f"/{about[0]}/?et={lend_link(url, about[0])}"
        deeds: list[Deed] = []
        statuses: list[int] = []
        complaints: list[str] = []
        for clock in clocks:
            twist = ",".join(f"{_TWISTS}{each}" for each in (wrong, clock) if each)
            with Servers(url, folder, 1, delivers=False, twist=twist) as servers:
                load = Load(servers.ports, tokens, about, len(statuses), calm=True)
                asyncio.run(load.run(partial(has_fewer, load, 100)))
                statuses.append(asyncio.run(status_of(servers.ports, link)))
                deeds += load.deeds
                complaints += load.complaints
        found = records(url, {deed.event for deed in deeds if deed.event})
    return Seen(statuses, [*complaints, *judge(deeds, found)])


def lend_link(url: str, event: int) -> str:
    """
    Store a token of an event's first party that lasts a day; returns its text.
    """
    text = "ab" * 20
    expires = SystemClock().now() + timedelta(days=1)
    with SqlStorage(url) as storage, storage.unit_of_work() as work:
        work.tokens.add(EmailToken(digest_of(text), event, 1, expires))
        work.commit()
    return text


def has_fewer(load: Load, deeds: int) -> bool:
    """
    Tell whether there is more to do.
    """
    return len(load.deeds) < deeds


async def status_of(ports: list[int], path: str) -> int:
    """
    Look at a path once.
    """
    client = Client(ports)
    answer = await client.ask("HEAD", path, "")
    await client.close()
    return answer.status


@pytest.mark.slow
def test_clocks_may_jump(tmp_path: Path) -> None:
    """
    When clocks jump, instants rise, nothing is a 500, and an expired link stays refused.
    """
    jumps = ["", "an_hour_back", "two_days_on", "an_hour_back", "ten_years_on", "when_summer_ends"]

    assert under(jumps, tmp_path) == Seen([200, 200, 401, 401, 401, 401], [])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [("trust_the_clock", "out of order"), ("fall_back_in_time", "was answered 500")],
)
def test_the_judge_finds_who_trusts_a_clock(tmp_path: Path, wrong: str, complaint: str) -> None:
    """
    Who logs what a clock says that was set back, or fails at it, is found out.
    """
    seen = under(["", "an_hour_back"], tmp_path, wrong=wrong)

    assert any(complaint in each for each in seen.complaints), seen


@pytest.mark.slow
@pytest.mark.parametrize(
    ("wrong", "statuses"), [("accept_expired", [200, 200]), ("forget_refusals", [401, 200])]
)
def test_a_link_shows_who_forgets_its_end(tmp_path: Path, wrong: str, statuses: list[int]) -> None:
    """
    Who lets an expired link in, or lets it in again later, is found out.
    """
    seen = under(["two_days_on", "an_hour_back"], tmp_path, wrong=wrong)

    assert seen.statuses == statuses, seen
