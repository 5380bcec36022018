"""
Receipts and exports as they lie about in files.
"""

from __future__ import annotations

import re
import sys
from email import message_from_bytes, policy
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import attrs
import msgspec

from calndro.core.audit import Finding, Verdict
from calndro.core.errors import InvalidInputError, StorageError
from calndro.core.ledger import Person
from calndro.core.log import Receipt
from calndro.core.party import Address
from calndro.core.restoring import examine


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from calndro.core.log import Entry
    from calndro.entry.cli.session import Session
    from calndro.entry.local import LocalCoordinator
    from calndro.ports.coordinator import Coordinator


_NO_EXPORT: Final = (
    msgspec.DecodeError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    RecursionError,
)
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
    watch: Callable[[Sequence[Entry]], Iterable[Entry]],
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
    lines = _read(str(path)).decode(errors="replace").splitlines()
    try:
        found = _taken(msgspec.json.decode(line) for line in lines if line.strip())
    except _NO_EXPORT as error:
        raise InvalidInputError.of(f"{path} is no exported log") from error
    return examine(*found, receipts, watch)


def _taken(
    lines: Iterable[Any],
) -> tuple[Receipt, dict[int, Person], list[tuple[bytes, bytes]]]:
    """
    Take an exported log apart; raises one of ``_NO_EXPORT`` when it is none.
    """
    head, *entries = lines
    receipt = Receipt(UUID(head["event"]), head["seq"], bytes.fromhex(head["head"]))
    people = {each["i"]: _person(each) for each in head["people"]}
    links = [(each["body"].encode(), bytes.fromhex(each["hash"])) for each in entries]
    return receipt, people, links


def _person(row: dict[str, Any]) -> Person:
    if row.get("address") is None or row.get("salt") is None:
        return Person(row["i"], None, None)
    return Person(row["i"], Address.parse(row["address"]), bytes.fromhex(row["salt"]))


def verdicts(
    session: Session, event_id: int | None, receipts: Sequence[Receipt]
) -> Iterator[Verdict]:
    """
    Verify one log, or all of them, with the receipts that concern each.

    The logs of a server are fetched and verified here: it is not asked about itself.
    """
    if session.database is not None:
        yield from _recorded(session.database, event_id, receipts)
    elif event_id is not None:
        yield _fetched(session.desk, event_id, receipts)
    else:
        for event in session.desk.events(closed=True):
            theirs = [each for each in receipts if each.event == event.receipt.event]
            yield _fetched(session.desk, event.id, theirs)


def _recorded(
    desk: LocalCoordinator, event_id: int | None, receipts: Sequence[Receipt]
) -> Iterator[Verdict]:
    from calndro.usecases.auditing import verify_all, verify_log

    if event_id is not None:
        yield verify_log(desk.services, desk.caller, event_id, receipts)
    else:
        yield from verify_all(desk.services, desk.caller, receipts)


def _fetched(desk: Coordinator, event_id: int, receipts: Sequence[Receipt]) -> Verdict:
    try:
        found = _taken(desk.export(event_id))
    except _NO_EXPORT as error:
        raise StorageError(f"what the server gives of event {event_id} is no log") from error
    try:
        return attrs.evolve(examine(*found, receipts), event_id=event_id)
    except InvalidInputError:
        unread = Finding(None, "its entries can't be read")
        return Verdict(event_id, found[0], len(receipts), (unread,))
