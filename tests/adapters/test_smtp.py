from __future__ import annotations

import ssl
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import attrs
import pytest
import trustme

from calndro.adapters.memory import MemoryClock
from calndro.adapters.smtp import SmtpNotifier, SmtpServer
from calndro.core.errors import DeliveryError, InvalidInputError
from tests.adapters.letters import LETTERHEAD, NOW, TOKEN, dispatch
from tests.adapters.post_office import DROP, SILENCE, PostOffice
from tests.examples import Scene
from tests.patience import PATIENCE


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@attrs.frozen
class Papers:
    """
    What the tests' own certificate authority has signed.
    """

    authority: Path
    server: ssl.SSLContext
    client: Path


@pytest.fixture
def office() -> Iterator[PostOffice]:
    """
    Run a mail server that takes every letter.
    """
    with PostOffice() as office:
        yield office


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    """
    Sign certificates for the mail server and for us.
    """
    folder = tmp_path_factory.mktemp("papers")
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(server)
    authority.cert_pem.write_to_path(folder / "authority.pem")
    ours = authority.issue_cert("desk@example.org").private_key_and_cert_chain_pem
    ours.write_to_path(folder / "client.pem")
    return Papers(folder / "authority.pem", server, folder / "client.pem")


def at(office: PostOffice, **options: Any) -> SmtpNotifier:
    """
    Make a notifier for a mail server of the tests.
    """
    server = SmtpServer(host="127.0.0.1", port=office.port, timeout=PATIENCE)
    return SmtpNotifier(LETTERHEAD, MemoryClock(NOW), attrs.evolve(server, **options))


def refused(notifier: SmtpNotifier) -> DeliveryError:
    """
    Fail to deliver a letter, and give the error.
    """
    with pytest.raises(DeliveryError) as caught:
        notifier.deliver(dispatch())
    assert "@" not in caught.value.reason
    return caught.value


def turned_away(notifier: SmtpNotifier) -> DeliveryError:
    """
    Fail to deliver the only letter of a batch for no fault of its own, and give the error.
    """
    with notifier:
        error = refused(notifier)
    assert error.everywhere
    return error


def test_envelope_names_the_instance_and_the_recipient(office: PostOffice) -> None:
    """
    A letter is handed over from the instance's address to the stored address, unaltered.
    """
    scene = Scene(1, title="Zmittag \u2013 Z\u00fcrich")
    recipient = "O'Neil+tag/dept=x!#$%&*-?^_`{|}~@Thar.NET"
    with at(office) as notifier:
        notifier.deliver(dispatch(scene, recipient=recipient))
    (letter,) = office.letters
    assert (letter.mail_from, letter.rcpt_tos) == ("desk@example.org", [recipient])
    parsed = message_from_bytes(office.contents[0], policy=policy.default)
    assert parsed["To"] == recipient
    text = parsed.get_body(("plain",))
    assert text is not None
    assert TOKEN in text.get_content()


def test_recipient_of_an_international_domain_gets_mail_at_its_ascii_form(
    office: PostOffice,
) -> None:
    """
    An address whose domain is not ASCII is handed over with the domain's ASCII form.
    """
    with at(office) as notifier:
        notifier.deliver(dispatch(recipient="Zo\u0065@b\u00fccher.example.org"))
    assert office.letters[0].rcpt_tos == ["Zoe@xn--bcher-kva.example.org"]


def test_no_line_of_a_letter_ends_it(office: PostOffice) -> None:
    """
    A line that is a single full stop arrives as one, and nothing after it is lost.
    """
    with at(office) as notifier:
        # It is long enough to stand on a line of its own once set.
        notifier.deliver(dispatch(Scene(1, title=f". {'x' * 100} . {'y' * 100} .")))
    assert office.contents[0].rstrip().endswith(b"--=_alternative--")


def test_batch_takes_one_connection(office: PostOffice) -> None:
    """
    All letters between entering and leaving go over one connection, opened by the first.
    """
    with at(office) as notifier:
        assert office.connections == 0
        for _ in range(5):
            notifier.deliver(dispatch())
    assert (office.connections, len(office.letters)) == (1, 5)


def test_connection_that_the_server_left_is_opened_anew(office: PostOffice) -> None:
    """
    A letter after the server has cut the idle connection is delivered at the first attempt.
    """
    with at(office) as notifier:
        notifier.deliver(dispatch())
        office.cut()
        notifier.deliver(dispatch())
        office.answer("MAIL", "421 4.3.2 Shutting down")
        notifier.deliver(dispatch())
    assert (office.connections, len(office.letters)) == (3, 3)


@pytest.mark.parametrize(
    ("command", "reply", "code", "permanent"),
    [
        ("MAIL", "451 4.3.0 Later", 451, False),
        ("RCPT", "550 5.1.1 b@here.net is unknown", 550, True),
        ("RCPT", "552 5.2.2 Full", 552, True),
        ("RCPT", "450 4.2.0 Greylisted", 450, False),
        ("RCPT", "421 4.3.2 Shutting down", 421, False),
        ("RCPT", "252 2.0.0 Perhaps", 252, False),
        ("DATA", "554 5.6.0 Spam", 554, True),
        ("DATA", "452 4.3.1 Full", 452, False),
        ("BEFORE DATA", "554 5.5.1 No valid recipients", 554, True),
        ("BEFORE DATA", "451 4.3.0 Later", 451, False),
        ("MAIL", DROP, None, False),
        ("RCPT", DROP, None, False),
        ("DATA", DROP, None, False),
        ("RCPT", "no reply at all", None, False),
    ],
)
def test_refusal_is_permanent_when_the_letter_is_to_blame(
    office: PostOffice, command: str, reply: str, code: int | None, permanent: bool
) -> None:
    """
    Only a 5xx reply to a letter ends it; the next letter of the batch is delivered.
    """
    with at(office) as notifier:
        office.answer(command, reply)
        error = refused(notifier)
        assert (error.code, error.permanent, error.everywhere) == (code, permanent, False)
        taken = len(office.letters)
        notifier.deliver(dispatch())
        assert len(office.letters) == taken + 1


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("MAIL", "550 5.7.1 Not from you"),
        ("MAIL", "530 5.7.0 Authentication required"),
        ("RCPT", "530 5.7.0 Authentication required"),
    ],
)
def test_refusal_of_the_sender_is_one_of_all_letters(
    office: PostOffice, command: str, reply: str
) -> None:
    """
    A server that does not take letters from us at all ends none of them.
    """
    office.answer(command, reply)
    error = turned_away(at(office))
    assert (error.code, error.permanent, error.everywhere) == (int(reply[:3]), False, True)


def test_a_connection_carries_fifty_letters(office: PostOffice) -> None:
    """
    After fifty letters the notifier leaves and comes back.
    """
    with at(office) as notifier:
        for _ in range(101):
            notifier.deliver(dispatch())
    assert (office.connections, len(office.letters)) == (3, 101)


def test_recipient_that_is_forwarded_is_taken(office: PostOffice) -> None:
    """
    A server that passes a letter on to another address has taken it.
    """
    with at(office) as notifier:
        office.answer("RCPT", "251 2.1.5 Will forward")
        notifier.deliver(dispatch())
    assert len(office.letters) == 1


def test_refused_recipient_does_not_cost_the_connection(office: PostOffice) -> None:
    """
    After a recipient was refused, the other letters of the batch use the same connection.
    """
    with at(office) as notifier:
        office.answer("RCPT", "550 5.1.1 Unknown")
        refused(notifier)
        notifier.deliver(dispatch())
    assert (office.connections, len(office.letters)) == (1, 1)


def test_silent_server_is_given_up_after_the_timeout(office: PostOffice) -> None:
    """
    A server that does not answer in time costs one attempt, not the batch.
    """
    # Both must be so: the one is given up after it, the other comes within it.
    with at(office, timeout=5) as notifier:
        office.answer("RCPT", SILENCE)
        error = refused(notifier)
        assert (error.code, error.permanent) == (None, False)
        notifier.deliver(dispatch())
    assert len(office.letters) == 1


def test_outage_ends_with_the_server_back(office: PostOffice) -> None:
    """
    While no server listens each letter fails for now; once it does, letters arrive.
    """
    with at(office) as notifier:
        notifier.deliver(dispatch())
        office.close()
        error = refused(notifier)
        assert (error.reason, error.permanent) == ("the mail server can't be reached", False)
        assert isinstance(error.__cause__, OSError)
        office.open()
        notifier.deliver(dispatch())
    assert len(office.letters) == 2


def test_server_that_leaves_after_a_refusal_costs_no_other_letter(office: PostOffice) -> None:
    """
    When the connection does not outlive a refusal, the next letter gets a new one.
    """
    with at(office) as notifier:
        office.answer("RCPT", "550 5.1.1 Unknown")
        office.answer("RSET", DROP)
        assert refused(notifier).permanent
        notifier.deliver(dispatch())
    assert (office.connections, len(office.letters)) == (2, 1)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "x" * 70, "nul\x00"])
def test_host_that_is_none_is_no_fault_of_the_letter(office: PostOffice, host: str) -> None:
    """
    A host that can't be looked up is a failure for now.
    """
    assert not turned_away(at(office, host=host)).permanent


def test_greeting_that_turns_away_is_no_fault_of_the_letter(
    office: PostOffice, papers: Papers
) -> None:
    """
    A server that does not speak plainly when it should is a failure for now.
    """
    with PostOffice(papers.server, from_first_byte=True) as shut:
        assert not turned_away(at(shut, timeout=0.3)).permanent
    assert turned_away(at(office, use_ssl=True, ssl_cafile=papers.authority)).code is None


@pytest.mark.parametrize("from_first_byte", [False, True])
def test_letters_travel_encrypted_and_signed_in(papers: Papers, from_first_byte: bool) -> None:
    """
    STARTTLS and TLS from the first byte both carry letters of who signs in.
    """
    with PostOffice(
        papers.server, from_first_byte=from_first_byte, account=("desk", "secret")
    ) as office:
        with at(
            office,
            use_tls=not from_first_byte,
            use_ssl=from_first_byte,
            ssl_cafile=papers.authority,
            ssl_certfile=papers.client,
            user="desk",
            password="secret",
        ) as notifier:
            notifier.deliver(dispatch())
            notifier.deliver(dispatch())
        assert (office.connections, len(office.letters)) == (1, 2)


def test_wrong_password_holds_the_letter_back() -> None:
    """
    A refused sign-in is reported with its code and never ends a letter.
    """
    with PostOffice(account=("desk", "secret")) as office:
        error = turned_away(at(office, user="desk", password="wrong"))
        assert (error.code, error.permanent) == (535, False)
        assert error.reason == "the mail server refuses our user and password"
        assert turned_away(at(office)).code == 530
        assert not turned_away(at(office, user="d\u00e9sk", password="x")).permanent
        assert office.letters == []


def test_server_without_starttls_gets_nothing(office: PostOffice) -> None:
    """
    Where STARTTLS is asked for and not offered, no letter leaves in clear.
    """
    error = turned_away(at(office, use_tls=True))
    assert error.reason == "the mail server does not begin TLS, for it offers no such thing"
    assert not error.permanent
    assert office.letters == []


@pytest.mark.parametrize("from_first_byte", [False, True])
def test_certificate_of_a_stranger_gets_nothing(papers: Papers, from_first_byte: bool) -> None:
    """
    A server whose certificate nobody vouches for gets neither password nor letter.
    """
    with PostOffice(papers.server, from_first_byte=from_first_byte) as office:
        error = turned_away(at(office, use_tls=not from_first_byte, use_ssl=from_first_byte))
        assert error.reason == "the mail server's certificate can't be trusted"
        assert not error.permanent
        assert office.letters == []


def test_certificate_of_another_host_gets_nothing(papers: Papers) -> None:
    """
    A certificate is good for the host it names alone.
    """
    with PostOffice(papers.server, from_first_byte=True) as office:
        error = turned_away(at(office, host="localhost", use_ssl=True, ssl_cafile=papers.authority))
        assert error.reason == "the mail server's certificate can't be trusted"


@pytest.mark.parametrize("option", ["ssl_cafile", "ssl_certfile"])
def test_unreadable_certificate_is_no_fault_of_the_letter(
    office: PostOffice, tmp_path: Path, option: str
) -> None:
    """
    A certificate file that is missing or none is a failure for now, and says so.
    """
    path = tmp_path / "certificate.pem"
    for _ in range(2):
        error = turned_away(at(office, use_tls=True, **{option: path}))
        assert error.reason == "a certificate or key for the mail server can't be read"
        assert not error.permanent
        path.write_text("this is no certificate")


def test_tls_in_two_ways_is_refused() -> None:
    """
    STARTTLS and TLS from the first byte exclude each other.
    """
    with pytest.raises(InvalidInputError):
        SmtpServer(use_tls=True, use_ssl=True)


def test_password_is_not_shown() -> None:
    """
    The password of the mail server stays out of what is printed of it.
    """
    assert "hush" not in repr(SmtpServer(user="desk", password="hush"))
