from __future__ import annotations

from typing import Any

import pytest

from calndro.core.ballot import Ballot, Need, Press
from calndro.core.deeds import Judge
from tests.examples import slots


def ballot(press: Press = Press.SAVE, **given: Any) -> Ballot:
    """
    Make a form that showed three slots, the first of them kept.
    """
    chosen = {"seen": slots(1, 2, 3), "kept": slots(1), "works": slots(1), "fails": ()}
    return Ballot(press=press, **(chosen | given))


@pytest.mark.parametrize(
    ("made", "outcome"),
    [
        (ballot(), Need.NOTHING),
        (ballot(works=slots(1, 2)), Judge((), slots(1, 2))),
        (ballot(fails=slots(3)), Judge(slots(3), slots(1))),
        (ballot(works=slots(1, 2), fails=slots(2)), Judge(slots(2), slots(1))),
        (ballot(Press.ALL), Judge((), slots(1, 2, 3))),
        (ballot(Press.ALL, kept=slots(1, 2, 3)), Need.NOTHING),
        (ballot(Press.ONLY, works=slots(2)), Judge(slots(1, 3), slots(2))),
        (ballot(Press.ONLY, works=slots(1, 2, 3), kept=slots(1, 2, 3)), Need.NOTHING),
        (ballot(Press.NONE), Need.SURE),
        (ballot(Press.ONLY, works=()), Need.SURE),
        (ballot(fails=slots(1, 2, 3)), Need.SURE),
        (ballot(Press.NONE, is_sure=True), Judge(slots(1, 2, 3), ())),
    ],
)
def test_what_a_form_says(made: Ballot, outcome: Judge | Need) -> None:
    """
    Choices become drop and accept; unchanged ones nothing; an empty table wants a word more.
    """
    assert made.weigh(slots(1, 2, 3)) == outcome


def test_what_was_not_seen_is_left_alone() -> None:
    """
    A slot that came while somebody filled in the form is neither dropped nor accepted.
    """
    assert ballot(Press.NONE).weigh(slots(1, 2, 3, 4)) == Judge(slots(1, 2, 3), ())
    assert ballot(Press.ALL).weigh(slots(1, 4)) == Judge((), slots(1))


def test_what_is_gone_is_not_judged() -> None:
    """
    A choice about nothing but slots that others took away meanwhile records nothing.
    """
    assert ballot(fails=slots(3), works=()).weigh(slots(1, 2)) is Need.NOTHING


def test_the_last_slot_is_guarded_when_others_were_faster() -> None:
    """
    What would not have emptied the table when the form was made may do so now, and asks.
    """
    assert ballot(fails=slots(3), works=()).weigh(slots(3)) is Need.SURE
