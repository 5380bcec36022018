"""
Email tokens: how long they are good, and what is kept of them.
"""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import attrs
import pytest
from hypothesis import given
from hypothesis.strategies import binary, text

from calndro.core.errors import TokenExpiredError, TokenInvalidError
from calndro.core.token import (
    DEFAULT_LIFE,
    TOKEN_BYTES,
    EmailToken,
    digest_of,
    fingerprint,
    masked,
    unmasked,
)
from tests.examples import MICROSECOND, START


TEXT = "0123456789abcdef0123456789abcdef01234567"
EXPIRES = START + timedelta(days=5)
TOKEN = EmailToken(digest_of(TEXT), 7, 2, EXPIRES)


def test_good_until_one_microsecond_before_the_end() -> None:
    """
    A token works until just before ``expires``.
    """
    assert not TOKEN.has_expired(EXPIRES - MICROSECOND)
    TOKEN.check(EXPIRES - MICROSECOND)


@pytest.mark.parametrize("late", [timedelta(0), MICROSECOND, timedelta(days=900)])
def test_never_works_at_or_after_the_end(late: timedelta) -> None:
    """
    At the instant of its expiry a token is refused, and at any later one.
    """
    assert TOKEN.has_expired(EXPIRES + late)
    with pytest.raises(TokenExpiredError) as caught:
        TOKEN.check(EXPIRES + late)
    assert caught.value.expires == EXPIRES


def test_refused_once_stays_refused() -> None:
    """
    A spent token is expired whatever the clock says.
    """
    spent = attrs.evolve(TOKEN, spent=True)
    with pytest.raises(TokenExpiredError):
        spent.check(START)


def test_revoked_is_invalid_before_it_is_expired() -> None:
    """
    A token taken back is as good as never issued, expired or not.
    """
    revoked = attrs.evolve(TOKEN, revoked=True)
    for now in (START, EXPIRES):
        with pytest.raises(TokenInvalidError):
            revoked.check(now)


@given(binary(min_size=20, max_size=20), binary(min_size=20, max_size=20))
def test_masks_come_off(token: bytes, mask: bytes) -> None:
    """
    A masked token is read as the token, which stands in it only by the rarest chance.
    """
    written = masked(token.hex(), mask)
    assert len(written) == 80
    assert unmasked(written) == token.hex()
    assert (token.hex() in {written[:40], written[40:]}) is (token == mask or not any(mask))


@given(text())
def test_what_is_no_token_is_not_masked(other: str) -> None:
    """
    Any other text stays as it is, masked or unmasked.
    """
    assert masked(other, b"m" * 20) == other
    assert unmasked(other) == other
    assert unmasked(TEXT) == TEXT


def test_only_the_digest_is_kept() -> None:
    """
    What is kept is SHA-256 of the 40 characters; logs name the first 8 hex of that.
    """
    assert digest_of(TEXT) == sha256(TEXT.encode()).digest()
    assert fingerprint(digest_of(TEXT)) == sha256(TEXT.encode()).hexdigest()[:8]
    assert TEXT not in repr(TOKEN)


@pytest.mark.parametrize(
    "text", ["", TEXT[:-1], TEXT + "0", TEXT.upper(), "g" * 40, TEXT + "\n", "\u0661" * 40]
)
def test_other_texts_are_no_tokens(text: str) -> None:
    """
    A token is 40 lower-case hex characters and nothing else.
    """
    with pytest.raises(TokenInvalidError):
        digest_of(text)


def test_lengths_of_the_contract() -> None:
    """
    A token has 40 hex characters and lives 5 days unless configured.
    """
    assert TOKEN_BYTES * 2 == 40
    assert timedelta(days=5) == DEFAULT_LIFE
