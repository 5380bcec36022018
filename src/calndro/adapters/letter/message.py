"""
Letters as mail messages.

Text that people wrote gets into a header in one of two ways only: an address after it was
parsed anew, a subject as encoded words unless it is short and plain. Either keeps a
hostile title or address from becoming a header of its own. What stands in a body is
encoded so that it can't hold the mark between two parts.

Source: RFC 5322; RFC 2045, section 6.7 (that mark); RFC 2047 (encoded words); RFC 3834,
section 5 (Auto-Submitted); RFC 6047 (calendars in mail); RFC 8058 (List-Unsubscribe-Post).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email import charset, policy
from email.encoders import encode_base64
from email.header import Header
from email.message import Message
from email.utils import format_datetime, formataddr
from typing import TYPE_CHECKING, Final, TypeAlias

import attrs

from calndro.adapters.letter.setting import as_html, as_text
from calndro.adapters.letter.wording import can_stop, compose
from calndro.core.dispatch import Dispatch
from calndro.core.errors import DeliveryError, InvalidInputError
from calndro.core.event import is_erased
from calndro.core.party import Address, parse_mailbox


if TYPE_CHECKING:
    from calndro.adapters.letter.wording import Wording


_Part: TypeAlias = "Message[str, str | Header]"

Invite: TypeAlias = Callable[[Dispatch, str, str, datetime], "tuple[str | None, bytes] | None"]
"""
Makes the calendar for a dispatch, given the public URL, the address that letters come from
and the time: its method, None without one, and its bytes; None where there is none to send.
"""

_MOST_PLAIN: Final = 60
_FILE_NAME: Final = "invite.ics"

# EmailMessage lets an encoded word in a title end a header on Python before 3.13. A line with
# encoded words has at most 76 characters.
_FORM: Final = policy.compat32.clone(max_line_length=76)

# What of a letter is ASCII stays nearly readable for who looks at its source.
_UTF_8: Final = charset.Charset("utf-8")
_UTF_8.body_encoding = charset.QP


class _Unbroken(Header):
    """
    A header on one line; folded before its only word, it would begin with an empty line.
    """

    def encode(self, *_form: object, **_more: object) -> str:
        return str(self)


@attrs.frozen
class Origin:
    """
    Who letters come from.

    Args:
        name: Shown beside the address; empty without one.
        address: In the form that mail takes.
    """

    name: str
    address: str

    @classmethod
    def parse(cls, text: str) -> Origin:
        """
        Read ``calndro@here.net`` or ``Calendar desk <calndro@here.net>``.

        Raises:
            InvalidInputError: It is neither.
        """
        name, address = parse_mailbox(text)
        return cls(name, postal(address.text))

    @property
    def domain(self) -> str:
        """
        Where the identities of letters are unique.
        """
        return self.address.rpartition("@")[2]

    @property
    def header(self) -> Header:
        """
        The header that names it.
        """
        if self.name.isascii() and len(self.name) <= _MOST_PLAIN:
            return _Unbroken(formataddr((self.name, self.address)))
        found = Header(self.name, _UTF_8, header_name="From")
        found.append(f"<{self.address}>", "us-ascii")
        return found


def _origin(given: Origin | str) -> Origin:
    return given if isinstance(given, Origin) else Origin.parse(given)


def _without_slash(url: str) -> str:
    return url.rstrip("/")


@attrs.frozen
class Letterhead:
    """
    What all letters of an instance have in common.

    Args:
        public_url: Where its pages are, with or without a slash at the end.
        from_address: Who letters come from; a text is parsed.
        subject_prefix: What subjects begin with.
        use_localtime: True to date letters in the machine's zone instead of UTC.
        invite: Makes the calendars that go with letters; None for letters without.

    Raises:
        InvalidInputError: That is no sender.
    """

    public_url: str = attrs.field(converter=_without_slash)
    from_address: Origin = attrs.field(converter=_origin)
    subject_prefix: str = "[calndro] "
    use_localtime: bool = False
    invite: Invite | None = None


def write(dispatch: Dispatch, letterhead: Letterhead, now: datetime) -> Message:
    """
    Write the letter of a dispatch.

    Args:
        dispatch: What it says.
        letterhead: What it shares with all letters of the instance.
        now: The clock's reading, UTC.

    Returns:
        A message in 7-bit form without lines above 998 characters. Written again for
        another attempt it has the same Message-ID.

    Raises:
        DeliveryError: The recipient is no address that mail can go to; permanent.
    """
    try:
        recipient = postal(dispatch.recipient)
    except InvalidInputError as error:
        reason = "the recipient's address is none that mail can go to"
        raise DeliveryError(reason, permanent=True) from error
    wording = compose(dispatch, letterhead.public_url, now)
    message = _body(wording, _calendar(dispatch, letterhead, now))
    message["From"] = letterhead.from_address.header
    if not is_erased(dispatch.sender):
        message["Reply-To"] = _Unbroken(postal(dispatch.sender))
    message["To"] = _Unbroken(recipient)
    message["Subject"] = _subject(letterhead.subject_prefix + wording.subject)
    message["Date"] = format_datetime(now.astimezone() if letterhead.use_localtime else now)
    _identify(message, dispatch, letterhead)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Calndro-Audit"] = str(dispatch.receipt)
    message["MIME-Version"] = "1.0"
    return message


def _identify(message: _Part, dispatch: Dispatch, letterhead: Letterhead) -> None:
    notice, event, domain = dispatch.notice, dispatch.receipt.event, letterhead.from_address.domain
    message["Message-ID"] = _Unbroken(f"<{event}.{notice.of}.{notice.recipient}@{domain}>")
    message["In-Reply-To"] = message["References"] = _Unbroken(f"<{event}@{domain}>")
    if can_stop(dispatch):
        page = f"{letterhead.public_url}/{dispatch.event.id}/mail/?et={dispatch.link}"
        message["List-Unsubscribe"] = _Unbroken(f"<{page}>")
        if page.startswith("https:"):
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def _calendar(
    dispatch: Dispatch, letterhead: Letterhead, now: datetime
) -> tuple[str | None, bytes] | None:
    if letterhead.invite is None:
        return None
    organizer = letterhead.from_address.address
    return letterhead.invite(dispatch, letterhead.public_url, organizer, now)


def _body(wording: Wording, calendar: tuple[str | None, bytes] | None) -> _Part:
    words = _parted("alternative")
    words.attach(_text(as_text(wording), "text/plain"))
    words.attach(_text(as_html(wording), "text/html"))
    if calendar is None:
        return words
    method, content = calendar
    if method is not None:
        words.attach(_filled(content, "text/calendar", charset="utf-8", method=method))
    attached = _filled(content, "application/ics", name=_FILE_NAME)
    attached.add_header("Content-Disposition", "attachment", filename=_FILE_NAME)
    whole = _parted("mixed")
    whole.attach(words)
    whole.attach(attached)
    return whole


def _parted(subtype: str) -> _Part:
    part: _Part = Message(_FORM)
    # No encoded body can have "=_" in it, so no text can end the part that it stands in.
    part.add_header("Content-Type", f"multipart/{subtype}", boundary=f"=_{subtype}")
    return part


def _text(text: str, kind: str) -> _Part:
    part: _Part = Message(_FORM)
    part.set_payload(text, _UTF_8)
    part.set_type(kind)
    return part


def _filled(content: bytes, kind: str, **facts: str) -> _Part:
    part: _Part = Message(_FORM)
    part.add_header("Content-Type", kind, **facts)
    part.set_payload(content)
    encode_base64(part)
    return part


def octets(message: Message, linesep: str) -> bytes:
    """
    Write a message as bytes, its lines ended by *linesep*.
    """
    return message.as_bytes(policy=_FORM.clone(linesep=linesep))


def postal(text: str) -> str:
    """
    Give the form of an address that stands in headers and envelopes.

    Args:
        text: An address as stored.

    Returns:
        ASCII: as stored, but for the domain where that is international.

    Raises:
        InvalidInputError: It is no address.
    """
    address = Address.parse(text)
    if address.text.isascii():
        return address.text
    local = address.text.rpartition("@")[0]
    return f"{local}@{address.key.rpartition('@')[2]}"


def _subject(text: str) -> str | Header:
    text = text.strip()
    plain = text.isascii() and text.isprintable() and "=?" not in text
    if plain and len(text) <= _MOST_PLAIN:
        return text
    return Header(text, _UTF_8, header_name="Subject")
