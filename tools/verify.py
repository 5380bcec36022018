#!/usr/bin/env python3
"""
Check the exported log of a calndro event: off line, without calndro, trusting nobody.

1. Download the export: the page of the event and every letter link to it.
2. Keep your letters. Each carries a receipt: a header ``X-Calndro-Audit`` and a line at its
   foot, ``Calndro-Audit: event=... seq=... head=...``. Save a letter as a file, or copy the line.
3. Run this file with Python 3.11 or newer; nothing has to be installed::

       python verify.py log.jsonl --receipt letter.eml
       python verify.py log.jsonl --receipt "event=... seq=... head=..."

Without a receipt it tells only whether the export agrees with itself: whoever runs the server
could have written all of it anew. With one it tells whether anything up to that entry was
edited, inserted, removed or reordered since the receipt was given out.
Exit status: 0 all is well; 1 something is wrong, the first bad entry is named first; 2 the
input can't be used. The format stands in docs/reference/audit-format.md.
"""

from __future__ import annotations

import argparse
import email
import hashlib
import itertools
import json
import re
import sys
import textwrap
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar


T = TypeVar("T")
MEMBERS = {"v", "event", "seq", "when", "occurrence", "effector", "slots", "data"}
OCCURRENCES = ("UPDATE", "NOTIFY", "VIEW")
OUTCOMES = ("sent", "failed", "dropped", "superseded")
PERSONS = ("proposer", "recipient", "sender", "erased")
GONE = (None, None)
SLOT = 2
MOST_SLOTS = 30
LAST_PERSON = 2**16 - 1
LAST_INTEGER = 2**53 - 1
HASH = re.compile("[0-9a-f]{64}")
EVENT = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
INSTANT = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{6})Z", re.ASCII)
# Letters are wrapped and quoted on their way: marks of quotation may stand between.
RECEIPT = re.compile(
    rf"event=({EVENT.pattern})[\s>]+seq=([0-9]{{1,16}})[\s>]+head=({HASH.pattern})(?![0-9a-f])"
)


class FaultError(ValueError):
    """
    Something is not as it has to be.
    """


def _need(condition: object, message: str) -> None:
    if not condition:
        raise FaultError(message)


def _shown(value: object) -> str:
    # A stranger wrote it: keep it short, and free of what a terminal obeys.
    return type(value).__name__ if isinstance(value, (dict, list)) else f"{value!a:.60}"


def _a(kind: type[T], value: object, what: str) -> T:
    # True and false are no numbers.
    if not isinstance(value, kind) or isinstance(value, bool):
        raise FaultError(f"{what} is {_shown(value)}")
    return value


def _number(value: object, what: str, least: int = 0, most: int = LAST_PERSON) -> int:
    _need(least <= _a(int, value, what) <= most, f"{what} is {_shown(value)}")
    return _a(int, value, what)


def _text(pattern: re.Pattern[str], value: object, what: str) -> str:
    _need(pattern.fullmatch(_a(str, value, what)), f"{what} is {_shown(value)}")
    return _a(str, value, what)


def digest(label: str, *parts: bytes) -> bytes:
    """
    Hash *parts* under a label, which keeps the three kinds of hashes apart.
    """
    return hashlib.sha256(b"".join((f"calndro/{label}/v1".encode(), b"\x00", *parts))).digest()


def _parsed(document: bytes, what: str) -> dict[str, Any]:
    try:
        value = json.loads(
            document.decode(),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_fraction,
            parse_constant=_fraction,
        )
    except (ValueError, RecursionError) as error:
        raise FaultError(f"{what} can't be read as JSON: {error}") from None
    return _a(dict, value, what)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    _need(len(dict(pairs)) == len(pairs), "a key stands twice in an object")
    return dict(pairs)


def _integer(digits: str) -> int:
    # The length is looked at first, since reading a very long number is refused or slow.
    _need(len(digits) <= len(str(-LAST_INTEGER)), f"{digits:.20}... is too large")
    return _number(int(digits), "an integer", -LAST_INTEGER, LAST_INTEGER)


def _fraction(digits: str) -> float:
    raise FaultError(f"{digits:.20} is no integer")


def parsed_body(document: str) -> dict[str, Any]:
    """
    Read the body of an entry: canonical JSON with exactly the members it must have.
    """
    body = _parsed(document.encode(errors="surrogatepass"), "its body")
    todo: list[Any] = [body]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            _need(all(map(str.isascii, value)), "its body holds a key that is not ASCII")
            todo.extend(value.values())
        elif isinstance(value, list):
            todo.extend(value)
        elif isinstance(value, str):
            _need(unicodedata.is_normalized("NFC", value), "its body holds text that is not NFC")
    again = json.dumps(body, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    _need(again == document, "its body is not canonical: written anew, the bytes differ")
    odd = ", ".join(map(_shown, sorted(MEMBERS ^ body.keys())))
    _need(not odd, f"its body lacks, or should not have, {odd}")
    _number(body["v"], "v", 1, 1)
    return body


def _instant(value: object, what: str) -> str:
    # As text, instants of this one form sort like time.
    given = _text(INSTANT, value, what)
    year, month, day, hour, minute, second, micro = map(int, INSTANT.findall(given)[0])
    try:
        datetime(year, month, day, hour, minute, second, micro, tzinfo=UTC)
    except ValueError:
        raise FaultError(f"{what} is {given}, which is on no calendar") from None
    return given


def slots_in(value: object, what: str) -> list[tuple[str, int]]:
    """
    Accept slots in order of begin, then duration, each once.
    """
    slots = []
    for pair in _a(list, value, what):
        _need(isinstance(pair, list) and len(pair) == SLOT, f"{what} holds what is no slot")
        length = _number(pair[1], f"a duration in {what}", 1, LAST_INTEGER)
        slots.append((_instant(pair[0], f"a begin in {what}"), length))
    _need(all(one < two for one, two in itertools.pairwise(slots)), f"{what} is out of order")
    return slots


class Log:
    """
    A log, as far as it was read and found good.
    """

    def __init__(self, first: bytes) -> None:
        line = _parsed(first.removeprefix(b"\xef\xbb\xbf"), "the first line")
        self.event = _text(EVENT, line.get("event"), "event")
        self.head = _text(HASH, line.get("head"), "head")
        self.seq = _number(line.get("seq"), "seq", 1, LAST_INTEGER)
        self.rows: dict[int, tuple[object, object]] = {}
        for row in _a(list, line.get("people"), "people"):
            i = _number(_a(dict, row, "a row of people").get("i"), "the i of a person", 1)
            _need(i not in self.rows, f"person {i} has two rows")
            self.rows[i] = (row.get("salt"), row.get("address"))
        self.identity = bytes.fromhex(self.event.replace("-", ""))
        self.hashes = [digest("genesis", self.identity)]
        self.whens: list[str] = []
        self.slots: list[tuple[str, int]] = []
        self.people = self.named = 0
        self.erased, self.notices = set[int](), set[int]()
        self.closed = self.cancelling = False

    def read(self, raw: bytes) -> None:
        """
        Take in the next line, or raise a FaultError that says what is wrong with its entry.
        """
        line = _parsed(raw, "its line")
        document = _a(str, line.get("body"), "body")
        body, due = parsed_body(document), len(self.hashes)
        _need(_a(int, body["seq"], "seq") == due, f"seq is {body['seq']}: some are gone or moved")
        _need(body["event"] == self.event, f"it is of event {_shown(body['event'])}")
        follows = digest("entry", self.hashes[-1], hashlib.sha256(document.encode()).digest())
        _need(line.get("hash") == follows.hex(), "its hash does not follow: something was altered")
        _need(due != self.seq or line["hash"] == self.head, "its hash is not the head")
        _need(due <= self.seq, f"the first line knows only {self.seq} entries")
        when, occurrence = _instant(body["when"], "when"), body["occurrence"]
        _need([when] > self.whens[-1:], f"when is {when}, not later than the one before")
        _need(occurrence in OCCURRENCES, f"occurrence is {_shown(occurrence)}")
        effector, data = _number(body["effector"], "effector"), _a(dict, body["data"], "data")
        self._people(effector, data)
        self._slots(slots_in(body["slots"], "slots"), occurrence, data)
        self._end(occurrence, data)
        self._delivery(occurrence, effector, data)
        self.whens.append(when)
        self.hashes.append(follows)

    def _people(self, effector: int, data: dict[str, Any]) -> None:
        mentioned = {_number(data[key], f"data.{key}") for key in PERSONS if key in data}
        if not self.whens:
            parties = _number(data.get("parties"), "data.parties", 1)
            mentioned.update(range(1, parties + 1))
            _number(data.get("proposer"), "data.proposer", "imported" not in data, parties + 1)
            _need(_a(str, data.get("zone"), "data.zone"), "data.zone is empty")
            _need(_a(str, data.get("title"), "data.title"), "data.title is empty")
        new = sorted(i for i in {effector, *mentioned} if i > self.people)
        turn = list(range(self.people + 1, self.people + 1 + len(new)))
        _need(new == turn, f"it mentions person {new[-1:]} out of turn, {self.people} are known")
        given = _a(dict, data.get("people", {}), "data.people")
        fits = given.keys() == set(map(str, new)) and ("people" in data) == bool(new)
        _need(fits, f"data.people has {len(given)} persons, not the {len(new)} mentioned anew")
        for i in new:
            commitment = _text(HASH, given[str(i)], f"the commitment to person {i}")
            if self.rows.get(i, GONE) != GONE:
                self._commitment(i, commitment, *self.rows[i])
        self.people += len(new)

    def _commitment(self, i: int, commitment: str, salt: object, address: object) -> None:
        salted = bytes.fromhex(_text(HASH, salt, f"the salt of person {i}"))
        named = _a(str, address, f"the address of person {i}").encode(errors="surrogatepass")
        due = digest("person", self.identity, i.to_bytes(2, "big"), salted, named)
        _need(commitment == due.hex(), f"person {i} is not whom the first line names")
        self.named += 1

    def _slots(self, slots: list[tuple[str, int]], occurrence: str, data: dict[str, Any]) -> None:
        keys = ("added", "removed", "accepted")
        added, removed, _ = (set(slots_in(data.get(key, []), f"data.{key}")) for key in keys)
        imported = "imported" in data or data.get("opened") == "imported"
        # What was imported may go on holding more, but not grow.
        most = len(slots) if imported else max(MOST_SLOTS, len(self.slots))
        _need(len(slots) <= most, f"{len(slots)} slots are more than {most}")
        if self.whens and not imported:
            before = set(self.slots)
            after = before - removed | added if occurrence == "UPDATE" else before
            _need(set(slots) == after, "slots are not those before, changed as data says")
        self.slots = slots

    def _end(self, occurrence: str, data: dict[str, Any]) -> None:
        # The letters that call an agreed event off are logged right after it was closed.
        self.cancelling &= occurrence == "NOTIFY" and data.get("reason") == "cancelled"
        late = self.closed and not (self.cancelling or "delivery" in data or "erased" in data)
        _need(not late, "it stands after the event was closed")
        if "closed" in data:
            self.closed = self.cancelling = True
        if "erased" in data:
            _need(occurrence == "UPDATE" and data["erased"], "it erases nobody")
            gone = self.rows.get(data["erased"], GONE) == GONE
            _need(gone, f"it erases person {data['erased']}, whom the first line still names")
            self.erased.add(data["erased"])

    def _delivery(self, occurrence: str, effector: int, data: dict[str, Any]) -> None:
        if "delivery" in data:
            _need(data["delivery"] in OUTCOMES, f"data.delivery is {_shown(data['delivery'])}")
            _need((occurrence, effector) == ("NOTIFY", 0), "a delivery is a NOTIFY by the system")
            of = _number(data.get("of"), "data.of", 1, LAST_INTEGER)
            _need(of in self.notices, f"data.of is {of}: no earlier NOTIFY waits for its outcome")
            self.notices.remove(of)
        elif occurrence == "NOTIFY":
            self.notices.add(len(self.hashes))

    def end(self) -> None:
        """
        Raise a FaultError if the first line speaks of more than was read.
        """
        _need(self.seq == len(self.whens), f"it is missing; there should be {self.seq} entries")
        unknown = sorted(self.rows.keys() - range(self.people + 1))
        _need(not unknown, f"it is missing, or why is there a person {unknown[:1]} in people?")


def examine(log: Log, lines: list[bytes], receipts: list[tuple[int, str, str]]) -> list[str]:
    """
    Read all entries into *log*, compare the receipts, and name the first bad entry first.
    """
    findings: list[tuple[int, str]] = []
    try:
        for line in lines:
            log.read(line)
        log.end()
    except (FaultError, RecursionError) as error:
        findings.append((len(log.hashes), f"{error} (no later one was checked)"))
    end = len(log.hashes)
    for seq, head, event in receipts:
        if event != log.event:
            findings.append((0, f"a receipt is of event {event}, the export of {log.event}"))
        elif seq >= end > len(lines):
            findings.append((end, f"it was cut off; a receipt vouches for entry {seq}"))
        elif seq < end and log.hashes[seq].hex() != head:
            findings.append((seq, "up to here, the log is not what a receipt vouches for"))
    return [f"entry {entry}: {told}" if entry else told for entry, told in sorted(findings)]


def _read(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except (OSError, ValueError) as error:
        raise FaultError(f"{_shown(name)} can't be read: {error}") from None


def letter(raw: bytes) -> str:
    """
    Put together what a letter says in its receipt headers and texts, decoded.
    """
    raw = raw.replace(b"\r\n ", b"") if raw.startswith(b"BEGIN:VCALENDAR") else raw
    texts = []
    try:
        for part in email.message_from_bytes(raw).walk():
            headers = part.get_all("X-Calndro-Audit", []) + part.get_all("Calndro-Audit", [])
            _need(all(RECEIPT.search(str(line)) for line in headers), "its header is damaged")
            content = part.get_payload(decode=True)
            if part.get_content_maintype() == "text" and isinstance(content, bytes):
                texts.append(content.decode(errors="replace"))
            texts += map(str, headers)
    except (ValueError, LookupError, RecursionError) as error:
        raise FaultError(f"a letter can't be read: {_shown(str(error))}") from None
    return "\n".join(texts)


def receipts_in(arguments: list[str]) -> list[tuple[int, str, str]]:
    """
    Collect seq, head and event of all receipts, typed or in files; each must hold one.
    """
    found: set[tuple[int, str, str]] = set()
    for argument in arguments:
        given = argument if "event=" in argument else letter(_read(argument))
        matches = RECEIPT.findall(given)
        _need(matches, f"{_shown(argument)} holds no receipt")
        found.update((int(seq), head, event) for event, seq, head in matches)
    return sorted(found)


def verdict(log: Log, receipts: list[tuple[int, str, str]]) -> str:
    """
    Say in plain English what a good log proves, and what it does not.
    """
    told = (
        f"The log of event {log.event} holds together: entries 1 to {len(log.whens)}, from "
        f"{log.whens[0]} to {log.whens[-1]}, head {log.head}. Of {log.people} people, "
        f"{log.named} are whom the export names and {len(log.erased)} erased. "
    )
    if receipts:
        told += (
            f"It agrees with all receipts given, {len(receipts)}: since the newest was given out, "
            f"nothing up to entry {receipts[-1][0]} was edited, inserted, removed or reordered, "
            "not even by whoever runs the server; for later entries there is no such proof. "
        )
    else:
        told += (
            "No receipt was given, so it only agrees with itself and could have been written "
            "anew: compare the head with your letters, or give one with --receipt. "
        )
    return told + (
        "This does not prove that what the server wrote was true, nor that no entries were cut "
        "off after the newest receipt anybody holds."
    )


def main(arguments: list[str] | None = None) -> int:
    """
    Check what the command line names, say what was found, and return the exit status.
    """
    as_written = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=as_written)
    parser.add_argument("export", metavar="EXPORT", help="the export; - reads standard input")
    parser.add_argument("--receipt", nargs="+", action="extend", default=[], metavar="FILE_OR_TEXT")
    options = parser.parse_args(arguments)
    try:
        receipts = receipts_in(options.receipt)
        first, *lines = [*filter(bytes.strip, _read(options.export).split(b"\n"))] or [b""]
        log = Log(first)
    except ValueError as error:
        sys.stderr.write(f"verify.py: this can't be used: {error}\n")
        return 2
    findings = examine(log, lines, receipts)
    said = findings or [textwrap.fill(verdict(log, receipts), 88)]
    sys.stdout.writelines(f"{line}\n" for line in said)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
