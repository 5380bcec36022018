"""
Trying a mail server: the step that fails is named, and what to do about it.
"""

from __future__ import annotations

import socket
import ssl
from threading import Thread
from typing import TYPE_CHECKING, Any

import attrs
import pytest
import trustme
from aiosmtpd.smtp import SMTP

from calndro.adapters.smtp import SmtpServer, plain_letter
from calndro.adapters.smtp_trial import Step, Trial, try_server
from tests.adapters.letters import NOW
from tests.adapters.post_office import DROP, PostOffice
from tests.patience import PATIENCE


if TYPE_CHECKING:
    from pathlib import Path


def tried(office: PostOffice, **options: Any) -> list[Trial]:
    """
    Try a mail server of the tests.
    """
    server = SmtpServer(host="127.0.0.1", port=office.port, timeout=PATIENCE)
    server = attrs.evolve(server, **options)
    letter = plain_letter("desk@example.org", "you@here.net", "Trial", "hello\n", NOW, b"mark")
    return list(try_server(server, "desk@example.org", "you@here.net", letter))


def failed(office: PostOffice, **options: Any) -> Trial:
    """
    Try a mail server that must not take the letter, and give the step that failed.
    """
    *before, last = tried(office, **options)
    assert all(each.passed and not each.mend for each in before)
    assert not last.passed
    assert last.mend
    return last


def test_every_step_is_told_and_the_letter_arrives() -> None:
    """
    Where all goes well each step is told in order, with what the server said.
    """
    with PostOffice(account=("desk", "secret")) as office:
        steps = tried(office, user="desk", password="secret")
        assert [each.step for each in steps] == [each for each in Step if each is not Step.TLS]
        assert all(each.passed for each in steps)
        assert steps[-1].said == "250 2.0.0 Done"
        (letter,) = office.letters
    assert (letter.mail_from, letter.rcpt_tos) == ("desk@example.org", ["you@here.net"])
    assert b"hello" in (letter.content or b"")


def test_the_letter_is_as_servers_want_it() -> None:
    """
    Over the wire each line ends with CR and LF, and the letter has a date and an identity.
    """
    said = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def take() -> None:
            connection, _ = listener.accept()
            with connection, connection.makefile("rwb") as stream:
                stream.write(b"220 post.example.org\r\n")
                stream.flush()
                within = False
                for line in stream:
                    said.append(line)
                    within = within and line != b".\r\n"
                    if not within:
                        within = line == b"data\r\n"
                        stream.write(b"354 Go on\r\n" if within else b"250 Done\r\n")
                        stream.flush()

        taking = Thread(target=take)
        taking.start()
        host, port = listener.getsockname()
        sender = f"desk@{'long-' * 10}name.example.org"
        letter = plain_letter(sender, "you@here.net", "Trial", "hello\n", NOW, b"mark")
        server = SmtpServer(host=host, port=port, timeout=PATIENCE)
        assert all(each.passed for each in try_server(server, sender, "you@here.net", letter))
        taking.join()
    assert all(line.endswith(b"\r\n") and b"\r" not in line[:-2] for line in said)
    lines = said[said.index(b"data\r\n") + 1 :]
    assert b"Date: Mon, 24 Dec 2029 18:30:12 +0000\r\n" in lines
    domain = sender.partition("@")[2].encode()
    assert b"Message-ID: <6d61726b@" + domain + b">\r\n" in lines


@pytest.mark.parametrize("from_first_byte", [False, True])
def test_tls_is_tried(tmp_path: Path, from_first_byte: bool) -> None:
    """
    A certificate nobody vouches for fails at TLS; with its authority known it passes.
    """
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(path)
    options = {"use_tls": not from_first_byte, "use_ssl": from_first_byte}
    with PostOffice(context, from_first_byte=from_first_byte) as office:
        last = failed(office, **options)
        assert last.step is Step.TLS
        assert "CALNDRO_EMAIL_SSL_CAFILE" in last.mend
        assert all(each.passed for each in tried(office, ssl_cafile=path, **options))
        assert failed(office, ssl_cafile=tmp_path / "none.pem", **options).step is Step.TLS


def test_starttls_that_is_not_offered() -> None:
    """
    STARTTLS where there is none fails at TLS.
    """
    with PostOffice() as office:
        assert failed(office, use_tls=True).step is Step.TLS


def test_host_and_port() -> None:
    """
    A host that is none fails at looking it up, a port nobody listens on at connecting.
    """
    with PostOffice() as office:
        assert failed(office, host="no-such-host.invalid").step is Step.RESOLVE
        office.close()
        last = failed(office)
    assert last.step is Step.CONNECT
    assert "CALNDRO_EMAIL_PORT" in last.mend


def test_a_server_that_knows_the_old_greeting_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A server that refuses EHLO and takes HELO takes the letter, on trial as in earnest.
    """

    async def refuse(connection: SMTP, _hostname: str) -> None:
        await connection.push("502 5.5.1 Not implemented")

    monkeypatch.setattr(SMTP, "smtp_EHLO", refuse)
    with PostOffice() as office:
        assert all(each.passed for each in tried(office))
        SmtpServer(host="127.0.0.1", port=office.port).connect().close()
        assert len(office.letters) == 1


def test_silence_after_connecting() -> None:
    """
    A server that takes the connection and says nothing fails at the greeting.
    """
    with PostOffice() as office, socket.create_server(("127.0.0.1", 0)) as mute:
        last = failed(office, port=mute.getsockname()[1], timeout=0.5)
    assert last.step is Step.GREETING
    assert "CALNDRO_EMAIL_USE_SSL" in last.mend


def test_a_server_that_leaves_after_its_greeting() -> None:
    """
    A server that greets and answers nothing more fails at the greeting.
    """
    with PostOffice() as office, socket.create_server(("127.0.0.1", 0)) as rude:

        def greet() -> None:
            connection, _ = rude.accept()
            with connection:
                connection.sendall(b"220 post.example.org\r\n")
                connection.recv(1)

        greeting = Thread(target=greet)
        greeting.start()
        last = failed(office, port=rude.getsockname()[1])
        greeting.join()
    assert last.step is Step.GREETING


@pytest.mark.parametrize(("user", "password"), [("desk", "wrong"), ("d\u00e9sk", "x")])
def test_wrong_password(user: str, password: str) -> None:
    """
    A refused sign-in fails there, with the server's words.
    """
    with PostOffice(account=("desk", "secret")) as office:
        last = failed(office, user=user, password=password)
    assert last.step is Step.SIGN_IN
    assert "CALNDRO_EMAIL_HOST_PASSWORD" in last.mend


@pytest.mark.parametrize(
    ("command", "reply", "step"),
    [
        ("MAIL", "550 5.7.1 Not from you", Step.SENDER),
        ("RCPT", "554 5.7.1 Relay access denied", Step.RECIPIENT),
        ("RCPT", DROP, Step.RECIPIENT),
        ("DATA", "554 5.7.1 Spam", Step.LETTER),
        ("BEFORE DATA", "451 4.3.0 Later", Step.LETTER),
    ],
)
def test_refusals(command: str, reply: str, step: Step) -> None:
    """
    A refusal is told at its step, in the server's words.
    """
    with PostOffice() as office:
        office.answer(command, reply)
        last = failed(office)
    assert last.step is step
    assert reply in {DROP, last.said}
