"""
Passwords that came from the original.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from calndro.adapters.memory import MemoryClock, MemoryPasswords
from calndro.adapters.passwords import Argon2Passwords, RememberingPasswords


if TYPE_CHECKING:
    from calndro.ports.secrets import Passwords


# RFC 7914, section 11: the first 32 bytes of each.
ONCE = "pbkdf2_sha256$1$salt$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw="
MANY = "pbkdf2_sha256$80000$NaCl$TdzY9guYviGDDO5e8icB+WQaRBjQTAQUrv8Ih2s0q1Y="


@pytest.mark.parametrize(("hashed", "password"), [(ONCE, "passwd"), (MANY, "Password")])
def test_a_hash_of_the_original_is_checked_as_it_is(hashed: str, password: str) -> None:
    """
    The vectors of RFC 7914 for PBKDF2 verify, in the form that Django writes.
    """
    passwords = Argon2Passwords()

    assert passwords.verify(hashed, password)
    assert not passwords.verify(hashed, password + "x")
    assert not passwords.verify(hashed, "\udc80")
    assert passwords.is_outdated(hashed)


@pytest.mark.parametrize("passwords", [Argon2Passwords(), MemoryPasswords()])
def test_a_password_that_no_text_can_be_is_a_wrong_one(passwords: Passwords) -> None:
    """
    Half of a character that needs two matches nothing but itself, and is no error.
    """
    hashed = passwords.hash("passwd")

    assert not passwords.verify(hashed, "passwd\udc80")
    assert not passwords.verify(None, "\udc80")
    assert passwords.verify(passwords.hash("\udc80"), "\udc80")


def test_a_new_hash_is_not_outdated() -> None:
    """
    What replaces an old hash stays.
    """
    passwords = RememberingPasswords(MemoryClock(), bytes(32))

    assert passwords.is_outdated(ONCE)
    assert not passwords.is_outdated(passwords.hash("passwd"))
    assert passwords.verify(ONCE, "passwd")
    assert passwords.recalls(ONCE, "passwd")


@pytest.mark.parametrize(
    "hashed",
    [
        ONCE.replace("$1$", "$0$"),
        ONCE.replace("$1$", "$10000000$"),
        ONCE.replace("sha256", "sha1"),
        ONCE[:-1],
        "!",
        "",
    ],
)
def test_a_hash_of_another_form_is_nobodys(hashed: str) -> None:
    """
    What is no hash that can be checked within reason verifies nothing.
    """
    assert not Argon2Passwords().verify(hashed, "passwd")
