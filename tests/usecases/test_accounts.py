"""
Who may sign in, and what staff do with users.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest

from calndro.core.access import Caller
from calndro.core.errors import (
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    SignInError,
    TokenInvalidError,
    TokenMissingError,
)
from calndro.core.user import User
from calndro.usecases import accounts, administering, auditing
from tests.examples import address, mail
from tests.worlds import PASSWORD, Ageing, World, caller, with_user


if TYPE_CHECKING:
    from collections.abc import Callable


STAFF = caller("s")


def user(world: World, name: str = "a") -> User:
    """
    Read a user as stored.
    """
    with world.storage.snapshot() as work:
        return work.users.find([address(name)])[address(name)]


def test_right_password_signs_in() -> None:
    """
    A registered user signs in however it writes its address, and is known by the stored one.
    """
    world = with_user(staff=True)
    signed_in = accounts.sign_in(world.services, " A@HERE.NET", PASSWORD)
    assert signed_in == Caller(address("a"), staff=True)
    assert str(signed_in.user) == mail("a")


@pytest.mark.parametrize(
    ("typed", "password"),
    [
        (mail("a"), "wrong horse"),
        (mail("a"), ""),
        (mail("x"), PASSWORD),
        (mail("b"), PASSWORD),
        (mail("b"), ""),
        ("no address", PASSWORD),
    ],
)
def test_wrong_sign_ins_are_told_apart_by_nothing(typed: str, password: str) -> None:
    """
    A wrong password, an unknown, an inactive and an impossible address answer alike.

    Each costs one check of a password.
    """
    world = with_user()
    world.propose(parties="b")
    checked = []
    verify = world.services.passwords.verify

    class Counting:
        """
        Passwords that count their checks.
        """

        hash = world.services.passwords.hash
        recalls = world.services.passwords.recalls
        is_outdated = world.services.passwords.is_outdated

        def verify(self, hashed: str | None, password: str) -> bool:
            checked.append(hashed)
            return verify(hashed, password)

    object.__setattr__(world.services, "passwords", Counting())
    with pytest.raises(SignInError) as caught:
        accounts.sign_in(world.services, typed, password)
    assert str(caught.value) == "wrong address or password"
    assert len(checked) == 1


def test_dismissed_user_can_not_sign_in() -> None:
    """
    A dismissal ends passwords and API tokens alike, until activating.
    """
    world = with_user()
    text = accounts.issue_api_token(world.services, mail("a"), PASSWORD)
    accounts.deactivate(world.services, STAFF, mail("a"))
    with pytest.raises(SignInError):
        accounts.sign_in(world.services, mail("a"), PASSWORD)
    with pytest.raises(TokenInvalidError):
        accounts.present_api_token(world.services, text)
    accounts.activate(world.services, STAFF, mail("a"))
    assert accounts.sign_in(world.services, mail("a"), PASSWORD).user == address("a")
    with pytest.raises(TokenInvalidError):
        accounts.present_api_token(world.services, text)


def test_outdated_hash_is_renewed_at_sign_in() -> None:
    """
    Signing in replaces a hash made in a weaker way; sessions stay.
    """
    world = with_user()
    before = user(world)
    object.__setattr__(world.services, "passwords", Ageing())
    for _ in range(2):
        accounts.sign_in(world.services, mail("a"), PASSWORD)
        assert user(world) == attrs.evolve(before, password=f"new:{PASSWORD}")


@pytest.mark.parametrize(
    "verb",
    [
        lambda world: accounts.deactivate(world.services, STAFF, mail("a")),
        lambda world: accounts.set_staff(world.services, STAFF, mail("a"), staff=True),
        lambda world: auditing.erase(world.services, STAFF, mail("a")),
    ],
    ids=["dismissed", "made staff", "erased"],
)
def test_renewing_undoes_nothing_that_was_done_meanwhile(verb: Callable[[World], object]) -> None:
    """
    What staff did to a user while its password was checked stays done.
    """
    world = with_user()

    class Interrupted(Ageing):
        """
        Passwords that take so long that staff comes in between.
        """

        def is_outdated(self, hashed: str) -> bool:
            """
            Let staff act first.
            """
            verb(world)
            return super().is_outdated(hashed)

    object.__setattr__(world.services, "passwords", Interrupted())
    world_after = with_user()
    verb(world_after)
    accounts.sign_in(world.services, mail("a"), PASSWORD)
    assert world.storage.contents.users == world_after.storage.contents.users


def test_acting_locally_takes_ones_word() -> None:
    """
    Who has opened the database acts as anybody, who becomes a user to change something.
    """
    world = World()
    acting = accounts.act_locally(world.services, mail("x"), staff=False)
    assert acting == Caller(address("x"), local=True)
    assert administering.find_users(world.services, STAFF) == []
    for _ in range(2):
        accounts.register_locally(world.services, acting)
        assert user(world, "x") == User(address("x"), active=True)
    staff = accounts.act_locally(world.services, mail("x"), staff=True)
    assert staff == Caller(address("x"), staff=True, local=True)
    assert not user(world, "x").staff
    with pytest.raises(InvalidInputError):
        accounts.act_locally(world.services, "nobody", staff=False)


def test_acting_locally_undoes_no_dismissal() -> None:
    """
    A dismissed user stays dismissed when somebody acts as it on the database.
    """
    world = with_user()
    accounts.deactivate(world.services, STAFF, mail("a"))
    acting = accounts.act_locally(world.services, mail("a"), staff=False)
    accounts.register_locally(world.services, acting)
    assert (user(world).active, user(world).barred) == (False, True)


def test_a_party_that_acts_locally_becomes_a_user() -> None:
    """
    Somebody known as a party alone gets its account by acting, and nobody in particular none.
    """
    world = World()
    world.propose(by="a", parties="ab")
    assert not user(world, "b").active
    accounts.register_locally(world.services, Caller())
    acting = accounts.act_locally(world.services, mail("b"), staff=False)
    accounts.register_locally(world.services, acting)
    assert user(world, "b").active


@pytest.mark.parametrize("password", ["seven77", "x" * 1025])
def test_password_has_a_length(password: str) -> None:
    """
    A password has 8 to 1,024 characters, at adding and at changing.
    """
    world = with_user()
    for change in (accounts.add_user, accounts.set_password):
        with pytest.raises(InvalidInputError) as caught:
            change(world.services, STAFF, mail("a"), password)
        assert [fault.path for fault in caught.value.faults] == ["password"]
    for good in ("eight888", "x" * 1024):
        accounts.set_password(world.services, STAFF, mail("a"), good)
        assert accounts.sign_in(world.services, mail("a"), good).user == address("a")


def test_password_is_text() -> None:
    """
    Half a character, as of bytes that are no UTF-8, is no password, and signs nobody in.
    """
    world = with_user()
    for change in (accounts.add_user, accounts.set_password):
        with pytest.raises(InvalidInputError, match="password: a password is text in UTF-8"):
            change(world.services, STAFF, mail("a"), "eight888\udcff")
    with pytest.raises(SignInError):
        accounts.sign_in(world.services, mail("a"), "eight888\udcff")


def test_who_comes_back_without_a_password_has_none() -> None:
    """
    The password of before a dismissal signs nobody in who was added anew without one.
    """
    world = with_user()
    accounts.deactivate(world.services, STAFF, mail("a"))
    added = accounts.add_user(world.services, STAFF, mail("a"), None)

    assert (added.active, added.password) == (True, None)
    with pytest.raises(SignInError):
        accounts.sign_in(world.services, mail("a"), PASSWORD)


def test_adding_registers_who_was_only_named() -> None:
    """
    A party's inactive user is given its account; one that has a password is not taken over.
    """
    world = World()
    world.propose(parties="b")
    added = accounts.add_user(world.services, STAFF, mail("b"), None)
    assert (added.active, added.password, added.staff) == (True, None, False)
    accounts.add_user(world.services, STAFF, mail("b"), PASSWORD, staff=True)
    assert accounts.sign_in(world.services, mail("b"), PASSWORD).staff
    with pytest.raises(InvalidInputError, match="has an account already"):
        accounts.add_user(world.services, STAFF, mail("b"), "another horse")


def test_new_password_ends_sessions() -> None:
    """
    Changing a password moves the epoch that sessions are bound to.
    """
    world = with_user()
    before = user(world).epoch
    changed = accounts.set_password(world.services, STAFF, mail("a"), "another horse")
    assert changed.epoch == user(world).epoch == before + 1
    with pytest.raises(SignInError):
        accounts.sign_in(world.services, mail("a"), PASSWORD)


def test_staff_is_made_and_unmade() -> None:
    """
    The flag is set and taken by staff.
    """
    world = with_user()
    assert accounts.set_staff(world.services, STAFF, mail("a"), staff=True).staff
    assert not accounts.set_staff(world.services, STAFF, mail("a"), staff=False).staff
    assert not user(world).staff


VERBS: list[Callable[[World, Caller], object]] = [
    lambda world, who: accounts.issue_api_token_for(world.services, who, mail("x")),
    lambda world, who: administering.find_users(world.services, who),
    lambda world, who: accounts.add_user(world.services, who, mail("b"), PASSWORD),
    lambda world, who: accounts.set_password(world.services, who, mail("x"), PASSWORD),
    lambda world, who: accounts.set_staff(world.services, who, mail("x"), staff=True),
    lambda world, who: accounts.activate(world.services, who, mail("x")),
    lambda world, who: accounts.deactivate(world.services, who, mail("x")),
    lambda world, who: accounts.revoke_api_tokens(world.services, who, mail("x")),
]


@pytest.mark.parametrize("place", range(len(VERBS)))
def test_users_are_for_staff(place: int) -> None:
    """
    Nobody but staff does anything with users, and nothing is changed in trying.
    """
    world = with_user()
    before = repr(world.storage.contents)
    for who, error in (
        (Caller(), TokenMissingError),
        (Caller(token="e" * 40), TokenInvalidError),
        (caller("a"), NotAllowedError),
    ):
        with pytest.raises(error):
            VERBS[place](world, who)
    assert repr(world.storage.contents) == before


@pytest.mark.parametrize("place", [0, 3, 4, 5, 6, 7])
def test_unknown_user_is_not_found(place: int) -> None:
    """
    What concerns one user names it when there is none.
    """
    with pytest.raises(NotFoundError) as caught:
        VERBS[place](with_user(), STAFF)
    assert (caught.value.kind, caught.value.name) == ("user", mail("x"))


def test_somebody_dismissed_meanwhile_is_not_registered() -> None:
    """
    A dismissal between looking and writing stays when somebody acts locally.
    """
    world, before = World(), World()
    accounts.add_user(world.services, caller("s"), mail("a"), "correct horse")
    accounts.deactivate(world.services, caller("s"), mail("a"))
    racing = attrs.evolve(world.services, snapshot=before.services.snapshot)

    accounts.register_locally(racing, caller("a"))

    with world.services.snapshot() as work:
        assert not work.users.find([address("a")])[address("a")].active
