"""
A log that was kept without a chain, chained.
"""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import pairwise
from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st

from calndro.core.agreement import Status
from calndro.core.audit import verify
from calndro.core.continuing import Past, continued
from calndro.core.ledger import Change, Person
from calndro.core.log import Occurrence
from calndro.core.original import Fact, cast_of
from calndro.core.slot import table
from calndro.core.stored import StoredEntry
from tests.examples import IDENTITY, START, addresses, slot
from tests.strategies import near_instants
from tools import verify as independent


PARTIES = addresses("abc")
NOW = START + timedelta(days=365)
TABLES = st.lists(st.integers(1, 40).map(slot), max_size=35).map(table)
SOME = st.none() | st.sampled_from(addresses("abcde"))


def _people(found: dict[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in found.items() if each is not None}


FACTS = st.builds(
    Fact,
    st.integers(1, 2**40),
    near_instants(),
    st.sampled_from(Occurrence),
    SOME,
    st.none() | TABLES,
    st.fixed_dictionaries(
        {},
        optional={
            "token": st.just("0123abcd"),
            "opened": st.just("created"),
            "closed": st.just("deleted"),
        },
    ),
    st.fixed_dictionaries({"recipient": SOME, "sender": SOME}).map(_people),
    st.sampled_from([(), ("data",), ("effector", "slots")]),
)
PASTS = st.builds(
    Past,
    id=st.integers(1, 99),
    title=st.just("cybes"),
    zone=st.just("UTC"),
    parties=st.just(len(PARTIES)),
    slots=TABLES,
    facts=st.lists(FACTS, max_size=8),
)


def chained(past: Past) -> Change:
    """
    Chain a log, everybody's salt made of their number.
    """
    people = [
        Person(number, each, bytes([number]) * 32)
        for number, each in enumerate(cast_of(PARTIES, past.facts), start=1)
    ]
    return continued(past, people, IDENTITY, NOW)


def ones_own(change: Change) -> list[Any]:
    """
    Give the entries that stand for entries of the old log.
    """
    return [entry for entry in change.entries if entry.data["imported"]]


@given(PASTS)
def test_every_old_log_becomes_one_that_proves_itself(past: Past) -> None:
    """
    The core finds nothing wrong with a chained log, whatever was in it.
    """
    change = chained(past)

    stored = [
        StoredEntry(e.seq, e.when, e.occurrence, e.effector, False, e.body, e.hash)
        for e in change.entries
    ]
    assert verify(change.after, stored).findings == ()
    assert change.before is None
    assert change.notices == ()
    assert change.after.id == past.id


@given(PASTS)
def test_the_independent_verifier_accepts_it(past: Past) -> None:
    """
    The program that was written from the format alone finds nothing wrong with it either.
    """
    change = chained(past)
    receipt = change.after.chain.receipt
    people = [
        {"i": each.number, "salt": each.salt.hex(), "address": str(each)}
        for each in change.after.people
        if each.salt is not None
    ]
    first = {"event": str(receipt.event), "head": receipt.head.hex(), "seq": receipt.seq}
    log = independent.Log(json.dumps({**first, "people": people}).encode())
    lines = [
        json.dumps({"body": entry.body.decode(), "hash": entry.hash.hex()}).encode()
        for entry in change.entries
    ]

    assert independent.examine(log, lines, []) == []


@given(PASTS)
def test_each_old_entry_is_there_once_and_in_order(past: Past) -> None:
    """
    Every old entry becomes one entry with its number, kind, effector and people.
    """
    change = chained(past)
    name = change.after.name

    assert [
        (
            entry.data["imported"],
            entry.occurrence,
            name(entry.effector),
            {
                each: name(entry.data[each])
                for each in ("recipient", "sender")
                if each in entry.data
            },
            entry.data.get("token"),
        )
        for entry in ones_own(change)
    ] == [
        (
            fact.id,
            fact.occurrence,
            "system" if fact.effector is None else str(fact.effector),
            {each: str(person) for each, person in fact.people.items()},
            fact.data.get("token"),
        )
        for fact in past.facts
    ]


@given(PASTS)
def test_each_keeps_the_time_it_had_if_time_went_on(past: Past) -> None:
    """
    Where the old clock went forward by more than two microseconds, all times stay exact.
    """
    whens = [fact.when + timedelta(seconds=place) for place, fact in enumerate(past.facts)]
    facts = [
        attrs.evolve(fact, when=when)
        for fact, when in zip(past.facts, sorted(whens), strict=True)
        if whens.count(when) == 1
    ]

    change = chained(attrs.evolve(past, facts=facts))

    assert [entry.when for entry in ones_own(change)] == [fact.when for fact in facts]
    assert all(one.when < other.when for one, other in pairwise(change.entries))


@given(PASTS)
def test_the_table_ends_as_it_was(past: Past) -> None:
    """
    After the import the slots are those of the event, unless its log says it was deleted.
    """
    change = chained(past)

    if change.after.state.status is not Status.CLOSED:
        assert change.after.state.slots == past.slots
    for entry in ones_own(change):
        fact = past.facts[ones_own(change).index(entry)]
        assert fact.slots is None or entry.slots == fact.slots


@given(PASTS)
def test_an_update_replaces(past: Past) -> None:
    """
    Who updated keeps what it left on the table, until somebody takes it off again.
    """
    change = chained(past)
    kept: dict[int, set[Any] | None] = dict.fromkeys((1, 2, 3))
    closed = False
    for place, entry in enumerate(change.entries):
        if entry.occurrence is Occurrence.UPDATE:
            closed = closed or (place > 0 and "closed" in entry.data)
            kept = {n: keeps and keeps & set(entry.slots) for n, keeps in kept.items()}
            if entry.effector in kept and not closed:
                kept[entry.effector] = set(entry.slots)

    assert kept == {
        number: None if keeps is None else set(keeps)
        for number, keeps in enumerate(change.after.state.kept, start=1)
    }


@given(PASTS)
def test_only_the_system_fills_the_gaps(past: Past) -> None:
    """
    What is added has number 0 and nobody as effector, and there is an opening in any case.
    """
    change = chained(past)
    opening, *others = change.entries
    opens = bool(past.facts) and past.facts[0].opens

    assert (opening.data["imported"] == 0) == (not opens)
    assert opening.data["opened"] == ("created" if opens else "imported")
    assert (opening.data["proposer"], opening.data["parties"]) == (opening.effector, 3)
    for entry in (opening, *others):
        if not entry.data["imported"]:
            assert entry.effector == 0
            assert entry.occurrence is Occurrence.UPDATE
