"""
Rows changed by hand: verification says which event they are of, and goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy

from calndro.adapters.memory import MemoryClock, MemoryNotifier
from calndro.adapters.sql.storage import SqlStorage
from calndro.adapters.sql.tables import TRIGGERS
from calndro.core.access import Caller
from calndro.core.errors import StorageError
from calndro.core.notice import Outcome
from calndro.core.stored import DamagedError
from calndro.usecases import auditing, events, letters, moving, outbox
from tests.contracts.deposits import services
from tests.examples import address, mail, slots


if TYPE_CHECKING:
    from collections.abc import Iterator

    from calndro.usecases.services import Services


STAFF = Caller(address("s"), staff=True)
BESIDE = "what is kept beside the event, to find it by, is not what the event says"
UNREADABLE = "what is stored of the event can't be read"

# The triggers of a server's database guard it for the tests that come after.
SQLITE = pytest.mark.parametrize("sql_url", ["sqlite"], indirect=True)
UNGUARD = [f"DROP TRIGGER {name}" for name in TRIGGERS["sqlite"]]


@pytest.fixture
def wired(sql_url: str) -> Iterator[Services]:
    """
    Store three events alike, each by a proposer who is no party, and let somebody look.
    """
    with SqlStorage(sql_url) as storage:
        wired = services(storage, MemoryClock(), MemoryNotifier())
        for _ in range(3):
            event = events.propose(
                wired, Caller(address("p")), parties=[mail("a"), mail("b")], slots=slots(1)
            )
            events.view(wired, STAFF, event.id)
        yield wired


def change(url: str, *statements: str) -> None:
    """
    Change rows as whoever has the database can.
    """
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def found(wired: Services) -> dict[int | None, list[str]]:
    """
    Verify everything, and give what was found by event.
    """
    return {
        verdict.event_id: [str(finding) for finding in verdict.findings]
        for verdict in auditing.verify_all(wired, STAFF)
    }


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE calndro_person SET {key}='eve@evil.org' WHERE event_id=2 AND number=2", BESIDE),
        ("UPDATE calndro_person SET {key}='eve@evil.org' WHERE event_id=2 AND number=4", BESIDE),
        ("UPDATE calndro_person SET member=NOT member WHERE event_id=2 AND number=1", BESIDE),
        ("UPDATE calndro_person SET member=NOT member WHERE event_id=2 AND number=4", BESIDE),
        ("UPDATE calndro_event SET status='void' WHERE id=2", BESIDE),
        ("DELETE FROM calndro_person WHERE event_id=2 AND number>2", UNREADABLE),
        ("DELETE FROM calndro_person WHERE event_id=2 AND number=2", "person 2 is not"),
        ("UPDATE calndro_person SET number=-1 WHERE event_id=2 AND number=1", "person 1 is not"),
        ("UPDATE calndro_event SET last_at=9223372036854775807 WHERE id=2", UNREADABLE),
        ("UPDATE calndro_event SET slots='[' WHERE id=2", UNREADABLE),
        ("UPDATE calndro_event SET kept='x' WHERE id=2", UNREADABLE),
        ("UPDATE calndro_event SET erased='{{' WHERE id=2", UNREADABLE),
        ("UPDATE calndro_event SET stopped='x' WHERE id=2", UNREADABLE),
        ("UPDATE calndro_event SET undelivered='7' WHERE id=2", UNREADABLE),
    ],
)
def test_a_changed_row_is_found_and_the_others_verified(
    sql_url: str, wired: Services, statement: str, words: str
) -> None:
    """
    Whatever was done to the rows of one event, it is named, and so are the good ones.
    """
    key = "`key`" if sql_url.startswith(("mysql", "mariadb")) else "key"
    change(sql_url, statement.format(key=key))

    (first, *_) = (verdicts := found(wired))[2]

    assert words in first
    assert verdicts == {1: [], 2: verdicts[2], 3: []}


def test_a_person_who_only_looked_is_missed(sql_url: str, wired: Services) -> None:
    """
    The row of somebody without rights is missed too.
    """
    change(sql_url, "DELETE FROM calndro_person WHERE event_id=2 AND number=4")

    assert found(wired)[2][0] == "person 4, whom the log speaks of, is missing"


@SQLITE
def test_an_instant_beyond_all_calendars_is_found_in_its_entry(
    sql_url: str, wired: Services
) -> None:
    """
    An entry beside whose bytes stands no instant is named.
    """
    change(
        sql_url,
        *UNGUARD,
        "UPDATE calndro_entry SET at=9223372036854775807 WHERE event_id=2 AND seq=2",
    )

    assert found(wired)[2] == ["entry 2: what is kept beside its bytes is not what they say"]


def test_what_can_not_be_read_is_told_by_every_way_to_it(sql_url: str, wired: Services) -> None:
    """
    Whoever reads a damaged event alone, or all of them to take them elsewhere, is told of it.
    """
    change(sql_url, "UPDATE calndro_event SET kept='x' WHERE id=2")

    for read in (events.peek, auditing.verify_log, auditing.export_log):
        with pytest.raises(DamagedError, match="event 2 can't be read"):
            read(wired, STAFF, 2)
    with pytest.raises(StorageError, match="event 2 can't be read"):
        list(moving.export_all(wired, STAFF))


@SQLITE
def test_text_in_place_of_bytes_is_found_and_not_exported(sql_url: str, wired: Services) -> None:
    """
    SQLite keeps what it is given: bytes turned into text are named, and nothing is exported.
    """
    change(sql_url, *UNGUARD, "UPDATE calndro_entry SET body=CAST(body AS TEXT) WHERE event_id=2")

    assert found(wired)[2] == ["entry 1: its bytes are no entry of a log"]
    with pytest.raises(StorageError, match="entry 1 can't be read: see calndro audit verify"):
        list(auditing.export_log(wired, STAFF, 2))
    with pytest.raises(StorageError, match="entry 1 can't be read"):
        list(moving.export_all(wired, STAFF))


@SQLITE
@pytest.mark.parametrize(
    ("damage", "shown"),
    [
        ("UPDATE calndro_event SET size=size+40 WHERE id=2", "person 2"),
        ("DELETE FROM calndro_entry WHERE event_id=2", mail("b")),
        ("UPDATE calndro_entry SET body=CAST('[]' AS BLOB) WHERE event_id=2", mail("b")),
        ("DELETE FROM calndro_person WHERE event_id=2 AND number=4", mail("b")),
    ],
)
def test_a_letter_of_what_is_damaged_keeps_no_other_waiting(
    sql_url: str, wired: Services, damage: str, shown: str
) -> None:
    """
    It is set aside, where staff see it; given up it can't be, for that could not be logged.
    """
    for event_id in (2, 3):
        events.notify(wired, STAFF, event_id, [mail("b")], slots(1))
    change(sql_url, *UNGUARD, damage)

    aside, sent = letters.deliver(wired)
    assert (aside.event_id, aside.outcome) == (2, None)
    assert aside.reason == (
        "what is stored of event 2 can't be read: it is set aside, see calndro outbox list"
    )
    assert (sent.event_id, sent.outcome) == (3, Outcome.SENT)
    assert letters.deliver(wired) == []
    (waiting,) = outbox.list_letters(wired, STAFF)
    assert (waiting.recipient, waiting.post.held) == (shown, True)


@SQLITE
def test_a_letter_can_be_sent_once_its_event_is_mended(sql_url: str, wired: Services) -> None:
    """
    Until then nobody can give it up, for that could not be logged; to try again is harmless.
    """
    events.notify(wired, STAFF, 2, [mail("b")], slots(1))
    change(sql_url, *UNGUARD, "UPDATE calndro_event SET size=size+40 WHERE id=2")
    for _ in range(2):
        assert outbox.retry_letters(wired, STAFF) == 1
        assert [each.outcome for each in letters.deliver(wired)] == [None]
    with pytest.raises(DamagedError):
        outbox.drop_letters(wired, STAFF, [1])

    change(sql_url, "UPDATE calndro_event SET size=size-40 WHERE id=2")
    assert outbox.retry_letters(wired, STAFF) == 1
    assert [each.outcome for each in letters.deliver(wired)] == [Outcome.SENT]
