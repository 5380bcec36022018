"""
Free time agrees with counting minutes one by one.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from calndro.core.freetime import (
    Search,
    Span,
    WorkingHours,
    best,
    candidates,
    common,
    merged,
    without,
    working_time,
)


MINUTE = timedelta(minutes=1)
ZONES = ("UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")
START = datetime(2026, 10, 24, tzinfo=UTC)
"""The day before clocks change in Europe."""

minutes = st.integers(0, 4 * 24 * 60)
spans = st.lists(
    st.tuples(minutes, st.integers(0, 600)).map(
        lambda pair: (START + pair[0] * MINUTE, START + sum(pair) * MINUTE)
    ),
    max_size=12,
)


def held(those: list[Span]) -> set[datetime]:
    """
    Give every minute that spans hold.
    """
    return {
        begin + place * MINUTE for begin, end in those for place in range((end - begin) // MINUTE)
    }


def is_tidy(those: list[Span]) -> bool:
    """
    Tell whether spans are in order, hold something, and do not touch.
    """
    edges = [edge for span in those for edge in span]
    return all(one < other for one, other in pairwise(edges))


@given(spans, spans)
def test_spans_are_sets_of_minutes(one: list[Span], other: list[Span]) -> None:
    """
    Joining, intersecting and subtracting spans is what it is for their minutes.
    """
    here, there = merged(one), merged(other)

    assert held(here) == held(one)
    assert held(common(here, there)) == held(one) & held(other)
    assert held(without(here, there)) == held(one) - held(other)
    assert all(map(is_tidy, (here, common(here, there), without(here, there))))


@st.composite
def searches(draw: st.DrawFn) -> Search:
    """
    Look for something in the days around a change of clocks.
    """
    first = date(2026, 10, 24) + timedelta(days=draw(st.integers(0, 1)))
    return Search(
        first=first,
        last=first + timedelta(days=draw(st.integers(0, 2))),
        zone=draw(st.sampled_from(ZONES)),
        duration=draw(st.sampled_from([15, 45, 60, 100])) * MINUTE,
        step=draw(st.sampled_from([15, 30, 40, 60])) * MINUTE,
        after=START + draw(minutes) // 4 * MINUTE,
    )


def counted(search: Search, those: list[WorkingHours], busy: list[Span]) -> list[datetime]:
    """
    Find where slots may begin, by asking minute for minute.
    """
    taken = held(busy)

    def is_good(minute: datetime) -> bool:
        if minute in taken:
            return False
        here = minute.astimezone(ZoneInfo(search.zone)).date()
        return search.first <= here <= search.last and all(_works(each, minute) for each in those)

    first = datetime.combine(search.first, datetime.min.time(), UTC) - timedelta(days=1)
    every = [first + place * MINUTE for place in range(6 * 24 * 60)]
    good = {minute for minute in every if is_good(minute)}
    return [
        minute
        for minute in every
        if minute in good
        and minute >= search.after
        and _wall(minute, search.zone) % (search.step // MINUTE) == 0
        and all(minute + place * MINUTE in good for place in range(search.duration // MINUTE))
    ]


def _works(each: WorkingHours, minute: datetime) -> bool:
    # The hours used here never begin or end within a change of clocks but in the night.
    return each.begin <= _wall(minute, each.zone) < each.end


def _wall(minute: datetime, zone: str) -> int:
    there = minute.astimezone(ZoneInfo(zone))
    return there.hour * 60 + there.minute


days = st.builds(
    lambda zone, begin, length: WorkingHours(
        zone, begin * 30, min(24 * 60, begin * 30 + length * 30), frozenset(range(7))
    ),
    st.sampled_from(ZONES),
    st.integers(7, 30),
    st.integers(1, 24),
)


@given(searches(), st.lists(days, min_size=1, max_size=3), spans)
def test_candidates_are_what_counting_minutes_finds(
    search: Search, those: list[WorkingHours], busy: list[Span]
) -> None:
    """
    A slot is found where the grid of local time, everybody's hours and calendars allow it.
    """
    free = without(working_time(search, those), merged(busy))

    found = [slot.begin for slot in candidates(free, search)]
    assert found == counted(search, those, busy)


@given(searches(), st.lists(days, min_size=1, max_size=3), spans, st.integers(1, 30))
def test_the_best_are_some_of_the_candidates(
    search: Search, those: list[WorkingHours], busy: list[Span], most: int
) -> None:
    """
    What is proposed is free, overlaps nothing else proposed, and leaves out nothing in vain.
    """
    working = working_time(search, those)
    found = candidates(without(working, merged(busy)), search)

    chosen = best(found, working, search, most)

    assert len(chosen) <= most
    assert set(chosen) <= set(found)
    ordered = sorted(chosen)
    assert all(one.end <= other.begin for one, other in pairwise(ordered))
    assert len(chosen) == most or all(
        any(slot.begin < other.end and other.begin < slot.end for other in chosen) for slot in found
    )
