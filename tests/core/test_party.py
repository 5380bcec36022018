from __future__ import annotations

import subprocess
import sys

import email_validator
import pytest

from calndro.core.errors import InvalidInputError
from calndro.core.party import Address, parse_addresses, parse_mailbox


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("you@here.net", "you@here.net"),
        ("You@Here.NET", "you@here.net"),
        ("  you@here.net ", "you@here.net"),
        ("o'brien+team@example.org", "o'brien+team@example.org"),
        ("you@localhost", "you@localhost"),
        ("You@LOCALHOST", "you@localhost"),
        ("you@here.localhost", "you@here.localhost"),
        ("you@here.test", "you@here.test"),
        ("you@here.local", "you@here.local"),
        ("you@here.invalid", "you@here.invalid"),
        ("you@here.onion", "you@here.onion"),
        ("you@home.arpa", "you@home.arpa"),
        ("you@m\u00fcnchen.example.org", "you@xn--mnchen-3ya.example.org"),
        ("you@mu\u0308nchen.example.org", "you@xn--mnchen-3ya.example.org"),
        ("you@M\u00dcNCHEN.example.org", "you@xn--mnchen-3ya.example.org"),
        ("you@XN--MNCHEN-3YA.example.org", "you@xn--mnchen-3ya.example.org"),
        ("you@m\u00fcnchen.localhost", "you@xn--mnchen-3ya.localhost"),
        ("you@fa\u00df.example.org", "you@xn--fa-hia.example.org"),
        ("you@127.0.0.1", "you@127.0.0.1"),
    ],
)
def test_address_is_folded(text: str, key: str) -> None:
    """
    The key has ASCII letters small and the domain in its ASCII form.
    """
    assert Address.parse(text).key == key


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" You@Here.NET ", "You@Here.NET"),
        ("you@mu\u0308nchen.example.org", "you@m\u00fcnchen.example.org"),
        ("you@M\u00dcNCHEN.example.org", "you@M\u00dcNCHEN.example.org"),
        ("Info@here.net", "Info@here.net"),
    ],
)
def test_address_is_stored_as_typed(typed: str, stored: str) -> None:
    """
    Mail goes to what was typed, NFC, and to nothing else.
    """
    assert str(Address.parse(typed)) == Address.parse(typed).text == stored


def test_addresses_compare_by_key() -> None:
    """
    However somebody's address is written, it is one person, whose place in an order is fixed.
    """
    small, large = Address.parse("you@here.net"), Address.parse("YOU@HERE.NET")

    assert small == large
    assert len({small, large}) == 1
    assert Address.parse("A@thar.net") < Address.parse("b@here.net") < small


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "must have an @-sign"),
        ("you", "must have an @-sign"),
        ("@here.net", "before the @-sign"),
        ("you@", "after the @-sign"),
        ("you@here.net.", "end with a period"),
        ("you@localhost.", "end with a period"),
        ("you@-localhost", "hyphen"),
        ("you@they@here.net", "invalid characters"),
        ("you@here.net, they@thar.net", "invalid characters"),
        ("you@here.net\nBcc: they@thar.net", "invalid characters"),
        ("you\r\n@here.net", "invalid characters"),
        ("you\x00@here.net", "invalid characters"),
        ("you@here.net\n", "invalid characters"),
        ("you@here\u202e.net", "unsafe characters"),
        ("you@\ud800.net", "unsafe characters"),
        ("You <you@here.net>", "display name"),
        ("<you@here.net>", "display name"),
        ('"you"@here.net', "Quoting"),
        ('"you they"@here.net', "Quoting"),
        ("you@[127.0.0.1]", "bracketed IP address"),
        ("you@here_thar.net", "invalid characters"),
        ("=?utf-8?q?they=40thar.net?=@here.net", "has =\\? in it"),
        ("you@here.net=?", "has =\\? in it"),
        ("y\u00f6u@here.net", "plain ASCII"),
        ("\u212aim@here.net", "plain ASCII"),
        ("you\u017f@here.net", "plain ASCII"),
        ("you@\u212aim.net", "read as kim.net"),
        ("you@ba\u017fe.net", "read as base.net"),
        ("you@\uff28ere.net", "read as here.net"),
        ("you@here\ufe0f.net", "read as here.net"),
        ("you@here\u3002net", "read as here.net"),
        ("you@localho\uff53t", "read as localhost"),
        ("you\uff20here.net", "full-width"),
        ("you@xn--a.net", "not valid IDNA"),
        ("erased-3", "was forgotten"),
        ("Erased-12", "was forgotten"),
        ("x" * 246 + "@here.net", "at most 254 characters"),
        ("you@" + "x" * 64 + ".net", "so many characters"),
    ],
)
def test_address_is_refused(text: str, says: str) -> None:
    """
    What is no plain address, or shows another than it is, is refused with the reason.
    """
    with pytest.raises(InvalidInputError, match=says):
        Address.parse(text)


def test_longest_address_is_good() -> None:
    """
    An address may have 254 characters.
    """
    assert len(Address.parse("x" * 245 + "@here.net").text) == 254


@pytest.mark.parametrize(
    "text",
    ["y\u00f6u@here.net", "@here.net", '"you"@here.net', "you@[127.0.0.1]", "You <you@here.net>"],
)
def test_what_others_allow_is_refused_here(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """
    Whatever else in the process has made the library lenient, an address here is what it was.
    """
    for name in ("SMTPUTF8", "EMPTY_LOCAL", "QUOTED_LOCAL", "DOMAIN_LITERAL", "DISPLAY_NAME"):
        monkeypatch.setattr(email_validator, f"ALLOW_{name}", True)

    with pytest.raises(InvalidInputError):
        Address.parse(text)


def test_what_others_refuse_is_taken_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Whatever else in the process has made the library strict, an address here is what it was.
    """
    monkeypatch.setattr(email_validator, "GLOBALLY_DELIVERABLE", True)

    assert str(Address.parse("you@127.0.0.1")) == "you@127.0.0.1"


def test_library_is_left_as_it_is() -> None:
    """
    That localhost is good here changes nothing for others who use the library.
    """
    before = list(email_validator.SPECIAL_USE_DOMAIN_NAMES)
    Address.parse("you@localhost")

    assert before == email_validator.SPECIAL_USE_DOMAIN_NAMES
    with pytest.raises(email_validator.EmailNotValidError):
        email_validator.validate_email("you@localhost", check_deliverability=False)


def test_nothing_asks_the_network() -> None:
    """
    Reading an address doesn't even load what could ask a name server.
    """
    program = (
        "import sys; from calndro.core.party import Address; Address.parse('you@here.net'); "
        "sys.exit('dns' in sys.modules or 'email_validator.deliverability' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_list_keeps_order_and_drops_duplicates() -> None:
    """
    Each person stays once, where and as first written.
    """
    they = Address.parse("they@thar.net")
    found = parse_addresses(["You@here.net", they, "you@HERE.net", "THEY@thar.net"], "parties")

    assert [address.text for address in found] == ["You@here.net", "they@thar.net"]
    assert found[1] is they


def test_list_names_every_fault() -> None:
    """
    All that is wrong in a list is told at once, each with its place.
    """
    with pytest.raises(InvalidInputError) as caught:
        parse_addresses(["you@here.net", "nobody", None, "erased-1"], "parties")

    assert [fault.path for fault in caught.value.faults] == [
        "parties[1]",
        "parties[2]",
        "parties[3]",
    ]
    assert caught.value.faults[1].message == "an email address must be a text"


def test_text_is_no_list() -> None:
    """
    One text isn't read letter by letter.
    """
    with pytest.raises(InvalidInputError, match=r"^parties: give a list"):
        parse_addresses("you@here.net", "parties")


def test_a_mailbox_is_an_address_that_may_have_a_name() -> None:
    """
    A name may stand before an address in angles; what has no address is refused.
    """
    assert parse_mailbox("desk@here.net") == ("", Address.parse("desk@here.net"))
    assert parse_mailbox("Desk <desk@here.net>") == ("Desk", Address.parse("desk@here.net"))
    for text in ("", "<>", "Desk <desk@here.net>\n"):
        with pytest.raises(InvalidInputError, match="this is no sender"):
            parse_mailbox(text)
    with pytest.raises(InvalidInputError):
        parse_mailbox("Desk <desk>")
