"""
Every setting about mail, from the environment to what a real mail server gets.
"""

from __future__ import annotations

import io
import ssl
import time
from contextlib import contextmanager
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import attrs
import pytest
import trustme

from calndro.entry.settings import read_settings
from calndro.entry.wiring import open_desk, open_services
from tests.adapters.post_office import SILENCE, PostOffice


if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path

    from calndro.usecases.letters import Delivery


YOU, THEY = "you@here.net", "they@thar.net"
ACCOUNT = ("desk", "hush")


@attrs.frozen
class Papers:
    """
    What the tests' own certificate authority has signed, and where it lies.
    """

    folder: Path
    server: ssl.SSLContext


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    """
    Sign certificates for the mail server, which wants to see one, and for us.
    """
    folder = tmp_path_factory.mktemp("papers")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "authority.pem")
    ours = authority.issue_cert("desk@example.org")
    ours.cert_chain_pems[0].write_to_path(folder / "client.pem")
    ours.private_key_pem.write_to_path(folder / "client.key")
    ours.private_key_and_cert_chain_pem.write_to_path(folder / "both.pem")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.verify_mode = ssl.CERT_REQUIRED
    authority.issue_cert("localhost").configure_cert(server)
    authority.configure_trust(server)
    return Papers(folder, server)


def sent(environ: dict[str, str], stream: io.StringIO | None = None) -> Delivery:
    """
    Promise one letter and deliver it, as the environment says.
    """
    names = {f"CALNDRO_{name}": value for name, value in environ.items()}
    settings = read_settings(environ={"CALNDRO_DATABASE_URL": "memory://", **names})
    with (
        open_services(settings, stream or io.StringIO()) as services,
        open_desk(services, settings, YOU, staff=True) as desk,
    ):
        event = desk.propose(parties=[THEY], slots=[], title="Tea")
        desk.notify(event.id, [THEY], event.slots)
        (delivery,) = desk.deliver()
    return delivery


def smtp(office: PostOffice, **environ: str) -> dict[str, str]:
    """
    Say how to reach a mail server of the tests.
    """
    return {
        "EMAIL_BACKEND": "smtp",
        "EMAIL_HOST": "localhost",
        "EMAIL_PORT": str(office.port),
        "DEFAULT_FROM_EMAIL": "Meeting desk <desk@example.org>",
        **environ,
    }


def arrived(office: PostOffice) -> EmailMessage:
    """
    Read the one letter that arrived.
    """
    (content,) = office.contents
    return message_from_bytes(content, policy=policy.default)


def test_host_port_sender_and_subject() -> None:
    """
    A letter goes to the host and port that are set, from the sender, under the prefix that are.
    """
    with PostOffice() as office:
        delivery = sent(smtp(office, EMAIL_SUBJECT_PREFIX="[tea room] "))
        letter = arrived(office)

    assert delivery.outcome == "sent"
    assert letter["Subject"] == "[tea room] 'Tea' updated"
    assert letter["From"] == "Meeting desk <desk@example.org>"
    assert office.letters[0].mail_from == "desk@example.org"


def test_a_host_that_is_none_keeps_the_letter() -> None:
    """
    The host is really looked up: one that is not there is told apart from a silent one.
    """
    with PostOffice() as office:
        delivery = sent(smtp(office, EMAIL_HOST="no-such-host.invalid"))
    assert (delivery.outcome, delivery.everywhere) == (None, True)
    assert office.connections == 0


@pytest.mark.parametrize(
    ("environ", "outcome", "reason"),
    [
        ({"EMAIL_HOST_USER": "desk", "EMAIL_HOST_PASSWORD": "hush"}, "sent", ""),
        (
            {"EMAIL_HOST_USER": "desk", "EMAIL_HOST_PASSWORD": "wrong"},
            None,
            "the mail server refuses our user and password",
        ),
        ({}, None, "the mail server takes no letter from our address"),
    ],
)
def test_user_and_password(environ: dict[str, str], outcome: str | None, reason: str) -> None:
    """
    Who is set signs in with what is set; a refusal holds the letter back.
    """
    with PostOffice(account=ACCOUNT) as office:
        delivery = sent(smtp(office, **environ))

    assert (delivery.outcome, delivery.reason) == (outcome, reason)
    assert len(office.letters) == (outcome == "sent")


def test_timeout() -> None:
    """
    A server that says nothing is left after the time that is set.
    """
    with PostOffice() as office:
        office.answer("RCPT", SILENCE)
        delivery = sent(smtp(office, EMAIL_TIMEOUT="0.2"))

    assert delivery.outcome is None
    assert delivery.reason.startswith("the connection broke")


@pytest.mark.parametrize("how", ["EMAIL_USE_TLS", "EMAIL_USE_SSL"])
@pytest.mark.parametrize("files", [("client.pem", "client.key"), ("both.pem", "")])
def test_encryption_and_certificates(papers: Papers, how: str, files: tuple[str, str]) -> None:
    """
    Both kinds of TLS show our certificate and key, and trust who the file that is set names.
    """
    certificate, key = files
    environ = {
        how: "true",
        "EMAIL_SSL_CAFILE": str(papers.folder / "authority.pem"),
        "EMAIL_SSL_CERTFILE": str(papers.folder / certificate),
        **({"EMAIL_SSL_KEYFILE": str(papers.folder / key)} if key else {}),
        "EMAIL_HOST_USER": "desk",
        "EMAIL_HOST_PASSWORD": "hush",
    }
    from_first_byte = how == "EMAIL_USE_SSL"
    with PostOffice(papers.server, from_first_byte=from_first_byte, account=ACCOUNT) as office:
        delivery = sent(smtp(office, **environ))
        assert delivery.outcome == "sent"
        arrived(office)


@pytest.mark.parametrize("how", ["EMAIL_USE_TLS", "EMAIL_USE_SSL"])
@pytest.mark.parametrize("left_out", ["EMAIL_SSL_CAFILE", "EMAIL_SSL_CERTFILE"])
def test_no_letter_without_them(papers: Papers, how: str, left_out: str) -> None:
    """
    Without the authority we trust nobody, without the certificate nobody trusts us.
    """
    environ = {
        how: "true",
        "EMAIL_SSL_CAFILE": str(papers.folder / "authority.pem"),
        "EMAIL_SSL_CERTFILE": str(papers.folder / "both.pem"),
    }
    del environ[left_out]
    with PostOffice(papers.server, from_first_byte=how == "EMAIL_USE_SSL") as office:
        delivery = sent(smtp(office, **environ))
        assert delivery.outcome is None
        assert office.letters == []


@pytest.mark.parametrize(("written", "offset"), [("true", "+0545"), ("false", "+0000")])
def test_local_time(monkeypatch: pytest.MonkeyPatch, written: str, offset: str) -> None:
    """
    Letters are dated in the machine's zone when that is set, else in UTC.
    """
    with zone("Asia/Kathmandu", monkeypatch), PostOffice() as office:
        sent(smtp(office, EMAIL_USE_LOCALTIME=written))
        assert arrived(office)["Date"].endswith(offset)


@contextmanager
def zone(name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """
    Move the machine to another zone.
    """
    with monkeypatch.context() as patch:
        patch.setenv("TZ", name)
        time.tzset()
        yield
    time.tzset()


def test_file_path(tmp_path: Path) -> None:
    """
    The filebased backend writes into the directory that is set.
    """
    folder = tmp_path / "mail"
    sent({"EMAIL_BACKEND": "filebased", "EMAIL_FILE_PATH": str(folder)})

    (file,) = folder.iterdir()
    assert message_from_bytes(file.read_bytes())["To"] == THEY


@pytest.mark.parametrize(
    ("backend", "shown"), [("console", True), ("dummy", False), ("locmem", False)]
)
def test_backends_without_a_server(backend: str, shown: bool) -> None:
    """
    The other backends take every letter; only the console shows it.
    """
    stream = io.StringIO()
    assert sent({"EMAIL_BACKEND": backend}, stream).outcome == "sent"
    assert (f"To: {THEY}" in stream.getvalue()) is shown
