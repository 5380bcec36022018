"""
A whole instance out and in again.
"""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from calndro.adapters.memory.storage import MemoryEvents
from calndro.core import retrying
from calndro.core.errors import (
    CollisionError,
    InvalidInputError,
    NotAllowedError,
    StorageError,
)
from calndro.usecases import accounts, auditing, events, moving
from tests.examples import HOUR, address, mail
from tests.worlds import World, caller


if TYPE_CHECKING:
    from collections.abc import Callable


STAFF = caller("s")


def furnished() -> World:
    """
    Make a world with something of everything an export holds.
    """
    world = World()
    accounts.add_user(world.services, STAFF, mail("a"), "correct horse", staff=True)
    accounts.issue_api_token(world.services, mail("a"), "correct horse")
    world.propose(1, 2)
    world.propose(1, by="p", parties="b")
    world.link("b")
    world.notify("bc")
    auditing.erase(world.services, STAFF, mail("c"))
    events.delete(world.services, STAFF, 2)
    world.clock.advance(HOUR)
    return world


def exported(world: World) -> list[moving.Record]:
    """
    Export a world.
    """
    return list(moving.export_all(world.services, STAFF))


def test_an_import_gives_the_same_instance() -> None:
    """
    Ids, uuids, heads, accounts, tokens and waiting notices are what they were.
    """
    one, other = furnished(), World()

    moved = moving.import_all(other.services, STAFF, exported(one))

    assert exported(other)[1:] == exported(one)[1:]
    assert (moved.users, moved.events) == (3, 2)
    assert moved.entries == len(one.log(1)) + len(one.log(2))
    assert other.ledger(1) == one.ledger(1)
    assert len(other.waiting()) == len(one.waiting()) > 0
    assert all(verdict.is_good for verdict in auditing.verify_all(other.services, STAFF))
    assert accounts.sign_in(other.services, mail("a"), "correct horse").staff
    assert other.propose(1).id == 3


def test_what_waits_goes_on_waiting_as_it_did() -> None:
    """
    An import changes nothing about letters: attempts, turns, and what was set aside are kept.
    """
    one, other = World(), World()
    one.propose(1)
    one.notify("abc")
    one.deliver("again", "sent", "failed")
    one.clock.advance(timedelta(seconds=10))
    one.notify("bc")
    with one.services.unit_of_work() as work:
        work.outbox.put_back(retrying.set_aside(one.waiting()[-1]))
        work.commit()
    other.clock.advance(timedelta(days=1))

    moving.import_all(other.services, STAFF, exported(one))

    assert [post.attempts for post in one.waiting()] == [1, 0, 0]
    assert [post.held for post in one.waiting()] == [False, False, True]
    assert [attrs.evolve(post, id=0) for post in other.waiting()] == [
        attrs.evolve(post, id=0, claims=0) for post in one.waiting()
    ]


def test_an_older_export_says_less_of_what_waits() -> None:
    """
    Notices of an export that names no times are due at once.
    """
    one, other = World(), World()
    one.propose(1)
    one.notify("b")
    records = exported(one)
    (waits,) = records[-2]["event"]["waiting"]
    records[-2]["event"]["waiting"] = [{key: waits[key] for key in ("of", "recipient", "kind")}]

    moving.import_all(other.services, STAFF, records)

    assert [post.due for post in other.waiting()] == [other.clock.now()]


def test_what_was_sent_before_a_move_keeps_the_older_letter_from_leaving() -> None:
    """
    An older letter that waits stays superseded by a newer one that was sent before the move.
    """
    one, other = World(), World()
    one.propose(1)
    one.notify("bc")
    one.deliver("again", "again")
    one.notify("b")
    one.deliver("sent")
    one.notify("bc", invitation=True)
    one.deliver("sent", "again")

    moving.import_all(other.services, STAFF, exported(one))

    assert [post.notice for post in other.waiting()] == [post.notice for post in one.waiting()]
    for world in (one, other):
        world.clock.advance(HOUR)
    assert [(each.recipient, each.outcome) for each in one.deliver()] == [
        (each.recipient, each.outcome) for each in other.deliver()
    ]
    assert [entry.data["delivery"] for entry in other.log()[-3:]] == ["superseded", "sent", "sent"]


def test_accounts_that_are_there_stay_as_they_are() -> None:
    """
    An import takes neither password nor rights of an account from whoever has it already.
    """
    one, other = furnished(), World()
    accounts.add_user(other.services, STAFF, mail("a").upper(), "another horse")
    accounts.add_user(other.services, STAFF, mail("b"), "strong horse", staff=True)

    moved = moving.import_all(other.services, STAFF, exported(one))

    assert moved.users == 3
    assert not accounts.sign_in(other.services, mail("a"), "another horse").staff
    assert accounts.sign_in(other.services, mail("b"), "strong horse").staff
    with other.services.snapshot() as work:
        assert not work.api_tokens.of(address("a"))


def test_an_export_is_the_staffs_business() -> None:
    """
    Nobody but staff exports or imports.
    """
    world = furnished()

    with pytest.raises(NotAllowedError):
        moving.export_all(world.services, caller("a"))
    with pytest.raises(NotAllowedError):
        moving.import_all(World().services, caller("a"), exported(world))


def test_an_export_holds_no_secret_in_clear() -> None:
    """
    Tokens leave as digests, passwords as hashes.
    """
    world = furnished()
    links = [dispatch.link for dispatch, _ in world.postman.tried if dispatch.link]

    assert links
    assert not any(link in str(exported(world)) for link in links)
    assert "correct horse" not in str(exported(world))


def test_only_an_empty_instance_takes_an_import() -> None:
    """
    An instance that has events refuses to take others in.
    """
    world = furnished()

    with pytest.raises(InvalidInputError, match="empty"):
        moving.import_all(world.services, STAFF, exported(world))


def _of(records: list[moving.Record], kind: str) -> dict[str, Any]:
    return next(record[kind] for record in records if kind in record)


def _cut_entry(records: list[moving.Record]) -> None:
    _of(records, "event")["entries"].pop()


def _edit_entry(records: list[moving.Record]) -> None:
    entry = _of(records, "event")["entries"][0]
    entry["body"] = entry["body"].replace("UPDATE", "NOTIFY")


def _no_entries(records: list[moving.Record]) -> None:
    _of(records, "event")["entries"].clear()


def _swap_person(records: list[moving.Record]) -> None:
    _of(records, "event")["people"][0]["address"] = mail("z")


def _drop_end(records: list[moving.Record]) -> None:
    records.pop()


def _drop_event(records: list[moving.Record]) -> None:
    records.remove(next(record for record in records if "event" in record))


def _letter_twice(records: list[moving.Record]) -> None:
    waiting = _of(records, "event")["waiting"]
    waiting.append(waiting[0])


def _two_ends(records: list[moving.Record]) -> None:
    records.append(records[-1])


def _drop_head(records: list[moving.Record]) -> None:
    records.pop(0)


def _two_heads(records: list[moving.Record]) -> None:
    records.insert(1, records[0])


def _other_format(records: list[moving.Record]) -> None:
    _of(records, "head")["format"] = "calndro/instance/v9"


def _unknown_kind(records: list[moving.Record]) -> None:
    records.insert(1, {"surprise": {}})


def _no_object(records: list[moving.Record]) -> None:
    records[1] = {"user": 7}  # type: ignore[dict-item]  # as a damaged file may have it


def _bad_hex(records: list[moving.Record]) -> None:
    _of(records, "event")["tokens"][0]["digest"] = "xyz"


def _person_missing(records: list[moving.Record]) -> None:
    _of(records, "event")["people"].pop()


def _far_duration(records: list[moving.Record]) -> None:
    entry = _of(records, "event")["entries"][0]
    entry["body"] = entry["body"].replace("0000]", "0" * 30 + "]", 1)


@pytest.mark.parametrize(
    ("kind", "path", "value", "words"),
    [
        ("user", "epoch", "x", "record 2: this is no record"),
        ("user", "epoch", True, "record 2: this is no record"),
        ("user", "staff", "no", "record 2: this is no record"),
        ("user", "password", 5, "record 2: this is no record"),
        ("user", "api_tokens.0.digest", "00", "record 2: this is no record"),
        ("user", "api_tokens.0.used", "2030-01-01", "record 2: the time has no offset"),
        ("event", "id", "1", "this is no record"),
        ("event", "id", -1, "this is no record"),
        ("event", "seq", "3", "this is no record"),
        ("event", "tokens.0.person", 99, "token of no party: 99"),
        ("event", "tokens.0.person", 0, "token of no party: 0"),
        ("event", "tokens.0.revoked", "no", "this is no record"),
        ("event", "tokens.0.digest", "00" * 31, "this is no record"),
        ("event", "tokens.0.expires", "2030-01-01T00:00:00", "the time has no offset"),
        ("event", "waiting.0.due", "2030-01-01T00:00:00", "the time has no offset"),
        ("event", "waiting.0.code", "550", "this is no record"),
        ("event", "waiting.0.of", 1, "this is no record"),
        ("event", "waiting.0.recipient", 1, "never promised"),
        ("event", "waiting.0.kind", "agreed", "never promised"),
        ("event", "waiting.0.held", "no", "this is no record"),
    ],
)
def test_a_row_changed_by_hand_is_refused(kind: str, path: str, value: Any, words: str) -> None:
    """
    What the rest of the export gives the lie to, or is of no kind that fits, is not taken.
    """
    records = copy.deepcopy(exported(furnished()))
    place: Any = _of(records, kind)
    *names, last = (int(name) if name.isdigit() else name for name in path.split("."))
    for name in names:
        place = place[name]
    place[last] = value
    world = World()

    with pytest.raises(InvalidInputError, match=words):
        moving.import_all(world.services, STAFF, records)

    assert world.storage.contents.ledgers == {}


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (_person_missing, "event 1: person 4, whom the log speaks of, is missing"),
        (_far_duration, "event 1: entry 1: its hash does not follow"),
        (_cut_entry, "event 1: entry"),
        (_edit_entry, "event 1: entry 1"),
        (_no_entries, "event 1: entry 1: it is missing"),
        (_swap_person, "person 1"),
        (_drop_end, "cut off"),
        (_drop_event, "records are missing"),
        (_letter_twice, "event 1: a letter waits twice"),
        (_two_ends, "record 8: there is more behind the end"),
        (_drop_head, "begins with its one head"),
        (_two_heads, "begins with its one head"),
        (_other_format, "only calndro/instance/v1"),
        (_unknown_kind, "record 2: this is no record"),
        (_no_object, "record 2: this is no record"),
        (_bad_hex, "this is no record"),
    ],
)
def test_a_damaged_export_is_refused_whole(
    damage: Callable[[list[moving.Record]], None], words: str
) -> None:
    """
    Whatever is wrong with an export, the place is named and nothing is stored.
    """
    records = copy.deepcopy(exported(furnished()))
    damage(records)
    world = World()

    with pytest.raises(InvalidInputError, match=words):
        moving.import_all(world.services, STAFF, records)

    assert world.storage.contents.ledgers == {}
    assert world.storage.contents.users == {}


def test_a_record_that_storage_refuses_is_named() -> None:
    """
    An event that comes twice is refused with its place, and nothing is stored.
    """
    records = exported(furnished())
    records.insert(-1, records[-2])
    world = World()

    with pytest.raises(StorageError, match="record 7: there is an event 2 already"):
        moving.import_all(world.services, STAFF, records)

    assert world.storage.contents.ledgers == {}


def test_who_has_to_give_way_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    When another was in the way of an import it is told as that: once more may do.
    """

    def collide(*_: object) -> None:
        raise CollisionError("another was quicker")

    records = exported(furnished())
    monkeypatch.setattr(MemoryEvents, "save", collide)

    with pytest.raises(CollisionError, match=r"^another was quicker$"):
        moving.import_all(World().services, STAFF, records)
