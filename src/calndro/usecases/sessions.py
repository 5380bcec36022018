"""
Sessions: what lets a browser act for a user that has signed in.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import attrs

from calndro.core.access import Caller
from calndro.core.errors import SignInError
from calndro.core.token import TOKEN_BYTES, digest_of, is_well_formed
from calndro.core.user import Session
from calndro.usecases.accounts import authenticate, hash_password
from calndro.usecases.collisions import retry_on_collision


if TYPE_CHECKING:
    from calndro.core.user import User
    from calndro.usecases.services import Services


_USE_NOTED_EVERY: Final = timedelta(minutes=1)


def begin_session(
    services: Services, address: str, password: str, *, former: str = "", origin: str = ""
) -> str:
    """
    Sign in for a while.

    Args:
        services: The ports.
        address: Whose account.
        password: Its password.
        former: The text of a session that the new one replaces; empty for none.
        origin: Where the attempt comes from, for limits; empty for nowhere.

    Returns:
        The text of the session, 40 hex characters, told only now.

    Raises:
        SignInError: Wrong, or no active account; told apart by neither text nor time.
        TooManyError: Too many attempts went wrong; whether this one did is not told.
    """
    return _begin(services, authenticate(services, address, password, origin=origin), former)


@retry_on_collision
def _begin(services: Services, user: User, former: str) -> str:
    text, now = services.secrets.draw(TOKEN_BYTES).hex(), services.clock.now()
    with services.unit_of_work() as work:
        if not _is_unchanged(work.users.find([user.address]).get(user.address), user):
            raise SignInError
        work.sessions.sweep(now - services.terms.session_life)
        if is_well_formed(former):
            work.sessions.end(digest_of(former))
        work.sessions.add(Session(digest_of(text), user.address, user.epoch, now, now))
        work.commit()
    return text


def change_password(
    services: Services,
    address: str,
    former: str,
    password: str,
    *,
    session: str = "",
    origin: str = "",
) -> str:
    """
    Give oneself another password; all one's sessions end, and a new one begins.

    Args:
        services: The ports.
        address: Whose account.
        former: Its password so far.
        password: The new one.
        session: The text of the session it is done in; empty for none.
        origin: Where the attempt comes from, for limits; empty for nowhere.

    Returns:
        The text of the new session, told only now.

    Raises:
        InvalidInputError: The new password is no good; the former one was not looked at.
        SignInError, TooManyError: As ``begin_session`` says.
    """
    hashed = hash_password(services, password)
    user = authenticate(services, address, former, origin=origin)
    return _begin(services, _put_password(services, user, hashed), session)


@retry_on_collision
def _put_password(services: Services, user: User, hashed: str | None) -> User:
    changed = attrs.evolve(user, password=hashed, epoch=user.epoch + 1)
    with services.unit_of_work() as work:
        if not _is_unchanged(work.users.find([user.address]).get(user.address), user):
            raise SignInError
        work.users.put(changed)
        work.commit()
    return changed


def _is_unchanged(found: User | None, user: User) -> bool:
    # A password changed while the old one was checked must not leave a session behind.
    return found is not None and found.active and found.epoch == user.epoch


@retry_on_collision
def resume_session(services: Services, text: str) -> Caller | None:
    """
    Tell whom an open session stands for.

    Returns:
        A caller with the user's rights; None when there is no such session or it has ended:
        by signing out, by time, by another password, or with the account.
    """
    if not is_well_formed(text):
        return None
    digest, now, terms = digest_of(text), services.clock.now(), services.terms
    with services.snapshot() as work:
        found = work.sessions.find(digest)
    if found is None:
        return None
    session, user = found
    if not session.is_open(user, now, idle=terms.session_idle, life=terms.session_life):
        return None
    if now - session.seen > _USE_NOTED_EVERY:
        with services.unit_of_work() as work:
            work.sessions.touch(digest, now)
            work.commit()
    return Caller(user.address, user.staff)


@retry_on_collision
def end_session(services: Services, text: str) -> None:
    """
    Sign out: the session is no good from now on; nothing when it is none.
    """
    if is_well_formed(text):
        with services.unit_of_work() as work:
            work.sessions.end(digest_of(text))
            work.commit()
