"""
Limits on letters: exact, with the time to wait.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from calndro.core.errors import TooManyError
from calndro.core.limit import Lately, Letter, Limit, Limits, check_letters, in_doubt, letters_due
from tests.examples import START, address


A, B = address("a"), address("b")
MINUTE = timedelta(minutes=1)
LIMITS = Limits(
    letters_to_party=Limit("to party", 2, 3600),
    letters_to_silent=Limit("to silent", 4, 86400),
    letters_by_one=Limit("by one", 3, 3600),
)


def letters(*ages: int, event_id: int = 1) -> list[Letter]:
    """
    Make letters to *a* that were queued so many minutes ago.
    """
    return [Letter(event_id, A, START - age * MINUTE) for age in ages]


def ago(*ages: int) -> list[datetime]:
    """
    Tell the instants so many minutes ago.
    """
    return [START - age * MINUTE for age in ages]


@pytest.mark.parametrize(
    ("lately", "minutes"),
    [
        (Lately([], [], ()), 0),
        (Lately(letters(5), ago(5), ()), 0),
        (Lately(letters(5, 20), ago(), ()), 40),
        (Lately(letters(20, 5), ago(), ()), 40),
        (Lately(letters(5, 60), ago(), ()), 0),
        (Lately(letters(5, 59), ago(), ()), 1),
        (Lately(letters(1, 2, 3), ago(), ()), 58),
        (Lately(letters(5, 20, event_id=2), ago(), ()), 0),
        (Lately([], ago(1, 2), ()), 0),
        (Lately([], ago(1, 2, 50), ()), 10),
        (Lately(letters(61, 62, 63, 70), ago(), ()), 24 * 60 - 70),
        (Lately(letters(61, 62, 63, 70), ago(), (A,)), 0),
        (Lately(letters(61, 62, 63, 70), ago(1, 2, 50), ()), 24 * 60 - 70),
        (Lately(letters(61, 62, 63, 1440), ago(), ()), 0),
    ],
)
def test_a_letter_waits_for_the_longest_of_its_limits(lately: Lately, minutes: int) -> None:
    """
    At the limit the next letter waits until the oldest that fills the window has left it.
    """
    assert letters_due(LIMITS, lately, 1, [A], START) == [START + minutes * MINUTE]
    if minutes:
        with pytest.raises(TooManyError) as caught:
            check_letters(LIMITS, lately, 1, [A], START)
        assert caught.value.retry_after == minutes * 60
    else:
        check_letters(LIMITS, lately, 1, [A], START)


def test_one_recipient_too_many_refuses_all() -> None:
    """
    Letters of one act go together or not at all; each counts as one by its effector.
    """
    check_letters(LIMITS, Lately([], ago(1), ()), 1, [A, B], START)
    with pytest.raises(TooManyError, match="by one"):
        check_letters(LIMITS, Lately([], ago(1, 2), ()), 1, [A, B], START)
    with pytest.raises(TooManyError, match="to party"):
        check_letters(LIMITS, Lately(letters(1, 2), [], ()), 1, [B, A], START)


def test_letters_that_may_not_be_refused_wait_each_on_its_own() -> None:
    """
    The news of an agreement reaches those first whom no limit holds back.
    """
    lately = Lately(letters(10, 20), ago(30, 50), ())

    assert letters_due(LIMITS, lately, 1, [B, A], START) == [START, START + 40 * MINUTE]


def test_more_at_once_than_ever_fit() -> None:
    """
    More letters by one act than its effector may cause in an hour wait an hour at least.
    """
    due = letters_due(LIMITS, Lately([], [], ()), 1, [address(name) for name in "abcd"], START)

    assert due == [START, START, START, START + 60 * MINUTE]


def test_a_part_of_a_second_is_a_second() -> None:
    """
    Who comes back after the time told is let in.
    """
    lately = Lately([Letter(1, A, START - timedelta(seconds=3599.5))] * 2, [], ())
    with pytest.raises(TooManyError) as caught:
        check_letters(LIMITS, lately, 1, [A], START)

    assert caught.value.retry_after == 1


def test_in_doubt() -> None:
    """
    Whether somebody ever answered matters from the limit for the silent on.
    """
    assert in_doubt(LIMITS, letters(1, 2, 3)) == set()
    assert in_doubt(LIMITS, letters(1, 2, 3, 4)) == {A}
