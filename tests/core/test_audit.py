"""
Verification finds every change of a stored log, and says where.
"""

from __future__ import annotations

import json
from itertools import permutations
from typing import TYPE_CHECKING, Any
from uuid import UUID

import attrs
import pytest

from calndro.core.audit import Finding, Verdict, astray, check_bytes, damaged, verify
from calndro.core.errors import StorageError
from calndro.core.event import is_delivery
from calndro.core.ledger import Person, commitments
from calndro.core.log import Chain, Receipt, canonical, decode, entry_hash, format_when
from calndro.core.notice import Outcome
from calndro.core.stored import DamagedError, StoredEntry, StoredEvent
from calndro.core.telling import record_outcome
from tests.examples import IDENTITY, MICROSECOND, Scene, address


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from calndro.core.ledger import Ledger


LENGTH = 50


def stored(scene: Scene) -> list[StoredEntry]:
    """
    Write a scene's log as a database holds it.
    """
    return [
        StoredEntry(
            each.seq,
            each.when,
            each.occurrence.value,
            each.effector,
            is_delivery(each),
            each.body,
            each.hash,
        )
        for each in scene.log
    ]


@pytest.fixture(scope="module")
def scene() -> Scene:
    """
    Play an event until its log has fifty entries of every kind.
    """
    scene = Scene(1, 2, 3, 4)
    scene.notify("a", "bc", 1, 2, 3, 4)
    for notice in scene.notices:
        scene.take(record_outcome(scene.ledger, scene.now, notice, Outcome.SENT))
    scene.keep("b", 1, 2, 3)
    scene.judge("c", [4], [2])
    scene.extend("b", 9)
    scene.retitle("s", "other")
    scene.stop("c")
    scene.erase("c")
    while len(scene.log) < LENGTH:
        scene.now += MICROSECOND
        scene.view("ab"[len(scene.log) % 2])
    assert len(scene.log) == LENGTH
    return scene


Case = tuple[str, list[StoredEntry], int]


def _edited(rows: list[StoredEntry]) -> Iterator[Case]:
    for n, row in enumerate(rows):
        edits: dict[str, Any] = {
            "when": None if row.when is None else row.when + MICROSECOND,
            "occurrence": "VIEW" if row.occurrence != "VIEW" else "NOTIFY",
            "effector": row.effector + 1,
            "is_delivery": not row.is_delivery,
            "seq": row.seq + LENGTH,
            "body": row.body.replace(b'"v":1', b'"v":2'),
            "hash": bytes(32),
        }
        for field, value in edits.items():
            changed = attrs.evolve(row, **{field: value})
            yield f"{field} of {n + 1}", [*rows[:n], changed, *rows[n + 1 :]], n + 1


def _bits(rows: list[StoredEntry]) -> Iterator[Case]:
    for n, row in enumerate(rows):
        for place in range(32):
            flipped = bytearray(row.hash)
            flipped[place] ^= 1 << ((n + place) % 8)
            changed = attrs.evolve(row, hash=bytes(flipped))
            yield f"bit of {n + 1}", [*rows[:n], changed, *rows[n + 1 :]], n + 1


def _moved(rows: list[StoredEntry]) -> Iterator[Case]:
    for n in range(LENGTH):
        yield f"{n + 1} deleted", rows[:n] + rows[n + 1 :], n + 1
        yield f"{n + 1} twice", [*rows[: n + 1], *rows[n:]], n + 2
    for one in range(LENGTH):
        for other in range(one + 1, LENGTH):
            swapped = list(rows)
            swapped[one] = attrs.evolve(rows[other], seq=one + 1)
            swapped[other] = attrs.evolve(rows[one], seq=other + 1)
            yield f"{one + 1} and {other + 1} swapped", swapped, one + 1
    for left in range(LENGTH):
        yield f"cut to {left}", rows[:left], left + 1


def test_every_single_change_is_found_and_its_place_named(scene: Scene) -> None:
    """
    Every single change of a log of fifty entries is found, and the first bad entry named.

    Fields are edited, entries deleted, doubled and swapped, bits of hashes flipped, tails
    cut off.
    """
    rows = stored(scene)
    cases = [*_edited(rows), *_bits(rows), *_moved(rows)]

    missed = []
    for name, changed, place in cases:
        findings = verify(scene.ledger, changed).findings
        if not findings or findings[0].seq != place:
            missed.append((name, place, findings))

    assert len(cases) > 3000
    assert missed == []


def test_bytes_alone_show_where_a_chain_breaks(scene: Scene) -> None:
    """
    The chain over bytes alone names the first entry whose hash does not follow.
    """
    links = [(each.body, each.hash) for each in scene.log]
    for place in range(LENGTH):
        damaged = [*links[:place], (links[place][0] + b" ", links[place][1]), *links[place + 1 :]]

        assert check_bytes(Chain.begin(IDENTITY), damaged) == place + 1


def test_an_undamaged_log_proves_itself(scene: Scene) -> None:
    """
    A log as it was written has no finding, with every receipt it ever gave.
    """
    receipts = [Receipt(IDENTITY, each.seq, each.hash) for each in scene.log]

    verdict = verify(scene.ledger, stored(scene), receipts)

    assert verdict.is_good
    assert verdict.findings == ()
    assert verdict.receipts == LENGTH
    assert verdict.receipt == receipts[-1]


def test_without_the_head_a_cut_goes_unnoticed(scene: Scene) -> None:
    """
    Negative control: were the event's end not stored, a cut tail would not be found.
    """
    for left in range(1, LENGTH):
        remaining = scene.log[:left]
        rows = [(each.body, each.hash) for each in remaining]

        assert check_bytes(Chain.begin(IDENTITY), rows) is None
        assert verify(scene.ledger, stored(scene)[:left]).findings[0].seq == left + 1


def rewritten(scene: Scene, at: int) -> tuple[Ledger, list[StoredEntry]]:
    """
    Change one entry as an operator could who recomputes every hash after it.
    """
    rows, head = stored(scene), Chain.begin(IDENTITY).head
    for n, row in enumerate(rows):
        body = row.body
        if n + 1 == at:
            fact = json.loads(body)
            fact["data"]["aside"] = "never happened"
            body = canonical(fact)
        head = entry_hash(head, body)
        rows[n] = attrs.evolve(row, body=body, hash=head)
    chain = attrs.evolve(scene.ledger.chain, head=head)
    return attrs.evolve(scene.ledger, chain=chain), rows


@pytest.mark.parametrize("at", [2, 10, 25, LENGTH])
def test_a_rewritten_chain_is_found_by_a_receipt_at_or_after_the_change(
    scene: Scene, at: int
) -> None:
    """
    A chain rewritten whole is found by any receipt of the change or later, and only so.
    """
    ledger, rows = rewritten(scene, at)
    found = {
        each.seq
        for each in scene.log
        if not verify(ledger, rows, [Receipt(IDENTITY, each.seq, each.hash)]).is_good
    }

    assert verify(ledger, rows).is_good
    assert found == set(range(at, LENGTH + 1))


def test_receipts_that_do_not_fit_are_findings(scene: Scene) -> None:
    """
    A receipt beyond the end means that entries are gone; one of another event is named.
    """
    rows = stored(scene)
    beyond = Receipt(IDENTITY, LENGTH + 1, bytes(32))
    foreign = Receipt(UUID(int=7), 1, rows[0].hash)

    verdict = verify(scene.ledger, rows, [beyond, foreign])

    assert [finding.seq for finding in verdict.findings] == [None, None]
    assert "51 entries" in str(verdict.findings[0])
    assert "another event" in str(verdict.findings[1])


def test_receipts_of_one_entry_are_all_compared(scene: Scene) -> None:
    """
    A receipt that does not fit is found whatever other receipts name the same entry.
    """
    rows = stored(scene)
    good, bad = Receipt(IDENTITY, 7, rows[6].hash), Receipt(IDENTITY, 7, bytes(32))
    foreign = Receipt(UUID(int=7), 7, rows[6].hash)

    for order in permutations([good, bad, foreign]):
        verdict = verify(scene.ledger, rows, order)
        assert verdict.findings[0] == Finding(7, "it is not what the receipt was given for")
        assert verdict.broken_at == 7


def test_a_finding_about_no_entry_breaks_none(scene: Scene) -> None:
    """
    Where no entry is bad none is named as broken, and the first where several findings name one.
    """
    receipt = scene.ledger.chain.receipt
    several = tuple(Finding(seq, "x") for seq in (None, 9, 4))

    assert Verdict(1, receipt, 0, ()).broken_at is None
    assert Verdict(1, receipt, 0, several[:1]).broken_at is None
    assert Verdict(1, receipt, 0, several).broken_at == 4


def test_what_is_kept_of_the_event_is_compared_with_its_log(scene: Scene) -> None:
    """
    A title, a table, a moment, an address or a salt changed beside the log is found.
    """
    ledger, rows = scene.ledger, stored(scene)
    first = ledger.people[0]
    assert ledger.chain.when is not None
    wrong = {
        "title": attrs.evolve(ledger, state=attrs.evolve(ledger.state, title="x")),
        "slots": attrs.evolve(ledger, state=attrs.evolve(ledger.state, slots=())),
        "when": attrs.evolve(
            ledger, chain=attrs.evolve(ledger.chain, when=ledger.chain.when + MICROSECOND)
        ),
        "address": attrs.evolve(
            ledger,
            people=(attrs.evolve(first, address=address("z")), *ledger.people[1:]),
        ),
        "salt": attrs.evolve(
            ledger, people=(attrs.evolve(first, salt=bytes(32)), *ledger.people[1:])
        ),
        "erased": attrs.evolve(
            ledger,
            people=(attrs.evolve(first, address=None, salt=None), *ledger.people[1:]),
        ),
        "nameless": attrs.evolve(
            ledger, people=(attrs.evolve(first, address=None), *ledger.people[1:])
        ),
        "saltless": attrs.evolve(
            ledger, people=(attrs.evolve(first, salt=None), *ledger.people[1:])
        ),
    }

    for what, changed in wrong.items():
        (finding,) = verify(changed, rows).findings
        assert str(finding) == (
            "the event is not what its log adds up to"
            if what in ("title", "slots", "when")
            else "person 1 is not who the log speaks of"
        ), what


def test_a_wrong_head_beside_a_good_log_is_found(scene: Scene) -> None:
    """
    A head that is not the hash of the last entry is found.
    """
    chain = attrs.evolve(scene.ledger.chain, head=bytes(32))

    (finding,) = verify(attrs.evolve(scene.ledger, chain=chain), stored(scene)).findings

    assert str(finding) == f"entry {LENGTH + 1}: the event's head is not that of its log"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"data":1}',
        b"null",
        b'{"data":{},"effector":0,"event":"x","occurrence":"VIEW","seq":1,"slots":[1],"v":1}',
    ],
)
def test_bytes_that_are_no_entry_are_found_even_when_their_hash_is_right(
    scene: Scene, body: bytes
) -> None:
    """
    An operator who hashes nonsense rightly is found out all the same.
    """
    head = entry_hash(Chain.begin(IDENTITY).head, body)
    row = attrs.evolve(stored(scene)[0], body=body, hash=head)

    assert verify(scene.ledger, [row]).findings == (Finding(1, "its bytes are no entry of a log"),)


@pytest.mark.parametrize(
    "body",
    [
        b'{"data":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        (
            b'{"data":{},"effector":0,"occurrence":"VIEW","seq":1,"v":1,"slots":'
            b'[["2030-01-01T00:00:00Z",999999999999999999999999]],"when":"2030-01-01T00:00:00Z"}'
        ),
    ],
)
def test_bytes_that_go_beyond_what_can_be_held_are_found(scene: Scene, body: bytes) -> None:
    """
    Brackets without end and a duration of more than a lifetime are no entry either.
    """
    row = attrs.evolve(
        stored(scene)[0], body=body, hash=entry_hash(Chain.begin(IDENTITY).head, body)
    )

    assert verify(scene.ledger, [row]).findings == (Finding(1, "its bytes are no entry of a log"),)


def added(scene: Scene, **facts: Any) -> tuple[Ledger, list[StoredEntry]]:
    """
    Append an entry as an operator could, who stores its projections rightly too.
    """
    first = json.loads(scene.log[-1].body)
    chain = scene.ledger.chain
    assert chain.when is not None
    fact = {**first, **facts, "seq": chain.seq + 1, "when": format_when(chain.when + MICROSECOND)}
    body = canonical(fact)
    entry = decode(body, entry_hash(chain.head, body))
    longer = Chain(chain.uuid, entry.seq, entry.hash, entry.when)
    return attrs.evolve(scene.ledger, chain=longer), [*stored(scene), StoredEntry.of(entry)]


def bound(scene: Scene, *people: Person) -> Mapping[str, str]:
    """
    Bind people to their numbers in the log of a scene.
    """
    return commitments(scene.ledger.chain, people)


def test_a_number_in_use_is_never_given_to_somebody_else(scene: Scene) -> None:
    """
    A later entry that commits to another person under a number in use is the first bad one.
    """
    other = Person(2, address("z"), bytes(32))
    ledger, rows = added(scene, data={"people": bound(scene, other)}, effector=2)
    first, _, *others = ledger.people

    verdict = verify(attrs.evolve(ledger, people=(first, other, *others)), rows)

    assert verdict.findings == (
        Finding(LENGTH + 1, "it gives others a number than those whom it is the first to mention"),
    )


def test_everybody_is_mentioned_with_a_number_and_in_turn(scene: Scene) -> None:
    """
    Newcomers get the next numbers, and whoever has none is mentioned nowhere.
    """
    known = len(scene.ledger.people)
    new, after = (Person(known + n, address("yz"[n - 1]), bytes(32)) for n in (1, 2))
    anew = "it gives others a number than those whom it is the first to mention"
    unknown = "it mentions somebody to whom no entry has given a number"
    effector = known + 1
    cases: list[tuple[dict[str, Any], str | None]] = [
        ({"effector": effector, "data": {"people": bound(scene, new)}}, None),
        ({"effector": effector, "data": {"people": bound(scene, after)}}, anew),
        ({"effector": effector, "data": {"people": bound(scene, new, after)}}, anew),
        ({"effector": 1, "data": {"people": bound(scene, new)}}, anew),
        ({"effector": effector, "data": {"people": {"x": "y"}}}, anew),
        ({"effector": effector, "data": {}}, unknown),
        ({"effector": 1, "data": {"recipient": effector}}, unknown),
        ({"effector": -1, "data": {}}, unknown),
    ]
    for facts, words in cases:
        ledger, rows = added(scene, **facts)
        ledger = attrs.evolve(ledger, people=(*ledger.people, new))
        if words is None:
            assert verify(ledger, rows).is_good
        else:
            assert verify(ledger, rows).findings[0] == Finding(LENGTH + 1, words), facts


@pytest.mark.parametrize("parties", [2, 4, 10**15])
def test_the_first_entry_numbers_its_parties(scene: Scene, parties: int) -> None:
    """
    An event of more or fewer parties than were given numbers is no event.
    """
    fact = json.loads(scene.log[0].body)
    fact["data"]["parties"] = parties
    body = canonical(fact)
    row = attrs.evolve(
        stored(scene)[0], body=body, hash=entry_hash(Chain.begin(IDENTITY).head, body)
    )

    assert verify(scene.ledger, [row]).broken_at == 1


def test_nobody_whom_the_log_speaks_of_is_missing(scene: Scene) -> None:
    """
    Without the row of somebody, or with one too many, the people are not those of the log.
    """
    ledger, rows = scene.ledger, stored(scene)
    stranger = Person(len(ledger.people) + 1, address("z"), bytes(32))
    *others, last = ledger.people
    cases = {
        f"person {last.number}, whom the log speaks of, is missing": others,
        f"person {stranger.number} is not who the log speaks of": [*ledger.people, stranger],
        "person 1 is not who the log speaks of": [
            attrs.evolve(ledger.people[0], number=-1),
            *ledger.people[1:],
        ],
    }

    for words, people in cases.items():
        changed = attrs.evolve(ledger, people=tuple(people))
        assert verify(changed, rows).findings == (Finding(None, words),)


def test_what_an_event_is_found_by_is_compared_with_it(scene: Scene) -> None:
    """
    A status, a key or a membership that is not what the event says is found.
    """
    ledger, rows = scene.ledger, stored(scene)
    right = StoredEvent.of(ledger)
    (number, key, member), *others = right.people
    wrong = [
        attrs.evolve(right, status="agreed"),
        attrs.evolve(right, people=((number, "eve@evil.org", member), *others)),
        attrs.evolve(right, people=((number, key, not member), *others)),
        attrs.evolve(right, people=tuple(others)),
    ]
    finding = Finding(
        None, "what is kept beside the event, to find it by, is not what the event says"
    )

    assert right.status == ledger.state.status.value
    assert [people[1:] for people in right.people] == [
        (None if each.address is None else each.address.key, each.number <= len(ledger.members))
        for each in ledger.people
    ]
    assert verify(ledger, rows, (), right).is_good
    for beside in wrong:
        assert verify(ledger, rows, (), beside).findings == (finding,)
    nobody = attrs.evolve(ledger.people[0], address=attrs.evolve(address("a"), text="nobody"))
    changed = attrs.evolve(ledger, people=(nobody, *ledger.people[1:]))
    assert verify(changed, rows, (), right).findings[-1] == finding


def test_rows_of_no_known_kind_are_findings(scene: Scene) -> None:
    """
    Bytes turned into text, and an instant that is none, are named with their entry.
    """
    first, *others = stored(scene)
    body: Any = first.body.decode()
    text = attrs.evolve(first, body=body)

    assert verify(scene.ledger, [text, *others]).findings == (
        Finding(1, "its bytes are no entry of a log"),
    )
    assert verify(scene.ledger, [attrs.evolve(first, when=None), *others]).findings == (
        Finding(1, "what is kept beside its bytes is not what they say"),
    )
    assert first.text == first.body.decode()
    for odd in (text, attrs.evolve(first, body=b"\xff")):
        with pytest.raises(StorageError, match="entry 1 can't be read"):
            odd.text  # noqa: B018  asked for what it raises


def test_an_event_that_can_not_be_read_has_a_verdict() -> None:
    """
    The verdict on damaged rows names the event, and knows no receipt.
    """
    verdict = damaged(DamagedError(7), [Receipt(IDENTITY, 1, bytes(32))])

    assert (verdict.event_id, verdict.receipt, verdict.receipts) == (7, None, 1)
    assert verdict.findings == (Finding(None, "what is stored of the event can't be read"),)
    assert not verdict.is_good
    assert "event 7" in str(DamagedError(7))


def test_receipts_of_no_event_have_a_verdict() -> None:
    """
    What was given for a log that is not here any more is told, each receipt for itself.
    """
    here, gone = Receipt(IDENTITY, 1, bytes(32)), Receipt(UUID(int=7), 2, bytes(32))

    (verdict,) = astray([here, gone], {IDENTITY})

    assert (verdict.event_id, verdict.receipt, verdict.receipts) == (None, gone, 1)
    assert verdict.findings == (Finding(None, f"no event here has the log of the receipt {gone}"),)


def when_of(row: StoredEntry) -> bytes:
    """
    Give the moment of an entry as its bytes have it.
    """
    assert row.when is not None
    return format_when(row.when).encode()


def test_an_entry_of_another_event_or_of_an_earlier_time_is_found(scene: Scene) -> None:
    """
    Rightly hashed entries must be of this event and each later than the one before.
    """
    first, second = stored(scene)[:2]
    foreign = second.body.replace(b"eeff", b"eefe")
    early = second.body.replace(b"2030-01-01T", b"2029-01-01T")
    same = second.body.replace(when_of(second), when_of(first))
    assert same != second.body
    for body, words in (
        (foreign, "it is of another event"),
        (early, "it is not later than the entry before"),
        (same, "it is not later than the entry before"),
    ):
        entry = decode(body, b"")
        row = attrs.evolve(second, body=body, when=entry.when, hash=entry_hash(first.hash, body))

        (finding,) = verify(scene.ledger, [first, row]).findings

        assert finding == Finding(2, words)


def test_a_finding_says_what_is_wrong(scene: Scene) -> None:
    """
    The verdict names its event, and tells a hash, a row and a receipt that don't fit apart.
    """
    first, *others = stored(scene)
    foreign = Receipt(IDENTITY, 1, bytes(32))

    def told(row: StoredEntry, *receipts: Receipt) -> Verdict:
        return verify(scene.ledger, [row, *others], receipts)

    assert told(first).event_id == scene.ledger.id
    assert told(attrs.evolve(first, hash=bytes(32))).findings == (
        Finding(1, "its hash does not follow from its bytes and the hash before"),
    )
    assert told(attrs.evolve(first, effector=2)).findings == (
        Finding(1, "what is kept beside its bytes is not what they say"),
    )
    assert told(first, foreign).findings == (
        Finding(1, "it is not what the receipt was given for"),
    )
