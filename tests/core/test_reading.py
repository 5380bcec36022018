"""
Slots as they come in, in each of their forms.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from calndro.core.errors import InvalidInputError
from calndro.core.reading import SlotText, Wanted, read_table
from calndro.core.slot import Slot
from tests.examples import slot, slots


def test_every_form_of_a_slot_is_read() -> None:
    """
    A Slot, two texts and one text for the same stretch of time are one slot.
    """
    wanted: list[Wanted] = [
        slot(1),
        SlotText("2030-01-02T01:00", "60m"),
        "2030-01-02T00:00Z/PT1H",
        "2030-01-02T01:00/PT1H",
    ]
    assert read_table(wanted, "Europe/Paris", "slots") == (slot(1),)


def test_text_without_offset_is_of_the_zone() -> None:
    """
    A begin without offset is a local time of the zone given; with one it is not.
    """
    read = SlotText("2030-07-01T09:00", "30m").read("America/New_York")
    assert read == Slot(datetime(2030, 7, 1, 13, tzinfo=UTC), timedelta(minutes=30))
    assert SlotText("2030-07-01T09:00Z", "30m").read("America/New_York").begin.hour == 9


def test_slots_are_laid_in_order() -> None:
    """
    Slots come out by begin, then duration, each once.
    """
    assert read_table([slot(3), slot(1), slot(3)], "UTC", "slots") == slots(1, 3)
    assert read_table([], "UTC", "slots") == ()


def test_one_text_is_no_list_of_slots() -> None:
    """
    A text where a list belongs is one fault, not one for each of its letters.
    """
    with pytest.raises(InvalidInputError, match=r"^keep: give a list of slots, not a text$"):
        read_table("2030-01-02T00:00Z/PT1H", "UTC", "keep")


def test_every_fault_is_named_with_its_place() -> None:
    """
    All that can't be read is named at once, each at its place in the list.
    """
    wanted: list[Wanted] = ["nonsense", slot(1), SlotText("never", "long"), cast("Wanted", 5)]
    with pytest.raises(InvalidInputError) as caught:
        read_table(wanted, "UTC", "keep")
    paths = [fault.path for fault in caught.value.faults]
    assert paths[1:3] == ["keep[2].begin", "keep[2].duration"]
    assert paths[0].startswith("keep[0]")
    assert paths[3] == "keep[3]"
    assert "not int" in caught.value.faults[3].message


def test_half_a_slot_names_its_half() -> None:
    """
    A good begin with a bad duration is one fault, at the duration.
    """
    with pytest.raises(InvalidInputError) as caught:
        SlotText("2030-01-01T09:00Z", "long").read("UTC")
    assert [fault.path for fault in caught.value.faults] == ["duration"]
