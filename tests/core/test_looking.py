from __future__ import annotations

from datetime import timedelta

from calndro.core import deeds
from calndro.core.looking import LOOK_EVERY, is_looking
from tests.examples import MICROSECOND, Scene, act, slots


def looks(scene: Scene, name: str) -> bool:
    """
    Ask whether the person called *name* still has the event before its eyes.
    """
    number = scene.ledger.number_of(act(name).by)
    return is_looking(scene.log, number, scene.now)


def test_a_look_lasts_a_quarter_of_an_hour() -> None:
    """
    A second look is none before 15 minutes have passed, and one from then on.
    """
    scene = Scene(1, 2)
    assert not looks(scene, "b")
    scene.take(deeds.view(scene.ledger, act("b", scene.now)))
    seen = scene.log[-1].when
    scene.now = seen + LOOK_EVERY - MICROSECOND
    assert looks(scene, "b")
    scene.now = seen + LOOK_EVERY
    assert not looks(scene, "b")


def test_each_looks_for_itself() -> None:
    """
    That one person looks does not hide the look of another, or of a stranger to the log.
    """
    scene = Scene(1, 2)
    scene.take(deeds.view(scene.ledger, act("b", scene.now)))

    assert not looks(scene, "c")
    assert not looks(scene, "x")


def test_a_change_is_worth_another_look() -> None:
    """
    What somebody else changes ends a look; what one changes oneself is seen by that.
    """
    scene = Scene(1, 2)
    scene.take(deeds.view(scene.ledger, act("b", scene.now)))
    scene.update("c", deeds.Keep(slots(1)))
    assert not looks(scene, "b")
    assert looks(scene, "c")


def test_letters_are_no_change() -> None:
    """
    Stopping letters changes nothing that a page shows to others.
    """
    scene = Scene(1, 2)
    scene.take(deeds.view(scene.ledger, act("b", scene.now)))
    scene.take(deeds.stop_mail(scene.ledger, act("c", scene.now + timedelta(seconds=1))))

    assert looks(scene, "b")
