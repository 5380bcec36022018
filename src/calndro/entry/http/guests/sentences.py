"""
What the core says of inputs, found again as texts of the catalogue.

The core's sentence is what a text is known by; the words between braces are carried over. So a
page can say it in the language and the words of people who fill in forms, and the core need
know of neither.
"""

from __future__ import annotations

import re
from functools import cache
from string import Formatter
from typing import TYPE_CHECKING, Final


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from calndro.entry.http.pages.language import Language


SENTENCES: Final[Mapping[str, Sequence[str]]] = {
    "fault_empty": (
        "'' is no day: {}",
        "'' is no time of day: {}",
    ),
    # Times
    "fault_gap": (
        "{wall} does not exist in {zone}, where the clocks change then: write {one} or {other}",
    ),
    "fault_twice": (
        "{wall} exists twice in {zone}, where the clocks change then: write {one} or {other}",
    ),
    "fault_no_zone": ("{text} is no time zone: write a place such as {}",),
    "fault_no_clock": ("{text} has a date but no clock: write {hint}",),
    "fault_letters": ("{text}: {letters} may mean several offsets; write {}",),
    "fault_no_begin": ("{text} is no date and clock: write them as {}",),
    "fault_no_start": ("{text} begins with no day: write {}",),
    "fault_day_and_time": ("fill in date and time",),
    "fault_which": ("{text} does not say on which day: write {}",),
    "fault_no_time": ("{text} is no time of day: it must lie in {}",),
    "fault_no_clocks": (
        "{text} is no time of day: write them as {}",
        "{text} is no time of a day: write {}",
    ),
    "fault_no_date": (
        "{text} is no day of the calendar",
        "{text} is no day of the calendar, which starts with the year 1",
    ),
    "fault_far_day": ("{text} is no day from {first} to {last}: write one",),
    "fault_no_offset": ("{text} is no offset; it must lie in -23:59 to +23:59",),
    "fault_disagrees": (
        "{text}: the offset disagrees with {zone}, where this clock means {there}; {}",
    ),
    "fault_ends_first": (
        "the slot would end at {end}, not after it begins at {begin}; write an end that is later",
    ),
    "fault_years": ("the time must lie in the years 1 to {last}, in UTC",),
    "fault_9999": ("the slot would end after the year 9999",),
    # What could mean two things
    "fault_either": (
        "{text} behind the / could be {}: write {one} for the one, {other} with {}",
        "{text} behind a time could be its end or {}: write {one} or {other}",
        "{text} could be in the morning or in the afternoon: write {one} or {other}",
        "{text} could be at {} or at {}: write {one} or {other}",
        "-{text} could be the end of a range or {}; write {one} for the range, or {other}",
    ),
    "fault_which_day": (
        "{text} could be {}: write a date in full, as {} for today",
        "{text} could be {} or {}: write {} or {}",
    ),
    # Lengths
    "fault_how_long": (
        "{text} does not say how long: write {} for half an hour",
        "{text} does not say how long: write {} for 45 minutes",
    ),
    "fault_no_unit": ("{text} has no unit: write {one} or {other}",),
    "fault_too_fine": ("{text} is finer than a microsecond; write {}",),
    "fault_no_length": (
        "{text} is no duration: write one as {}",
        "{text}: behind days stands HH:MM:SS with at most 23 hours",
        "{text}: only the first field may exceed 59; the others are minutes and seconds",
        "{text}: years and months differ in length; write weeks or days",
        "{text}: only the last number may have a point",
        "{text}: write each unit once, the largest first, such as 1h30m",
    ),
    "fault_nothing": ("it must last longer than nothing",),
    "fault_longest": ("a slot lasts at most {days} days",),
    # Days, and many times at once
    "fault_no_day": ("{text} is no day: {}",),
    "fault_no_weekday": ("{text} is no weekday: write weekday, day, or names as mon,tue",),
    "fault_when": ("{text} does not say when: write {hint}",),
    "fault_no_slot": ("{} would be no slot",),
    "fault_slots": ("{} would be {count} slots; an event holds at most {most}",),
    "fault_before": ("{} is before {}",),
    "fault_too_far": ("it is more than {days} days after --from",),
    "fault_next_day": ("{text} would end on the next day: write {}",),
    "fault_pieces": ("{text}: {} can't be cut in pieces of {}: write {}",),
    # People
    "fault_no_address": ("{text} is no email address: {}",),
    "fault_forgotten": ("{text} stands for somebody who was forgotten; nobody can be named by it",),
    "fault_long_address": ("an email address has at most {most} characters",),
    "fault_signs": (
        "{text} has =? in it; no address here may",
        "{text}: mail can be sent only to addresses that are plain ASCII letters, {}",
    ),
    "fault_posing": ("{text} is read as {read}; if you mean that, type it so",),
    "fault_no_party": ("name at least one party",),
    "fault_parties": ("{count} parties are too many; an event has at most {most}",),
    # Titles, and anything
    "fault_long_title": ("a title has at most {most} characters, not {count}; shorten it",),
    "fault_odd_title": (
        "a title is one line without {}; leave them out",
        "a title has no characters that turn the direction of writing; leave them out",
    ),
    "fault_no_title": ("a title can't be empty; write at least one character",),
    "fault_password": ("a password has {least} to {most} characters",),
    # Accounts
    "fault_for_whom": ("say for whom the form was made",),
    "fault_confirm": ("write {text} to confirm; nothing was done",),
    "fault_taken": ("{text} has an account already",),
    "fault_long": ("{text} is too long; at most {most} characters fit",),
}
"""By the key of the catalogue; braces without a name hold what is not carried over."""


def reword(sentence: str, language: Language) -> str | None:
    """
    Say what the core has said, in the words of a page; None for what no form can cause.
    """
    found = recognise(sentence)
    return None if found is None else language.say(found[0], **found[1])


def recognise(sentence: str) -> tuple[str, dict[str, str]] | None:
    """
    Find the text for a sentence of the core, and what is filled in there.
    """
    for key, pattern in _patterns():
        if found := pattern.fullmatch(sentence):
            return key, found.groupdict()
    return None


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (key, re.compile(_pattern(each), re.DOTALL))
        for key, sentences in SENTENCES.items()
        for each in sentences
    )


def _pattern(sentence: str) -> str:
    return "".join(
        re.escape(words) + ("" if name is None else f"(?P<{name}>.*?)" if name else ".*?")
        for words, name, _, _ in Formatter().parse(sentence)
    )
