"""
Stopping letters from within a mail program.

Source: RFC 8058.
"""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.entry.pages_guest import Guest


@pytest.fixture
def guest() -> Guest:
    """
    Somebody who got a letter with a link.
    """
    return Guest()


ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.mark.parametrize(
    "form", [{"data": ONE_CLICK}, {"files": {"List-Unsubscribe": (None, "One-Click")}}]
)
@pytest.mark.parametrize("more", [{}, {"Origin": "https://mail.example.org"}, {"Origin": "null"}])
def test_one_click_in_a_mail_program(
    guest: Guest, form: dict[str, Any], more: dict[str, str]
) -> None:
    """
    The form that a mail program sends by itself stops the letters, once, with the link alone.
    """
    program = TestClient(guest.site.app, headers=more)
    for _ in range(2):
        answer = program.post(f"/1/mail/?et={guest.token}", **form)
        assert (answer.status_code, answer.text) == (
            200,
            "You will get no more letters about this event.",
        )

    log = guest.site.log({"log_url": "/1/log/"})
    assert [entry["data"].get("mail") for entry in log].count("stopped") == 1


@pytest.mark.parametrize("path", ["/1/mail/?et=" + 40 * "0", "/1/mail/"])
def test_one_click_needs_the_link(guest: Guest, path: str) -> None:
    """
    Without the link, or with a wrong one, nobody's letters are stopped.
    """
    program = TestClient(guest.site.app)
    before = guest.site.log({"log_url": "/1/log/"})

    assert program.post(path, data=ONE_CLICK).status_code == 401
    assert guest.site.log({"log_url": "/1/log/"}) == before


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"--x\r\n"),
        ("multipart/form-data; boundary=x", b"--x" * 402),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--",
        ),
        ("text/plain", b"List-Unsubscribe=One-Click"),
    ],
)
def test_one_click_in_other_words(guest: Guest, kind: str, body: bytes) -> None:
    """
    A form that names no such wish, or is none, stops nothing.
    """
    program = TestClient(guest.site.app)
    before = guest.site.log({"log_url": "/1/log/"})
    answer = program.post(
        f"/1/mail/?et={guest.token}", content=body, headers={"Content-Type": kind}
    )

    assert answer.is_client_error
    assert guest.site.log({"log_url": "/1/log/"}) == before


def test_the_address_to_stop_letters_opens_the_page(guest: Guest) -> None:
    """
    A mail program that knows no one click opens the address; it leads to the page.
    """
    answer = guest.client.get(
        f"/1/mail/?et={guest.token}", headers=guest.headers, follow_redirects=False
    )

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/1/?et={guest.token}")
