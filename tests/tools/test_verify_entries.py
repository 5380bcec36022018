from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from tests.data import make_audit_vectors as maker
from tests.tools.exports import (
    ALL,
    BOTH,
    EVENT,
    FIRST,
    MANY,
    OTHER_EVENT,
    SECOND,
    STAFF,
    THEY,
    THIRD,
    YOU,
    ZO,
    lines_of,
    story,
)


if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.tools.exports import Verifier


def changed(at: int, **fields: Any) -> Callable[[list[maker.Json]], object]:
    """
    Change fields of an entry of the story before it is chained.
    """
    return lambda entries: entries[at - 1].update(fields)


def data(at: int, **members: Any) -> Callable[[list[maker.Json]], object]:
    """
    Change members of an entry's data before it is chained.
    """
    return lambda entries: entries[at - 1]["data"].update(members)


def without(at: int, member: str) -> Callable[[list[maker.Json]], object]:
    """
    Take a member out of an entry's data before it is chained.
    """
    return lambda entries: entries[at - 1]["data"].pop(member)


def after_the_end(entry: maker.Json) -> Callable[[list[maker.Json]], object]:
    """
    Append an entry to the closed story.
    """
    late = {"seq": 15, "when": "2027-01-01T00:00:00.000000Z", "slots": [FIRST]}
    return lambda entries: entries.append({**entry, **late})


def slots(at: int, value: object) -> Callable[[list[maker.Json]], object]:
    """
    Put *value* on the table, and say in data that nothing else changed.
    """
    return lambda entries: entries[at - 1].update(slots=value, data={"form": "replace"})


SOMEBODY = {"4": "00" * 32}
LIES: dict[str, tuple[int, str, Callable[[list[maker.Json]], object]]] = {
    "seq starts at 2": (1, "seq", changed(1, seq=2)),
    "seq jumps": (4, "seq", changed(4, seq=5)),
    "seq is text": (4, "seq", changed(4, seq="4")),
    "seq is true": (1, "seq", changed(1, seq=True)),
    "v is 2": (4, "v is 2", changed(4, v=2)),
    "v is true": (4, "v is True", changed(4, v=True)),
    "another event": (4, "it is of event", changed(4, event=OTHER_EVENT)),
    "event in capitals": (4, "it is of event", changed(4, event=EVENT.upper())),
    "unknown member": (4, "'extra'", changed(4, extra=1)),
    "member missing": (4, "'data'", lambda it: it[3].pop("data")),
    "when goes back": (5, "not later", changed(5, when="2026-11-22T22:00:01.000000Z")),
    "when stands still": (4, "not later", changed(4, when="2026-11-22T22:00:03.123456Z")),
    "when without fraction": (4, "when is", changed(4, when="2026-11-22T22:00:04Z")),
    "when with offset": (4, "when is", changed(4, when="2026-11-22T22:00:04.000000+00:00")),
    "when on no calendar": (4, "calendar", changed(4, when="2027-02-29T22:00:04.000000Z")),
    "when at 24:00": (4, "calendar", changed(4, when="2027-02-28T24:00:00.000000Z")),
    "when at second 60": (4, "calendar", changed(4, when="2027-02-28T23:59:60.000000Z")),
    "when in year 0": (4, "calendar", changed(4, when="0000-02-28T23:59:00.000000Z")),
    "when in other digits": (4, "when is", changed(4, when="202\u0667-02-28T23:59:00.000000Z")),
    "when a number": (4, "when is", changed(4, when=1)),
    "occurrence unknown": (4, "occurrence", changed(4, occurrence="DELETE")),
    "occurrence in small letters": (4, "occurrence", changed(4, occurrence="view")),
    "occurrence a list": (4, "occurrence", changed(4, occurrence=["VIEW"])),
    "data a list": (4, "data is list", changed(4, data=[])),
    "slots out of order": (5, "out of order", slots(5, [SECOND, FIRST, THIRD])),
    "slots by duration": (5, "out of order", slots(5, [[FIRST[0], 2], [FIRST[0], 1]])),
    "slot twice": (5, "out of order", slots(5, [FIRST, FIRST])),
    "31 slots": (5, "31 slots are more than 30", slots(5, MANY)),
    "slots an object": (5, "slots is dict", slots(5, {})),
    "slot of three": (5, "no slot", slots(5, [[*FIRST, 1]])),
    "slot of one": (5, "no slot", slots(5, [FIRST[:1]])),
    "slot a string": (5, "no slot", slots(5, ["ab"])),
    "slot without duration": (5, "duration", slots(5, [[FIRST[0], 0]])),
    "duration negative": (5, "duration", slots(5, [[FIRST[0], -1]])),
    "duration is true": (5, "duration", slots(5, [[FIRST[0], True]])),
    "begin is local": (5, "begin", slots(5, [["2026-12-01T09:00:00", 1]])),
    "added out of order": (5, "data.added", data(5, added=[THIRD, FIRST])),
    "removed a string": (6, "data.removed", data(6, removed="none")),
    "accepted a number": (6, "data.accepted", data(6, accepted=1)),
    "a view changes slots": (4, "slots are not those before", changed(4, slots=[FIRST])),
    "added is not there": (5, "slots are not those before", changed(5, slots=BOTH)),
    "removed is still there": (6, "slots are not those before", changed(6, slots=ALL)),
    "slots unexplained": (7, "slots are not those before", changed(7, slots=[])),
    "effector unknown": (4, "data.people", changed(4, effector=4)),
    "effector out of turn": (4, "out of turn", changed(4, effector=9, data={"people": {"9": "0"}})),
    "effector negative": (4, "effector", changed(4, effector=-1)),
    "effector beyond two bytes": (4, "effector", changed(4, effector=65536)),
    "effector an address": (4, "effector", changed(4, effector=YOU)),
    "effector null": (4, "effector", changed(4, effector=None)),
    "recipient unknown": (2, "data.people", data(2, recipient=4)),
    "recipient an address": (2, "data.recipient", data(2, recipient=THEY)),
    "sender unknown": (2, "data.people", data(2, sender=4)),
    "commitment to the known": (4, "data.people", data(4, people={"2": "00" * 32})),
    "commitment to the unmentioned": (4, "data.people", data(4, people=SOMEBODY)),
    "commitment to the system": (4, "data.people", data(4, people={"0": "00" * 32})),
    "commitments to nobody": (4, "data.people", data(4, people={})),
    "commitments in a list": (4, "data.people", data(4, people=[])),
    "commitment with a leading zero": (10, "data.people", data(10, people={"04": "00" * 32})),
    "commitment missing": (10, "data.people", without(10, "people")),
    "commitment too short": (10, "commitment", data(10, people={"4": "00" * 31})),
    "commitment null": (10, "commitment", data(10, people={"4": None})),
    "commitment to another": (10, "not whom", data(10, people=maker.people(EVENT, YOU, first=4))),
    "commitment in another event": (
        10,
        "not whom",
        data(10, people=maker.people(OTHER_EVENT, STAFF, first=4)),
    ),
    "no party": (1, "data.parties", data(1, parties=0)),
    "parties missing": (1, "data.parties", without(1, "parties")),
    "more parties than committed to": (1, "data.people", data(1, parties=4)),
    "fewer parties than committed to": (1, "data.proposer", data(1, parties=1)),
    "a huge number of parties": (1, "data.parties", data(1, parties=2**53 - 1)),
    "proposer is the system": (1, "data.proposer", data(1, proposer=0)),
    "proposer missing": (1, "data.proposer", without(1, "proposer")),
    "zone missing": (1, "data.zone", without(1, "zone")),
    "title missing": (1, "data.title", without(1, "title")),
    "title a number": (1, "data.title", data(1, title=5)),
    "delivery without of": (3, "data.of", without(3, "of")),
    "delivery of itself": (3, "data.of", data(3, of=3)),
    "delivery of what follows": (3, "data.of", data(3, of=8)),
    "delivery of an update": (3, "data.of", data(3, of=1)),
    "delivery of a delivery": (13, "data.of", data(13, of=3)),
    "delivery twice": (13, "data.of", data(13, of=2)),
    "delivery of true": (3, "data.of", data(3, of=True)),
    "delivery of a list": (3, "data.of", data(3, of=[2])),
    "delivery unknown": (3, "data.delivery", data(3, delivery="lost")),
    "delivery a list": (3, "data.delivery", data(3, delivery=["sent"])),
    "delivery by a person": (3, "by the system", changed(3, effector=1)),
    "delivery as an update": (3, "by the system", changed(3, occurrence="UPDATE")),
    "erasure of the system": (14, "erases nobody", data(14, erased=0)),
    "erasure as a view": (14, "erases nobody", changed(14, occurrence="VIEW")),
    "erasure of an address": (14, "data.erased", data(14, erased=YOU)),
    "update after the end": (15, "after the event", after_the_end(story()[6])),
    "view after the end": (15, "after the event", after_the_end(story()[3])),
    "notify after the end": (15, "after the event", after_the_end(story()[7])),
    "closed twice": (15, "after the event", after_the_end(story()[10])),
    "cancelled long after the end": (15, "after the event", after_the_end(story()[11])),
    "agreed after the end": (12, "after the event", data(12, reason="agreed")),
    "title not NFC": (9, "NFC", data(9, title="e\u0301")),
    "key not NFC": (9, "not ASCII", lambda it: it[8]["data"].update({"e\u0301": 1})),
    "key not ASCII": (9, "not ASCII", lambda it: it[8]["data"].update({"\u00e9": 1})),
    "integer of 2^53": (9, "integer", data(9, x=2**53)),
    "integer of -2^53": (9, "integer", data(9, x=-(2**53))),
    "integer of 5000 digits": (9, "too large", data(9, x=10**4000)),
}


@pytest.mark.parametrize(("bad", "words", "lie"), LIES.values(), ids=LIES)
def test_well_chained_nonsense_is_found(
    verifier: Verifier, bad: int, words: str, lie: Callable[[list[maker.Json]], object]
) -> None:
    """
    An entry that breaks the format is found although all hashes were made to fit.
    """
    entries = story()
    lie(entries)

    status, said = verifier.told(entries)

    assert status == 1
    assert said.startswith(f"entry {bad}: ")
    assert words in said.splitlines()[0]


BODIES = {
    "a blank": lambda body: body.replace(":", ": ", 1),
    "a line end": lambda body: body + "\n",
    "keys out of order": lambda body: '{"v":1,' + body[1:].replace(',"v":1', ""),
    "a key twice": lambda body: body.replace('"v":1', '"v":1,"v":1'),
    "a float": lambda body: body.replace('"v":1', '"v":1.0'),
    "an exponent": lambda body: body.replace('"v":1', '"v":1e0'),
    "minus zero": lambda body: body.replace('"effector":0', '"effector":-0'),
    "NaN": lambda body: body.replace('"v":1', '"v":NaN'),
    "an escaped letter": lambda body: body.replace("NOTIFY", "\\u004eOTIFY"),
    "an escaped slash": lambda body: body.replace("agreed", "agreed\\/"),
    "an escaped character beyond ASCII": lambda body: body.replace("agreed", "\\u00e9"),
    "a capital escape": lambda body: body.replace("agreed", "\\u001F"),
    "a long escape": lambda body: body.replace("agreed", "\\u000a"),
    "a raw control character": lambda body: body.replace("agreed", "\x1f"),
    "an escaped lone surrogate": lambda body: body.replace("agreed", "\\ud800"),
    "a raw lone surrogate": lambda body: body.replace("agreed", "\ud800"),
    "nothing": lambda _: "",
    "not JSON": lambda _: "{",
    "a list": lambda _: "[]",
    "null": lambda _: "null",
    "a number": lambda _: "1" * 5000,
    "deep lists": lambda _: "[" * 200_000,
    "deep objects": lambda _: '{"a":' * 200_000,
}


@pytest.mark.parametrize("change", BODIES.values(), ids=BODIES)
def test_body_that_is_not_canonical_is_found(
    verifier: Verifier, change: Callable[[str], str]
) -> None:
    """
    A body is refused unless it is the one way to write its value, though its hash fits.
    """
    lines = lines_of(story())
    body = change(lines[8]["body"])
    assert body != lines[8]["body"]
    inner = hashlib.sha256(body.encode(errors="surrogatepass")).digest()
    fits = maker.sha("calndro/entry/v1", bytes.fromhex(lines[7]["hash"]), inner).hex()
    lines[8] = {"body": body, "hash": fits}

    status, said = verifier.lines(lines)

    assert status == 1
    assert said.startswith("entry 8: ")
    assert said.isascii()


def test_imported_slots_may_stay_but_not_grow(verifier: Verifier) -> None:
    """
    An imported entry may hold over 30 slots, and those after it as many as they found.
    """
    more = [*MANY, ["2027-02-01T09:00:00.000000Z", 1]]
    first = maker.opening(EVENT, "cybes", YOU, ZO, slots=MANY, opened="imported")
    view = maker.entry(2, "VIEW", 2, MANY)
    fewer = maker.entry(3, "UPDATE", 2, MANY[1:], form="narrow", removed=MANY[:1])
    grown = maker.entry(3, "UPDATE", 2, more, form="extend", added=more[-1:])

    def status_of(*entries: maker.Json) -> tuple[int, str]:
        lines = lines_of(list(entries))
        lines[0]["people"] = []
        return verifier.lines(lines)

    assert status_of(first, view, fewer)[0] == 0
    assert status_of(first, view, grown)[1].startswith("entry 3: 32 slots")


def test_only_an_import_may_not_know_the_proposer(verifier: Verifier) -> None:
    """
    Proposer 0 stands in what came from elsewhere, and in nothing that was opened here.
    """

    def said_of(**data: object) -> tuple[int, str]:
        first = maker.opening(EVENT, "cybes", YOU, ZO, slots=BOTH, proposer=0, **data)
        lines = lines_of([{**first, "effector": 0}])
        lines[0]["people"] = []
        return verifier.lines(lines)

    assert said_of(opened="imported", imported=0)[0] == 0
    assert said_of(opened="created", imported=7)[0] == 0
    assert said_of(opened="created")[1].startswith("entry 1: data.proposer is 0")
