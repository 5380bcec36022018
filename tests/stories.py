"""
Random stories: what several people might do to one or two events, in any order.
"""

from __future__ import annotations

from typing import Final

import attrs
from hypothesis import strategies as st


HOUR: Final = 3_600_000_000
DAY: Final = 24 * HOUR
PAIRS: Final = (
    (6 * HOUR, HOUR),
    (6 * HOUR, 2 * HOUR),
    (DAY, HOUR),
    (2 * DAY, 1),
    (9 * DAY, HOUR),
    (9 * DAY + 1, HOUR),
)
"""The slots of stories: begin and duration in microseconds, the begin since the start."""

MOST: Final = 4
"""How many slots an event of a story may hold."""

UNKNOWN: Final = "f" * 40
"""A token that was never issued."""


@attrs.frozen
class Who:
    """
    A caller: a name or nobody, and which of the tokens seen so far it brings, if any.
    """

    name: str | None
    token: int | None = None


@attrs.frozen
class Propose:
    """
    Open an event.
    """

    who: Who
    parties: tuple[str, ...]
    slots: tuple[int, ...]
    title: str


@attrs.frozen
class Update:
    """
    Change an event; *behind* is how far back the revision is that the caller names.
    """

    who: Who
    event: int
    form: str
    given: tuple[int, ...]
    accept: tuple[int, ...]
    title: str | None
    behind: int | None


@attrs.frozen
class Notify:
    """
    Tell people; *slots* is None for those on the table.
    """

    who: Who
    event: int
    recipients: tuple[str, ...]
    slots: tuple[int, ...] | None
    sender: str | None
    invitation: bool


@attrs.frozen
class Look:
    """
    Do one of the things that need no more than an event: view, peek, log, delete, stop, resume.
    """

    who: Who
    event: int
    what: str


@attrs.frozen
class Deliver:
    """
    Deliver, with what happens to the first letters.
    """

    script: tuple[str, ...]


@attrs.frozen
class Wait:
    """
    Let the clock jump by so many microseconds, forth or back.
    """

    jump: int


@attrs.frozen
class Bar:
    """
    Dismiss somebody, or take it in again.
    """

    name: str
    dismissed: bool


Step = Propose | Update | Notify | Look | Deliver | Wait | Bar

_names = st.sampled_from("aaabbbcccppssx")
_callers = st.one_of(
    st.builds(Who, _names),
    st.builds(Who, _names),
    st.builds(Who, st.none(), st.integers(-1, 3)),
    st.builds(Who, st.sampled_from(["x", "a", "s", None]), st.integers(-1, 3) | st.none()),
)
_events = st.sampled_from([1, 1, 1, 1, 1, 2, 3])
_numbers = st.integers(0, len(PAIRS) - 1)
_some = st.one_of(
    st.lists(_numbers, min_size=1, max_size=3).map(tuple),
    st.lists(_numbers, min_size=1, max_size=4).map(tuple),
    st.lists(_numbers, max_size=3).map(tuple),
)
_titles = st.sampled_from(["moot", "noon"])

proposals = st.builds(
    Propose,
    who=st.builds(Who, st.sampled_from("aaps")),
    parties=st.lists(st.sampled_from("abc"), max_size=4).map(tuple),
    slots=st.lists(_numbers, max_size=5).map(tuple),
    title=_titles,
)
"""Draw a proposal, now and then one that is refused."""

openings = st.builds(
    Propose,
    who=st.builds(Who, st.sampled_from("aap")),
    parties=st.sampled_from([("a",), ("a", "b"), ("b", "a"), ("a", "b", "c")]),
    slots=st.lists(_numbers, min_size=1, max_size=4, unique=True).map(tuple)
    | st.sampled_from([(2, 4), (2,), ()]),
    title=_titles,
)
"""Draw a proposal that is accepted."""

updates = st.builds(
    Update,
    who=_callers,
    event=_events,
    form=st.sampled_from(
        ["replace", "keep", "keep", "keep", "judge", "judge", "extend", "retitle"]
    ),
    given=_some,
    accept=_some,
    title=st.sampled_from([None, None, None, "moot", "noon", ""]),
    behind=st.sampled_from([None, None, None, 0, 1, -1]),
)
"""Draw a change of slots, title or both."""

answers = st.builds(
    Update,
    who=st.builds(Who, st.sampled_from("abc")),
    event=st.just(1),
    form=st.sampled_from(["keep", "keep", "replace", "judge", "extend"]),
    given=st.sampled_from([(2,), (4,), (2, 4)]),
    accept=st.sampled_from([(), (0,), (1,)]),
    title=st.none(),
    behind=st.none(),
)
"""Draw an answer that is likely to lead to an agreement."""

notifications = st.builds(
    Notify,
    who=_callers,
    event=_events,
    recipients=st.lists(st.sampled_from("aabbccpx"), max_size=3).map(tuple)
    | st.sampled_from([("a", "b"), ("b",), ("a",)]),
    slots=st.sampled_from([None, None, None, None, (), (0,), (2,)]),
    sender=st.sampled_from([None, None, "a", "b", "p", "s", "x"]),
    invitation=st.booleans(),
)
"""Draw a letter to somebody."""

letters = st.builds(
    Notify,
    who=st.builds(Who, st.sampled_from("as")),
    event=st.just(1),
    recipients=st.sampled_from([("a",), ("a",), ("b", "a")]),
    slots=st.none(),
    sender=st.none(),
    invitation=st.booleans(),
)
"""Draw a letter that is likely to be sent."""

looks = st.builds(
    Look,
    who=_callers,
    event=_events,
    what=st.sampled_from(["view", "view", "peek", "log", "stop", "stop", "resume", "delete"]),
)
"""Draw what needs no more than an event."""

deletions = st.builds(
    Look, who=st.builds(Who, st.just("s")), event=st.sampled_from([1, 1, 2]), what=st.just("delete")
)
"""Draw a deletion."""

deliveries = st.builds(
    Deliver,
    st.just(())
    | st.lists(st.sampled_from(["sent", "again", "failed", "crash"]), max_size=3).map(tuple),
)
"""Draw an attempt at the outbox."""

waits = st.builds(
    Wait,
    st.sampled_from(
        [1, 1_000_000, 60_000_000, 120_000_000, 7 * HOUR, DAY, 5 * DAY, -1, -2_000_000, -DAY]
    ),
)
"""Draw a jump of the clock."""

bars = st.builds(Bar, st.sampled_from("ab"), st.booleans())
"""Draw a dismissal or its end."""

_kinds: Final[list[tuple[int, st.SearchStrategy[Step]]]] = [
    (8, updates),
    (6, answers),
    (4, letters),
    (3, notifications),
    (6, looks),
    (6, deliveries),
    (4, waits),
    (1, bars),
    (1, proposals),
    (1, deletions),
]
steps: st.SearchStrategy[Step] = st.sampled_from(
    [kind for weight, kind in _kinds for _ in range(weight)]
).flatmap(lambda kind: kind)
"""Draw any step."""

stories: st.SearchStrategy[list[Step]] = st.builds(
    lambda opening, rest: [opening, *rest],
    openings,
    st.integers(0, 40).flatmap(lambda size: st.lists(steps, min_size=size, max_size=size)),
)
"""Draw a story that begins with an event."""
