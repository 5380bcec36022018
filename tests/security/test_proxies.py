"""
Whose word counts: what a proxy says of a request, and how the cookie of a session follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid1

import httpx2
import pytest

from tests.entry.cli_terminal import Terminal
from tests.entry.http_site import PASSWORD, YOU, Site
from tests.patience import PATIENCE
from tests.serving import serving


if TYPE_CHECKING:
    from pathlib import Path


PUBLIC = "https://calndro.here.net"
PLAIN, BOUND = "calndro", "__Host-calndro"
SIGN_IN = {"username": YOU, "password": PASSWORD}


@pytest.mark.parametrize(
    ("public_url", "asked_at", "name"),
    [
        (None, "http://calndro.here.net", PLAIN),
        (None, "https://calndro.here.net", BOUND),
        ("http://localhost:8000", "http://localhost:8000", PLAIN),
        ("http://calndro.here.net", "https://calndro.here.net", BOUND),
        # Behind a proxy that speaks TLS, the server itself sees plain HTTP.
        (PUBLIC, "http://calndro.here.net", BOUND),
        (PUBLIC, "https://calndro.here.net", BOUND),
    ],
)
def test_the_cookie_is_secure_where_people_come_by_https(
    public_url: str | None, asked_at: str, name: str
) -> None:
    """
    The cookie is Secure by the public address or by the request's, works, and is taken back.
    """
    client = Site(public_url=public_url).client
    answer = client.post(f"{asked_at}/login/", json=SIGN_IN)
    cookie, *flags = answer.headers["Set-Cookie"].split("; ")
    shown = {"Cookie": cookie, "Origin": PUBLIC if name == BOUND else asked_at}
    client.cookies.clear()
    gone = client.post(f"{asked_at}/logout/", headers=shown).headers["Set-Cookie"]

    assert cookie.partition("=")[0] == name == gone.partition("=")[0]
    assert ("Secure" in flags) is (name == BOUND) is ("Secure" in gone)
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(flags)
    assert not any(each.startswith("Domain") for each in flags)
    assert client.get(f"{asked_at}/", headers=shown).status_code == 401


def told(number: int) -> dict[str, str]:
    """
    Make what a proxy would say of a client somewhere else, who came by https to another host.
    """
    client = f"198.51.100.{number}"
    return {
        "X-Forwarded-For": client,
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example.org",
        "X-Forwarded-Port": "444",
        "X-Forwarded-Prefix": "/evil",
        "X-Real-IP": client,
        "Forwarded": f"for={client};proto=https;host=evil.example.org",
    }


def instance(folder: Path) -> tuple[Terminal, dict[str, str]]:
    """
    Make a database with one account, and what its owner shows.
    """
    terminal, who = Terminal.of(folder), f"{uuid1().hex}@here.net"
    terminal.done("user", "add", who, "--password-stdin", stdin=f"{PASSWORD}\n")
    return terminal, {"username": who, "password": PASSWORD}


def sign_in(url: str, number: int, sent: dict[str, str]) -> httpx2.Response:
    """
    Sign in as from a client somewhere else.
    """
    return httpx2.post(f"{url}/login/", json=sent, headers=told(number), timeout=PATIENCE)


def test_who_is_no_proxy_is_not_believed(tmp_path: Path) -> None:
    """
    Whoever is not named as a proxy changes neither its address, nor the scheme, nor any link.
    """
    terminal, right = instance(tmp_path)
    with serving(terminal) as url:
        signed = sign_in(url, 1, right)
        event = httpx2.post(
            f"{url}/",
            json={"parties": [right["username"]], "slots": []},
            headers=told(1),
            auth=(right["username"], PASSWORD),
            timeout=PATIENCE,
        ).json()
        found = [sign_in(url, n, right | {"password": "wrong"}).status_code for n in range(11)]

    assert signed.headers["Set-Cookie"].startswith(f"{PLAIN}=")
    assert "Secure" not in signed.headers["Set-Cookie"]
    assert "Strict-Transport-Security" not in signed.headers
    assert event["url"] == f"{url}/{event['id']}/"
    # However many it pretends to be, it is one.
    assert found == [401] * 10 + [429]


def test_a_proxy_is_believed(tmp_path: Path) -> None:
    """
    What a named proxy says of address and scheme counts; which host it was, it can't say.
    """
    terminal, right = instance(tmp_path)
    with serving(terminal, CALNDRO_TRUSTED_PROXIES="127.0.0.1") as url:
        signed = sign_in(url, 1, right)
        event = httpx2.post(
            f"{url}/",
            json={"parties": [right["username"]], "slots": []},
            headers=told(1),
            auth=(right["username"], PASSWORD),
            timeout=PATIENCE,
        ).json()
        found = [sign_in(url, n, right | {"password": "wrong"}).status_code for n in range(11)]

    assert signed.headers["Set-Cookie"].startswith(f"{BOUND}=")
    assert "Secure" in signed.headers["Set-Cookie"]
    assert "Strict-Transport-Security" in signed.headers
    assert event["url"] == f"{url}/{event['id']}/"
    assert found == [401] * 11
