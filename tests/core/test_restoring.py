"""
Events rebuilt from exports, and exports examined.
"""

from __future__ import annotations

import attrs
import pytest

from calndro.core.errors import InvalidInputError
from calndro.core.log import Receipt
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
    Nonsense is an error of input, for an import and for an examination.
    """
    receipt = Receipt(IDENTITY, 1, bytes(32))

    with pytest.raises(InvalidInputError, match="event 3 can't be read"):
        restore(3, receipt, [], bad)
    with pytest.raises(InvalidInputError):
        examine(receipt, {}, bad, [])
