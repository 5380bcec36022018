from __future__ import annotations

import sys
import unicodedata
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from calndro.core.errors import InvalidInputError
from calndro.core.party import Address, parse_addresses
from tests import strategies


def test_no_other_letter_folds_onto_ascii() -> None:
    """
    Of all characters there are, only the capital letters of ASCII fold onto the small ones.
    """
    others = map(chr, range(0x80, sys.maxunicode + 1))
    near = [letter for letter in others if any(form.isascii() for form in _forms(letter))]
    accepted = set()
    for letter in near:
        for text in (f"{letter}@here.net", f"you@{letter}.net", f"you@a{letter}a.net"):
            with suppress(InvalidInputError):
                accepted.add(Address.parse(text).key.partition("@")[2])

    assert {"\u212a", "\u017f", "\uff4b", "\u00df"} <= set(near)
    assert accepted
    assert all(domain.startswith("xn--") for domain in accepted)


def _forms(letter: str) -> list[str]:
    compatible = unicodedata.normalize("NFKC", letter)
    return [letter.casefold(), letter.lower(), letter.upper(), compatible, compatible.casefold()]


@given(strategies.address_texts())
def test_folding_is_idempotent(text: str) -> None:
    """
    The folded form is an address itself, of the same person, and folds to itself.
    """
    address = Address.parse(text)
    again = Address.parse(address.key)

    assert again == address
    assert again.key == again.text == address.key


@given(strategies.address_texts())
def test_stored_form_reads_as_the_same_person(text: str) -> None:
    """
    What is stored is what was typed, and reading it again changes nothing.
    """
    address = Address.parse(text)
    again = Address.parse(str(address))

    assert (again.text, again.key) == (address.text, address.key) == (text, address.key)


@given(strategies.address_texts())
def test_capitals_do_not_make_a_person(text: str) -> None:
    """
    Capitals and small letters of ASCII are one.
    """
    assert Address.parse(text.upper()) == Address.parse(text.lower()) == Address.parse(text)


@given(strategies.hostile_texts("you@here.net", "you@m\u00fcnchen.example.org", "you@localhost"))
def test_address_is_good_or_refused(text: str) -> None:
    """
    Whatever is typed, there is a harmless address or one clear error.
    """
    try:
        address = Address.parse(text)
    except InvalidInputError:
        return

    assert len(address.text) <= 254
    assert len(address.key) <= 254
    assert address.text.isprintable()
    assert " " not in address.text
    assert "=?" not in address.text
    assert address.key.isascii()
    assert address.key.count("@") == 1
    assert Address.parse(address.text).key == address.key
    assert Address.parse(address.key) == address


@given(st.lists(strategies.addresses()))
def test_list_has_each_person_once(addresses: list[Address]) -> None:
    """
    A list of addresses keeps the first of each, in order.
    """
    assert parse_addresses(addresses, "parties") == tuple(dict.fromkeys(addresses))
