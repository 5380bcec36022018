"""
A copy of the database, and what can be done with it when the original is lost.
"""

from __future__ import annotations

from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from calndro.adapters.sql import upgrading
from calndro.adapters.sql.copying import copy
from calndro.adapters.sql.storage import SqlStorage
from calndro.core.agreement import replay
from calndro.core.errors import InvalidInputError, StorageError
from calndro.core.log import Chain, entry_hash
from tests.contracts.deposits import ledger, log, page, propose
from tests.patience import PATIENCE


if TYPE_CHECKING:
    from pathlib import Path


def test_what_was_acknowledged_before_is_in_the_copy(tmp_path: Path) -> None:
    """
    A copy made under load opens elsewhere, its logs verify, and nothing older is missing.
    """
    acknowledged: list[int] = []
    halfway, stop = Event(), Event()
    url = f"sqlite:///{tmp_path / 'team.db'}"
    with SqlStorage(url) as storage:

        def write() -> None:
            while not stop.is_set():
                acknowledged.append(propose(storage, 1, 2).id)
                if len(acknowledged) == 10:
                    halfway.set()

        writer = Thread(target=write)
        writer.start()
        assert halfway.wait(PATIENCE)
        before = list(acknowledged)
        copy(url, tmp_path / "copy.db")
        stop.set()
        writer.join(PATIENCE)

    restored = tmp_path / "elsewhere"
    restored.mkdir()
    (tmp_path / "copy.db").rename(restored / "team.db")
    with SqlStorage(f"sqlite:///{restored / 'team.db'}") as storage:
        found = [each.id for each in page(storage)]
        assert found[: len(before)] == before
        for number in found:
            kept = ledger(storage, number)
            entries = log(storage, number)
            head = Chain.begin(kept.chain.uuid).head
            for entry in entries:
                head = entry_hash(head, entry.body)
            assert (len(entries), head) == (kept.chain.seq, kept.chain.head)
            assert replay(entries) == kept.state
    assert upgrading.check(f"sqlite:///{restored / 'team.db'}") == []


def test_the_copy_is_its_owners(tmp_path: Path) -> None:
    """
    Only its owner can read a copy, which is one file and overwrites none.
    """
    url = f"sqlite:///{tmp_path / 'team.db'}"
    (tmp_path / "copies").mkdir()
    SqlStorage(url).close()
    copy(url, tmp_path / "copies" / "copy.db")

    assert [path.name for path in (tmp_path / "copies").iterdir()] == ["copy.db"]
    assert (tmp_path / "copies" / "copy.db").stat().st_mode & 0o777 == 0o600
    with pytest.raises(InvalidInputError, match="there already"):
        copy(url, tmp_path / "copies" / "copy.db")
    with pytest.raises(InvalidInputError, match="can't be written"):
        copy(url, tmp_path / "nowhere" / "copy.db")


def test_a_damaged_database_gives_no_copy(tmp_path: Path) -> None:
    """
    A database that is absent, or no database, is a storage error and leaves no copy.
    """
    with pytest.raises(StorageError, match="there is no database"):
        copy(f"sqlite:///{tmp_path / 'absent.db'}", tmp_path / "copy.db")
    (tmp_path / "team.db").write_bytes(b"dear diary " * 1000)
    with pytest.raises(StorageError, match="can't be copied"):
        copy(f"sqlite:///{tmp_path / 'team.db'}", tmp_path / "copy.db")

    assert not (tmp_path / "copy.db").exists()


def test_servers_have_tools_of_their_own(tmp_path: Path) -> None:
    """
    For a server the message names the tool to use.
    """
    with pytest.raises(InvalidInputError, match="pg_dump"):
        copy("postgresql+psycopg://here.net/team", tmp_path / "copy.db")
