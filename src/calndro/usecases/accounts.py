"""
Accounts: who may sign in, and the credentials that stand for it.
"""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import attrs

from calndro.core.access import Caller, Operation, admit
from calndro.core.errors import (
    InvalidInputError,
    NotFoundError,
    SignInError,
    TokenInvalidError,
    TooManyError,
)
from calndro.core.party import Address
from calndro.core.token import TOKEN_BYTES, digest_of
from calndro.core.user import ApiToken, User
from calndro.usecases.collisions import retry_on_collision


if TYPE_CHECKING:
    from collections.abc import Callable

    from calndro.core.limit import Limit
    from calndro.ports.storage import UnitOfWork
    from calndro.usecases.services import Services


MOST_API_TOKENS: Final = 10
LEAST_PASSWORD: Final = 8
MOST_PASSWORD: Final = 1024
_USE_NOTED_EVERY: Final = timedelta(hours=1)


def sign_in(services: Services, address: str, password: str, *, origin: str = "") -> Caller:
    """
    Check an address and its password.

    Returns:
        A caller with the user's rights.

    Raises:
        SignInError, TooManyError: As ``authenticate`` says.
    """
    user = authenticate(services, address, password, origin=origin)
    return Caller(user.address, user.staff)


def issue_api_token(services: Services, address: str, password: str, *, origin: str = "") -> str:
    """
    Make an API token for a user; its 10 last used ones stay valid.

    Returns:
        The token, 40 hex characters, told only now.

    Raises:
        SignInError, TooManyError: As ``authenticate`` says.
        NotFoundError: The user was dismissed or forgotten meanwhile.
    """
    user = authenticate(services, address, password, origin=origin)
    return _issue(services, user.address.text)


def issue_api_token_for(services: Services, caller: Caller, address: str) -> str:
    """
    Make an API token for somebody else (staff).

    Raises:
        TokenError, NotAllowedError: The caller is no staff.
        NotFoundError: There is no active user of this address.
    """
    admit(caller, Operation.ADMINISTER)
    return _issue(services, address)


def authenticate(services: Services, address: str, password: str, *, origin: str = "") -> User:
    """
    Find the active user of an address and its password.

    A user whose hash is outdated gets a new one.

    Args:
        services: The ports.
        address: As somebody typed it.
        password: Likewise.
        origin: Where the attempt comes from, for limits; empty for nowhere.

    Raises:
        SignInError: Wrong, or no active account; told apart by neither text nor time.
        TooManyError: Too many attempts went wrong lately; whether this one did is not told.
    """
    try:
        who = Address.parse(address)
    except InvalidInputError:
        who = None
    with services.snapshot() as work:
        user = None if who is None else work.users.find([who]).get(who)
    may = user is not None and user.active
    hashed = user.password if user and may else None
    counted = _attempts(services, address if who is None else who.key, origin)
    if not services.passwords.recalls(hashed, password):
        for limit, key in counted:
            check_limit(services, limit, key)
    right = services.passwords.verify(hashed, password)
    if user is None or not right:
        for limit, key in counted:
            count_failure(services, limit, key)
        raise SignInError
    if user.password is not None and services.passwords.is_outdated(user.password):
        _renew(services, user, services.passwords.hash(password))
    return user


def _attempts(services: Services, account: str, origin: str) -> list[tuple[Limit, str]]:
    # Anything can be typed as an address, and keys have to stay small.
    account = sha256(account.encode(errors="surrogatepass")).hexdigest()
    limits = services.terms.limits
    return [(limits.sign_ins, f"{account} {origin}"), (limits.account_sign_ins, account)]


def check_limit(services: Services, limit: Limit, key: str) -> None:
    """
    Let pass what is below a limit.

    Raises:
        TooManyError: The limit is reached.
    """
    seconds = services.limiter.wait(limit, key)
    if seconds:
        raise TooManyError(limit.what, seconds)


def count_failure(services: Services, limit: Limit, key: str) -> None:
    """
    Count an attempt that went wrong, after ``check_limit`` has let it pass.

    Raises:
        TooManyError: Others that ran at the same time have reached the limit: whoever
            tried is told that it was too late, and never that it was wrong.
    """
    if not services.limiter.count(limit, key):
        raise TooManyError(limit.what, max(1, services.limiter.wait(limit, key)))


@retry_on_collision
def _renew(services: Services, user: User, hashed: str) -> None:
    with services.unit_of_work() as work:
        # Whoever changed or forgot the user while its password was checked is not undone.
        if work.users.find([user.address]).get(user.address) == user:
            work.users.put(attrs.evolve(user, password=hashed))
            work.commit()


@retry_on_collision
def _issue(services: Services, address: str) -> str:
    text = services.secrets.draw(TOKEN_BYTES).hex()
    with services.unit_of_work() as work:
        user = _find(work, address)
        if not user.active:
            raise NotFoundError("active user", address)
        token = ApiToken(digest_of(text), user.address, services.clock.now())
        work.api_tokens.add(token, most=MOST_API_TOKENS)
        work.commit()
    return text


@retry_on_collision
def present_api_token(services: Services, text: str) -> Caller:
    """
    Tell whom an API token stands for.

    Raises:
        TokenInvalidError: It was never issued or is revoked, or its user is inactive.
    """
    digest, now = digest_of(text, is_api=True), services.clock.now()
    with services.snapshot() as work:
        found = work.api_tokens.find(digest)
    if found is None or not found[1].active:
        raise TokenInvalidError(is_api=True)
    token, user = found
    if now - token.used > _USE_NOTED_EVERY:
        with services.unit_of_work() as work:
            if work.api_tokens.find(digest) is None:
                raise TokenInvalidError(is_api=True)
            work.api_tokens.touch(digest, now)
            work.commit()
    return Caller(user.address, user.staff)


def act_locally(services: Services, address: str, *, staff: bool) -> Caller:
    """
    Take the word of somebody who has opened the database itself; nothing is stored.

    Raises:
        InvalidInputError: That is no email address.
    """
    who = Address.parse(address)
    with services.snapshot() as work:
        user = work.users.find([who]).get(who)
    if user is None:
        return Caller(who, staff, local=True)
    return Caller(user.address, staff or user.staff, local=True)


@retry_on_collision
def register_locally(services: Services, caller: Caller) -> None:
    """
    Make an active user of whoever acts locally and is going to change something.

    Somebody who was dismissed stays so.
    """
    if caller.user is None:
        return
    with services.snapshot() as work:
        user = work.users.find([caller.user]).get(caller.user)
    if user is not None and (user.active or user.barred):
        return
    with services.unit_of_work() as work:
        (stored,) = work.users.enlist([caller.user])
        user = work.users.find([stored])[stored]
        if not user.barred:
            work.users.put(attrs.evolve(user, active=True))
        work.commit()


@retry_on_collision
def add_user(
    services: Services, caller: Caller, address: str, password: str | None, *, staff: bool = False
) -> User:
    """
    Register a user, or give one that was only named as a party its account (staff).

    Args:
        services: The ports.
        caller: Staff.
        address: Whose.
        password: 8 to 1,024 characters; None for a user that signs in by API token only.
        staff: Whether it sees and does everything.

    Raises:
        TokenError, NotAllowedError: The caller is no staff.
        InvalidInputError: The address or the password is no good, or the user has an
            account already.
    """
    admit(caller, Operation.ADMINISTER)
    hashed = hash_password(services, password)
    who = Address.parse(address)
    with services.unit_of_work() as work:
        (stored,) = work.users.enlist([who])
        user = work.users.find([stored])[stored]
        if user.active and user.password is not None:
            raise InvalidInputError.of(f"{user.address} has an account already", "email")
        # Somebody who was dismissed and comes back without a password has none, nor the old one.
        user = attrs.evolve(user.enrolled(hashed), password=hashed, staff=user.staff or staff)
        work.users.put(user)
        work.commit()
    return user


def set_password(services: Services, caller: Caller, address: str, password: str) -> User:
    """
    Give a user a new password (staff); its sessions end.

    Raises:
        TokenError, NotAllowedError: The caller is no staff.
        NotFoundError: There is no such user.
        InvalidInputError: The password is no good.
    """
    admit(caller, Operation.ADMINISTER)
    hashed = hash_password(services, password)
    return _change_user(
        services, address, lambda user: attrs.evolve(user, password=hashed, epoch=user.epoch + 1)
    )


def set_staff(services: Services, caller: Caller, address: str, *, staff: bool) -> User:
    """
    Make a user staff, or no longer (staff).

    Raises:
        TokenError, NotAllowedError: The caller is no staff.
        NotFoundError: There is no such user.
    """
    admit(caller, Operation.ADMINISTER)
    return _change_user(services, address, lambda user: attrs.evolve(user, staff=staff))


def activate(services: Services, caller: Caller, address: str) -> User:
    """
    Let a user sign in and get links again (staff).

    Raises:
        TokenError, NotAllowedError: The caller is no staff.
        NotFoundError: There is no such user.
    """
    admit(caller, Operation.ADMINISTER)
    return _change_user(services, address, User.enrolled)


def deactivate(services: Services, caller: Caller, address: str) -> User:
    """
    Dismiss a user (staff): its sessions, API tokens and links end, and none follow.

    Raises:
        TokenError, NotAllowedError: The caller is no staff.
        NotFoundError: There is no such user.
    """
    admit(caller, Operation.ADMINISTER)

    def dismiss(work: UnitOfWork, user: User) -> None:
        work.api_tokens.revoke(user.address)
        work.tokens.revoke(user.address)

    return _change_user(services, address, User.dismissed, dismiss)


@retry_on_collision
def revoke_api_tokens(services: Services, caller: Caller, address: str) -> int:
    """
    Take back every API token of a user (staff); tells how many there were.

    Raises:
        TokenError, NotAllowedError: The caller is no staff.
        NotFoundError: There is no such user.
    """
    admit(caller, Operation.ADMINISTER)
    with services.unit_of_work() as work:
        count = work.api_tokens.revoke(_find(work, address).address)
        work.commit()
    return count


def hash_password(services: Services, password: str | None) -> str | None:
    """
    Hash a new password; None stays None.

    Raises:
        InvalidInputError: It is too short or too long, or no text.
    """
    check_password(password)
    return None if password is None else services.passwords.hash(password)


def check_password(password: str | None) -> None:
    """
    See that a new password may be one; None may.

    Raises:
        InvalidInputError: It is too short or too long, or no text.
    """
    if password is None:
        return
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        fault = f"a password has {LEAST_PASSWORD} to {MOST_PASSWORD} characters"
        raise InvalidInputError.of(fault, "password")
    try:
        password.encode()
    except UnicodeEncodeError:
        raise InvalidInputError.of("a password is text in UTF-8", "password") from None


def _find(work: UnitOfWork, address: str) -> User:
    who = Address.parse(address)
    user = work.users.find([who]).get(who)
    if user is None:
        raise NotFoundError("user", address)
    return user


@retry_on_collision
def _change_user(
    services: Services,
    address: str,
    change: Callable[[User], User],
    beside: Callable[[UnitOfWork, User], None] | None = None,
) -> User:
    with services.unit_of_work() as work:
        user = change(_find(work, address))
        work.users.put(user)
        if beside is not None:
            beside(work, user)
        work.commit()
    return user
