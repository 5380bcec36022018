from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from calndro.core.slot import Slot, both, table, union, without
from tests import strategies


if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from calndro.core.slot import Table


@given(strategies.instants(), strategies.durations(), st.timezones())
def test_zone_of_the_begin_does_not_matter(
    begin: datetime, duration: timedelta, zone: ZoneInfo
) -> None:
    """
    One instant in any zone gives one slot.
    """
    slot = Slot(begin, duration)
    try:
        elsewhere = begin.astimezone(zone)
    except OverflowError:
        return

    assert Slot(elsewhere, duration) == slot
    assert hash(Slot(elsewhere, duration)) == hash(slot)
    assert Slot(elsewhere, duration).begin.tzinfo is UTC


@given(st.lists(strategies.slots()))
def test_table_holds_what_was_laid_on_it(slots: list[Slot]) -> None:
    """
    A table has the slots given, each once, in order, however they were given.
    """
    laid = table(slots)

    assert set(laid) == set(slots)
    assert len(laid) == len(set(slots))
    assert all(one < other for one, other in pairwise(laid))
    assert table(reversed(laid)) == laid


@given(strategies.related_tables(3))
def test_narrowing_is_commutative_associative_and_idempotent(tables: tuple[Table, ...]) -> None:
    """
    The order and number of intersections do not matter.
    """
    one, other, third = tables

    assert both(one, other) == both(other, one)
    assert both(both(one, other), third) == both(one, both(other, third))
    assert both(one, one) == one
    assert both(both(one, other), other) == both(one, other)


@given(strategies.related_tables(3))
def test_extending_is_commutative_associative_and_idempotent(tables: tuple[Table, ...]) -> None:
    """
    The order and number of unions do not matter.
    """
    one, other, third = tables

    assert union(one, other) == union(other, one)
    assert union(union(one, other), third) == union(one, union(other, third))
    assert union(one, one) == one
    assert union(one, ()) == one


@given(strategies.related_tables(3))
def test_dropping_commutes(tables: tuple[Table, ...]) -> None:
    """
    What is dropped in two steps may be dropped in either order, or at once.
    """
    one, other, third = tables

    assert without(without(one, other), third) == without(without(one, third), other)
    assert without(without(one, other), third) == without(one, union(other, third))
    assert without(one, one) == ()


@given(strategies.related_tables(2))
def test_tables_never_grow_by_narrowing(tables: tuple[Table, ...]) -> None:
    """
    Intersection and difference split a table in two: nothing is lost and nothing is added.
    """
    one, other = tables

    assert set(both(one, other)) <= set(one) & set(other)
    assert not set(without(one, other)) & set(other)
    assert union(both(one, other), without(one, other)) == one


@given(strategies.related_tables(2))
def test_every_result_is_a_table(tables: tuple[Table, ...]) -> None:
    """
    Each operation gives an ordered table without duplicates.
    """
    one, other = tables

    for result in (both(one, other), without(one, other), union(one, other)):
        assert table(result) == result
