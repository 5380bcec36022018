"""
Hostile titles and addresses, and what several readers make of the letters about them.

Run as ``python -m tests.adapters.hostile LETTERS``; prints its figures as one JSON line and
fails when two readers differ.
"""

from __future__ import annotations

import json
import sys
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from random import Random  # noqa: TID251 - what people write is drawn, by seed
from time import monotonic
from typing import TYPE_CHECKING, Final

import attrs

from calndro.adapters.letter import octets, write
from calndro.core.errors import DeliveryError
from calndro.core.event import see
from tests.adapters.letters import LETTERHEAD, NOW, dispatch
from tests.examples import Scene
from tests.strategies import HOSTILE


if TYPE_CHECKING:
    from email.message import EmailMessage


HEADERS: Final = [
    "Content-Type",
    "From",
    "Reply-To",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Auto-Submitted",
    "X-Calndro-Audit",
    "MIME-Version",
]

# Each has become a header of its own, another recipient or another text somewhere.
HOSTILE_TITLES: Final = [
    "x=?UTF-8?Q?=0A?=Bcc: a@here.net",
    "=?UTF-8?Q?=0D=0ABcc:_a@here.net?=",
    "x =?utf-8?b?CkJjYzogYUBoZXJlLm5ldA==?= y",
    "=?utf-8?q?half",
    "?==?",
    "Bcc: a@here.net",
    "a\r\nBcc: a@here.net",
    "a\n\nA body of its own",
    "a\u0085Bcc: a@here.net",
    "a\u2028Bcc: a@here.net",
    "two  spaces   three    " * 8,
    "x" * 256,
    "\u20ac" * 256,
    "\U0001f600 " * 128,
    "e\u0301\u0301\u0301",
    "{who} {0} %s {{ title }} {% raw %}",
    "\\N{BULLET} \\r\\n",
    "From here to there",
    ".",
    "<b>&amp;</b>",
    "--=_alternative--",
    "--=_mixed\r\n\r\nanother part",
    "</title></style><script>alert(1)</script>",
    "<img src=//thar.net onerror=alert(1)>",
    "\" style='x' onclick=alert(1) x=",
    "<!-- {% endraw %} {{ 7 * 7 }}",
    "]]><![CDATA[",
]
HOSTILE_ADDRESSES: Final = [
    "a@here.net>, <x@thar.net",
    "a@here.net, x@thar.net",
    "a@here.net\r\nBcc: x@thar.net",
    "a@here.net\nBcc: x@thar.net",
    "=?utf-8?q?x=40thar.net=2C?=@here.net",
    '"a\\"@here.net, x"@thar.net',
    "a(x@thar.net)@here.net",
    "Group: a@here.net, x@thar.net;",
    "<a@here.net>",
    "a@[127.0.0.1]",
    "a@here.net;x@thar.net",
    "\u212aa@here.net",
    "erased-3",
    "",
    "@",
]

_PIECES: Final = (*HOSTILE_TITLES, *HOSTILE, *HOSTILE_ADDRESSES)
_ENDS: Final = (
    "a@here.net",
    "b+c@thar.net",
    "o'b/d?e=f@xn--bcher-kva.example.org",
    "z@b\u00fc.net",
)
_MARKS: Final = '<>,;:()[]\\"@=?\r\n\t\0\x1b\u202e\ufeff\u2028 .%'


@attrs.frozen(kw_only=True)
class Figures:
    """
    What a run came to.

    Args:
        letters: How many were tried.
        written: How many of them could be written.
        refused: How many had a recipient that no mail can go to.
        differ: In how many two readers found other headers, recipients or subjects.
        seconds: How long it took, whole.
    """

    letters: int
    written: int
    refused: int
    differ: int
    seconds: int


def raw_headers(content: bytes) -> list[tuple[str, str]]:
    """
    Split the headers of a mail by hand, by the letter of RFC 5322.
    """
    head, _, _ = content.partition(b"\r\n\r\n")
    lines = head.decode("ascii").replace("\r\n ", " ").replace("\r\n\t", " ").split("\r\n")
    return [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]


def try_letters(number: int, *, careless: bool = False) -> Figures:
    """
    Write letters about hostile titles to hostile addresses, and read each in two ways.

    Args:
        number: How many.
        careless: Put the title into the headers as it is: the control that must differ.
    """
    began = monotonic()
    chance = Random(number)  # noqa: S311 - chance, not secrets
    seen = see(Scene(1).ledger)
    written = differ = 0
    for _ in range(number):
        title, recipient = _title(chance), _address(chance)
        letter = dispatch(event=attrs.evolve(seen, title=title), recipient=recipient)
        try:
            content = octets(write(letter, LETTERHEAD, NOW), "\r\n")
        except DeliveryError:
            continue
        if careless:
            subject = f"Subject: {title}\r\n".encode("ascii", "replace")
            content = content.replace(b"Subject: ", subject + b"X-Was: ", 1)
        written += 1
        differ += not _is_read_alike(content, recipient, f"[calndro] '{title}' updated")
    return Figures(
        letters=number,
        written=written,
        refused=number - written,
        differ=differ,
        seconds=int(monotonic() - began),
    )


def _title(chance: Random) -> str:
    drawn = "".join(_piece(chance) for _ in range(chance.randint(1, 4)))
    # No title can hold half a character; nor can a mail.
    return drawn.encode("utf-8", "replace").decode()


def _piece(chance: Random) -> str:
    match chance.randrange(3):
        case 0:
            return chance.choice(_PIECES)
        case 1:
            return chance.choice(_MARKS)
        case _:
            return "".join(chr(chance.randrange(0x11000)) for _ in range(chance.randrange(12)))


def _address(chance: Random) -> str:
    address = chance.choice(_ENDS)
    if chance.random() < 1 / 2:
        return address
    place = chance.randrange(len(address) + 1)
    return address[:place] + _piece(chance) + address[place:]


def _is_read_alike(content: bytes, recipient: str, subject: str) -> bool:
    by_library = message_from_bytes(content, policy=policy.default)
    by_hand = dict(raw_headers(content))
    if not by_library.keys() == [name for name, _ in raw_headers(content)] == HEADERS:
        return False
    (to,) = _recipients(by_library)
    local, _, domain = recipient.strip(" ").rpartition("@")
    if to != by_hand["To"] or not to.startswith(f"{local}@"):
        return False
    if domain.isascii() and to.rpartition("@")[2] != domain:
        return False
    said = str(make_header(decode_header(by_hand["Subject"])))
    return not subject.isprintable() or said == by_library["Subject"] == subject.strip()


def _recipients(message: EmailMessage) -> list[str]:
    return [each.addr_spec for each in message["To"].addresses] or [""]


def main() -> None:
    """
    Do as the command line says.
    """
    figures = try_letters(int(sys.argv[1]))
    sys.stdout.write(json.dumps(attrs.asdict(figures)) + "\n")
    sys.exit(1 if figures.differ else 0)


if __name__ == "__main__":
    main()
