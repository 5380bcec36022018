"""
nginx, with the very file that is shipped, before two servers.
"""

from __future__ import annotations

import getpass
import json
import os
import shutil
import ssl
import subprocess
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import attrs
import httpx2
import pytest
import trustme

from tests.docs.playing import blocks
from tests.entry.cli_terminal import FIRST, THEY, YOU, Terminal
from tests.free_ports import free_port
from tests.patience import PATIENCE, listens, until
from tests.servers import Server, served
from tests.surroundings import SERVICES_ARE_REQUIRED


if TYPE_CHECKING:
    from collections.abc import Iterator


DEPLOY = Path(__file__).parents[2] / "deploy"
TOKEN = "c0ffee" * 6 + "beef"
SOMEBODY = "127.0.0.9"
NOBODY = 1
COMPLAINTS = "error_log /dev/stderr emerg;"
ENOUGH_FOR_ONE_SIDE = 4
"""Connections of a worker: two to listen, one to its master, one to a client."""


@attrs.frozen
class Proxy:
    """
    A running nginx.

    Args:
        port: Where it listens.
        tls_port: Where it speaks TLS.
        folder: What it writes.
    """

    port: int
    tls_port: int
    folder: Path

    @property
    def url(self) -> str:
        """
        Where clients reach it.
        """
        return f"http://127.0.0.1:{self.port}"

    def written(self) -> str:
        """
        Read all that it has logged.
        """
        return "".join((self.folder / name).read_text("utf-8") for name in ("out", "err"))

    def client(self, **given: Any) -> httpx2.Client:
        """
        Make a client that is not at the proxy's own address.
        """
        transport = httpx2.HTTPTransport(local_address=SOMEBODY)
        return httpx2.Client(base_url=self.url, transport=transport, timeout=PATIENCE, **given)


def replaced(text: str, changes: dict[str, str]) -> str:
    """
    Change a text where it is written for a container; each place must be there.
    """
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


@contextmanager
def proxied(folder: Path, ports: list[int], **changes: str) -> Iterator[Proxy]:
    """
    Run nginx before what listens on some ports.
    """
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if program is None:
        assert not SERVICES_ARE_REQUIRED, "no nginx"
        pytest.skip("no nginx")
    proxy = Proxy(free_port(), free_port(), folder)
    (folder / "tls").mkdir(parents=True)
    text = replaced(
        (DEPLOY / "nginx.conf").read_text("utf-8"),
        {
            "/tmp/": f"{folder}/",  # noqa: S108  where the container has its own
            "/etc/nginx/tls/": f"{folder}/tls/",
            "listen 8080;": f"listen 127.0.0.1:{proxy.port};",
            "server web:8000;": "".join(f"server 127.0.0.1:{port};" for port in ports),
            "worker_processes auto;": "worker_processes 1;",
            **changes,
        },
    )
    (folder / "nginx.conf").write_text(text, "utf-8")
    offer_tls(proxy)
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        words = [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]
        # Started by root, its workers could not write into our folder.
        user = f"user {getpass.getuser()};" if os.geteuid() == 0 else ""
        process = subprocess.Popen([*words, "-g", f"daemon off; {user}"], stdout=out, stderr=err)
    try:
        until(lambda: listens(proxy.port), proxy.written)
        yield proxy
    finally:
        process.terminate()
        process.wait(PATIENCE)


def offer_tls(proxy: Proxy) -> None:
    """
    Do as the note beside the configuration says, with a certificate of our own.
    """
    (shown,) = (each for each in blocks((DEPLOY / "tls" / "README.md").read_text("utf-8")))
    tls = proxy.folder / "tls"
    changes = {"8443": f"127.0.0.1:{proxy.tls_port}", "/etc/nginx/tls": str(tls)}
    (tls / "listen.conf").write_text(replaced(shown.text, changes), "utf-8")
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_pem.write_to_path(str(tls / "server.key"))
    certificate.cert_chain_pems[0].write_to_path(str(tls / "server.pem"))
    authority.cert_pem.write_to_path(str(tls / "authority.pem"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Proxy, list[Server]]]:
    """
    Run two servers on one database, and nginx before them.
    """
    home = tmp_path_factory.mktemp("site")
    terminal = Terminal.of(home)
    terminal.done("user", "add", YOU, "--password-stdin", stdin="correct horse")
    terminal.propose(FIRST)
    terminal.environ["CALNDRO_TRUSTED_PROXIES"] = "127.0.0.1"
    terminal.environ["CALNDRO_SECRET_KEY"] = "k" * 40
    with ExitStack() as opened:
        servers = [
            opened.enter_context(served(terminal, home / f"log-{number}")) for number in (1, 2)
        ]
        ports = [each.port for each in servers]
        yield opened.enter_context(proxied(home / "nginx", ports)), servers


@pytest.mark.slow
def test_both_servers_are_asked_and_told_by_whom(site: tuple[Proxy, list[Server]]) -> None:
    """
    Requests go to both servers, each of which learns the address of the client itself.
    """
    proxy, servers = site
    with proxy.client(auth=(YOU, "correct horse")) as you:
        for _ in range(6):
            forged = {"X-Forwarded-For": "198.51.100.1", "Forwarded": "for=198.51.100.1"}
            assert you.get("/1/", headers=forged).status_code == 200

    for server in servers:
        assert {each["client"] for each in server.answered()} == {SOMEBODY}


@pytest.mark.slow
def test_no_token_is_written_down(site: tuple[Proxy, list[Server]]) -> None:
    """
    Neither nginx nor a server logs the token in a query.
    """
    proxy, servers = site
    with proxy.client() as guest:
        seen = guest.get("/1/", params={"et": TOKEN}, headers={"Referer": f"http://x/?et={TOKEN}"})
        assert seen.status_code == 401
        too_much = guest.post("/", params={"et": TOKEN}, content=b" " * 1_000_000)
        assert too_much.status_code == 413

    assert '"GET /1/" 401' in proxy.written()
    assert TOKEN not in proxy.written() + "".join(each.log.read_text("utf-8") for each in servers)


@pytest.mark.slow
def test_bodies_have_an_end(site: tuple[Proxy, list[Server]]) -> None:
    """
    A body over 64 KiB is refused in calndro's words, one far over it by nginx itself.
    """
    proxy, _ = site
    with proxy.client(auth=(YOU, "correct horse")) as you:
        ours = you.post("/", content=b" " * 66_000, headers={"Content-Type": "application/json"})
        theirs = you.post("/", content=b" " * 200_000)
        own = {"parties": [YOU, THEY], "slots": []}
        assert you.post("/", json=own).status_code == 201

    assert (ours.status_code, ours.headers["Content-Type"]) == (413, "application/problem+json")
    assert (theirs.status_code, theirs.headers["Content-Type"]) == (413, "text/html")


@pytest.mark.slow
def test_figures_are_not_for_everybody(site: tuple[Proxy, list[Server]]) -> None:
    """
    The figures for Prometheus stay behind the proxy, and its version is not told.
    """
    proxy, _ = site
    with proxy.client() as guest:
        answer = guest.get("/metrics")

    assert answer.status_code == 404
    assert answer.headers["Server"] == "nginx"


class Echo(BaseHTTPRequestHandler):
    """
    Answers with the headers it was sent.
    """

    def do_GET(self) -> None:
        """
        Answer.
        """
        body = json.dumps(self.headers.items()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """
        Keep quiet.
        """


@contextmanager
def echoing() -> Iterator[int]:
    """
    Run something that tells what it was asked, and tell its port.
    """
    with HTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join(PATIENCE)


def test_what_is_passed_on(tmp_path: Path) -> None:
    """
    The host as asked for, the client's address and the protocol, each once and never forged.
    """
    forged = {"X-Forwarded-For": "198.51.100.1", "X-Forwarded-Proto": "gopher", "Forwarded": "x"}
    with echoing() as port, proxied(tmp_path / "nginx", [port]) as proxy:
        with proxy.client(headers=forged) as plain:
            told = plain.get("/").json()
        context = ssl.create_default_context(cafile=proxy.folder / "tls" / "authority.pem")
        with httpx2.Client(verify=context, headers=forged, timeout=PATIENCE) as secret:
            safely = secret.get(f"https://127.0.0.1:{proxy.tls_port}/").json()

    def about(found: list[list[str]]) -> list[tuple[str, str]]:
        names = {"host", "forwarded", "x-forwarded-for", "x-forwarded-proto"}
        return sorted((n.lower(), value) for n, value in found if n.lower() in names)

    assert about(told) == [
        ("host", f"127.0.0.1:{proxy.port}"),
        ("x-forwarded-for", SOMEBODY),
        ("x-forwarded-proto", "http"),
    ]
    assert about(safely) == [
        ("host", f"127.0.0.1:{proxy.tls_port}"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-proto", "https"),
    ]


def test_one_server_away_is_not_noticed(tmp_path: Path) -> None:
    """
    While one of two does not answer, whoever looks is answered by the other; with none, 502.
    """
    with (
        echoing() as port,
        proxied(tmp_path / "nginx", [NOBODY, port]) as proxy,
        proxy.client() as guest,
    ):
        assert {guest.get("/").status_code for _ in range(4)} == {200}
    with proxied(tmp_path / "none", [NOBODY]) as proxy, proxy.client() as guest:
        assert guest.get("/", params={"et": TOKEN}).status_code == 502
    assert " 502 " in proxy.written()
    assert TOKEN not in proxy.written()


def is_out_of_connections(guest: httpx2.Client) -> bool:
    """
    Ask, and tell whether it had none to ask further.

    It has none even for us while it has not yet let go of who looked whether it listens.
    """
    try:
        return guest.get("/", params={"et": TOKEN}).status_code == 500
    except httpx2.TransportError:
        return False


@pytest.mark.parametrize("level", ["emerg", "alert"])
def test_no_token_is_written_down_at_the_limit(level: str, tmp_path: Path) -> None:
    """
    It stays unsaid when nginx is out of connections; at any other level it would be told.
    """
    changes = {
        "worker_connections 1024;": f"worker_connections {ENOUGH_FOR_ONE_SIDE};",
        COMPLAINTS: f"error_log /dev/stderr {level};",
    }
    with (
        echoing() as port,
        proxied(tmp_path / "nginx", [port], **changes) as proxy,
        proxy.client() as guest,
    ):
        until(lambda: is_out_of_connections(guest))

    assert (TOKEN in proxy.written()) == (level == "alert")


def test_it_is_the_configuration_that_hides_tokens(tmp_path: Path) -> None:
    """
    With nginx's usual logs the token would stand in both of them.
    """
    usual = {
        "access_log /dev/stdout without_queries;": "access_log /dev/stdout combined;",
        COMPLAINTS: "",
    }
    with proxied(tmp_path / "nginx", [NOBODY], **usual) as proxy, proxy.client() as guest:
        guest.get("/", params={"et": TOKEN})
    # It writes about a request when it has been answered: now that it is gone, all is there.
    for name in ("out", "err"):
        assert TOKEN in (proxy.folder / name).read_text("utf-8")
