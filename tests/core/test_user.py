"""
Users: what registering and dismissing does to an account.
"""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from calndro.core.user import Session, User
from tests.examples import HOUR, MICROSECOND, START, address


NAMED = User(address("a"))


def test_naming_makes_no_account() -> None:
    """
    Who is only named as a party is inactive, has no password and is no staff.
    """
    assert (NAMED.active, NAMED.password, NAMED.staff, NAMED.barred) == (False, None, False, False)


def test_enrolling_lets_in() -> None:
    """
    Enrolling makes active; a new password ends old sessions, none leaves them.
    """
    assert NAMED.enrolled() == User(address("a"), active=True)
    assert NAMED.enrolled("hash") == User(address("a"), "hash", active=True, epoch=1)


def test_dismissing_bars_until_enrolled_again() -> None:
    """
    A dismissed user is inactive and barred, its sessions end; enrolling undoes both.
    """
    user = attrs.evolve(NAMED.enrolled("hash"), staff=True)
    gone = user.dismissed()
    assert (gone.active, gone.barred, gone.epoch) == (False, True, user.epoch + 1)
    assert (gone.password, gone.staff) == ("hash", True)
    for back in (gone.enrolled(), gone.enrolled("new")):
        assert (back.active, back.barred) == (True, False)


DAY = timedelta(days=1)
USER = NAMED.enrolled("hash")
SESSION = Session(b"d" * 32, address("a"), USER.epoch, begun=START, seen=START + DAY)


@pytest.mark.parametrize(
    ("user", "since", "is_open"),
    [
        (USER, HOUR - MICROSECOND, True),
        (USER, HOUR, False),
        (attrs.evolve(USER, active=False), MICROSECOND, False),
        (attrs.evolve(USER, epoch=2), MICROSECOND, False),
    ],
)
def test_session_ends_unused(user: User, since: timedelta, is_open: bool) -> None:
    """
    A session ends when it was idle long enough, and at once with its account or password.
    """
    assert SESSION.is_open(user, SESSION.seen + since, idle=HOUR, life=2 * DAY) is is_open


@pytest.mark.parametrize(("since", "is_open"), [(DAY - MICROSECOND, True), (DAY, False)])
def test_session_ends_in_use(since: timedelta, is_open: bool) -> None:
    """
    A session ends after its life, however lately it was used.
    """
    used = attrs.evolve(SESSION, seen=START + since)
    assert used.is_open(USER, START + since, idle=HOUR, life=DAY) is is_open
