from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import event, example, given
from hypothesis import strategies as st

from calndro.core.agreement import Status
from calndro.core.slot import Slot, table
from tests.adapters.calendars import (
    MOVED_CLOCKS,
    by_hand,
    by_icalendar,
    file_of,
    lines_of,
    shown,
)
from tests.strategies import slots, titles, zones


SECOND = timedelta(seconds=1)
LAST = Slot(datetime(9998, 12, 31, tzinfo=UTC), timedelta(days=366, microseconds=-1))
END_OF_TIME = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def near(instant: datetime) -> st.SearchStrategy[Slot]:
    """
    Draw a slot that begins or ends about when clocks are moved.
    """
    quarters = st.integers(-12, 12).map(lambda number: instant + number * timedelta(minutes=15))
    lengths = st.sampled_from([15, 60, 90, 180]).map(lambda minutes: timedelta(minutes=minutes))
    return st.builds(Slot, quarters, lengths)


@st.composite
def days_of_moved_clocks(draw: st.DrawFn) -> tuple[str, Slot]:
    """
    Draw a zone, and a slot on a day of some year on which its clocks are moved, if there is one.
    """
    zone, year = draw(zones()), draw(st.integers(1970, 2037))
    place, start = ZoneInfo(zone), datetime(year, 1, 1, tzinfo=UTC)
    days = [start + timedelta(days=number) for number in range(367)]
    shifts = [day.astimezone(place).utcoffset() for day in days]
    moved = [
        day
        for day, before, after in zip(days[:-1], shifts[:-1], shifts[1:], strict=True)
        if before != after
    ]
    event("moved" if moved else "never moved")
    begin = draw(st.sampled_from(moved or days)) + timedelta(minutes=draw(st.integers(0, 1440)))
    return zone, Slot(begin, timedelta(minutes=draw(st.integers(1, 2880))))


anywhere = st.one_of(
    st.tuples(zones(), slots()),
    st.sampled_from(MOVED_CLOCKS).flatmap(lambda at: st.tuples(st.just(at[0]), near(at[1]))),
    days_of_moved_clocks(),
)


def span(slot: Slot) -> tuple[datetime, datetime]:
    """
    Give begin and end as whole seconds that hold all of the slot, where the calendar has them.
    """
    begin, end = slot.begin.replace(microsecond=0), slot.end.replace(microsecond=0)
    return begin, end if end in (slot.end, END_OF_TIME) else end + SECOND


@given(anywhere)
@example(("UTC", LAST))
@example(("Asia/Tokyo", Slot(datetime(1, 1, 1, tzinfo=UTC), timedelta(microseconds=1))))
@example(("Pacific/Kiritimati", Slot(datetime(2037, 12, 31, 12, tzinfo=UTC), timedelta(hours=1))))
@example(("America/Los_Angeles", Slot(datetime(1970, 1, 1, tzinfo=UTC), timedelta(hours=1))))
def test_calendar_has_the_instants_of_the_slot(drawn: tuple[str, Slot]) -> None:
    """
    In any zone and whatever its clocks do, a calendar means just the instants of the slot.

    They are read by hand from the zone in the calendar, and by a library that knows the
    zone by its name.
    """
    zone, slot = drawn
    for status in (Status.OPEN, Status.AGREED):
        content = file_of(shown(slot, zone=zone, status=status))
        assert by_hand(content) == [span(slot)]
        ((entry,),) = [found.entries for found in by_icalendar([content])]
        assert (entry.begin, entry.end) == tuple(int(each.timestamp()) for each in span(slot))


@given(zone=zones(), drawn=st.lists(slots() | near(MOVED_CLOCKS[0][1]), max_size=30).map(table))
def test_calendar_of_an_open_event_has_all_slots(zone: str, drawn: tuple[Slot, ...]) -> None:
    """
    Each slot on the table is one entry of its own, in order.
    """
    content = file_of(shown(*drawn, zone=zone))
    assert by_hand(content) == [span(slot) for slot in drawn]
    (found,) = by_icalendar([content])
    assert len({entry.uid for entry in found.entries}) == len(drawn)


@given(titles() | st.text(min_size=1).filter(lambda text: text.isprintable()))
@example("; , : \\ \\n \" ' ^n ^^ BEGIN:VEVENT")
@example("C:\\New, C:\\new")
def test_no_title_becomes_a_property(title: str) -> None:
    """
    Whatever the title, the calendar has the same properties, and the title in one of them.
    """
    slot = Slot(datetime(2030, 1, 2, tzinfo=UTC), timedelta(hours=1))
    content = file_of(shown(slot, title=title, status=Status.AGREED))
    (found,) = by_icalendar([content])
    assert [entry.summary for entry in found.entries] == [title]
    other = file_of(shown(slot, title="moot", status=Status.AGREED))
    names, others = (
        [line.partition(":")[0] for line in lines_of(each)] for each in (content, other)
    )
    assert names == others
    assert max(map(len, content.split(b"\r\n"))) <= 75
