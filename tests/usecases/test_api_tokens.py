"""
API tokens: how they are issued, used and taken back.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from calndro.core.access import Caller
from calndro.core.errors import NotFoundError, SignInError, TokenInvalidError
from calndro.usecases import accounts
from tests.examples import START, address, mail
from tests.worlds import PASSWORD, Ageing, caller, with_user


STAFF = caller("s")


def test_no_token_for_who_was_dismissed_meanwhile() -> None:
    """
    A user that was dismissed while its password was checked gets no API token.
    """
    world = with_user()

    class Interrupted(Ageing):
        """
        Passwords that take so long that staff comes in between.
        """

        def verify(self, hashed: str | None, _: str) -> bool:
            """
            Let staff act first.
            """
            accounts.deactivate(world.services, STAFF, mail("a"))
            return hashed is not None

    object.__setattr__(world.services, "passwords", Interrupted())
    with pytest.raises(NotFoundError):
        accounts.issue_api_token(world.services, mail("a"), PASSWORD)
    assert world.storage.contents.api_tokens == {}


def test_token_revoked_while_its_use_is_noted() -> None:
    """
    A token that is taken back before its use is written down stands for nobody.
    """
    world = with_user()
    text = accounts.issue_api_token(world.services, mail("a"), PASSWORD)
    world.clock.advance(timedelta(hours=2))
    plain = world.storage.unit_of_work

    def interrupted() -> object:
        object.__setattr__(world.services, "unit_of_work", plain)
        accounts.revoke_api_tokens(world.services, STAFF, mail("a"))
        return plain()

    object.__setattr__(world.services, "unit_of_work", interrupted)
    with pytest.raises(TokenInvalidError):
        accounts.present_api_token(world.services, text)


def test_api_token_stands_for_its_user() -> None:
    """
    An API token is 40 hex characters, told once, and stands for its user.
    """
    world = with_user(staff=True)
    text = accounts.issue_api_token(world.services, mail("a"), PASSWORD)
    assert len(text) == 40
    assert int(text, 16)
    assert accounts.present_api_token(world.services, text) == Caller(address("a"), staff=True)
    assert text not in repr(world.storage.contents)
    for wrong in ("0" * 40, "rubbish", text.upper()):
        with pytest.raises(TokenInvalidError) as refused:
            accounts.present_api_token(world.services, wrong)
        assert refused.value.is_api
    with pytest.raises(SignInError):
        accounts.issue_api_token(world.services, mail("a"), "wrong horse")


def test_ten_last_used_api_tokens_stay() -> None:
    """
    The eleventh token ends the one that was not used for longest.
    """
    world = with_user()
    texts = []
    for _ in range(10):
        world.clock.advance(timedelta(minutes=1))
        texts.append(accounts.issue_api_token(world.services, mail("a"), PASSWORD))
    world.clock.advance(timedelta(hours=2))
    accounts.present_api_token(world.services, texts[0])
    texts.append(accounts.issue_api_token(world.services, mail("a"), PASSWORD))
    with pytest.raises(TokenInvalidError):
        accounts.present_api_token(world.services, texts[1])
    for text in (texts[0], *texts[2:]):
        assert accounts.present_api_token(world.services, text).user == address("a")


def test_use_of_an_api_token_is_noted_by_the_hour() -> None:
    """
    A token's use is written down once more than an hour has passed, not before.
    """
    world = with_user()
    text = accounts.issue_api_token(world.services, mail("a"), PASSWORD)

    def used() -> object:
        (token,) = world.storage.contents.api_tokens.values()
        return token.used

    world.clock.instant = START + timedelta(hours=1)
    accounts.present_api_token(world.services, text)
    assert used() == START
    world.clock.advance(timedelta(microseconds=1))
    accounts.present_api_token(world.services, text)
    assert used() == world.clock.instant


def test_staff_issues_tokens_for_active_users() -> None:
    """
    Staff makes tokens for others that are active, and for nobody else.
    """
    world = with_user()
    world.propose(parties="b")
    text = accounts.issue_api_token_for(world.services, STAFF, mail("a"))
    assert accounts.present_api_token(world.services, text).user == address("a")
    for name in ("b", "x"):
        with pytest.raises(NotFoundError):
            accounts.issue_api_token_for(world.services, STAFF, mail(name))


def test_api_tokens_are_taken_back() -> None:
    """
    Revoking ends all of one user's tokens, tells how many, and no other's.
    """
    world = with_user()
    accounts.add_user(world.services, STAFF, mail("b"), PASSWORD)
    texts = [accounts.issue_api_token(world.services, mail("a"), PASSWORD) for _ in range(2)]
    other = accounts.issue_api_token(world.services, mail("b"), PASSWORD)
    assert accounts.revoke_api_tokens(world.services, STAFF, mail("a")) == 2
    assert accounts.revoke_api_tokens(world.services, STAFF, mail("a")) == 0
    for text in texts:
        with pytest.raises(TokenInvalidError):
            accounts.present_api_token(world.services, text)
    assert accounts.present_api_token(world.services, other).user == address("b")
