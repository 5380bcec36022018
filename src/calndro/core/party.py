"""
The addresses of people.

Addresses are read by a library. This module adds what the library leaves open: what is
stored, what is compared, and which valid addresses calndro refuses all the same.
"""

from __future__ import annotations

import re
import unicodedata
from email.utils import parseaddr
from functools import lru_cache
from typing import TYPE_CHECKING

import attrs
import email_validator

from calndro.core.errors import Faults, InvalidInputError
from calndro.core.quoting import quoted


if TYPE_CHECKING:
    from collections.abc import Iterable


MOST_CHARACTERS = 254

_ERASED = re.compile(r"erased-[0-9]+", re.IGNORECASE)
_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_NEUTRAL_LABEL = ".x"


@attrs.frozen(order=True)
class Address:
    """
    Somebody's email address.

    Equal, hashed and ordered by its key alone.

    Args:
        text: As typed, NFC; what mail goes to and people are shown.
        key: The folded form: one person, however the address is written.
    """

    text: str = attrs.field(eq=False, order=False)
    key: str

    @classmethod
    def parse(cls, text: str) -> Address:
        """
        Take an address as somebody typed it.

        The part before the @ must be ASCII: mail to others needs SMTPUTF8 on every server
        of its way, and our letters are 7-bit safe so that they arrive everywhere. The
        domain may be international; it has an ASCII form that mail can go to.

        Args:
            text: Anything; blanks around it do not count.

        Returns:
            At most 254 characters without control characters or display name. The domain
            need not exist; ``you@localhost`` is valid.

        Raises:
            InvalidInputError: It is no such address.

        Source: docs/reference/glossary.md; RFC 5321; RFC 5891 (IDNA); RFC 2047, section 2.
        """
        return cls(*_texts_of(text.strip(" ")))

    def __str__(self) -> str:
        return self.text


# The same people are named in every proposal and every letter; refusals are not kept.
@lru_cache(maxsize=4096)
def _texts_of(typed: str) -> tuple[str, str]:
    _refuse_unsuited(typed)
    checked = _checked(typed)
    local, _, domain = typed.rpartition("@")
    _refuse_posing(domain, checked)
    return (
        f"{local}@{unicodedata.normalize('NFC', domain)}",
        f"{local.translate(_ASCII_LOWER)}@{checked.ascii_domain}",
    )


def parse_mailbox(text: str) -> tuple[str, Address]:
    """
    Take an address that may have a name beside it.

    Args:
        text: Such as ``calndro@here.net`` or ``Calendar desk <calndro@here.net>``.

    Returns:
        The name, empty without one, and the address.

    Raises:
        InvalidInputError: It is neither.

    Source: docs/how-to/send-mail.md; RFC 5322, section 3.4.
    """
    name, address = parseaddr(text)
    if not text.isprintable() or not address:
        raise InvalidInputError.of("this is no sender: write it as Name <you@example.org>")
    return name, Address.parse(address)


def parse_addresses(texts: Iterable[object], path: str) -> tuple[Address, ...]:
    """
    Take a list of addresses.

    Args:
        texts: Texts as typed, or addresses.
        path: Where the list stands in the input, such as ``parties``.

    Returns:
        In the order given, each person once, as first written.

    Raises:
        InvalidInputError: One or more are no addresses; all are named, as ``parties[2]``.

    Source: docs/explanation/narrowing.md.
    """
    if isinstance(texts, str):
        raise InvalidInputError.of("give a list of email addresses, not a text", path)
    found: dict[Address, None] = {}
    faults = Faults()
    for place, text in enumerate(texts):
        with faults.at(f"{path}[{place}]"):
            found.setdefault(_address(text))
    faults.settle()
    return tuple(found)


def _address(text: object) -> Address:
    if isinstance(text, Address):
        return text
    if not isinstance(text, str):
        raise InvalidInputError.of("an email address must be a text")
    return Address.parse(text)


def _refuse_unsuited(typed: str) -> None:
    """
    Refuse what a mail standard may allow and calndro does not.
    """
    if _ERASED.fullmatch(typed):
        raise InvalidInputError.of(
            f"{typed} stands for somebody who was forgotten; nobody can be named by it"
        )
    if max(len(typed), len(unicodedata.normalize("NFC", typed))) > MOST_CHARACTERS:
        raise InvalidInputError.of(f"an email address has at most {MOST_CHARACTERS} characters")
    # Mail programs decode such words, and would show another address than this one.
    if "=?" in typed:
        raise InvalidInputError.of(f"{quoted(typed)} has =? in it; no address here may")
    if not typed.rpartition("@")[0].isascii():
        raise InvalidInputError.of(
            f"{quoted(typed)}: mail can be sent only to addresses that are plain ASCII letters, "
            "digits and signs before the @; give another address of this person"
        )


def _checked(typed: str) -> email_validator.ValidatedEmail:
    try:
        return _syntax(typed)
    except email_validator.EmailNotValidError as error:
        special = _special(typed)
        if special is None:
            reason = str(error).removesuffix(".")
            raise InvalidInputError.of(f"{quoted(typed)} is no email address: {reason}") from None
        return special


def _special(typed: str) -> email_validator.ValidatedEmail | None:
    """
    Check an address whose domain the library knows but refuses, such as localhost.

    The library's only switch for these domains is a list shared by the whole process; one
    neutral label behind the domain takes it out of that list's reach instead.
    """
    try:
        checked = _syntax(typed + _NEUTRAL_LABEL)
    except email_validator.EmailNotValidError:
        return None
    checked.ascii_domain = checked.ascii_domain.removesuffix(_NEUTRAL_LABEL)
    checked.domain = checked.domain.removesuffix(_NEUTRAL_LABEL)
    reserved = email_validator.SPECIAL_USE_DOMAIN_NAMES
    labels = checked.ascii_domain.split(".")
    suffixes = {".".join(labels[place:]) for place in range(len(labels))}
    return None if suffixes.isdisjoint(reserved) else checked


def _refuse_posing(domain: str, checked: email_validator.ValidatedEmail) -> None:
    """
    Refuse a domain that IDNA reads as another than the one it shows, but for its capitals.

    Such are a Kelvin sign for a k, a full-width letter, an invisible character within.
    """
    poses = any(letter.lower().isascii() for letter in domain if not letter.isascii())
    lowered = unicodedata.normalize("NFC", domain.lower())
    if poses or lowered not in (checked.domain, checked.ascii_domain):
        raise InvalidInputError.of(
            f"{quoted(domain)} is read as {checked.domain}; if you mean that, type it so"
        )


def _syntax(text: str) -> email_validator.ValidatedEmail:
    return email_validator.validate_email(
        text,
        allow_smtputf8=False,
        allow_empty_local=False,
        allow_quoted_local=False,
        allow_domain_literal=False,
        allow_display_name=False,
        check_deliverability=False,
        test_environment=False,
        globally_deliverable=False,
    )
