"""
The log byte by byte, against literals written by hand and hashes computed here.
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import attrs
import pytest

from calndro.core import deeds, telling
from calndro.core.errors import InvalidInputError
from calndro.core.ledger import Act
from calndro.core.log import (
    SYSTEM,
    Chain,
    Occurrence,
    Receipt,
    canonical,
    commitment,
    decode,
    entry_hash,
    format_when,
    plain_slots,
    slots_of,
)
from calndro.core.slot import Slot
from tests.examples import (
    GENESIS,
    IDENTITY,
    MICROSECOND,
    START,
    Scene,
    act,
    address,
    addresses,
    slot,
    slots,
)


RAW = bytes.fromhex("00112233445546778899aabbccddeeff")


def hashed(*parts: bytes) -> bytes:
    """
    Hash raw bytes, one after the other.
    """
    return sha256(b"".join(parts)).digest()


def test_genesis_binds_the_event() -> None:
    """
    h_0 is the hash of the genesis tag, a zero byte and the 16 bytes of the uuid.
    """
    assert GENESIS.head == hashed(b"calndro/genesis/v1", b"\x00", RAW)
    assert (GENESIS.seq, GENESIS.when) == (0, None)


def test_first_body_byte_by_byte() -> None:
    """
    Entry 1 has parties, proposer, zone, title and every commitment, in canonical bytes.
    """
    change = deeds.propose(
        IDENTITY,
        Act(address("p"), datetime(2030, 1, 1, 9, 0, 0, 20_000, tzinfo=UTC), b"z" * 32),
        addresses("ab"),
        (Slot(datetime(2030, 1, 2, tzinfo=UTC), timedelta(minutes=90, microseconds=1)),),
        title='Caf\u00e9 "\u2028\U0001f600"',
        zone="Europe/Paris",
        salts=[b"\x01" * 32, b"\x02" * 32, b"\x03" * 32],
        most=30,
    )
    (entry,) = change.entries
    bound = [
        hashed(b"calndro/person/v1\x00", RAW, b"\x00" + bytes([n]), bytes([n]) * 32, mailed).hex()
        for n, mailed in ((1, b"a@here.net"), (2, b"b@here.net"), (3, b"p@here.net"))
    ]
    assert entry.body.decode() == (
        '{"data":{"opened":"created","parties":2,"people":{'
        f'"1":"{bound[0]}","2":"{bound[1]}","3":"{bound[2]}"'
        '},"proposer":3,"title":"Caf\u00e9 \\"\u2028\U0001f600\\"","zone":"Europe/Paris"},'
        '"effector":3,"event":"00112233-4455-4677-8899-aabbccddeeff","occurrence":"UPDATE",'
        '"seq":1,"slots":[["2030-01-02T00:00:00.000000Z",5400000001]],"v":1,'
        '"when":"2030-01-01T09:00:00.020000Z"}'
    )


def test_update_body_byte_by_byte() -> None:
    """
    A later entry has the slots after it, what was added and removed, and no more.
    """
    scene = Scene(1, 2, parties="ab")
    scene.now = START + timedelta(seconds=5)
    (entry,) = scene.replace("b", 2, 3, title="noon")
    one, two, three = (f'["2030-01-0{n + 1}T00:00:00.000000Z",3600000000]' for n in (1, 2, 3))
    assert entry.body.decode() == (
        f'{{"data":{{"added":[{three}],"form":"replace","removed":[{one}],"title":"noon"}},'
        '"effector":2,"event":"00112233-4455-4677-8899-aabbccddeeff","occurrence":"UPDATE",'
        f'"seq":2,"slots":[{two},{three}],"v":1,"when":"2030-01-01T00:00:05.000000Z"}}'
    )


def test_chain_formula_over_a_whole_log() -> None:
    """
    Every head is the hash of the tag, the head before and the hash of the body.
    """
    scene = Scene(1, 2)
    scene.keep("b", 1)
    scene.view("s")
    scene.keep("c", 1)
    scene.delete("s")
    head = hashed(b"calndro/genesis/v1\x00", RAW)
    for number, entry in enumerate(scene.log, start=1):
        head = hashed(b"calndro/entry/v1", b"\x00", head, sha256(entry.body).digest())
        assert entry.hash == head
        assert entry.seq == json.loads(entry.body)["seq"] == number
    assert scene.ledger.chain.receipt == Receipt(IDENTITY, len(scene.log), head)


def test_link_is_that_formula() -> None:
    """
    ``entry_hash`` is what an offline check computes.
    """
    assert entry_hash(b"h" * 32, b"{}") == hashed(b"calndro/entry/v1\x00", b"h" * 32, hashed(b"{}"))


@pytest.mark.parametrize(
    ("number", "two_bytes"), [(1, b"\x00\x01"), (256, b"\x01\x00"), (65_535, b"\xff\xff")]
)
def test_commitment_formula(number: int, two_bytes: bytes) -> None:
    """
    A commitment is over the tag, uuid, number as two big-endian bytes, salt and UTF-8 address.
    """
    salt = bytes(range(32))
    expected = hashed(
        b"calndro/person/v1\x00", RAW, two_bytes, salt, b"a@b\xc3\xbccher.example.org"
    )
    assert commitment(IDENTITY, number, salt, "a@b\u00fccher.example.org") == expected


def test_canonical_sorts_and_spends_no_blanks() -> None:
    """
    Keys are sorted at every depth; text stays UTF-8; only what JSON must escape is escaped.
    """
    value = {"b": [1, {"z": None, "a": True}], "a": 'x\u00e9\x1f\x7f"\\/', "B": -(2**53) + 1}
    assert canonical(value) == (
        '{"B":-9007199254740991,"a":"x\u00e9\\u001f\x7f\\"\\\\/",'
        '"b":[1,{"a":true,"z":null}]}'.encode()
    )


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_canonical_refuses_what_is_no_json(number: float) -> None:
    """
    Numbers that JSON does not have never reach the log.
    """
    with pytest.raises(ValueError, match="Out of range"):
        canonical({"a": number})


def test_body_decodes_to_the_same_entry() -> None:
    """
    The stored bytes are canonical, and give the entry that was made, to the last field.
    """
    scene = Scene(1, 2, parties="ab", proposer="p")
    scene.keep("a", 1)
    scene.judge("b", [], [1])
    scene.notify("s", "ab", 1, sender="a", invitation=True)
    scene.delete("s")
    for entry in scene.log:
        assert decode(entry.body, entry.hash) == entry
        assert canonical(json.loads(entry.body)) == entry.body


def test_when_is_strictly_increasing() -> None:
    """
    Entries made at one instant, or with the clock set back, are a microsecond apart.
    """
    scene = Scene(1, 2)
    scene.view("a")
    scene.now = START - timedelta(milliseconds=500)
    scene.view("b")
    scene.now = START + timedelta(minutes=1)
    scene.view("a")
    whens = [entry.when for entry in scene.log]
    assert whens == [
        START,
        START + MICROSECOND,
        START + 2 * MICROSECOND,
        START + timedelta(minutes=1),
    ]
    assert all("clock" not in entry.data for entry in scene.log)


def test_clock_is_noted_when_it_differs_by_more_than_a_second() -> None:
    """
    ``data.clock`` is the clock's own reading from the first microsecond beyond a second on.
    """
    scene = Scene(1)
    scene.now = START - timedelta(seconds=1) + MICROSECOND
    (within,) = scene.view("a")
    scene.now = START - timedelta(seconds=1) + MICROSECOND
    (beyond,) = scene.view("a")
    assert within.when - START == MICROSECOND
    assert "clock" not in within.data
    assert beyond.data["clock"] == "2029-12-31T23:59:59.000001Z"
    assert beyond.when == START + 2 * MICROSECOND


def test_people_are_introduced_exactly_once() -> None:
    """
    ``data.people`` speaks of each person in the first entry that mentions it, and never again.
    """
    scene = Scene(1, parties="ab", proposer="p")
    scene.view("a")
    scene.view("s")
    scene.view("s")
    scene.notify("t", "ba", 1, sender="u", staff="u")
    scene.notify("t", "a", 1, sender="u", staff="u")
    introduced = [sorted(entry.data.get("people", {})) for entry in scene.log]
    assert introduced == [["1", "2", "3"], [], ["4"], [], ["5", "6"], [], []]
    assert [entry.effector for entry in scene.log] == [3, 1, 4, 4, 5, 5, 5]
    for entry in scene.log:
        for number, bound in entry.data.get("people", {}).items():
            person = scene.ledger.people[int(number) - 1]
            assert person.address is not None
            assert person.salt is not None
            assert (
                bound == commitment(IDENTITY, int(number), person.salt, person.address.text).hex()
            )


def test_stranger_who_breaks_an_agreement_is_introduced_once() -> None:
    """
    News caused by a newcomer mentions it again without a second commitment.
    """
    scene = Scene(1, parties="ab")
    scene.keep("b", 1)
    entries = scene.extend("s", 2)
    assert [sorted(entry.data.get("people", {})) for entry in entries] == [["3"], [], []]
    assert [entry.data.get("sender") for entry in entries] == [None, 3, 3]


def test_marks_of_how_somebody_came_in() -> None:
    """
    ``data.token`` and ``data.via`` stand with every entry of an act, and only there.
    """
    scene = Scene(1, parties="ab")
    by = act("b", token="0123abcd")
    change = deeds.update(
        scene.ledger, by, deeds.Keep(slots(1)), title=None, most=30, expected=None
    )
    for entry in scene.take(telling.tell_news(change, by)):
        assert entry.data["token"] == "0123abcd"
        assert "via" not in entry.data
    (local,) = scene.take(deeds.view(scene.ledger, act("a", local=True)))
    assert local.data == {"via": "local"}
    (plain,) = scene.view("a")
    assert plain.data == {}


def test_opening_is_marked_too() -> None:
    """
    Who proposes on the database itself leaves the mark in entry 1.
    """
    change = deeds.propose(
        IDENTITY,
        act("a", local=True),
        addresses("a"),
        slots(1),
        title="moot",
        zone="UTC",
        salts=[b"1" * 32] * 2,
        most=30,
        like=4,
    )
    assert change.entries[0].data["via"] == "local"
    assert change.entries[0].data["like"] == 4


def test_system_has_number_zero() -> None:
    """
    Person 0 is the system.
    """
    assert SYSTEM == 0


def test_when_is_written_in_utc_with_six_digits() -> None:
    """
    An instant of any zone is written in UTC, always with six digits.
    """
    assert format_when(START) == "2030-01-01T00:00:00.000000Z"
    shifted = datetime.fromisoformat("0999-03-11T14:34:00.5+02:00")
    assert format_when(shifted) == "0999-03-11T12:34:00.500000Z"


def test_when_is_the_same_wherever_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The zone of the machine has no part in the bytes.
    """
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    time.tzset()
    try:
        assert format_when(START) == "2030-01-01T00:00:00.000000Z"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_slots_survive_the_log() -> None:
    """
    Slots written as pairs read back as the same table, to the microsecond.
    """
    odd = (Slot(START - MICROSECOND, MICROSECOND), slot(3), Slot(START, timedelta(days=366)))
    assert plain_slots(odd)[0] == ["2029-12-31T23:59:59.999999Z", 1]
    assert plain_slots(odd)[2] == ["2030-01-01T00:00:00.000000Z", 31_622_400_000_000]
    assert slots_of(plain_slots(odd)) == odd


def test_receipt_is_written_as_the_header_says() -> None:
    """
    A receipt shows its event, length and head in hex.
    """
    assert str(Receipt(IDENTITY, 3, b"\xab" * 32)) == (
        f"event=00112233-4455-4677-8899-aabbccddeeff seq=3 head={'ab' * 32}"
    )


def test_chain_grows_only_at_its_end() -> None:
    """
    Appending gives a new chain and leaves the old one as it was.
    """
    chain, entry = GENESIS.append(
        now=START, occurrence=Occurrence.VIEW, effector=1, slots=(), data={}
    )
    assert Chain.begin(IDENTITY) == GENESIS
    assert chain == Chain(IDENTITY, 1, entry.hash, START)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        chain.seq = 2  # type: ignore[misc]  # the very mistake to refuse


def test_receipt_is_read_as_it_is_written() -> None:
    """
    A receipt's text gives the same receipt; anything else is refused.
    """
    receipt = Receipt(IDENTITY, 3, b"\xab" * 32)

    assert Receipt.read(f" {receipt}\n") == receipt
    for wrong in ("", str(receipt)[1:], str(receipt).replace("seq=3", "seq=0"), "event=1 seq=1"):
        with pytest.raises(InvalidInputError, match="no receipt"):
            Receipt.read(wrong)
