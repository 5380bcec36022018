"""
Limits counted in Redis, by two processes that serve one instance behind a proxy.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from uuid import uuid1

import httpx2
import pytest

from tests.brokers import broker_at
from tests.entry.cli_terminal import Terminal
from tests.patience import PATIENCE
from tests.serving import serving


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


YOU = f"{uuid1().hex}@here.net"
"""Nobody that another run has counted under."""
PASSWORD = "a long password"


def somewhere() -> dict[str, str]:
    """
    Make what a proxy says of a client that nobody has heard of.
    """
    number = uuid1().hex
    return {"X-Forwarded-For": f"2001:db8:{number[:4]}:{number[4:8]}::1"}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """
    Run two processes that trust the proxy on this machine.
    """
    folder: Path = tmp_path_factory.mktemp("two")
    terminal = Terminal.of(folder)
    terminal.done("user", "add", YOU, "--password-stdin", stdin=f"{PASSWORD}\n")
    settings = {"CALNDRO_LIMITS_URL": broker_at("redis"), "CALNDRO_TRUSTED_PROXIES": "127.0.0.1"}
    with serving(terminal, "--workers", "2", **settings) as address:
        yield address


def statuses(url: str, times: int, **sent: Any) -> Counter[int]:
    """
    Send one request many times at once, each on a connection of its own.
    """

    def ask(_: int) -> int:
        answer = httpx2.request(url=url, timeout=PATIENCE, **sent)
        assert answer.status_code != 429 or int(answer.headers["Retry-After"]) > 0
        return answer.status_code

    with ThreadPoolExecutor(times) as pool:
        return Counter(pool.map(ask, range(times)))


@pytest.mark.service
def test_wrong_passwords_at_once(url: str) -> None:
    """
    Ten of many wrong passwords sent at once are heard, and then not even the right one.
    """
    right = {"username": YOU, "password": PASSWORD}
    wrong = right | {"password": "wrong"}
    path, client = f"{url}/api-token-auth/", somewhere()

    found = statuses(path, 24, method="POST", json=wrong, headers=client)
    assert found == {401: 10, 429: 14}
    assert statuses(path, 2, method="POST", json=right, headers=client) == {429: 2}
    assert statuses(path, 1, method="POST", json=right, headers=somewhere()) == {200: 1}


@pytest.mark.service
def test_wrong_tokens_at_once(url: str) -> None:
    """
    Twenty of many wrong tokens sent at once are heard; who comes from elsewhere goes on.
    """
    client = somewhere()
    wrong = {"Authorization": f"Token {'0' * 40}"}

    found = statuses(f"{url}/", 40, method="GET", headers=client | wrong)
    assert found == {401: 20, 429: 20}
    assert statuses(f"{url}/", 2, method="GET", headers=somewhere() | wrong) == {401: 2}
