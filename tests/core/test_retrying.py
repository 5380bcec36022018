"""
When a letter is tried again, and when it is given up.
"""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calndro.core.errors import DeliveryError
from calndro.core.notice import Kind, Notice, Post
from calndro.core.retrying import (
    CHANCES,
    RetryPolicy,
    hurried,
    is_worn,
    pause,
    set_aside,
    tried,
)
from tests.examples import HOUR, MICROSECOND, START


POLICY = RetryPolicy()
EVEN = RetryPolicy(spread=0)
POST = Post(1, Notice(7, 2, 1, Kind.UPDATE), START, START, claims=3, unsettled=1)
PASSING = DeliveryError("the box is full", code=452)

chances = st.integers(0, CHANCES - 1)


def test_pauses_grow_to_an_hour() -> None:
    """
    Pauses are half a minute, then 1, 2, 5, 15 and 30 minutes, then an hour each time.
    """
    found = [pause(EVEN, attempts, 0) // timedelta(seconds=30) for attempts in range(9)]
    assert found == [1, 2, 4, 10, 30, 60, 120, 120, 120]


def test_a_policy_has_a_pause() -> None:
    """
    Without any pause there is none to wait for.
    """
    with pytest.raises(ValueError, match="pauses"):
        RetryPolicy(pauses=())


@given(attempts=st.integers(0, 200), chance=chances)
def test_chance_moves_a_pause_by_a_quarter_at_most(attempts: int, chance: int) -> None:
    """
    A pause is between three and five quarters of what it would be without chance.
    """
    usual = pause(EVEN, attempts, chance)
    assert usual * 3 / 4 <= pause(POLICY, attempts, chance) <= usual * 5 / 4


def test_the_bounds_of_chance_are_reached() -> None:
    """
    The least chance gives the shortest pause and the greatest the longest.
    """
    assert pause(POLICY, 0, 0) == timedelta(seconds=22.5)
    assert pause(POLICY, 0, CHANCES - 1) == timedelta(seconds=37.5)


def test_a_passing_failure_counts_and_waits() -> None:
    """
    After a failure that may pass, the letter is due after its pause and one attempt older.
    """
    again = tried(EVEN, POST, PASSING, START + HOUR, chance=0, useful_until=None)
    due = START + HOUR + timedelta(seconds=30)
    assert again == attrs.evolve(POST, due=due, attempts=1, unsettled=0, code=452)


def test_a_refusal_for_good_ends_a_letter() -> None:
    """
    A letter that was refused for good is not tried again.
    """
    failure = DeliveryError("no such box", code=550, permanent=True)
    assert tried(EVEN, POST, failure, START, chance=0, useful_until=None) is None


@pytest.mark.parametrize("age", [timedelta(0), timedelta(days=365)])
def test_a_carrier_away_costs_nothing(age: timedelta) -> None:
    """
    When no letter could be handed over, however old it is, it waits as before.
    """
    failure = DeliveryError("nobody answers", everywhere=True)
    now = START + age
    again = tried(EVEN, POST, failure, now, chance=0, useful_until=START)
    assert again == attrs.evolve(POST, due=now, unsettled=0)


@pytest.mark.parametrize("useful", [None, HOUR, 9 * timedelta(days=1)])
def test_a_letter_is_given_up_when_its_time_is_over(useful: timedelta | None) -> None:
    """
    The last attempt is at the end of five days, or of the news, whichever comes first.
    """
    until = None if useful is None else START + useful
    end = START + min(EVEN.life, useful or EVEN.life)
    last = end - timedelta(seconds=30)
    assert tried(EVEN, POST, PASSING, last, chance=0, useful_until=until) is not None
    late = last + MICROSECOND
    assert tried(EVEN, POST, PASSING, late, chance=0, useful_until=until) is None


def test_three_claims_without_end_are_too_many() -> None:
    """
    The fourth claim after three that came to no end finds the letter worn.
    """
    claims = range(1, 6)
    worn = [is_worn(POLICY, attrs.evolve(POST, unsettled=count)) for count in claims]
    assert worn == [False, False, False, True, True]


def test_held_and_let_go() -> None:
    """
    A letter set aside is held with its claims forgotten; hurried, it is due at once.
    """
    held = set_aside(attrs.evolve(POST, unsettled=4))
    assert (held.held, held.unsettled) == (True, 0)
    assert hurried(held, START + HOUR) == attrs.evolve(POST, unsettled=0, due=START + HOUR)
