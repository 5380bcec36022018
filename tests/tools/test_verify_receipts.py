from __future__ import annotations

import base64
import io
import quopri
import sys
from typing import TYPE_CHECKING

import pytest

from tests.data import make_audit_vectors as maker
from tests.tools.exports import EVENT, OTHER_EVENT, lines_of, receipt, story


if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.tools.exports import Verifier


def test_receipts_that_agree_are_named(verifier: Verifier) -> None:
    """
    Receipts that agree are counted, and the newest says how far the proof reaches.
    """
    status, said = verifier.told(story(), receipt(3), receipt(9), receipt(3))

    words = " ".join(said.split())
    assert status == 0
    assert "all receipts given, 2:" in words
    assert "nothing up to entry 9 was edited" in words
    assert "No receipt" not in words


def test_rewritten_log_is_found_by_a_receipt(verifier: Verifier) -> None:
    """
    Who writes the whole chain anew is found by a receipt at or after the change, and by no other.
    """
    entries = story()
    entries[3]["data"]["token"] = "76543210"

    assert verifier.told(entries)[0] == 0
    assert verifier.told(entries, receipt(3))[0] == 0
    status, said = verifier.told(entries, receipt(3), receipt(9), receipt(4))
    assert status == 1
    assert [line.split(":")[0] for line in said.splitlines()] == ["entry 4", "entry 9"]


def test_cut_log_is_found_by_a_receipt(verifier: Verifier) -> None:
    """
    A receipt beyond the end means that entries were cut.
    """
    lines = lines_of(story()[:9])
    lines[0]["people"] = lines[0]["people"][:2]
    lines[0]["people"][0] = {"i": 1}

    assert verifier.lines(lines, receipt(9))[0] == 0
    assert verifier.lines(lines, receipt(12)) == (
        1,
        "entry 10: it was cut off; a receipt vouches for entry 12\n",
    )


def test_receipts_before_a_bad_entry_are_compared(verifier: Verifier) -> None:
    """
    A receipt for an entry before the bad one is compared, one for a later entry is not.
    """
    entries = story()
    entries[1]["data"]["sender"] = 1
    entries[6]["occurrence"] = "NONE"

    status, said = verifier.told(entries, receipt(5), receipt(12))

    assert status == 1
    assert [line.split(":")[0] for line in said.splitlines()] == ["entry 5", "entry 7"]


def test_receipt_of_another_event_is_a_finding(verifier: Verifier) -> None:
    """
    An export is not that of the event for which one holds a receipt: exit 1.
    """
    status, said = verifier.told(story(), receipt(5, OTHER_EVENT))

    assert (status, said) == (
        1,
        f"a receipt is of event {OTHER_EVENT}, the export of {EVENT}\n",
    )


def test_receipt_of_the_beginning(verifier: Verifier) -> None:
    """
    The hash before the first entry is a receipt too, though an empty one.
    """
    assert verifier.told(story(), f"event={EVENT} seq=0 head={maker.genesis(EVENT)}")[0] == 0
    assert verifier.told(story(), f"event={EVENT} seq=0 head={'0' * 64}")[0] == 1


def header(line: str) -> str:
    """
    Fold a receipt as mail programs do.
    """
    return "X-Calndro-Audit: " + line.replace(" ", "\r\n ")


def mail(body: bytes, *headers: str) -> bytes:
    """
    Put together a letter.
    """
    return "\r\n".join(["Subject: cybes", *headers, "", ""]).encode() + body


def footer(seq: int) -> str:
    """
    Write the foot of a letter about entry *seq*.
    """
    return f"See you \u2013 soon\r\n\r\nCalndro-Audit: {receipt(seq)}\r\n"


def multipart(seq: int) -> bytes:
    """
    Put together a letter in two forms, the text one with a foot in base64.
    """
    text = base64.encodebytes(footer(seq).encode()).decode()
    return mail(
        (
            f"--x\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64"
            f"\r\n\r\n{text}\r\n--x\r\nContent-Type: text/html\r\n\r\n<p>hello</p>\r\n--x--\r\n"
        ).encode(),
        "Content-Type: multipart/alternative; boundary=x",
    )


def forwarded(seq: int) -> bytes:
    """
    Put together a letter that holds another as an attachment.
    """
    inner = mail(b"hello", header(receipt(seq)))
    return mail(
        b"--y\r\nContent-Type: message/rfc822\r\n\r\n" + inner + b"\r\n--y--\r\n",
        "Content-Type: multipart/mixed; boundary=y",
    )


LETTERS: dict[str, Callable[[int], bytes]] = {
    "folded header": lambda seq: mail(b"hello", header(receipt(seq))),
    "plain header": lambda seq: mail(b"hello", f"x-calndro-audit: {receipt(seq)}"),
    "foot": lambda seq: mail(footer(seq).encode()),
    "quoted-printable foot": lambda seq: mail(
        quopri.encodestring(footer(seq).encode()), "Content-Transfer-Encoding: quoted-printable"
    ),
    "base64 foot": lambda seq: mail(
        base64.encodebytes(footer(seq).encode()), "Content-Transfer-Encoding: base64"
    ),
    "two forms": multipart,
    "forwarded": forwarded,
    "quoted in an answer": lambda seq: mail(
        b"> Calndro-Audit: " + receipt(seq).replace(" ", "\r\n> ").encode()
    ),
    "unknown character set": lambda seq: mail(
        footer(seq).encode(), "Content-Type: text/plain; charset=nonsense"
    ),
    "line of a file": lambda seq: f"Calndro-Audit: {receipt(seq)}\n".encode(),
    "bare line of a file": lambda seq: f"{receipt(seq)}\n".encode(),
    "answer of a server": lambda seq: (
        f"HTTP/1.1 200 OK\r\nCalndro-Audit: {receipt(seq)}\r\n\r\n{{}}".encode()
    ),
}


@pytest.mark.parametrize("letter", LETTERS.values(), ids=LETTERS)
def test_letters_are_read(verifier: Verifier, letter: Callable[[int], bytes]) -> None:
    """
    A receipt is found in a letter wherever it stands and however the letter is encoded.
    """
    entries = story()
    entries[3]["data"]["token"] = "76543210"
    name = verifier.file("letter.eml", letter(9))

    assert verifier.told(story(), name)[0] == 0
    assert verifier.told(entries, name)[0] == 1


@pytest.mark.parametrize("text", ["Calndro-Audit: {}", "X-Calndro-Audit: {}", "{}", "  {}\n"])
def test_typed_receipts_are_read(verifier: Verifier, text: str) -> None:
    """
    A receipt may be typed with the name of its header or without.
    """
    assert verifier.told(story(), text.format(receipt(4)))[0] == 0


NO_RECEIPTS = {
    "typed, cut short": receipt(5)[:-1],
    "typed, too long": receipt(5) + "0",
    "typed, another order": " ".join(reversed(receipt(5).split())),
    "typed, no number": receipt(5).replace("seq=5", "seq=x"),
    "typed, endless number": receipt(5).replace("seq=5", "seq=" + "9" * 5000),
    "typed, other digits": receipt(5).replace("seq=5", "seq=\u0665"),
    "absent file": "absent.eml",
}


@pytest.mark.parametrize("text", NO_RECEIPTS.values(), ids=NO_RECEIPTS)
def test_damaged_receipt_is_not_passed_over(verifier: Verifier, text: str) -> None:
    """
    What was given as a receipt and is none gives 2: nobody is told that all is well.
    """
    assert verifier.told(story(), receipt(3), text)[0] == 2


NO_LETTERS = {
    "empty": b"",
    "no receipt": mail(b"hello"),
    "damaged header": mail(footer(5).encode(), "X-Calndro-Audit: event=x"),
    "deep parts": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(3000)
    ),
    "bad base64": mail(b"?" * 99, "Content-Transfer-Encoding: base64"),
    "bad uuencode": mail(b"begin 666 x\n?\x00", "Content-Transfer-Encoding: x-uuencode"),
    "bytes": bytes(range(256)) * 9,
    "header of bytes": b"X-Calndro-Audit: \xff\xfe\n\nhello",
    "bad character set": mail(
        b"hello", "Content-Type: text/plain; charset*=x'y'%00", "X-Calndro-Audit: =?x?q?=00?="
    ),
}


@pytest.mark.parametrize("letter", NO_LETTERS.values(), ids=NO_LETTERS)
def test_letter_without_a_good_receipt_can_not_be_used(verifier: Verifier, letter: bytes) -> None:
    """
    A letter that holds no receipt, or a damaged one, gives 2 and no traceback.
    """
    assert verifier.told(story(), verifier.file("letter.eml", letter))[0] == 2


def test_letter_from_standard_input(verifier: Verifier, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A letter can be piped in as well.
    """
    stdin = io.TextIOWrapper(io.BytesIO(mail(b"", header(receipt(5)))))
    monkeypatch.setattr(sys, "stdin", stdin)

    assert verifier.told(story(), "-")[0] == 0
