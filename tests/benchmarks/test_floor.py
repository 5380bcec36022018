from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine, select
from starlette.testclient import TestClient

from benchmarks import floor, on_servers
from benchmarks.floor_store import open_store
from benchmarks.generate import TOKEN, YOU, Shape, fill
from benchmarks.works import WORKS, Work
from calndro.adapters.memory import MemoryClock, MemoryNotifier, MemoryPasswords, MemorySecrets
from calndro.adapters.sql.storage import SqlStorage
from calndro.adapters.sql.tables import metadata
from calndro.entry.http import HttpTerms, create_app
from calndro.usecases import accounts, auditing
from calndro.usecases.services import Services, Terms
from tests.databases import server_of


if TYPE_CHECKING:
    from pathlib import Path

    from httpx2 import Response
    from starlette.applications import Starlette

    from benchmarks.on_servers import Kind


URL = "http://calndro.here.net"
TABLES = metadata.tables
SHAPE = Shape(events=210, entries=3, first_entries=120)


def services(storage: SqlStorage) -> Services:
    """
    Wire storage to surroundings that are the same for both sides.
    """
    return Services(
        unit_of_work=storage.unit_of_work,
        snapshot=storage.snapshot,
        notifier=MemoryNotifier,
        clock=MemoryClock(),
        secrets=MemorySecrets(),
        passwords=MemoryPasswords(),
        scrub=storage.scrub,
        terms=Terms(limits_letters=False),
    )


def ask(app: Starlette, work: Work, number: int) -> Response:
    """
    Send one request of a work to an application.
    """
    client = TestClient(app, base_url=URL)
    asking = work.ask(number)
    body: dict[str, Any] = {} if asking["body"] is None else {"json": asking["body"]}
    headers = {"Authorization": f"Token {TOKEN}"}
    return client.request(asking["method"], asking["path"], headers=headers, **body)


def everything(url: str) -> dict[str, list[Any]]:
    """
    Read all rows of a database.
    """
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = {
            name: sorted(map(repr, connection.execute(select(each))))
            for name, each in TABLES.items()
        }
    engine.dispose()
    return rows


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """
    Make a generated database once.
    """
    path = tmp_path_factory.mktemp("template") / "team.db"
    fill(f"sqlite:///{path}", SHAPE)
    return path.read_bytes()


def compare(work: Work, ours: str, theirs: str) -> None:
    """
    Ask both for the same, several times, and compare what they say and what they leave.
    """
    with SqlStorage(ours) as storage, open_store(theirs) as store:
        app = create_app(
            services(storage), HttpTerms(public_url=URL, delivers=False, secret_key="a" * 64)
        )
        bare = floor.make_app(store, URL, MemoryClock().now, MemorySecrets().draw)
        answers = [(ask(app, work, n), ask(bare, work, n)) for n in (0, 1, 1, 7)]
    for answer, other in answers:
        assert answer.status_code == other.status_code == work.status, answer.text
        assert answer.content == other.content
    assert everything(ours) == everything(theirs)


@pytest.mark.parametrize("work", WORKS, ids=lambda work: work.name)
def test_the_floor_does_the_same(work: Work, template: bytes, tmp_path: Path) -> None:
    """
    For each work the floor answers the same bytes as calndro and leaves the same rows.
    """
    paths = tmp_path / "calndro.db", tmp_path / "floor.db"
    for path in paths:
        path.write_bytes(template)

    compare(work, *(f"sqlite:///{path}" for path in paths))


@pytest.mark.service
@pytest.mark.parametrize("kind", on_servers.KINDS, ids=lambda kind: kind.name)
def test_the_floor_does_the_same_on_servers(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    On a server, too, the floor answers and writes what calndro does, work by work.
    """
    monkeypatch.setattr(on_servers, "SHAPE", SHAPE)
    server = server_of(kind.name.lower().removesuffix("ql"))
    with on_servers.databases(kind, server) as urls:
        for work in WORKS:
            compare(work, *urls.values())


def test_generated_logs_verify(template: bytes, tmp_path: Path) -> None:
    """
    A generated database is one that calndro could have written.
    """
    path = tmp_path / "team.db"
    path.write_bytes(template)
    with SqlStorage(f"sqlite:///{path}") as storage:
        wired = services(storage)
        boss = accounts.act_locally(wired, YOU, staff=True)
        for number in (1, 2, SHAPE.events):
            assert auditing.verify_log(wired, boss, number).is_good
