"""
Users: what registering and dismissing does to an account.
"""

from __future__ import annotations

import attrs

from calndro.core.user import User
from tests.examples import address


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
