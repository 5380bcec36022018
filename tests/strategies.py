"""
What properties draw: the values of the domain, their texts, and texts that mean harm.
"""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from calndro.core.party import Address
from calndro.core.slot import MOST_DURATION, Slot, table


DOMAINS = ("here.net", "thar.net", "whar.net", "example.org", "sub.here.net", "localhost")

# Characters that have broken readers of text before, and whole pieces of syntax.
HOSTILE = (
    "\x00",
    "\r\nBcc: x@here.net",
    "\u202e",
    "\u2028",
    "\u200b",
    "\ufe0f",
    "\u212a",
    "\u0130",
    "\uff20",
    "\ud800",
    "\U0001f600",
    "=?UTF-8?Q?=0A?=",
    "24:00",
    ":60",
    "9" * 40,
    "\u0661",
    "[",
    "]",
    "/",
    "@",
    '"',
    "T",
    "P",
    "+",
    "-",
    ".",
    " ",
)


def instants() -> st.SearchStrategy[datetime]:
    """
    Draw any begin that a slot of any duration may have, in UTC.
    """
    first, last = (
        datetime(*date, tzinfo=UTC).replace(tzinfo=None) for date in ((1, 1, 1), (9998, 12, 30))
    )
    return st.datetimes(min_value=first, max_value=last, timezones=st.just(UTC))


def near_instants() -> st.SearchStrategy[datetime]:
    """
    Draw whole minutes of one week, so that equal ones are common.
    """
    start = datetime(2026, 12, 1, tzinfo=UTC)
    return st.integers(0, 7 * 24 * 4).map(lambda quarters: start + timedelta(minutes=15 * quarters))


def durations() -> st.SearchStrategy[timedelta]:
    """
    Draw any duration that a slot may have.
    """
    return st.timedeltas(min_value=timedelta(microseconds=1), max_value=MOST_DURATION)


def slots() -> st.SearchStrategy[Slot]:
    """
    Draw a slot; half of them lie in one week and last one of a few usual times.
    """
    usual = st.sampled_from([timedelta(minutes=minutes) for minutes in (15, 30, 60)])
    return st.builds(Slot, near_instants(), usual) | st.builds(Slot, instants(), durations())


def tables(most: int = 30) -> st.SearchStrategy[tuple[Slot, ...]]:
    """
    Draw a table of at most *most* slots.
    """
    return st.lists(slots(), max_size=most).map(table)


def related_tables(count: int) -> st.SearchStrategy[tuple[tuple[Slot, ...], ...]]:
    """
    Draw *count* tables out of the same few slots, so that they overlap.
    """
    pool = st.lists(slots(), min_size=1, max_size=6, unique=True)
    return pool.flatmap(
        lambda shared: st.tuples(
            *[st.lists(st.sampled_from(shared), max_size=6).map(table) for _ in range(count)]
        )
    )


def address_texts() -> st.SearchStrategy[str]:
    """
    Draw an email address as somebody might type it.
    """
    letters = st.characters(codec="ascii", categories=["Lu", "Ll", "Nd"], include_characters="+-_'")
    local = st.text(letters, min_size=1, max_size=12)
    return st.builds("{}@{}".format, local, st.sampled_from(DOMAINS))


def addresses() -> st.SearchStrategy[Address]:
    """
    Draw an address.
    """
    return address_texts().map(Address.parse)


def titles() -> st.SearchStrategy[str]:
    """
    Draw a title in the form that is stored.
    """
    return st.text(
        st.characters(codec="ascii", categories=["L", "N", "P", "S"]), min_size=1, max_size=256
    )


NO_ZONES = {"CET", "CST6CDT", "EET", "EST", "EST5EDT", "HST", "MET"}
NO_ZONES |= {"MST", "MST7MDT", "PST8PDT", "WET", "localtime"}


def zones() -> st.SearchStrategy[str]:
    """
    Draw the name of an IANA zone that people may write.
    """
    return st.sampled_from(sorted(zoneinfo.available_timezones() - NO_ZONES))


def hostile_texts(*valid: str) -> st.SearchStrategy[str]:
    """
    Draw any text at all, or one of the *valid* ones with something done to it.
    """
    odd = st.sampled_from(HOSTILE) | st.text(
        st.characters(exclude_categories=[]), min_size=1, max_size=3
    )
    spoilt = st.builds(
        lambda text, place, length, piece: text[:place] + piece + text[place + length :],
        st.sampled_from(valid),
        st.integers(0, 40),
        st.integers(0, 4),
        odd | st.just(""),
    )
    return st.text(st.characters(exclude_categories=[])) | spoilt
