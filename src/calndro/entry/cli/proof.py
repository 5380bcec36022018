"""
Receipts and exports as they lie about in files.
"""

from __future__ import annotations

import re
import sys
from codecs import BOM_UTF8
from email import message_from_bytes, policy
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import attrs
import msgspec

from calndro.core.audit import astray, damaged
from calndro.core.errors import InvalidInputError, StorageError
from calndro.core.ledger import Person
from calndro.core.log import UNREADABLE, Receipt
from calndro.core.party import Address
from calndro.core.restoring import examine
from calndro.core.stored import DamagedError


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from calndro.core.audit import Verdict
    from calndro.core.restoring import Link
    from calndro.entry.cli.session import Session
    from calndro.entry.local import LocalCoordinator
    from calndro.ports.coordinator import Coordinator


_LAST_PERSON: Final = 2**16 - 1
_LAST_INTEGER: Final = 2**53 - 1

_NO_LINK: Final = (b"", b"")
"""Stands for a line that holds no entry: from no bytes at all follows no such hash."""

_FOLD: Final = re.compile(r"\r?\n[ \t]")
_RECEIPT: Final = re.compile(r"event=[0-9a-f-]{36}\s+seq=[0-9]{1,16}\s+head=[0-9a-f]{64}")


def read_receipts(sources: Iterable[str]) -> list[Receipt]:
    """
    Read the receipts in files, or given as text.

    Args:
        sources: Paths of letters or of files with a header line, ``-`` for stdin, or the
            text of a receipt itself.

    Raises:
        InvalidInputError: A source that holds none, or can't be read.
    """
    return [receipt for source in sources for receipt in _receipts(source)]


def _receipts(source: str) -> list[Receipt]:
    text = source if _RECEIPT.search(source) else _text(_read(source))
    found = [" ".join(each.split()) for each in _RECEIPT.findall(text)]
    if not found:
        raise InvalidInputError.of(f"{source} holds no receipt: event=... seq=... head=...")
    return list(map(Receipt.read, dict.fromkeys(found)))


def _read(source: str) -> bytes:
    if source == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise InvalidInputError.of(f"{source} can't be read: {error.strerror}") from error


def _text(content: bytes) -> str:
    """
    Take what a file may say in a receipt: the header of a letter, else all that it holds.

    That is the file as it stands and the parts of a letter decoded, each also with its folded
    lines joined.

    Source: RFC 2045, 6.7 (quoted-printable); RFC 5545, 3.1 (folding).
    """
    letter = message_from_bytes(content, policy=policy.default)
    header = str(letter.get("X-Calndro-Audit", ""))
    # The lines of a calendar file look like headers, but are folded elsewhere.
    if _RECEIPT.search(header):
        return header
    payloads = [part.get_payload(decode=True) for part in letter.walk()]
    parts = [each for each in payloads if isinstance(each, bytes)]
    whole = b"\n".join([content, *parts]).decode(errors="replace")
    return f"{whole}\n{_FOLD.sub('', whole)}"


def read_export(
    path: Path,
    receipts: Sequence[Receipt],
    watch: Callable[[Sequence[Link]], Iterable[Link]],
) -> Verdict:
    """
    Verify an exported log in a file.

    Args:
        path: Where it is.
        receipts: What its reader has kept.
        watch: Passes the entries on, to show how far it has come.

    Raises:
        InvalidInputError: The file can't be read, or is no export.
    """
    lines = _read(str(path)).removeprefix(BOM_UTF8).splitlines()
    try:
        found = _taken(_decoded(line) for line in lines if line.strip())
    except UNREADABLE as error:
        raise InvalidInputError.of(f"{path} is no exported log") from error
    return examine(*found, receipts, watch)


def _decoded(line: bytes) -> Any:
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, *UNREADABLE):
        return None


def _taken(lines: Iterable[Any]) -> tuple[Receipt, dict[int, Person], list[Link]]:
    """
    Take an exported log apart; raises one of ``UNREADABLE`` when its first line is no head.
    """
    head, *entries = lines
    seq = _number(head["seq"], _LAST_INTEGER)
    receipt = Receipt(UUID(head["event"]), seq, bytes.fromhex(head["head"]))
    people = {_number(each["i"], _LAST_PERSON): _person(each) for each in head["people"]}
    if len(people) < len(head["people"]):
        raise ValueError("somebody has two rows")
    return receipt, people, [*map(_link, entries)]


def _number(value: object, most: int) -> int:
    if not isinstance(value, int) or not 1 <= value <= most:
        raise ValueError("this is no number from 1 on, or too large a one")
    return value


def _person(row: dict[str, Any]) -> Person:
    if row.get("address") is None or row.get("salt") is None:
        return Person(row["i"], None, None)
    # Nobody is looked up by it: what counts is the text, which the log vouches for.
    address = Address(row["address"], key=row["address"])
    return Person(row["i"], address, bytes.fromhex(row["salt"]))


def _link(line: Any) -> Link:
    try:
        return line["body"].encode(), bytes.fromhex(line["hash"])
    except UNREADABLE:
        return _NO_LINK


def verdicts(
    session: Session, event_id: int | None, receipts: Sequence[Receipt]
) -> Iterator[Verdict]:
    """
    Verify one log, or all of them, with the receipts that concern each.

    The logs of a server are fetched and verified here: it is not asked about itself. When
    all were looked at, there is a verdict on each receipt that is of none of them.
    """
    if session.database is not None:
        yield from _recorded(session.database, event_id, receipts)
    elif event_id is not None:
        yield _fetched(session.desk, event_id, receipts)
    else:
        met = set()
        for event in session.desk.events(closed=True):
            met.add(event.receipt.event)
            theirs = [each for each in receipts if each.event == event.receipt.event]
            yield _fetched(session.desk, event.id, theirs)
        yield from astray(receipts, met)


def _recorded(
    desk: LocalCoordinator, event_id: int | None, receipts: Sequence[Receipt]
) -> Iterator[Verdict]:
    from calndro.usecases.auditing import verify_all, verify_log

    if event_id is None:
        yield from verify_all(desk.services, desk.caller, receipts)
        return
    try:
        yield verify_log(desk.services, desk.caller, event_id, receipts)
    except DamagedError as error:
        yield damaged(error, receipts)


def _fetched(desk: Coordinator, event_id: int, receipts: Sequence[Receipt]) -> Verdict:
    try:
        found = _taken(desk.export(event_id))
    except UNREADABLE as error:
        raise StorageError(f"what the server gives of event {event_id} is no log") from error
    return attrs.evolve(examine(*found, receipts), event_id=event_id)
