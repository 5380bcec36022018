"""
Whatever is written comes back; whatever can't be read is refused with paths.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from calndro.adapters import wire
from calndro.core.agreement import Status
from calndro.core.errors import InvalidInputError
from calndro.core.event import Event, LogEntry
from calndro.core.log import Occurrence, Receipt
from calndro.core.slot import table
from tests.strategies import instants, tables


names = st.from_regex(r"[a-z]{1,8}@here\.net", fullmatch=True) | st.just("erased-3")
receipts = st.builds(
    Receipt, st.uuids(version=4), st.integers(1, 10**15), st.binary(min_size=32, max_size=32)
)


@st.composite
def events(draw: st.DrawFn) -> Event:
    """
    Draw an event as a reader may see it.
    """
    on_table = draw(tables())
    parties = draw(st.lists(names, min_size=1, max_size=4, unique=True))
    kept = st.none() | st.sets(st.sampled_from(on_table)).map(table) if on_table else st.just(())
    return Event(
        id=draw(st.integers(1, 10**15)),
        title=draw(st.text()),
        zone=draw(st.sampled_from(["UTC", "Asia/Kathmandu"])),
        parties=tuple(parties),
        proposer=draw(names),
        slots=on_table,
        revision=draw(st.integers(1, 10**9)),
        status=draw(st.sampled_from(Status)),
        waiting_on=tuple(draw(st.lists(st.sampled_from(parties), unique=True))),
        kept={party: draw(kept) for party in parties},
        stopped=tuple(draw(st.lists(st.sampled_from(parties), unique=True))),
        undelivered=tuple(draw(st.lists(names, unique=True))),
        receipt=draw(receipts),
    )


entries = st.builds(
    LogEntry,
    id=st.integers(1, 10**15),
    when=instants(),
    occurrence=st.sampled_from(Occurrence),
    effector=names | st.just("system"),
    slots=tables(),
    data=st.fixed_dictionaries(
        {},
        optional={
            "added": tables(),
            "removed": tables(),
            "accepted": tables(),
            "title": st.text(),
            "like": st.integers(1, 10**15),
        },
    ),
    hash=st.binary(min_size=32, max_size=32),
)


@given(events())
def test_every_event_comes_back(event: Event) -> None:
    """
    An event written as JSON is read as the same event, by way of bytes and receipt.
    """
    raw = wire.dumps(wire.event_json(event, "https://here.net"))

    assert wire.event_of(json.loads(raw)) == event


@given(entries)
def test_every_entry_comes_back(entry: LogEntry) -> None:
    """
    An entry written as JSON is read as the same entry.
    """
    assert wire.entry_of(json.loads(wire.dumps(wire.entry_json(entry)))) == entry


@given(events())
def test_every_event_can_be_sent_back(event: Event) -> None:
    """
    An event as shown is an update that replaces its slots by themselves.
    """
    update = wire.read_update({**wire.event_json(event, "")})

    assert update.title == event.title
    assert update.slots is not None
    assert len(update.slots) == len(event.slots)


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
members = st.dictionaries(
    st.sampled_from(
        ["parties", "slots", "title", "zone", "like", "keep", "drop", "accept", "add", "mail"]
    )
    | st.text(),
    plain,
    max_size=4,
)


@given(members)
def test_anything_is_read_or_refused(body: dict[str, Any]) -> None:
    """
    Whatever plain values a body holds, it is read or refused by InvalidInputError alone.
    """
    for read in (
        wire.read_proposal,
        wire.read_update,
        lambda body: wire.read(wire.Notification, body),
        lambda body: wire.read(wire.MailWish, body),
        wire.event_of,
        wire.entry_of,
    ):
        with suppress(InvalidInputError):
            read(body)
