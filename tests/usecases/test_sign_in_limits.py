"""
Failed sign-ins are limited, for each account alone and with each address.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TYPE_CHECKING

import attrs
import pytest

from calndro.adapters.memory import MemoryLimiter, MemoryPasswords
from calndro.core.errors import SignInError, TooManyError
from calndro.usecases import accounts, sessions
from tests.examples import mail
from tests.patience import PATIENCE
from tests.worlds import PASSWORD, World, caller, with_user


if TYPE_CHECKING:
    from calndro.core.access import Caller
    from calndro.usecases.services import Services


HERE, THERE = "192.0.2.1", "192.0.2.2"


class Recalling(MemoryPasswords):
    """
    Passwords that recall the right one.
    """

    def recalls(self, hashed: str | None, password: str) -> bool:
        """
        Know it.
        """
        return hashed is not None and password == PASSWORD


@pytest.fixture
def world() -> World:
    """
    A world that counts.
    """
    world = with_user()
    world.services = attrs.evolve(world.services, limiter=MemoryLimiter(world.clock))
    return world


def fail(services: Services, times: int, origin: str = HERE) -> None:
    """
    Sign in with a wrong password, so many times.
    """
    for _ in range(times):
        with pytest.raises(SignInError):
            accounts.sign_in(services, mail("a"), "wrong", origin=origin)


def enter(services: Services, origin: str = HERE) -> Caller:
    """
    Sign in with the right password.
    """
    return accounts.sign_in(services, mail("a"), PASSWORD, origin=origin)


def test_the_eleventh_try_waits(world: World) -> None:
    """
    Ten failures are heard; the next attempt, right or wrong, by any door, is refused unheard.
    """
    fail(world.services, 10)
    for door in (accounts.sign_in, accounts.issue_api_token, sessions.begin_session):
        for password in (PASSWORD, "wrong"):
            with pytest.raises(TooManyError) as caught:
                door(world.services, mail("a").upper(), password, origin=HERE)
            assert caught.value.retry_after == 300

    assert enter(world.services, THERE) == caller("a")
    world.clock.advance(timedelta(minutes=5))
    assert enter(world.services) == caller("a")


def test_tries_at_once_are_no_more_than_in_turn(world: World) -> None:
    """
    Of attempts that all began below the limit, ten are told they were wrong, the rest to wait.
    """
    gate = Barrier(14)

    class Slow(type(world.services.passwords)):  # type: ignore[misc]  # made at run time
        """
        Passwords that are checked when all attempts have come so far.
        """

        def verify(self, hashed: str | None, password: str) -> bool:
            """
            Wait for the others.
            """
            gate.wait(PATIENCE)
            return bool(super().verify(hashed, password))

    services = attrs.evolve(world.services, passwords=Slow())

    def attempt() -> type[Exception]:
        with pytest.raises((SignInError, TooManyError)) as caught:
            accounts.sign_in(services, mail("a"), "wrong", origin=HERE)
        return caught.type

    with ThreadPoolExecutor(14) as pool:
        told = [each.result() for each in [pool.submit(attempt) for _ in range(14)]]
    assert (told.count(SignInError), told.count(TooManyError)) == (10, 4)


def test_success_is_not_counted(world: World) -> None:
    """
    Who knows the password may sign in as often as it likes.
    """
    for _ in range(150):
        enter(world.services)
    fail(world.services, 9)
    assert enter(world.services) == caller("a")


def test_an_account_under_attack_from_many_places(world: World) -> None:
    """
    A hundred failures from anywhere close an account's password for everybody.
    """
    for place in range(10):
        fail(world.services, 10, f"192.0.2.{place + 10}")

    with pytest.raises(TooManyError):
        enter(world.services, THERE)
    accounts.add_user(world.services, caller("s"), mail("b"), PASSWORD)
    assert accounts.sign_in(world.services, mail("b"), PASSWORD, origin=HERE) == caller("b")


def test_tokens_and_sessions_go_on(world: World) -> None:
    """
    What was got before works while the password is closed.
    """
    token = accounts.issue_api_token(world.services, mail("a"), PASSWORD, origin=HERE)
    session = sessions.begin_session(world.services, mail("a"), PASSWORD, origin=HERE)
    fail(world.services, 10)

    assert accounts.present_api_token(world.services, token) == caller("a")
    assert sessions.resume_session(world.services, session) == caller("a")


@pytest.mark.parametrize("typed", ["no address", "\ud800", "x" * 10_000])
def test_what_is_no_address_counts_too(world: World, typed: str) -> None:
    """
    Nonsense has its own count, and harms nothing.
    """
    for _ in range(10):
        with pytest.raises(SignInError):
            accounts.sign_in(world.services, typed, PASSWORD, origin=HERE)
    with pytest.raises(TooManyError):
        accounts.sign_in(world.services, typed, PASSWORD, origin=HERE)
    assert enter(world.services) == caller("a")


def test_a_pair_that_was_right_a_moment_ago(world: World) -> None:
    """
    Who was verified a moment ago is let in while others are kept out.
    """
    fail(world.services, 10)
    services = attrs.evolve(world.services, passwords=Recalling())

    assert enter(services) == caller("a")
    with pytest.raises(TooManyError):
        accounts.sign_in(services, mail("a"), "wrong", origin=HERE)


def test_a_change_of_password_is_not_broken_off(world: World) -> None:
    """
    Who was heard changes its password and has its new session, whatever others have guessed.
    """
    fail(world.services, 10)
    services = attrs.evolve(world.services, passwords=Recalling())

    text = sessions.change_password(services, mail("a"), PASSWORD, "quite another", origin=HERE)

    assert sessions.resume_session(services, text) == caller("a")
    with pytest.raises(TooManyError):
        sessions.begin_session(services, mail("a"), "quite another", origin=HERE)


def test_without_a_limiter_nothing_is_limited() -> None:
    """
    Services that were given no limiter count nothing.
    """
    services = with_user().services
    fail(services, 120)

    assert enter(services) == caller("a")
