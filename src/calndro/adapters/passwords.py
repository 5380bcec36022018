"""
Passwords hashed by argon2id; hashes of the original are checked until they are replaced.

Source: RFC 9106, with the second recommended option (64 MiB, 3 passes); RFC 8018 for PBKDF2.
"""

from __future__ import annotations

import hmac
from base64 import b64decode
from collections import OrderedDict
from datetime import timedelta
from functools import cached_property
from hashlib import pbkdf2_hmac
from threading import Lock
from typing import TYPE_CHECKING, Final


if TYPE_CHECKING:
    import re
    from datetime import datetime

    from argon2 import PasswordHasher

    from calndro.ports.clock import Clock


_REMEMBERED: Final = timedelta(minutes=5)
_MOST_REMEMBERED: Final = 10_000


class Argon2Passwords:
    """
    argon2id with the library's recommended cost: some 100 ms and 64 MiB each.

    A hash that came from the original is outdated, so that signing in replaces it.
    """

    @cached_property
    def _hasher(self) -> PasswordHasher:
        # Most commands see no password, and need not wait for what hashes it.
        from argon2 import PasswordHasher  # noqa: PLC0415

        return PasswordHasher()

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash("nobody has this password")

    def hash(self, password: str) -> str:
        return self._hasher.hash(_octets(password))

    def verify(self, hashed: str | None, password: str) -> bool:
        former = _former(hashed or "")
        if former is not None:
            return _is_right(former, password)
        from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415

        try:
            self._hasher.verify(hashed or self._nobody, _octets(password))
        except (VerificationError, InvalidHashError):
            return False
        return hashed is not None

    def recalls(self, hashed: str | None, password: str) -> bool:  # noqa: ARG002  it forgets
        return False

    def is_outdated(self, hashed: str) -> bool:
        return bool(_former(hashed)) or self._hasher.check_needs_rehash(hashed)


def _former(hashed: str) -> re.Match[str] | None:
    # What else is known of the original is of no use to most commands.
    from calndro.core.original import PBKDF2  # noqa: PLC0415

    return PBKDF2.fullmatch(hashed)


def _is_right(former: re.Match[str], password: str) -> bool:
    typed = pbkdf2_hmac(
        "sha256",
        _octets(password),
        former["salt"].encode(),
        int(former["rounds"]),
    )
    return hmac.compare_digest(typed, b64decode(former["hash"]))


def _octets(password: str) -> bytes:
    # Whatever somebody sends is a password, if a wrong one.
    return password.encode(errors="surrogatepass")


class RememberingPasswords:
    """
    Argon2Passwords that don't compute again what was right within five minutes.

    Only a digest of the pair is kept, under a key that never leaves the process. It is
    bound to the hash, so that a new password ends it.

    Args:
        clock: Tells the time.
        key: At least 32 random bytes.
    """

    def __init__(self, clock: Clock, key: bytes) -> None:
        self._passwords = Argon2Passwords()
        self._clock = clock
        self._key = key
        self._verified: OrderedDict[bytes, datetime] = OrderedDict()
        self._lock = Lock()

    def hash(self, password: str) -> str:
        return self._passwords.hash(password)

    def verify(self, hashed: str | None, password: str) -> bool:
        if self.recalls(hashed, password):
            return True
        right = self._passwords.verify(hashed, password)
        if right and hashed is not None:
            with self._lock:
                self._verified[self._digest(hashed, password)] = self._clock.now()
                if len(self._verified) > _MOST_REMEMBERED:
                    self._verified.popitem(last=False)
        return right

    def recalls(self, hashed: str | None, password: str) -> bool:
        if hashed is None:
            return False
        with self._lock:
            since = self._verified.get(self._digest(hashed, password))
        return since is not None and timedelta(0) <= self._clock.now() - since < _REMEMBERED

    def is_outdated(self, hashed: str) -> bool:
        return self._passwords.is_outdated(hashed)

    def _digest(self, hashed: str, password: str) -> bytes:
        # A hash of argon2 holds no zero byte, so that no other pair reads alike.
        pair = _octets(f"{hashed}\0{password}")
        return hmac.digest(self._key, pair, "sha256")
