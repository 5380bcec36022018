"""
The JSON of calndro: what is sent, what is taken, and what is refused.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import attrs
import pytest

from calndro.adapters import wire
from calndro.core.agreement import Status
from calndro.core.errors import InvalidInputError
from calndro.core.event import Event, LogEntry
from calndro.core.log import Occurrence, Receipt
from calndro.core.reading import SlotText
from calndro.core.slot import Slot


HEAD = bytes(range(32))
RECEIPT = Receipt(UUID("00112233-4455-4677-8899-aabbccddeeff"), 3, HEAD)
SHORT = Slot(datetime(2021, 3, 11, 14, 34, tzinfo=UTC), timedelta(minutes=10))
LONG = Slot(datetime(2022, 11, 1, 1, 11, 22, 20_000, tzinfo=UTC), timedelta(days=1, microseconds=5))
EVENT = Event(
    id=7,
    title="caf\xe9",
    zone="Europe/Paris",
    parties=("you@here.net", "erased-2"),
    proposer="you@here.net",
    slots=(SHORT, LONG),
    revision=4,
    status=Status.OPEN,
    waiting_on=("you@here.net",),
    kept={"you@here.net": (LONG,), "erased-2": None},
    stopped=("you@here.net",),
    undelivered=("else@here.net",),
    receipt=RECEIPT,
)
ENTRY = LogEntry(
    id=3,
    when=datetime(2026, 11, 23, 9, tzinfo=UTC),
    occurrence=Occurrence.UPDATE,
    effector="you@here.net",
    slots=(SHORT,),
    data={"form": "narrow", "removed": (LONG,), "title": "x"},
    hash=HEAD,
)
SHORT_JSON = {"begin": "2021-03-11T14:34:00Z", "duration": "00:10:00"}
LONG_JSON = {"begin": "2022-11-01T01:11:22.020000Z", "duration": "1 00:00:00.000005"}
URL = "https://dates.example.org/7/"


def faults(error: pytest.ExceptionInfo[InvalidInputError]) -> dict[str, str]:
    """
    List the faults of an error by path.
    """
    return {fault.path: fault.message for fault in error.value.faults}


def test_an_event_as_json() -> None:
    """
    An event is written with the contract's members in the contract's order.
    """
    shown = wire.event_json(EVENT, "https://dates.example.org")

    assert list(shown.items()) == [
        ("id", 7),
        ("url", URL),
        ("log_url", f"{URL}log/"),
        ("notify_url", f"{URL}notify/"),
        ("title", "caf\xe9"),
        ("parties", ["you@here.net", "erased-2"]),
        ("slots", [SHORT_JSON, LONG_JSON]),
        ("zone", "Europe/Paris"),
        ("revision", 4),
        ("status", "open"),
        ("waiting_on", ["you@here.net"]),
        ("kept", {"you@here.net": [LONG_JSON], "erased-2": None}),
        ("proposer", "you@here.net"),
        ("mail_stopped", ["you@here.net"]),
        ("undelivered", ["else@here.net"]),
        (
            "audit",
            {"event": str(RECEIPT.event), "seq": RECEIPT.seq, "head": RECEIPT.head.hex()},
        ),
    ]


def test_an_entry_as_json() -> None:
    """
    An entry is written with its exact instant, its hash in hex and slots as everywhere.
    """
    assert list(wire.entry_json(ENTRY).items()) == [
        ("id", 3),
        ("when", "2026-11-23T09:00:00.000000Z"),
        ("occurrence", "UPDATE"),
        ("effector", "you@here.net"),
        ("slots", [SHORT_JSON]),
        ("data", {"form": "narrow", "removed": [LONG_JSON], "title": "x"}),
        ("hash", HEAD.hex()),
    ]


def test_a_log_as_json() -> None:
    """
    A log is written with its event's address and parties, and its entries.
    """
    assert wire.log_json(EVENT, [ENTRY], "") == {
        "event": "/7/",
        "parties": ["you@here.net", "erased-2"],
        "entries": [wire.entry_json(ENTRY)],
    }


def test_a_notification_as_json() -> None:
    """
    Recipients collapse; a sender stands there only if there was one.
    """
    plain = wire.notified_json(EVENT, ["a@here.net", "a@here.net"], None, "")
    assert plain == {
        "parties": ["a@here.net"],
        "slots": [SHORT_JSON, LONG_JSON],
        "event_url": "/7/",
        "log_url": "/7/log/",
        "notify_url": "/7/notify/",
    }
    assert wire.notified_json(EVENT, [], "b@here.net", "") == plain | {
        "parties": [],
        "sender": "b@here.net",
    }


def test_json_is_written_compact_and_in_utf8() -> None:
    """
    Bytes are JSON without blanks, in UTF-8, enumerations by value.
    """
    assert wire.dumps({"a": [Status.OPEN, None, "\xe9"]}) == '{"a":["open",null,"\xe9"]}'.encode()


def test_events_and_entries_come_back() -> None:
    """
    What a server has written, a client reads as the same values.
    """
    later: dict[str, Any] = {"member_of_a_later_version": 1}
    assert wire.event_of({**wire.event_json(EVENT, ""), **later}) == EVENT
    assert wire.entry_of({**wire.entry_json(ENTRY), **later}) == ENTRY


@pytest.mark.parametrize(
    ("member", "value", "path"),
    [
        ("id", True, "id"),
        ("id", "7", "id"),
        ("status", "maybe", "status"),
        ("status", [], "status"),
        ("slots", [{"begin": "x", "duration": "00:10:00"}], "slots[0].begin"),
        ("slots", [{"begin": "2021-03-11T14:34:00Z"}], "slots[0].duration"),
        ("slots", {}, "slots"),
        ("kept", [], "kept"),
        ("waiting_on", "you@here.net", "waiting_on"),
        ("audit", {"event": "7", "seq": 1, "head": "ab"}, "audit"),
        ("audit", {"event": "7", "seq": 1}, "audit.head"),
    ],
)
def test_what_is_no_event_does_not_come_back(member: str, value: Any, path: str) -> None:
    """
    A member that no server of ours writes so is a fault with its path.
    """
    with pytest.raises(InvalidInputError) as error:
        wire.event_of({**wire.event_json(EVENT, ""), member: value})

    assert list(faults(error)) == [path]


@pytest.mark.parametrize("members", [[], None, "x", 1])
def test_only_objects_come_back(members: Any) -> None:
    """
    Anything but an object is refused as a whole.
    """
    with pytest.raises(InvalidInputError, match="object"):
        wire.event_of(members)
    with pytest.raises(InvalidInputError, match="object"):
        wire.entry_of(members)


def test_a_hash_is_hex() -> None:
    """
    An entry whose hash is none is refused.
    """
    with pytest.raises(InvalidInputError) as error:
        wire.entry_of({**wire.entry_json(ENTRY), "hash": "x"})

    assert list(faults(error)) == ["hash"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "event=1 seq=1 head=2",
        str(RECEIPT).replace("seq=3", "seq=0"),
        str(RECEIPT).upper(),
        str(RECEIPT) + "0",
        str(RECEIPT).replace(" ", "  "),
    ],
)
def test_only_receipts_are_receipts(text: str) -> None:
    """
    A receipt is written in one way only.
    """
    with pytest.raises(InvalidInputError, match="receipt"):
        Receipt.read(text)


def test_a_proposal_is_read() -> None:
    """
    Slots come as objects or texts, unread until the zone is known; null is not given.
    """
    body = {
        "parties": ["you@here.net"],
        "slots": [{"begin": "b", "duration": "d"}, "text"],
        "title": "x",
        "zone": "UTC",
        "like": 3,
    }
    read = wire.read_proposal(body)

    assert attrs.asdict(read, recurse=False) == {
        "parties": ("you@here.net",),
        "slots": (SlotText("b", "d"), "text"),
        "title": "x",
        "zone": "UTC",
        "like": 3,
    }
    assert wire.read_proposal({"like": 3, "slots": None, "zone": None}) == wire.Proposal(like=3)


def test_a_proposal_says_all_its_faults() -> None:
    """
    Missing, unknown and wrong members are all named, each with its path.
    """
    with pytest.raises(InvalidInputError) as error:
        wire.read_proposal({"slots": [[], {"begin": 1, "end": 2}], "title": 3, "zap": 4})

    assert set(faults(error)) == {
        *("parties", "slots[0]", "slots[1].begin", "slots[1].duration", "slots[1].end"),
        *("title", "zap"),
    }


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (True, "this must be an integer"),
        (1.0, "this must be an integer"),
        ("1", "this must be an integer"),
        (2**53, "this number is too large"),
        (-(2**53), "this number is too large"),
    ],
)
def test_integers_are_exact(value: Any, message: str) -> None:
    """
    A flag, a fraction or a text is no integer, and a huge one is refused.
    """
    with pytest.raises(InvalidInputError) as error:
        wire.read_proposal({"like": value})

    assert faults(error) == {"like": message}


@pytest.mark.parametrize(
    "body",
    [
        {"slots": [], "keep": []},
        {"keep": [], "drop": []},
        {"add": [], "accept": []},
        {"slots": [], "keep": [], "drop": [], "accept": [], "add": [], "title": "x"},
    ],
)
def test_an_update_has_one_form(body: dict[str, Any]) -> None:
    """
    Two forms at once are refused.
    """
    with pytest.raises(InvalidInputError, match="only one of"):
        wire.read_update(body)


def test_an_update_ignores_what_can_not_change() -> None:
    """
    Of an event as it was shown, slots and title count; an empty list is a form.
    """
    shown = dict(wire.event_json(EVENT, ""))
    assert wire.read_update(shown) == wire.Update(
        slots=tuple(SlotText(each["begin"], each["duration"]) for each in (SHORT_JSON, LONG_JSON)),
        title="caf\xe9",
    )
    judged = wire.Update(drop=(), accept=("x",))
    assert wire.read_update({"drop": [], "accept": ["x"], "slots": None, "id": "?"}) == judged


def test_names_of_unknown_members_do_no_harm() -> None:
    """
    An unknown member is named so that a terminal can show it.
    """
    with pytest.raises(InvalidInputError) as error:
        wire.read_update({"a\u202eb\n": 1, "x" * 999: 1, "plain": 1})

    assert set(faults(error)) == {repr("a\u202eb\n"), repr("x" * 60) + "...", "plain"}


@pytest.mark.parametrize(
    ("shape", "body", "paths"),
    [
        (wire.Notification, {}, {"parties", "slots"}),
        (
            wire.Notification,
            {"parties": {}, "slots": [], "sender": [], "invitation": 1},
            {"parties", "sender", "invitation"},
        ),
        (wire.MailWish, {}, {"mail"}),
        (wire.MailWish, {"mail": "paused"}, {"mail"}),
        (wire.MailWish, {"mail": {}}, {"mail"}),
        (wire.SignIn, {"username": 1, "password": None}, {"username", "password"}),
    ],
)
def test_other_bodies_are_as_strict(shape: type, body: dict[str, Any], paths: set[str]) -> None:
    """
    Every body names each fault by its path.
    """
    with pytest.raises(InvalidInputError) as error:
        wire.read(shape, body)

    assert set(faults(error)) == paths


def test_other_bodies_are_read() -> None:
    """
    A right body gives its values.
    """
    body = {"parties": ["a@here.net"], "slots": ["x"]}
    assert wire.read(wire.Notification, body) == wire.Notification(
        parties=("a@here.net",), slots=("x",)
    )
    assert wire.read(wire.MailWish, {"mail": "resumed"}).mail == "resumed"
    assert wire.read(wire.SignIn, {"username": "a", "password": "b"}).password == "b"
