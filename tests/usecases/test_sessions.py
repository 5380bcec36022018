"""
Sessions: open within one request after signing in, dead within one after anything ends them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import attrs
import pytest

from calndro.adapters.memory import MemoryPasswords
from calndro.core.errors import InvalidInputError, SignInError
from calndro.core.token import digest_of
from calndro.usecases import accounts, auditing, sessions
from tests.examples import address, mail
from tests.worlds import PASSWORD, World, caller, with_user


if TYPE_CHECKING:
    from collections.abc import Callable


MINUTE = timedelta(minutes=1)


def begin(world: World, password: str = PASSWORD, former: str = "") -> str:
    """
    Sign in as *a*.
    """
    return sessions.begin_session(world.services, mail("a"), password, former=former)


def is_open(world: World, text: str) -> bool:
    """
    Tell whether a session stands for *a*.
    """
    found = sessions.resume_session(world.services, text)
    assert found in (None, caller("a"))
    return found is not None


def test_a_session_stands_for_its_user() -> None:
    """
    Who signs in gets a text of 40 characters, of which only the digest is stored.
    """
    world = with_user()
    text = begin(world)

    assert len(text) == 40
    assert is_open(world, text)
    with world.storage.snapshot() as work:
        found = work.sessions.find(digest_of(text))
    assert found is not None
    stored, _ = found
    assert (stored.address, stored.begun) == (address("a"), world.clock.now())


def test_staff_stays_staff() -> None:
    """
    Rights are looked up at each request, not kept in the session.
    """
    world = with_user()
    text = begin(world)
    accounts.set_staff(world.services, caller("s"), mail("a"), staff=True)

    found = sessions.resume_session(world.services, text)
    assert found is not None
    assert found.staff


@pytest.mark.parametrize("text", ["", "short", "0" * 40, "G" * 40])
def test_what_was_never_begun_is_no_session(text: str) -> None:
    """
    A text that nobody was given stands for nobody, and ending it is no error.
    """
    world = with_user()

    assert not is_open(world, text)
    sessions.end_session(world.services, text)


def test_a_wrong_password_begins_nothing() -> None:
    """
    Nobody gets a session without the password.
    """
    with pytest.raises(SignInError):
        begin(with_user(), "wrong")


def dismiss(world: World) -> None:
    """
    Dismiss the user.
    """
    accounts.deactivate(world.services, caller("s"), mail("a"))


def come_back(world: World) -> None:
    """
    Dismiss the user, and activate it again.
    """
    dismiss(world)
    accounts.activate(world.services, caller("s"), mail("a"))


def change_password(world: World) -> None:
    """
    Give the user another password.
    """
    accounts.set_password(world.services, caller("s"), mail("a"), "another password")


def forget(world: World) -> None:
    """
    Erase the user.
    """
    auditing.erase(world.services, caller("s"), mail("a"))


@pytest.mark.parametrize("deed", [dismiss, come_back, change_password, forget])
def test_what_ends_every_session(deed: Callable[[World], None]) -> None:
    """
    Another password, a dismissal and an erasure end all sessions at once, for good.
    """
    world = with_user()
    texts = [begin(world), begin(world)]
    deed(world)

    assert [is_open(world, text) for text in texts] == [False, False]


def test_signing_out_ends_one_session() -> None:
    """
    Who signs out is out, on this device only.
    """
    world = with_user()
    here, there = begin(world), begin(world)
    sessions.end_session(world.services, here)

    assert [is_open(world, here), is_open(world, there)] == [False, True]


def test_signing_in_again_ends_the_former_session() -> None:
    """
    A session is never taken over into the next: its text changes and the old one is dead.
    """
    world = with_user()
    former = begin(world)
    text = begin(world, former=former)

    assert text != former
    assert [is_open(world, former), is_open(world, text)] == [False, True]


def test_an_idle_session_ends() -> None:
    """
    Unused for two hours a session ends; each use begins them anew.
    """
    world = with_user()
    text = begin(world)
    for _ in range(3):
        world.clock.advance(timedelta(hours=2) - MINUTE)
        assert is_open(world, text)
    world.clock.advance(timedelta(hours=2))

    assert not is_open(world, text)


def test_a_session_ends_after_twelve_hours() -> None:
    """
    However much it is used, a session ends; the next signing in clears it away.
    """
    world = with_user()
    text = begin(world)
    for _ in range(11):
        world.clock.advance(timedelta(hours=1))
        assert is_open(world, text)
    world.clock.advance(timedelta(hours=1))
    assert not is_open(world, text)
    world.clock.advance(MINUTE)
    begin(world)

    with world.storage.snapshot() as work:
        assert work.sessions.find(digest_of(text)) is None


@pytest.mark.parametrize("deed", [dismiss, change_password, forget])
def test_what_happens_while_the_password_is_checked(deed: Callable[[World], None]) -> None:
    """
    A user that is changed while its password is checked gets no session by the old one.
    """
    world = with_user()
    verify = world.services.passwords.verify

    class Interrupted(type(world.services.passwords)):  # type: ignore[misc]  # made at run time
        """
        Passwords that take so long that staff comes in between.
        """

        def verify(self, hashed: str | None, password: str) -> bool:
            """
            Let staff act before the answer.
            """
            right = verify(hashed, password)
            deed(world)
            return right

    services = attrs.evolve(world.services, passwords=Interrupted())
    with pytest.raises(SignInError):
        sessions.begin_session(services, mail("a"), PASSWORD)


def test_a_new_password_of_ones_own() -> None:
    """
    Who knows the former password gets another; every session ends but a new one.
    """
    world = with_user()
    here, there = begin(world), begin(world)
    text = sessions.change_password(
        world.services, mail("a"), PASSWORD, "quite another", session=here
    )

    assert is_open(world, text)
    assert not is_open(world, here)
    assert not is_open(world, there)
    assert is_open(world, begin(world, "quite another"))
    with pytest.raises(SignInError):
        begin(world, PASSWORD)


@pytest.mark.parametrize(
    ("former", "password", "error"),
    [("wrong", "quite another", SignInError), (PASSWORD, "short", InvalidInputError)],
)
def test_a_password_that_can_not_be_changed(
    former: str, password: str, error: type[Exception]
) -> None:
    """
    A wrong former password or a short new one changes nothing, and no session ends.
    """
    world = with_user()
    text = begin(world)
    with pytest.raises(error):
        sessions.change_password(world.services, mail("a"), former, password, session=text)

    assert is_open(world, text)
    assert is_open(world, begin(world))


def test_a_password_changed_meanwhile_stays() -> None:
    """
    When somebody else sets the password while the former one is checked, that one holds.
    """
    world = with_user()

    class Slow(MemoryPasswords):
        """
        Takes so long to verify that the password changes meanwhile.
        """

        def verify(self, hashed: str | None, password: str) -> bool:
            """
            Verify, and let staff be quicker.
            """
            right = super().verify(hashed, password)
            accounts.set_password(
                world.services, attrs.evolve(caller("a"), staff=True), mail("a"), "set by staff"
            )
            return right

    services = attrs.evolve(world.services, passwords=Slow())
    with pytest.raises(SignInError):
        sessions.change_password(services, mail("a"), PASSWORD, "quite another")

    assert is_open(world, begin(world, "set by staff"))
