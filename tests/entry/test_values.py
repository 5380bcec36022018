"""
How the values of settings are read.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from calndro.core.errors import InvalidInputError
from calndro.entry.values import (
    broker,
    counts,
    flag,
    items,
    limits_of,
    path,
    positive,
    public_address,
    text,
    web_address,
    whole,
    without_password,
)


if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("written", "read"),
    [("1", True), (" Yes ", True), ("ON", True), ("true", True), ("0", False), ("", False)],
)
def test_flags_are_read_as_people_write_them(written: str, *, read: bool) -> None:
    """
    True and false have their usual spellings, in any case.
    """
    assert flag(written) is read


@pytest.mark.parametrize("written", ["", "1.5", "-1", "11", "x", "1e1", "9" * 5000])
def test_whole_numbers_have_bounds(written: str) -> None:
    """
    A whole number outside its bounds, or none at all, is refused with the bounds.
    """
    assert whole(0, 10)(" 10 ") == 10
    with pytest.raises(InvalidInputError, match="from 0 to 10"):
        whole(0, 10)(written)


@pytest.mark.parametrize("written", ["0", "-2", "nan", "inf", "1e99", ""])
def test_positive_numbers_are_finite_and_above_zero(written: str) -> None:
    """
    Neither zero nor infinity nor NaN is a length of time.
    """
    assert positive("0.5") == 0.5
    with pytest.raises(InvalidInputError):
        positive(written)


def test_web_addresses_lose_the_slash_at_their_end() -> None:
    """
    A web address is kept without its last slash, path and all.
    """
    assert web_address(" https://meet.example.org/x/ ") == "https://meet.example.org/x"


@pytest.mark.parametrize(
    "written",
    [
        "meet.example.org",
        "ftp://x",
        "https://",
        "http://x/?a=1",
        "http://a..b",
        "http://[::1",
        "http://x:y",
        "http://x:99999",
        f"http://{'a' * 64}.net",
        "http://x/\udcf6",
        "http://x/#top",
        "http://x/?",
    ],
)
def test_what_is_no_web_address_is_refused(written: str) -> None:
    """
    Only http and https addresses with a host and without a query can start a link.
    """
    with pytest.raises(InvalidInputError, match="such as https"):
        web_address(written)


@pytest.mark.parametrize("read", [web_address, public_address])
@pytest.mark.parametrize("written", ["https://you:secret@example.org", "https://you@x"])
def test_nobody_stands_in_an_address(read: Callable[[str], str], written: str) -> None:
    """
    Who signs in at a server, and how, is no part of its address, and is not shown.
    """
    with pytest.raises(InvalidInputError, match="without a user or a password") as refused:
        read(written)
    assert "secret" not in str(refused.value)


def test_people_reach_a_server_at_the_top_of_a_host() -> None:
    """
    Where people reach a server has no path in it.
    """
    assert public_address("https://meet.example.org:8443/") == "https://meet.example.org:8443"
    with pytest.raises(InvalidInputError, match="a host of its own"):
        public_address("https://example.org/cal")


@pytest.mark.parametrize("address", ["redis://:tops[cret@h/0", "redis://h:x/0", "redis://h:99999"])
def test_addresses_that_are_none_are_refused_unseen(address: str) -> None:
    """
    What is no address of a Redis is refused with the mend, and not shown.
    """
    for read in (broker, counts):
        with pytest.raises(InvalidInputError, match="write redis://") as refused:
            read(address)
        assert "tops" not in str(refused.value)
        assert "%5B for [" in str(refused.value)


def test_no_limit_has_thousands_of_digits() -> None:
    """
    A number that Python would not read is refused as any that is too large.
    """
    with pytest.raises(InvalidInputError, match="name=number"):
        limits_of("sign_ins=" + "9" * 5000)


def test_passwords_in_addresses_are_hidden() -> None:
    """
    A URL is shown without the password in it.
    """
    assert without_password("https://you:secret@x.here.net/") == "https://you:…@x.here.net/"
    assert without_password("https://you:se@cr/et@x.here.net/") == "https://you:…@x.here.net/"
    assert without_password("redis://:secret@x.here.net:1/0") == "redis://:…@x.here.net:1/0"
    assert without_password("https://x.here.net:8000/") == "https://x.here.net:8000/"


def test_texts_lists_and_paths() -> None:
    """
    Text is taken as it stands, lists lose blanks, an empty path is none, ~ is the home.
    """
    assert text(" [x] ") == " [x] "
    assert items(" a, ,b ") == ("a", "b")
    assert path("  ") is None
    assert path("~/x") == Path.home() / "x"
    with pytest.raises(InvalidInputError, match="write the path in full"):
        path("~nosuch/x")


def test_bytes_that_are_no_text_are_refused() -> None:
    """
    What the terminal or the environment gave in another encoding is no value.
    """
    with pytest.raises(InvalidInputError, match="no UTF-8; write it anew"):
        text("sqlite:///m\udcf6.db")
