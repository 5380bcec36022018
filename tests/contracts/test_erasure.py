"""
What erasing a person leaves in the files of a real database: nothing.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs
import pytest

import calndro
from calndro.adapters.memory import MemoryNotifier
from calndro.usecases import accounts, auditing, moving


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from calndro.entry.local import LocalCoordinator


YOU = "you@here.net"
PARTIES = ["first@thar.net", "second@whar.net", "third@example.org"]


@contextmanager
def desk_of(path: Path) -> Iterator[LocalCoordinator]:
    """
    Open a SQLite database with an event, answers, letters sent and letters waiting.
    """
    url = f"sqlite:///{path / 'team.db'}"
    with calndro.connect(url, acting_as=YOU, staff=True, notifier=MemoryNotifier) as desk:
        event = desk.propose(parties=[YOU, *PARTIES], slots=["2096-12-01T09:00Z/PT30M"])
        desk.notify(event.id, PARTIES, event.slots)
        desk.deliver()
        for party in PARTIES:
            accounts.add_user(desk.services, desk.caller, party, "correct horse battery")
            accounts.issue_api_token(desk.services, party, "correct horse battery")
            desk.acting_as(party).narrow(event.id, keep=event.slots)
        desk.notify(event.id, PARTIES, event.slots, invitation=True)
        yield desk


def files_holding(path: Path, word: str) -> list[str]:
    """
    Name the files that hold a word, the database and its write-ahead log among them.
    """
    return sorted(file.name for file in path.iterdir() if word.encode() in file.read_bytes())


@pytest.mark.parametrize("party", PARTIES)
def test_the_address_of_the_erased_is_in_no_file(tmp_path: Path, party: str) -> None:
    """
    After an erasure neither the database, nor its WAL, nor an export holds the address.
    """
    with desk_of(tmp_path) as desk:
        before = files_holding(tmp_path, party)

        auditing.erase(desk.services, desk.caller, party)

        assert before != []
        assert files_holding(tmp_path, party) == []
        assert party not in json.dumps(list(moving.export_all(desk.services, desk.caller)))
        assert party not in json.dumps(list(auditing.export_log(desk.services, desk.caller, 1)))
        assert auditing.verify_log(desk.services, desk.caller, 1).is_good
        assert files_holding(tmp_path, YOU) != []


def test_without_scrubbing_the_address_stays_in_a_file(tmp_path: Path) -> None:
    """
    Negative control: what SQL has deleted is still in the pages of the files.
    """
    with desk_of(tmp_path) as desk:
        services = attrs.evolve(desk.services, scrub=lambda: None)

        auditing.erase(services, desk.caller, PARTIES[0])

        assert files_holding(tmp_path, PARTIES[0]) != []


def test_all_parties_can_be_erased_in_turn(tmp_path: Path) -> None:
    """
    With every other party gone the event is agreed by those who are left.
    """
    with desk_of(tmp_path) as desk:
        for party in PARTIES:
            auditing.erase(desk.services, desk.caller, party)

        event = desk.peek(1)
        assert event.parties == (YOU, "erased-2", "erased-3", "erased-4")
        assert event.status is calndro.Status.AGREED
        assert auditing.verify_log(desk.services, desk.caller, 1).is_good
