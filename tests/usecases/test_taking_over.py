"""
The original taken over into an empty instance.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest

from calndro.core.errors import InvalidInputError, NotAllowedError
from calndro.core.original import (
    FormerEntry,
    FormerEvent,
    FormerKey,
    FormerLink,
    FormerUser,
    Original,
)
from calndro.core.token import AFTERLIFE, digest_of, fingerprint
from calndro.usecases import accounts, auditing, events, updates
from calndro.usecases.taking_over import take_over
from tests.examples import HOUR, START, address, mail, slots
from tests.worlds import PASSWORD, World, caller


STAFF = caller("s")
LINK, KEY = "1fe36bfa6f2f2567b5f7ea5a06e1e2202ad57ea7", "48fc19e55a884b24e77913542a9822917a9c167a"
HASH = "pbkdf2_sha256$1$x$ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZY="
BEGIN = slots(1)[0].begin
SHOWN = json.dumps([{"begin": "2030-01-02T00:00:00Z", "duration": "01:00:00"}])


def entry(key: int, occurrence: str, who: str, **data: Any) -> FormerEntry:
    """
    Make an entry of an old log.
    """
    when = START - timedelta(days=9) + key * HOUR
    return FormerEntry(key, when, occurrence, mail(who), SHOWN, json.dumps(data))


def original(**changes: Any) -> Original:
    """
    Make an original with two users, an event and every kind of secret.
    """
    usual = Original(
        users=(
            FormerUser(1, mail("a"), HASH, active=True, staff=False),
            FormerUser(2, mail("b"), "", active=False, staff=False),
        ),
        events=(
            FormerEvent(
                5,
                "cybes",
                (1, 2),
                ((BEGIN, HOUR),),
                (
                    entry(1, "UPDATE", "a", opened="created"),
                    entry(2, "NOTIFY", "a", recipient=mail("b")),
                    entry(3, "VIEW", "b", token=LINK),
                    entry(4, "VIEW", "z"),
                ),
            ),
        ),
        links=(FormerLink(LINK, 5, 2, START + HOUR),),
        keys=(FormerKey(KEY, 1, START - HOUR),),
    )
    return attrs.evolve(usual, **changes)


def test_what_was_is_there_again() -> None:
    """
    Event, log, link and API token work on as they did, under their old ids.
    """
    world = World()

    taken = take_over(world.services, STAFF, original())

    assert attrs.asdict(taken) == {
        "users": 2,
        "events": 1,
        "entries": 4,
        "incomplete": 0,
        "links": 1,
    }
    assert accounts.present_api_token(world.services, KEY).user == address("a")
    updates.narrow(world.services, caller(None, LINK), 5, slots(1))
    assert world.ledger(5).state.agreed_slot == slots(1)[0]
    assert auditing.verify_log(world.services, STAFF, 5).is_good
    assert world.propose(1).id == 6


def test_nobody_is_told() -> None:
    """
    An import queues no letter.
    """
    world = World()

    take_over(world.services, STAFF, original())

    assert world.waiting() == []


def test_no_secret_is_kept_in_clear() -> None:
    """
    Of a token that stood in the log there are eight hex of its digest.
    """
    world = World()

    take_over(world.services, STAFF, original())

    assert world.log(5)[2].data["token"] == fingerprint(digest_of(LINK))
    stored = str(attrs.asdict(world.storage.contents, recurse=False))
    assert LINK not in stored
    assert KEY not in stored


def test_events_get_the_zone_that_is_named() -> None:
    """
    The original knew no zones: UTC, or the one asked for.
    """
    for zone, stored in (("UTC", "UTC"), ("europe/paris", "Europe/Paris")):
        world = World()
        take_over(world.services, STAFF, original(), zone)
        assert world.ledger(5).state.zone == stored
    with pytest.raises(InvalidInputError):
        take_over(World().services, STAFF, original(), "Nowhere")


def test_an_event_without_title_gets_one() -> None:
    """
    A fixture may leave the title to the program, which makes one up.
    """
    world = World()
    (event,) = original().events

    take_over(world.services, STAFF, original(events=(attrs.evolve(event, title=""),)))

    assert len(world.ledger(5).state.title) == 5


def test_accounts_that_are_there_stay_as_they_are() -> None:
    """
    Whoever set up the new instance keeps the password chosen there.
    """
    world = World()
    accounts.add_user(world.services, STAFF, mail("a"), PASSWORD, staff=True)

    taken = take_over(world.services, STAFF, original())

    assert taken.users == 1
    assert accounts.sign_in(world.services, mail("a"), PASSWORD).staff


def test_what_is_left_out_is_counted() -> None:
    """
    Entries that lost something are told apart from the whole ones.
    """
    world = World()
    (event,) = original().events
    odd = attrs.evolve(event.entries[3], slots="?")

    taken = take_over(
        world.services, STAFF, original(events=(attrs.evolve(event, entries=(odd,)),))
    )

    assert (taken.entries, taken.incomplete) == (2, 1)


def test_a_link_may_last_until_the_end_of_the_calendar() -> None:
    """
    A link that the original meant to work for ever works here, too.
    """
    world = World()
    for_ever = datetime(9999, 12, 31, tzinfo=UTC)
    take_over(world.services, STAFF, original(links=(FormerLink(LINK, 5, 2, for_ever),)))

    token = world.token(LINK)
    assert token is not None
    assert token.expires == for_ever


@pytest.mark.parametrize(("age", "links"), [(-HOUR, 1), (AFTERLIFE - HOUR, 1), (AFTERLIFE, 0)])
def test_links_stay_as_long_as_they_are_good_for_something(age: timedelta, links: int) -> None:
    """
    A live link works, an expired one can be renewed for 90 days, an older one is left out.
    """
    world = World()

    taken = take_over(world.services, STAFF, original(links=(FormerLink(LINK, 5, 2, START - age),)))

    assert taken.links == links
    assert (world.token(LINK) is not None) == bool(links)


def _faulty(**changes: Any) -> Original:
    (event,) = original().events
    return original(events=(attrs.evolve(event, **changes),))


@pytest.mark.parametrize(
    ("spoilt", "path"),
    [
        (
            original(users=(attrs.evolve(original().users[0], email=""), original().users[1])),
            "auth.user 1",
        ),
        (_faulty(parties=(1, 9)), "schedul.event 5.parties"),
        (_faulty(parties=()), "schedul.event 5.parties"),
        (_faulty(title="\x00"), "schedul.event 5"),
        (_faulty(slots=((BEGIN, timedelta(0)),)), "schedul.event 5.slots[0].duration"),
        (
            _faulty(entries=(entry(1, "GUESS", "a"),)),
            "schedul.event 5.schedul.dispatchlogentry 1.occurrence",
        ),
        (original(links=(FormerLink(LINK, 9, 2, START),)), "schedul.emailtoken, number 1.event"),
        (original(links=(FormerLink(LINK, 5, 9, START),)), "schedul.emailtoken, number 1"),
        (original(links=(FormerLink("x", 5, 2, START),)), "schedul.emailtoken, number 1"),
        (
            original(
                users=(
                    *original().users,
                    FormerUser(3, mail("c"), "", active=False, staff=False),
                ),
                links=(FormerLink(LINK, 5, 3, START),),
            ),
            "schedul.emailtoken, number 1.user",
        ),
        (original(keys=(FormerKey(KEY, 9, START),)), "authtoken.token, number 1"),
        (original(keys=(FormerKey("x", 1, START),)), "authtoken.token, number 1"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_stored(spoilt: Original, path: str) -> None:
    """
    One record that can't be taken over keeps all the others out.
    """
    world = World()

    with pytest.raises(InvalidInputError) as error:
        take_over(world.services, STAFF, spoilt)

    assert [fault.path for fault in error.value.faults] == [path]
    assert LINK not in str(error.value)
    assert world.storage.contents.ledgers == {}
    assert world.storage.contents.users == {}


def test_an_instance_in_use_takes_nothing_over() -> None:
    """
    Only an empty instance can hold the old ids.
    """
    world = World()
    world.propose(1)

    with pytest.raises(InvalidInputError, match="empty one"):
        take_over(world.services, STAFF, original())


def test_only_staff_takes_an_instance_over() -> None:
    """
    It makes accounts, staff among them.
    """
    with pytest.raises(NotAllowedError):
        take_over(World().services, caller("a"), original())


def test_an_imported_event_goes_on() -> None:
    """
    What is done later is chained to the old log, and the whole proves itself.
    """
    world = World()
    take_over(world.services, STAFF, original())

    events.view(world.services, caller("a"), 5)
    world.notify("b", event_id=5)
    world.deliver()
    auditing.erase(world.services, STAFF, mail("b"))
    events.delete(world.services, STAFF, 5)

    assert auditing.verify_log(world.services, STAFF, 5).is_good


def test_an_event_nobody_proposed_can_be_agreed() -> None:
    """
    Without a proposer there is nobody else to tell, and the parties are told.
    """
    world = World()
    take_over(world.services, STAFF, _faulty(entries=()))

    for who in "ab":
        updates.narrow(world.services, caller(who), 5, slots(1))

    assert events.list_events(world.services, STAFF)[0].proposer == "system"
    assert len(world.waiting()) == 2
    assert auditing.verify_log(world.services, STAFF, 5).is_good
