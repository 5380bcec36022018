"""
What the original kept, read.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest

from calndro.core.errors import InvalidInputError
from calndro.core.log import Occurrence
from calndro.core.original import (
    FormerEntry,
    FormerEvent,
    FormerUser,
    accounts_of,
    cast_of,
    digest_of_key,
    facts_of,
    slots_on,
)
from calndro.core.token import digest_of, fingerprint
from tests.examples import HOUR, START, address, mail, slots


HASH = "pbkdf2_sha256$260000$fTTVBtNLw0$jz4UPWSxmPs0C/4aeq8EqPMVJVhGOPkSgKiEtxsOkIw="
TOKEN = "1fe36bfa6f2f2567b5f7ea5a06e1e2202ad57ea7"
SLOTS = [{"begin": "2030-01-02T00:00:00Z", "duration": "01:00:00"}]
USER = FormerUser(1, mail("a"), HASH, active=True, staff=False)
ENTRY = FormerEntry(7, START, "UPDATE", mail("a"), json.dumps(SLOTS), "{}")


def told(error: pytest.ExceptionInfo[InvalidInputError]) -> list[str]:
    """
    Give where faults were found.
    """
    return [fault.path for fault in error.value.faults]


def event(*entries: FormerEntry, spans: tuple[tuple[datetime, timedelta], ...] = ()) -> FormerEvent:
    """
    Make an event with a log.
    """
    return FormerEvent(3, "cybes", (1,), spans, entries)


def fact(**changes: Any) -> Any:
    """
    Read one entry that differs a little from the usual one.
    """
    changed: dict[str, Any] = {
        name: value if isinstance(value, str | datetime) else json.dumps(value)
        for name, value in changes.items()
    }
    (found,) = facts_of(event(attrs.evolve(ENTRY, **changed)))
    return found


def test_a_users_email_is_what_it_signs_in_with() -> None:
    """
    Hash, activity and staff rights stay; no hash and an unusable one are no password.
    """
    accounts = accounts_of(
        [
            USER,
            FormerUser(2, mail("b"), "", active=False, staff=False),
            FormerUser(3, mail("c"), "!x9", active=True, staff=True),
        ]
    )

    assert [(each.address, each.password) for each in accounts.values()] == [
        (address("a"), HASH),
        (address("b"), None),
        (address("c"), None),
    ]
    assert [(each.active, each.staff) for each in accounts.values()] == [
        (True, False),
        (False, False),
        (True, True),
    ]


def test_users_that_cannot_be_taken_over_are_all_named() -> None:
    """
    Without an address, with one that is none, with another hash: each is told at its key.
    """
    with pytest.raises(InvalidInputError) as error:
        accounts_of(
            [
                USER,
                attrs.evolve(USER, id=2, email=" "),
                attrs.evolve(USER, id=3, email="zo"),
                attrs.evolve(USER, id=4, email=mail("d"), password="md5$x$y"),
                attrs.evolve(USER, id=5, email="A@here.net"),
            ]
        )

    assert [str(fault) for fault in error.value.faults] == [
        (
            "auth.user 2: it has no email address, which is what one signs in with here; add one "
            "in the original"
        ),
        "auth.user 3: 'zo' is no email address: An email address must have an @-sign",
        "auth.user 4: its password is not hashed by pbkdf2_sha256; set it anew in the original",
        "auth.user 5: another user can sign in with A@here.net as well",
    ]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("other", [{"password": ""}, {"active": False}])
def test_one_person_in_two_users_becomes_one(other: dict[str, Any], turned: bool) -> None:
    """
    Of two users whose addresses differ in capitals the one that could sign in is kept.
    """
    users = [USER, attrs.evolve(USER, id=2, email="A@here.net", **other)]

    accounts = accounts_of(users[::-1] if turned else users)

    assert accounts[1] == accounts[2]
    assert accounts[1].address.text == mail("a")
    assert accounts[1].password == HASH


def test_the_first_of_two_idle_users_stays() -> None:
    """
    Where neither of two could sign in, nothing is refused.
    """
    idle = attrs.evolve(USER, password="")

    accounts = accounts_of([idle, attrs.evolve(idle, id=2, email="A@here.net")])

    assert accounts[2].address.text == mail("a")


def test_slots_on_the_table_are_slots_of_ours() -> None:
    """
    They are put in order, each once; one that can't be is named by its place.
    """
    one, two = slots(1, 2)
    spans = ((two.begin, HOUR), (one.begin, HOUR), (two.begin, HOUR))

    assert slots_on(event(spans=spans)) == (one, two)
    with pytest.raises(InvalidInputError) as error:
        slots_on(event(spans=((one.begin, HOUR), (one.begin, timedelta(0)))))
    assert told(error) == ["slots[1].duration"]


def test_an_entry_is_read_as_it_stands() -> None:
    """
    Time, kind, effector, slots, token and people are taken over; the token as its fingerprint.
    """
    found = fact(
        occurrence="NOTIFY",
        when=START.astimezone(UTC),
        data={"token": TOKEN, "recipient": mail("b"), "sender": mail("c")},
    )

    assert (found.id, found.when, found.occurrence) == (7, START, Occurrence.NOTIFY)
    assert (found.effector, found.slots) == (address("a"), slots(1))
    assert found.data == {"token": fingerprint(digest_of(TOKEN))}
    assert found.people == {"recipient": address("b"), "sender": address("c")}
    assert found.left_out == ()
    assert found.mentioned == (address("a"), address("b"), address("c"))


def test_entries_come_in_the_order_of_their_keys() -> None:
    """
    The clock of the original may have gone back; its keys did not.
    """
    later = attrs.evolve(ENTRY, id=8, when=START - HOUR)

    assert [each.id for each in facts_of(event(later, ENTRY))] == [7, 8]


def test_an_entry_opens_when_it_says_so() -> None:
    """
    Only an update that was logged at propose opens an event.
    """
    assert fact(data={"opened": "created"}).opens
    assert not fact(data={}).opens
    assert not fact(data={"opened": "created"}, occurrence="VIEW").opens


@pytest.mark.parametrize(
    ("changes", "left_out"),
    [
        ({"effector": "zo"}, "effector"),
        ({"slots": "no JSON"}, "slots"),
        ({"slots": {}}, "slots"),
        ({"slots": [*SLOTS, {"begin": "then", "duration": "01:00:00"}]}, "slots"),
        ({"slots": [*SLOTS, {"begin": "2030-01-02T00:00:00Z"}]}, "slots"),
        ({"slots": [*SLOTS, 7]}, "slots"),
        ({"slots": [*SLOTS, {"begin": 7, "duration": "01:00:00"}]}, "slots"),
        ({"data": "no JSON"}, "data"),
        ({"data": []}, "data"),
        ({"data": {"token": "abc"}}, "token"),
        ({"data": {"token": 7}}, "token"),
        ({"data": {"opened": "again"}}, "opened"),
        ({"data": {"closed": True}}, "closed"),
        ({"data": {"recipient": "zo"}}, "recipient"),
        ({"data": {"sender": []}}, "sender"),
        ({"data": {"erased": 1}}, "erased"),
        ({"data": {"A secret": 1}}, "data"),
    ],
)
def test_what_has_no_form_here_is_named(changes: dict[str, Any], left_out: str) -> None:
    """
    Nothing in an old log blocks the rest: what is left out is told by name alone.
    """
    found = fact(**changes)

    assert found.left_out == (left_out,)
    assert found.slots == (None if left_out == "slots" and len(changes["slots"]) != 2 else slots(1))
    assert (found.effector is None) == (left_out == "effector")
    assert not found.data
    assert not found.people


def test_who_is_not_named_is_nobody() -> None:
    """
    An empty effector loses nothing; a default sender was noted with its name.
    """
    assert fact(effector="").left_out == ()
    assert fact(effector="").effector is None
    assert fact(effector="").mentioned == ()
    for named in (["Desk", mail("d")], [mail("d")]):
        assert fact(data={"sender": named}).people == {"sender": address("d")}


def test_sayings_of_the_original_are_kept() -> None:
    """
    What it said at propose and at delete is said here in the same words.
    """
    said = {"opened": "created", "closed": "deleted"}

    assert fact(data=said).data == said


def test_a_time_without_offset_is_utc() -> None:
    """
    The original knew no other zone.
    """
    naive = [{"begin": "2030-01-02T00:00:00", "duration": "01:00:00"}]

    assert fact(slots=naive).slots == slots(1)


def test_an_entry_needs_a_kind_and_a_time() -> None:
    """
    Without them there is no entry to chain; each is named by its key.
    """
    with pytest.raises(InvalidInputError) as error:
        facts_of(
            event(
                attrs.evolve(ENTRY, occurrence="GUESS"),
                attrs.evolve(ENTRY, id=8, when=datetime(9999, 12, 31, tzinfo=UTC)),
            )
        )

    assert [str(fault) for fault in error.value.faults] == [
        "schedul.dispatchlogentry 7.occurrence: it is neither UPDATE nor NOTIFY nor VIEW",
        "schedul.dispatchlogentry 8: the time must lie in the years 1 to 9998, in UTC",
    ]


def test_parties_come_before_whoever_else_is_named() -> None:
    """
    The cast is the parties in order, then others as the log names them, each once.
    """
    facts = [
        fact(effector=mail("b"), data={"recipient": mail("d")}),
        fact(effector=mail("c"), data={"sender": mail("D")}),
    ]

    assert cast_of([address("a"), address("b")], facts) == (
        address("a"),
        address("b"),
        address("d"),
        address("c"),
    )


def test_a_key_is_kept_as_its_digest() -> None:
    """
    A key that is none is refused without being told.
    """
    assert digest_of_key(TOKEN) == digest_of(TOKEN)
    with pytest.raises(InvalidInputError) as error:
        digest_of_key(TOKEN[:-1] + "Z")
    assert str(error.value) == "its key isn't 40 hexadecimal digits"
