from __future__ import annotations

import re
import time
from datetime import timedelta
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parseaddr
from typing import TYPE_CHECKING
from uuid import UUID

import attrs
import pytest
from hypothesis import event, example, given
from hypothesis import strategies as st

from calndro.adapters.letter import Letterhead, Origin, octets, write
from calndro.core.agreement import Status
from calndro.core.errors import DeliveryError, InvalidInputError
from calndro.core.event import see
from calndro.core.log import Receipt
from calndro.core.notice import Kind, Notice
from calndro.core.party import Address
from calndro.core.title import parse_title
from tests.adapters.hostile import (
    HEADERS,
    HOSTILE_ADDRESSES,
    HOSTILE_TITLES,
    raw_headers,
    try_letters,
)
from tests.adapters.letters import LETTERHEAD, NOW, TOKEN, dispatch, parsed
from tests.adapters.reading_html import read_html
from tests.examples import IDENTITY, Scene, slot
from tests.strategies import HOSTILE


if TYPE_CHECKING:
    from email.message import EmailMessage, Message

    from tests.adapters.reading_html import Page


titles = st.sampled_from(HOSTILE_TITLES) | st.lists(
    st.sampled_from([*HOSTILE_TITLES, *HOSTILE]) | st.text(max_size=20), max_size=6
).map("".join)
addresses = st.sampled_from(HOSTILE_ADDRESSES) | st.lists(
    st.sampled_from([*HOSTILE, "a@here.net", "x@thar.net", "<", ">", ",", ";", ":", "(", "\\"]),
    max_size=5,
).map("".join)


def body(message: EmailMessage, kind: str) -> str:
    """
    Give what a mail program shows, as plain text or HTML.
    """
    found = message.get_body((kind,))
    assert found is not None
    text: str = found.get_content()
    return text


def kinds_of(message: EmailMessage) -> list[str]:
    """
    Name the parts of a message, from the outside in.
    """
    return [part.get_content_type() for part in message.walk()]


def content_of(part: Message) -> bytes:
    """
    Give the bytes that a part of a message carries.
    """
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


def agreed_scene() -> Scene:
    """
    Play until an event is agreed.
    """
    scene = Scene(1, parties="ab", proposer="p")
    for name in "ab":
        scene.keep(name, 1)
    return scene


def admitted(title: str) -> bool:
    """
    Tell whether an event can have this title.
    """
    try:
        return parse_title(title) == title
    except InvalidInputError:
        return False


@given(title=titles, prefix=st.sampled_from(["[calndro] ", "", "=?utf-8?q?", "\u00e9 "]))
@example(title=HOSTILE_TITLES[0], prefix="[calndro] ")
def test_no_title_becomes_a_header(title: str, prefix: str) -> None:
    """
    Whatever the title, three readers find the same headers, one recipient and the title.

    Titles that no event can have are written too: the letter does not rely on that.
    """
    title = title.encode("utf-8", "replace").decode()
    scene = Scene(1)
    letter = dispatch(scene, event=attrs.evolve(see(scene.ledger), title=title))
    content = octets(write(letter, attrs.evolve(LETTERHEAD, subject_prefix=prefix), NOW), "\r\n")
    strict, lenient = (
        message_from_bytes(content, policy=policy.default),
        message_from_bytes(content),
    )
    by_hand = raw_headers(content)
    assert strict.keys() == lenient.keys() == [name for name, _ in by_hand] == HEADERS
    assert [each.addr_spec for each in strict["To"].addresses] == ["b@here.net"]
    assert lenient["To"] == dict(by_hand)["To"] == "b@here.net"
    if admitted(title):
        subject = f"{prefix}'{title}' updated".strip()
        assert strict["Subject"] == subject
        stands = re.search(r"where\s+'(.*)'\s+stands", body(strict, "plain"), re.DOTALL)
        assert stands is not None
        assert stands[1].split() == title.split()
        for written in (lenient["Subject"], dict(by_hand)["Subject"]):
            assert str(make_header(decode_header(written))) == subject


@given(title=titles, name=titles)
@example(title=HOSTILE_TITLES[-5], name=HOSTILE_TITLES[-4])
def test_nothing_that_people_write_becomes_markup(title: str, name: str) -> None:
    """
    Whatever title and addresses are, the page has the same tags, and shows them as they are.
    """
    title, name = (text.encode("utf-8", "replace").decode() for text in (title, name))
    seen = see(Scene(1).ledger)

    def page(title: str, name: str) -> Page:
        shown = attrs.evolve(seen, title=title, parties=(name,), waiting_on=(name,))
        letter = dispatch(event=shown, effector=name)
        return read_html(body(parsed(letter), "html"))

    found = page(title, name)
    assert found.form == page("moot", "a@thar.net").form
    if admitted(title) and admitted(name):
        who = f"{name}, on behalf of a@here.net, tells you where '{title}' stands."
        assert {f"'{title}' updated", who, f"Still to answer: {name}."} <= set(found.words)


@given(addresses)
@example("a@here.net")
@example("a@here.net\u0130")
def test_no_address_becomes_two(text: str) -> None:
    """
    A letter goes to exactly the one address it was given, or it can't be written at all.
    """
    try:
        content = octets(write(dispatch(recipient=text), LETTERHEAD, NOW), "\r\n")
    except DeliveryError:
        event("refused")
        return
    strict = message_from_bytes(content, policy=policy.default)
    assert strict.keys() == [name for name, _ in raw_headers(content)] == HEADERS
    assert [each.addr_spec for each in strict["To"].addresses] == [dict(raw_headers(content))["To"]]
    assert Address.parse(strict["To"]).key == Address.parse(text).key
    assert strict["To"] == text.strip(" ") or not text.isascii()


def test_hostile_letters_read_the_same_everywhere() -> None:
    """
    Two readers find the same headers, recipient and subject in a few hundred hostile letters.
    """
    figures = try_letters(150)
    assert figures.differ == 0
    assert min(figures.written, figures.refused) > 25


def test_a_careless_writer_is_caught() -> None:
    """
    The same readers disagree about letters whose headers are put together without care.
    """
    assert try_letters(50, careless=True).differ > 0


@pytest.mark.parametrize("text", HOSTILE_ADDRESSES)
def test_what_is_no_address_gets_no_letter(text: str) -> None:
    """
    A letter to what is no single plain address is refused for good.
    """
    with pytest.raises(DeliveryError) as caught:
        write(dispatch(recipient=text), LETTERHEAD, NOW)
    assert caught.value.permanent
    assert "@" not in caught.value.reason


@given(title=titles.filter(admitted), slots=st.integers(0, 30), parties=st.integers(2, 100))
@example(title="x" * 256, slots=30, parties=100)
@example(title="\u20ac" * 256, slots=30, parties=100)
@example(title="\u20ac" * 256, slots=1, parties=100)
def test_letter_passes_every_server(title: str, slots: int, parties: int) -> None:
    """
    A letter is 7-bit, without bare line ends, and no line has more than 998 characters.
    """
    scene = Scene(*range(slots), title=title)
    names = tuple(f"{'n' * 60}{n}@{'d' * 60}.{'e' * 60}.{'f' * 55}.net" for n in range(parties))
    seen = attrs.evolve(
        see(scene.ledger),
        parties=names,
        waiting_on=names,
        kept=dict.fromkeys(names, scene.ledger.state.slots),
        zone="Asia/Kathmandu",
        status=Status.AGREED if slots == 1 else Status.OPEN,
    )
    letter = dispatch(event=seen, kind=Kind.CANCELLED, about=slot(0))
    content = octets(write(letter, LETTERHEAD, NOW), "\r\n")
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)|\x00", content)


def test_headers_say_what_the_letter_is() -> None:
    """
    A letter comes from the instance, is answered to the sender, and is marked as automatic.
    """
    letter = dispatch(receipt=Receipt(IDENTITY, 9, bytes(range(32))))
    headers = dict(parsed(letter).items())
    assert headers["From"] == "Meeting desk <desk@example.org>"
    assert headers["Reply-To"] == "a@here.net"
    assert headers["To"] == "b@here.net"
    assert headers["Subject"] == "[calndro] 'moot' updated"
    assert headers["Date"] == "Mon, 24 Dec 2029 18:30:12 +0000"
    assert headers["Message-ID"] == f"<{IDENTITY}.2.2@example.org>"
    assert headers["References"] == headers["In-Reply-To"] == f"<{IDENTITY}@example.org>"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["X-Calndro-Audit"] == (f"event={IDENTITY} seq=9 head={bytes(range(32)).hex()}")


def test_party_can_stop_letters_with_one_click() -> None:
    """
    A party's letter has the address of RFC 8058, unfolded; the plain web gets no one-click.
    """
    content = octets(write(dispatch(), LETTERHEAD, NOW), "\r\n")
    address = f"<https://meet.example.org/7/mail/?et={TOKEN}>"
    assert f"\r\nList-Unsubscribe: {address}\r\n".encode() in content
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in content
    plain = parsed(dispatch(), attrs.evolve(LETTERHEAD, public_url="http://localhost:8000"))
    assert plain["List-Unsubscribe"] == f"<http://localhost:8000/7/mail/?et={TOKEN}>"
    assert "List-Unsubscribe-Post" not in plain


def test_only_who_can_stop_letters_is_offered_it() -> None:
    """
    Neither who is no party nor a letter about a deleted event has the address for stopping.
    """
    scene = agreed_scene()
    guest = dispatch(scene, recipient="p@here.net", link=None, expires=None)
    assert "List-Unsubscribe" not in parsed(guest)
    scene.delete("a")
    assert "List-Unsubscribe" not in parsed(dispatch(scene, Kind.CANCELLED, about=slot(1)))


def test_letter_is_text_and_page() -> None:
    """
    A letter about an open event is plain text, and the same words as HTML.
    """
    message = parsed(dispatch())
    assert kinds_of(message) == ["multipart/alternative", "text/plain", "text/html"]
    words = " ".join(" ".join(read_html(body(message, "html")).words).split())
    text = " ".join(body(message, "plain").split())
    for sentence in re.findall(r"[A-Z][^.:]+[.:]", text):
        assert sentence in words


def test_page_loads_nothing_and_leads_only_to_the_event() -> None:
    """
    The page has no image, font, script or style from elsewhere, and one link: the letter's.
    """
    html = body(parsed(dispatch(agreed_scene(), Kind.AGREED, about=slot(1))), "html")
    page = read_html(html)
    tags = {tag for tag, _ in page.form}
    assert tags.isdisjoint({"img", "link", "script", "iframe", "object", "base", "form"})
    assert page.values("href") == [f"https://meet.example.org/7/?et={TOKEN}"]
    assert re.findall(r"url\(|@import|//[a-z]", html.replace("https://meet", "")) == []


@pytest.mark.parametrize("kind", [Kind.AGREED, Kind.CHANGED, Kind.INVITATION])
def test_agreement_carries_its_calendar_twice(kind: Kind) -> None:
    """
    To a party, the calendar is a third form of the letter, with its method, and a file.

    Source: RFC 6047, 2.4.
    """
    about = None if kind is Kind.INVITATION else slot(1)
    message = parsed(dispatch(agreed_scene(), kind, about=about))
    assert kinds_of(message) == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]
    inner, attached = list(message.walk())[-2:]
    assert inner.get_param("method") == "REQUEST"
    assert inner.get_content_charset() == "utf-8"
    assert attached.get_filename() == "invite.ics"
    assert attached.get_content_disposition() == "attachment"
    assert content_of(inner) == content_of(attached)
    assert content_of(inner).startswith(b"BEGIN:VCALENDAR\r\n")


def test_who_is_no_party_gets_the_file_alone() -> None:
    """
    A proposer that is no party is not invited: its letter has the file and no method.
    """
    guest = dispatch(
        agreed_scene(),
        Kind.AGREED,
        about=slot(1),
        recipient="p@here.net",
        link=None,
        expires=None,
    )
    message = parsed(guest)
    assert kinds_of(message)[2:] == ["text/plain", "text/html", "application/ics"]
    assert b"METHOD" not in content_of(list(message.walk())[-1])


def test_instance_without_calendars_writes_letters_all_the_same() -> None:
    """
    A letterhead that makes no calendars gives text and page.
    """
    plain = attrs.evolve(LETTERHEAD, invite=None)
    message = parsed(dispatch(agreed_scene(), Kind.AGREED, about=slot(1)), plain)
    assert kinds_of(message) == ["multipart/alternative", "text/plain", "text/html"]


def test_identity_belongs_to_the_notice() -> None:
    """
    Another attempt has the same Message-ID; another entry, recipient or event has not.
    """
    first = dispatch()
    again = attrs.evolve(first, link="f" * 40, receipt=Receipt(IDENTITY, 30, b"0" * 32))
    others = [
        dispatch(notice=Notice(7, 3, 2, Kind.UPDATE)),
        dispatch(notice=Notice(7, 2, 3, Kind.UPDATE)),
        dispatch(receipt=Receipt(UUID(int=1), 2, b"0" * 32)),
    ]
    later = write(again, LETTERHEAD, NOW + timedelta(hours=1))
    assert later["Message-ID"] == write(first, LETTERHEAD, NOW)["Message-ID"]
    found = {str(write(each, LETTERHEAD, NOW)["Message-ID"]) for each in (first, *others)}
    assert len(found) == 4


def test_letters_of_an_event_are_one_thread() -> None:
    """
    All letters of one event refer to the same message, those of another event do not.
    """
    threads = [
        write(letter, LETTERHEAD, NOW)["References"]
        for letter in (
            dispatch(),
            dispatch(Scene(3), Kind.AGREED, notice=Notice(7, 9, 1, Kind.AGREED)),
            dispatch(receipt=Receipt(UUID(int=1), 2, b"0" * 32)),
        )
    ]
    assert threads[0] == threads[1] != threads[2]


def test_date_is_in_the_zone_of_the_machine_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    With use_localtime a letter is dated with the machine's offset, at the same instant.
    """
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Kathmandu")
        time.tzset()
        date = write(dispatch(), attrs.evolve(LETTERHEAD, use_localtime=True), NOW)["Date"]
    time.tzset()
    assert date == "Tue, 25 Dec 2029 00:15:12 +0545"


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("calndro@localhost", "", "calndro@localhost"),
        ("Meeting desk <desk@example.org>", "Meeting desk", "desk@example.org"),
        ("B\u00fcro <desk@b\u00fccher.example.org>", "B\u00fcro", "desk@xn--bcher-kva.example.org"),
        ('"Desk, the" <desk@example.org>', "Desk, the", "desk@example.org"),
    ],
)
def test_origin_is_read_as_people_write_it(text: str, name: str, address: str) -> None:
    """
    The instance's address may have a name beside it, and both arrive as written.
    """
    assert Origin.parse(text) == Origin(name, address)
    letterhead = Letterhead("https://meet.example.org", text)
    (found,) = parsed(dispatch(), letterhead)["From"].addresses
    assert (found.display_name, found.addr_spec) == (name, address)


def test_headers_are_folded_between_their_words_only() -> None:
    """
    However long addresses are, no header begins with an empty line; a long name is cut.
    """
    domain = f"{'long-' * 10}name.example.org"
    name = ("B\u00fcro f\u00fcr Termine aller Art " * 4).strip()
    letter = dispatch(recipient=f"you@{domain}", sender=f"they@{domain}")
    for shown in ("", name, ("Desk " * 30).strip()):
        letterhead = Letterhead("https://meet.example.org", f"{shown} <desk@{domain}>", name)
        content = octets(write(letter, letterhead, NOW), "\r\n")
        head = content.partition(b"\r\n\r\n")[0].decode()
        assert not re.search(r"^[\w-]+: *\r\n", head, re.MULTILINE)
        assert f"\r\nTo: you@{domain}\r\n" in head
        assert f"\r\nReply-To: they@{domain}\r\n" in head
        assert f"@{domain}>\r\nIn-Reply-To: <" in head
        assert all(len(word) <= 75 for word in re.findall(r"=\?\S+\?=", head))
        origin = str(make_header(decode_header(message_from_bytes(content)["From"])))
        assert parseaddr(origin) == (shown, f"desk@{domain}")


@pytest.mark.parametrize("text", ["", "desk", "a@here.net\nBcc: x@thar.net", "<>", "Desk <desk>"])
def test_what_is_no_origin_is_refused(text: str) -> None:
    """
    A letterhead without an address to write from can't be made.
    """
    with pytest.raises(InvalidInputError):
        Letterhead("https://meet.example.org", text)
