"""
The seven invariants of the domain, each a property on random stories.

The naive model, which shares no function with the core, is the oracle.
"""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from itertools import permutations
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from calndro.core import audit
from calndro.core.agreement import replay
from calndro.core.errors import TokenError, TokenExpiredError, TokenInvalidError
from calndro.core.log import Chain, decode
from calndro.usecases import auditing, events, updates
from tests.examples import MICROSECOND, START, Scene, mail, slots
from tests.model import Model, pairs
from tests.model_fold import fold
from tests.plays import Play
from tests.stories import Look, Notify, Propose, Update, stories
from tests.worlds import World, caller


if TYPE_CHECKING:
    from calndro.core.ledger import Ledger
    from calndro.core.log import Entry
    from calndro.core.notice import Notice
    from tests.stories import Step


NUMBERS = st.lists(st.integers(1, 5), max_size=4, unique=True).map(tuple)
NARROWINGS = st.tuples(st.sampled_from("abcp"), NUMBERS, st.none() | NUMBERS).filter(
    lambda narrowing: narrowing[1:] != ((), ())
)
"""Who narrows; to what it keeps, or what it drops and what it accepts."""


def bodies(entries: list[Entry]) -> list[dict[str, Any]]:
    """
    Read the stored bytes of entries.
    """
    return [json.loads(entry.body) for entry in entries]


def narrowed(scene: Scene, narrowing: tuple[str, tuple[int, ...], tuple[int, ...] | None]) -> None:
    """
    Let somebody narrow.
    """
    who, given_slots, accept = narrowing
    if accept is None:
        scene.keep(who, *given_slots)
    else:
        scene.judge(who, given_slots, set(accept) - set(given_slots))


def naively(model: Model, narrowing: tuple[str, tuple[int, ...], tuple[int, ...] | None]) -> None:
    """
    Let somebody narrow in the model.
    """
    who, given_slots, accept = narrowing
    caller_there = {"user": mail(who), "staff": False, "token": None}
    form = "keep" if accept is None else "judge"
    accepted = [(number, 1) for number in set(accept or ()) - set(given_slots)]
    there = [(number, 1) for number in given_slots]
    assert not model.update(caller_there, 1, form, there, accepted, title=None, revision=None)


def outcome(scene: Scene) -> tuple[object, ...]:
    """
    Tell slots, kept and status.
    """
    return scene.table, scene.kept, scene.status


class TestInvariant1:
    """
    Narrow is commutative, associative, idempotent in slots, kept and status.

    It never grows the slots; replace(s) then view gives s.
    """

    @given(NUMBERS, st.lists(NARROWINGS, max_size=3), st.lists(NARROWINGS, max_size=3))
    def test_any_order_ends_alike(self, table: Any, before: Any, narrowings: Any) -> None:
        """
        Every order of up to three narrowings ends in what the model ends in.
        """
        model = Model(30)
        opener = {"user": mail("p"), "staff": False, "token": None}
        parties = [mail(name) for name in "abc"]
        model.propose(opener, parties, [(number, 1) for number in table], "moot", "")
        for narrowing in [*before, *narrowings]:
            naively(model, narrowing)
        event = model.events[1]
        expected = {number for number, _ in event["slots"]}
        for order in permutations(narrowings):
            scene = Scene(*table, proposer="p")
            for narrowing in before:
                narrowed(scene, narrowing)
            for narrowing in order:
                size = len(scene.table)
                narrowed(scene, narrowing)
                assert len(scene.table) <= size
            assert scene.table == expected
            assert scene.status == model.status(event)
            assert scene.kept == {
                name: None if kept is None else {number for number, _ in kept}
                for name, kept in zip("abc", event["kept"].values(), strict=True)
            }

    @given(NUMBERS, NARROWINGS, NARROWINGS)
    def test_twice_is_once(self, table: Any, one: Any, other: Any) -> None:
        """
        Repeating a narrowing, at once or after another's, changes nothing.
        """
        scene = Scene(*table)
        narrowed(scene, one)
        first, revision = outcome(scene), scene.ledger.state.revision
        narrowed(scene, one)
        assert (outcome(scene), scene.ledger.state.revision) == (first, revision)
        narrowed(scene, other)
        second = outcome(scene)
        narrowed(scene, one)
        assert outcome(scene) == second

    @given(NUMBERS, st.sampled_from("abp"), NUMBERS, NUMBERS)
    def test_two_narrowings_are_one_by_both(
        self, table: Any, who: str, one: Any, other: Any
    ) -> None:
        """
        Narrowing to one and then to another is narrowing to what both have.
        """
        twice, once = Scene(*table), Scene(*table)
        twice.keep(who, *one)
        twice.keep(who, *other)
        once.keep(who, *set(one) & set(other))
        assert outcome(twice) == outcome(once)

    @given(NUMBERS, NUMBERS, st.sampled_from("abp"))
    def test_replace_then_view(self, table: Any, new: Any, who: str) -> None:
        """
        After replacing by s, a view shows s.
        """
        world = World()
        world.propose(*table, by="p")
        updates.replace(world.services, caller(who), 1, slots(*new))
        assert events.view(world.services, caller("b"), 1).slots == slots(*new)


class Witness(Play):
    """
    A play that is watched step by step.
    """

    def __init__(self) -> None:
        super().__init__()
        self.notices: dict[int, Notice] = {}

    def act(self, step: Propose | Update | Notify | Look) -> None:
        """
        Take a step, and count what it added to the logs.
        """
        before = {number: len(self.world.log(number)) for number in self.model.events}
        super().act(step)
        added = {
            number: self.world.log(number)[before.get(number, 0) :] for number in self.model.events
        }
        assert sum(1 for entries in added.values() if entries) <= 1
        for entries in added.values():
            if entries:
                check_added(step, entries)
        for post in self.world.waiting():
            self.notices[post.id] = post.notice

    def ledgers(self) -> list[tuple[Ledger, list[Entry]]]:
        """
        Read every event with its log.
        """
        return [(self.world.ledger(number), self.world.log(number)) for number in self.model.events]


def check_added(step: Propose | Update | Notify | Look, entries: list[Entry]) -> None:
    """
    Check that an operation added exactly what it may add.
    """
    kinds = Counter(entry.occurrence.value for entry in entries)
    match step:
        case Look(_, _, "view"):
            assert kinds == {"VIEW": 1}
        case Notify(_, _, recipients, _, _, _):
            assert kinds == {"NOTIFY": len(set(recipients))}
            assert not any("reason" in entry.data for entry in entries)
        case _:
            assert kinds["UPDATE"] == 1
            assert kinds.total() == 1 + kinds["NOTIFY"]
            assert entries[0].occurrence.value == "UPDATE"
            assert all("reason" in entry.data for entry in entries[1:])


def watched(story: list[Step]) -> Witness:
    """
    Watch a story to its end.
    """
    play = Witness()
    for step in story:
        play.step(step)
    return play


@given(stories)
def test_invariant_2(story: list[Step]) -> None:
    """
    status, kept and waiting_on are functions of the log alone.
    """
    for ledger, log in watched(story).ledgers():
        stored = [decode(entry.body, entry.hash) for entry in log]
        assert replay(stored) == ledger.state
        naive, state = fold(bodies(log)), ledger.state
        assert naive["status"] == state.status.value
        assert naive["waiting"] == list(state.waiting_on)
        assert naive["stopped"] == state.stopped
        assert naive["undelivered"] == state.undelivered
        assert naive["title"] == state.title
        for number, kept in naive["kept"].items():
            keeps = state.kept[number - 1]
            plain = [
                [each.begin.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), each.duration // MICROSECOND]
                for each in keeps or ()
            ]
            assert plain == sorted(list(each) for each in kept or ())
            assert (keeps is None) == (kept is None)


@given(stories)
def test_invariant_3(story: list[Step]) -> None:
    """
    Parties never change after propose.
    """
    play = Witness()
    parties: dict[int, tuple[object, ...]] = {}
    for step in story:
        play.step(step)
        for ledger, log in play.ledgers():
            now = (ledger.parties, ledger.state.proposer, ledger.state.zone)
            assert parties.setdefault(ledger.id, now) == now
            assert log[0].data["parties"] == len(ledger.parties)


@given(stories)
def test_invariant_4(story: list[Step]) -> None:
    """
    A successful operation adds exactly its own entries and those of the news that it makes.

    A refused one adds none and changes nothing.
    """
    play = watched(story)
    for ledger, log in play.ledgers():
        assert [entry.seq for entry in log] == list(range(1, len(log) + 1))
        assert ledger.chain.seq == len(log)


@given(stories)
def test_invariant_5(story: list[Step]) -> None:
    """
    Notices and NOTIFY entries without data.delivery are one to one.

    An entry with it is the only one of its notice, by the system, names its entry, and
    changes nothing.
    """
    play = watched(story)
    promised = Counter(
        (notice.event_id, notice.of, notice.recipient) for notice in play.notices.values()
    )
    logged: Counter[tuple[int, int, int]] = Counter()
    for ledger, log in play.ledgers():
        told: set[int] = set()
        closed = False
        for entry in log:
            delivery = "delivery" in entry.data
            if delivery:
                of = log[entry.data["of"] - 1]
                assert (of.occurrence.value, "delivery" in of.data) == ("NOTIFY", False)
                assert entry.data["recipient"] == of.data["recipient"]
                assert (entry.effector, entry.slots) == (0, log[entry.seq - 2].slots)
                assert of.seq not in told
                told.add(of.seq)
            elif entry.occurrence.value == "NOTIFY":
                logged[ledger.id, entry.seq, entry.data["recipient"]] += 1
            # The news of the deletion itself follow it in its transaction.
            assert not closed or delivery or entry.data.get("reason") == "cancelled"
            closed = closed or "closed" in entry.data
    assert logged == promised
    assert set(promised.values()) <= {1}


@given(stories)
def test_invariant_6_in_stories(story: list[Step]) -> None:
    """
    No token is ever written in clear, in a log or anywhere else in storage.
    """
    play = watched(story)
    written = repr(play.world.storage.contents)
    for text in play.texts:
        assert text not in written


@given(
    st.lists(st.integers(-3, 3), min_size=1, max_size=6),
    st.sampled_from([timedelta(0), MICROSECOND, timedelta(days=1)]),
)
def test_invariant_6(places: list[int], step: timedelta) -> None:
    """
    A token never opens another event and never works at or after expires.

    Once refused as expired it stays so, whatever the clock does.
    """
    world = World()
    world.propose(1)
    world.propose(1, by="b")
    link = world.link("b")
    expires = START + timedelta(days=5)
    refused = False
    for place in places:
        world.clock.instant = expires + place * step
        seen: type[TokenError] | None = None
        try:
            events.view(world.services, caller(None, link), 1)
        except TokenError as error:
            seen = type(error)
        refused = refused or world.clock.instant >= expires
        assert seen is (TokenExpiredError if refused else None)
        try:
            events.view(world.services, caller(None, link), 2)
        except TokenError as error:
            seen = type(error)
        assert seen is TokenInvalidError


@given(stories)
def test_invariant_7(story: list[Step]) -> None:
    """
    After any story the log proves itself and its replay gives the stored state.
    """
    play = watched(story)
    for ledger, log in play.ledgers():
        links = [(entry.body, entry.hash) for entry in log]
        assert audit.check_bytes(Chain.begin(ledger.chain.uuid), links) is None
        verdict = auditing.verify_log(play.services, caller("s"), ledger.id, [ledger.chain.receipt])
        assert verdict.findings == ()
        whens = [entry.when for entry in log]
        assert whens == sorted(set(whens))


def test_invariant_7_at_once() -> None:
    """
    Parties that act at the same time lose no narrowing, and the replay gives the state.
    """
    world = World()
    world.propose(*range(1, 21))
    keep = {"a": range(1, 19), "b": range(3, 21), "c": range(1, 21, 2)}

    def narrow(who: str) -> None:
        for rounds in range(1, 6):
            kept = slots(*[n for n in range(1, 21) if n in keep[who] or n % 5 >= rounds])
            updates.narrow(world.services, caller(who), 1, kept)
            events.view(world.services, caller(who), 1)

    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(partial(narrow, who)) for who in "abc"]:
            done.result()
    left = set(keep["a"]) & set(keep["b"]) & set(keep["c"])
    ledger, log = world.ledger(), world.log()
    assert ledger.state.slots == slots(*left)
    assert replay(log) == ledger.state
    assert len(log) == 1 + 30
    assert auditing.verify_log(world.services, caller("s"), 1).findings == ()


def test_model_writes_slots_as_logs_do() -> None:
    """
    The model's slots are written from microseconds alone, six digits and a Z.
    """
    assert pairs([(86_400_000_000, 5), (1, 2)]) == [
        ["2030-01-01T00:00:00.000001Z", 2],
        ["2030-01-02T00:00:00.000000Z", 5],
    ]
