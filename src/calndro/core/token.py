"""
Email tokens: the secret in the link of a letter.

A token gives one party of one event view, update, notify and log on that event, until
it expires. Only its digest is ever kept.
"""

from __future__ import annotations

import re
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import attrs

from calndro.core.errors import TokenExpiredError, TokenInvalidError


if TYPE_CHECKING:
    from datetime import datetime


TOKEN_BYTES: Final = 20
DIGEST_BYTES: Final = 32
DEFAULT_LIFE: Final = timedelta(days=5)
AFTERLIFE: Final = timedelta(days=90)
"""How long an expired token can still be exchanged for a new one."""

_FORM: Final = re.compile(r"[0-9a-f]{40}")
_MASKED: Final = re.compile(r"[0-9a-f]{80}")


@attrs.frozen
class EmailToken:
    """
    What is kept of a token.

    Args:
        digest: SHA-256 of its 40 characters, 32 bytes.
        event_id: The one event it opens.
        person: The number of its party in that event.
        expires: UTC; from this instant on it is no good.
        revoked: True once taken back.
        spent: True once refused as expired; it stays so, whatever the clock does.
    """

    digest: bytes
    event_id: int
    person: int
    expires: datetime
    revoked: bool = False
    spent: bool = False

    def has_expired(self, now: datetime) -> bool:
        """
        Tell whether the token is past its time.
        """
        return self.spent or now >= self.expires

    def check(self, now: datetime) -> None:
        """
        Let a good token pass.

        Raises:
            TokenInvalidError: It was taken back.
            TokenExpiredError: *now* is at or after its end, or it was refused before.
        """
        if self.revoked:
            raise TokenInvalidError
        if self.has_expired(now):
            raise TokenExpiredError(self.expires)


def digest_of(text: str, *, is_api: bool = False) -> bytes:
    """
    Compute what is kept of a token's text, for email and API tokens alike.

    Args:
        text: As it was shown.
        is_api: Whether it was shown as an API token.

    Raises:
        TokenInvalidError: The text isn't 40 lower-case hex characters.
    """
    if not is_well_formed(text):
        raise TokenInvalidError(is_api=is_api)
    return sha256(text.encode("ascii")).digest()


def masked(text: str, mask: bytes) -> str:
    """
    Write a token so that it looks different in each page.

    How well a page is compressed tells who can put text into it what else stands there; of a
    text that is never the same twice it tells nothing.

    Args:
        text: A token; what is none stays as it is.
        mask: 20 random bytes, used this once.

    Source: the BREACH attack (Prado, Harris, Gluck, 2013), and the remedy it names.
    """
    return mask.hex() + _crossed(text, mask.hex()) if is_well_formed(text) else text


def unmasked(text: str) -> str:
    """
    Read a token that may be masked; what is not stays as it is.
    """
    half = 2 * TOKEN_BYTES
    return _crossed(text[half:], text[:half]) if _MASKED.fullmatch(text) else text


def _crossed(one: str, other: str) -> str:
    return f"{int(one, 16) ^ int(other, 16):040x}"


def is_well_formed(text: str) -> bool:
    """
    Tell whether a text could be a token at all.
    """
    return _FORM.fullmatch(text) is not None


def fingerprint(digest: bytes) -> str:
    """
    Name a token in a log: the first 8 hex characters of its digest.
    """
    return digest.hex()[:8]
