from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from calndro.core.errors import NotAllowedError, NotFoundError, TokenInvalidError, TokenMissingError
from calndro.core.token import digest_of
from calndro.usecases import accounts, administering, events, paging
from tests.examples import mail
from tests.worlds import PASSWORD, World, caller, with_user


if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    "case",
    [
        administering.find_users,
        lambda services, who: administering.see_account(services, who, mail("a")),
        lambda services, who: administering.list_links(services, who, 1),
        lambda services, who: administering.revoke_link(services, who, 1, b"x" * 32),
    ],
    ids=["find", "see", "list", "revoke"],
)
def test_only_staff_administers(case: Callable[..., Any]) -> None:
    """
    None of it is for a registered user, or for who has not signed in.
    """
    world = with_user("a")
    world.propose(1)

    with pytest.raises(NotAllowedError):
        case(world.services, caller("a"))
    with pytest.raises(TokenMissingError):
        case(world.services, caller(None))


def test_users_are_found_by_a_part_of_their_address() -> None:
    """
    The search takes any part in any case, goes on after an address, and stops at its limit.
    """
    world = World()
    for name in ("a", "b", "ab", "bc"):
        accounts.add_user(world.services, caller("s"), mail(name), PASSWORD)

    def found(*args: str, **more: Any) -> list[str]:
        users = administering.find_users(world.services, caller("s"), *args, **more)
        return [user.address.text for user in users]

    assert found() == sorted(map(mail, ("a", "ab", "b", "bc")))
    assert found(" B@") == sorted(map(mail, ("ab", "b")))
    assert found("b", limit=1) == [mail("ab")]
    assert found("b", after=mail("ab")) == [mail("b"), mail("bc")]
    assert found("nobody") == []
    assert found(limit=0) == found(limit=-1) == []


def test_users_are_found_beyond_one_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The search reads on until every user was looked at.
    """
    monkeypatch.setattr(paging, "PAGE", 2)
    world = World()
    for name in ("a", "b", "c", "d", "e"):
        accounts.add_user(world.services, caller("s"), mail(name), PASSWORD)

    (last,) = administering.find_users(world.services, caller("s"), mail("e"))

    assert last.address.text == mail("e")


def test_an_account_shows_what_belongs_to_it() -> None:
    """
    An account comes with its API tokens and its events, the deleted too.
    """
    world = with_user("a")
    text = accounts.issue_api_token(world.services, mail("a"), PASSWORD)
    world.propose(1)
    world.propose(2)
    world.propose(3, by="d", parties="bc")
    events.delete(world.services, caller("s"), 2)

    account = administering.see_account(world.services, caller("s"), mail("a"))

    assert account.user.address.text == mail("a")
    assert [token.digest for token in account.tokens] == [digest_of(text)]
    assert [event.id for event in account.events] == [1, 2]
    with pytest.raises(NotFoundError):
        administering.see_account(world.services, caller("s"), mail("z"))


def test_links_are_listed_with_their_parties() -> None:
    """
    Every token of the event is listed with its party, and whether it works now.
    """
    world = World()
    world.propose(1)
    world.propose(1)
    texts = [world.link("b"), world.link("c")]
    world.link("c", event_id=2)
    administering.revoke_link(world.services, caller("s"), 1, digest_of(texts[0]))

    listed = administering.list_links(world.services, caller("s"), 1)

    assert {(link.party, link.token.digest, link.works) for link in listed} == {
        (mail("b"), digest_of(texts[0]), False),
        (mail("c"), digest_of(texts[1]), True),
    }
    with pytest.raises(NotFoundError):
        administering.list_links(world.services, caller("s"), 9)


def test_a_revoked_link_opens_nothing() -> None:
    """
    What was taken back is no credential any more; the same party's other link still is.
    """
    world = World()
    world.propose(1)
    first, second = world.link("b"), world.link("b")

    administering.revoke_link(world.services, caller("s"), 1, digest_of(first))

    with pytest.raises(TokenInvalidError):
        events.view(world.services, caller(None, first), 1)
    assert events.view(world.services, caller(None, second), 1).id == 1


def test_a_link_is_revoked_only_where_it_belongs() -> None:
    """
    A token of another event, or none at all, is not found, and nothing is changed.
    """
    world = World()
    world.propose(1)
    world.propose(1)
    text = world.link("b")

    for event_id, digest in ((2, digest_of(text)), (1, b"x" * 32)):
        with pytest.raises(NotFoundError):
            administering.revoke_link(world.services, caller("s"), event_id, digest)

    assert events.view(world.services, caller(None, text), 1).id == 1
