"""
Events rebuilt from exports, and exports examined.
"""

from __future__ import annotations

import attrs
import pytest

from calndro.core.audit import Finding
from calndro.core.errors import InvalidInputError
from calndro.core.log import Chain, Receipt, entry_hash
from calndro.core.restoring import examine, restore
from tests.examples import IDENTITY, Scene


def played() -> Scene:
    """
    Play a little story in which somebody is erased.
    """
    scene = Scene(1, 2)
    scene.keep("b", 1)
    scene.view("s")
    scene.erase("c")
    return scene


def links(scene: Scene) -> list[tuple[bytes, bytes]]:
    """
    Give what an export holds of a log.
    """
    return [(entry.body, entry.hash) for entry in scene.log]


def test_what_is_restored_is_what_was() -> None:
    """
    State, people, chain and entries come back alike.
    """
    scene = played()

    change = restore(7, scene.ledger.chain.receipt, scene.ledger.people, links(scene))

    assert change.before is None
    assert change.after == scene.ledger
    assert list(change.entries) == scene.log


def test_an_export_is_examined_with_the_people_it_gives() -> None:
    """
    People that an export leaves out are taken as erased; who is not is found missing.
    """
    scene = played()
    people = {each.number: each for each in scene.ledger.people if each.address is not None}
    receipt = scene.ledger.chain.receipt
    kept = [Receipt(IDENTITY, each.seq, each.hash) for each in scene.log]

    assert examine(receipt, people, links(scene), kept).is_good
    del people[2]
    verdict = examine(receipt, people, links(scene), [])
    assert [str(finding) for finding in verdict.findings] == [
        "person 2 is not who the log speaks of"
    ]


def test_a_forged_receipt_and_a_cut_log_are_found() -> None:
    """
    What was exported must have the length and the head that it says.
    """
    scene = played()
    people = {each.number: each for each in scene.ledger.people}
    receipt = scene.ledger.chain.receipt
    forged = attrs.evolve(receipt, head=bytes(32))

    assert not examine(receipt, people, links(scene), [forged]).is_good
    assert examine(receipt, people, links(scene)[:-1], []).findings[0].seq == len(scene.log)
    with pytest.raises(InvalidInputError, match=f"event 7: entry {len(scene.log)}: the event has"):
        restore(7, receipt, scene.ledger.people, links(scene)[:-1])


def test_entries_that_say_nonsense_are_named_in_their_place() -> None:
    """
    Bytes that chain rightly and are no entry are found where they stand, as edited ones are.
    """
    scene = played()
    people = {each.number: each for each in scene.ledger.people}
    receipt, (first, second, *others) = scene.ledger.chain.receipt, links(scene)
    edited = (second[0].replace(b"UPDATE", b"LOOK"), second[1])
    hashed = (edited[0], entry_hash(first[1], edited[0]))

    for damaged, words in (
        (edited, "its hash does not follow from its bytes and the hash before"),
        (hashed, "its bytes are no entry of a log"),
    ):
        verdict = examine(receipt, people, [first, damaged, *others], [])
        assert verdict.findings == (Finding(2, words),)
    moved = examine(
        receipt, people, [(second[0], entry_hash(Chain.begin(IDENTITY).head, second[0]))], []
    )
    assert moved.findings == (Finding(1, "it is missing; 2 stands in its place"),)


def test_nobody_is_restored_without_those_whom_the_log_speaks_of() -> None:
    """
    An import that lacks the last of the people is refused.
    """
    scene = played()

    with pytest.raises(InvalidInputError, match=r"event 7: person \d+, whom the log speaks of, is"):
        restore(7, scene.ledger.chain.receipt, scene.ledger.people[:-1], links(scene))


@pytest.mark.parametrize(
    "bad",
    [
        [],
        [(b"", b"")],
        [(b"[]", b"")],
        [(b"{}", b"")],
        [(b'{"data":{"people":{"x":1}},"seq":1}', b"")],
    ],
)
def test_bytes_that_are_no_log_are_refused(bad: list[tuple[bytes, bytes]]) -> None:
    """
    Nonsense is an error of input for an import, and a finding for an examination.
    """
    receipt = Receipt(IDENTITY, 1, bytes(32))

    with pytest.raises(InvalidInputError, match="event 3: entry 1: it"):
        restore(3, receipt, [], bad)
    assert examine(receipt, {}, bad, []).broken_at == 1
