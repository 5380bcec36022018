#!/usr/bin/env python3
"""
Make the frozen vectors of the audit format, and the export of its worked example.

Standard library only; it shares no code with calndro and none with tools/verify.py, not
even the writing of JSON, so that three implementations can be held against each other.
Run it to write audit-vectors.jsonl and audit-example.jsonl beside it. The vectors are
frozen: a difference is a fault of the code, or a new version of the format.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any


Json = dict[str, Any]

HERE = Path(__file__).parent
EVENTS = (
    "6f1c2f0e-9a51-4c1b-8d3e-5b7a90c4e2d1",
    "00000000-0000-4000-8000-000000000000",
    "ffffffff-ffff-4fff-bfff-ffffffffffff",
)
YOU, THEY, ZO = "you@here.net", "they@thar.net", "zo\u00eb@whar.net"
SHORT = {8: "b", 9: "t", 10: "n", 12: "f", 13: "r", 34: '"', 92: "\\"}
MINUTE = 60_000_000
DAY = 24 * 60 * MINUTE

WHEN = "2026-11-22T22:05:01.123456Z"
EARLIEST = "0001-01-01T00:00:00.000000Z"
LATEST = "9998-12-31T23:59:59.999999Z"
FIRST = ["2026-12-01T09:00:00.000000Z", 30 * MINUTE]
SECOND = ["2026-12-01T10:00:00.000000Z", 30 * MINUTE]
THIRD = ["2026-12-02T09:00:00.000000Z", 45 * MINUTE]


def sha(label: str, *parts: bytes) -> bytes:
    """
    Hash a label, a zero byte and the parts.
    """
    state = hashlib.sha256(label.encode("ascii") + b"\0")
    for part in parts:
        state.update(part)
    return state.digest()


def identity(event: str) -> bytes:
    """
    Give the 16 bytes of a uuid.
    """
    return bytes.fromhex(event.replace("-", ""))


def written(value: Any) -> str:
    """
    Write canonical JSON, as RFC 8785 has it for values without fractions.
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return '"' + "".join(map(escaped, value)) + '"'
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be"))
    return "{" + ",".join(f"{written(key)}:{written(of)}" for key, of in members) + "}"


def escaped(character: str) -> str:
    """
    Write one character of a string.
    """
    code = ord(character)
    if code in SHORT:
        return "\\" + SHORT[code]
    return f"\\u{code:04x}" if code < ord(" ") else character


def salt_of(word: str) -> bytes:
    """
    Make a salt that anybody can make again; a real one is random.
    """
    return hashlib.sha256(f"salt of {word}".encode()).digest()


def commitment(event: str, i: int, salt: bytes, address: str) -> str:
    """
    Commit to who a person is.
    """
    number = bytes(divmod(i, 256))
    return sha("calndro/person/v1", identity(event), number, salt, address.encode("utf-8")).hex()


def genesis(event: str) -> str:
    """
    Give the hash before the first entry.
    """
    return sha("calndro/genesis/v1", identity(event)).hex()


def chained(event: str, previous: str, fields: Json) -> tuple[str, str]:
    """
    Give the body of an entry and its hash.
    """
    body = written({"v": 1, "event": event, **fields})
    inner = hashlib.sha256(body.encode("utf-8")).digest()
    return body, sha("calndro/entry/v1", bytes.fromhex(previous), inner).hex()


def entry(seq: int, occurrence: str, effector: int, slots: list[Any], **data: Any) -> Json:
    """
    Put together the fields of an entry; all but the first are a second apart.
    """
    when = data.pop("when", f"2026-11-22T22:{seq // 60 % 60:02}:{seq % 60:02}.123456Z")
    return {
        "seq": seq,
        "when": when,
        "occurrence": occurrence,
        "effector": effector,
        "slots": slots,
        "data": data,
    }


def people(event: str, *addresses: str, first: int = 1) -> Json:
    """
    Commit to people who are mentioned for the first time, numbered from *first*.
    """
    return {
        str(i): commitment(event, i, salt_of(address), address)
        for i, address in enumerate(addresses, first)
    }


def opening(event: str, title: str, *addresses: str, slots: list[Any], **data: Any) -> Json:
    """
    Put together the first entry; its proposer is party 1 unless told otherwise.
    """
    fixed = {
        "opened": "created",
        "parties": len(addresses),
        "proposer": 1,
        "title": title,
        "zone": "UTC",
        "people": people(event, *addresses),
    }
    return entry(1, "UPDATE", 1, slots, **{**fixed, **data})


def openings() -> dict[str, Json]:
    """
    List first entries: who takes part, what it is called, and where.
    """
    event = EVENTS[0]
    outside = people(event, YOU, THEY, ZO)
    named = [f"p{i}@example.org" for i in range(1, 101)]
    titles = {
        "ascii": "cybes",
        "non-ASCII, NFC": "R\u00e9union \u00e0 l'\u00eele",
        "Greek, Cyrillic, Hebrew, Han": "\u03a3\u03af\u03c3\u03c5 \u0416\u0443\u043a "
        "\u05e9\u05dc\u05d5\u05dd \u4f1a\u8b70",
        "combining mark without a composed form": "q\u0308y",
        "astral characters": "\U0001f4c5 \U0001d11e \U00020000",
        "last code points": "\uffff\U0010fffd",
        "quotation marks and backslashes": 'say "a\\b" \\" / \'c\'',
        "U+007F and C1 are not escaped": "a\x7fb\x80c",
        "U+2028 and U+2029 are not escaped": "a\u2028b\u2029c",
        "slash and markup are not escaped": "</script> & <b> /",
        "256 characters": "\u00e9" * 256,
    }
    cases = {
        f"title: {name}": opening(event, title, YOU, THEY, slots=[FIRST])
        for name, title in titles.items()
    }
    return {
        **cases,
        "one party": opening(event, "pisaj", YOU, slots=[FIRST], when=WHEN),
        "the proposer is no party": {
            **opening(event, "pisaj", YOU, THEY, slots=[FIRST], proposer=3, people=outside),
            "effector": 3,
        },
        "100 parties: keys of people sort as text": opening(
            event, "pisaj", *named, slots=[], zone="Asia/Kathmandu"
        ),
        "like another event": opening(event, "pisaj", YOU, THEY, slots=[FIRST], like=7),
        "made on a local database": opening(event, "pisaj", YOU, ZO, slots=[], via="local"),
    }


def updates() -> dict[str, Json]:
    """
    List updates: each form, each member of data, and what ends an event.
    """
    return {
        "narrow by keeping": entry(3, "UPDATE", 2, [FIRST], form="narrow", removed=[SECOND, THIRD]),
        "narrow by drop and accept": entry(
            4, "UPDATE", 2, [FIRST], form="narrow", accepted=[FIRST], removed=[SECOND]
        ),
        "narrow that accepts and drops nothing": entry(
            5, "UPDATE", 1, [FIRST], form="narrow", accepted=[FIRST]
        ),
        "narrow to nothing": entry(6, "UPDATE", 2, [], form="narrow", removed=[FIRST]),
        "extend": entry(7, "UPDATE", 2, [FIRST, THIRD], form="extend", added=[THIRD]),
        "replace": entry(
            8, "UPDATE", 1, [SECOND, THIRD], form="replace", added=[SECOND], removed=[FIRST]
        ),
        "replace that changes nothing": entry(9, "UPDATE", 1, [FIRST], form="replace"),
        "retitle": entry(10, "UPDATE", 1, [FIRST], form="retitle", title="Fika p\u00e5 \u00f6n"),
        "narrow and retitle": entry(
            11, "UPDATE", 1, [FIRST], form="narrow", removed=[THIRD], title="gobab"
        ),
        "by token": entry(12, "UPDATE", 2, [FIRST], form="narrow", token="0a1b2c3d"),
        "staff, mentioned for the first time": entry(
            13,
            "UPDATE",
            3,
            [FIRST],
            form="extend",
            added=[FIRST],
            people=people(EVENTS[0], ZO, first=3),
        ),
        "stop mail": entry(14, "UPDATE", 2, [FIRST], mail="stopped"),
        "resume mail": entry(15, "UPDATE", 2, [FIRST], mail="resumed"),
        "erase": entry(16, "UPDATE", 3, [FIRST], erased=2),
        "close": entry(17, "UPDATE", 3, [FIRST], closed="deleted"),
        "the clock was behind": entry(
            18, "UPDATE", 1, [FIRST], form="narrow", clock="2026-11-22T21:00:00.000000Z"
        ),
        "seq 2^53 - 1": entry(2**53 - 1, "UPDATE", 1, [], form="narrow"),
    }


def notices() -> dict[str, Json]:
    """
    List notices, their deliveries, and views.
    """
    both = people(EVENTS[0], ZO, "staff@example.org", first=65534)
    return {
        "view": entry(2, "VIEW", 2, [FIRST], token="00000000"),
        "view with empty data": entry(3, "VIEW", 1, [FIRST]),
        "notify": entry(4, "NOTIFY", 1, [FIRST], recipient=2, sender=1),
        "notify for somebody else, both new, last numbers": entry(
            5, "NOTIFY", 65534, [FIRST], recipient=2, sender=65535, people=both
        ),
        "agreed": entry(6, "NOTIFY", 0, [FIRST], reason="agreed", recipient=1),
        "changed": entry(7, "NOTIFY", 0, [FIRST], reason="changed", recipient=1),
        "cancelled": entry(8, "NOTIFY", 0, [], reason="cancelled", recipient=2),
        "new link": entry(9, "NOTIFY", 0, [FIRST], reason="link", recipient=2),
        "sent": entry(10, "NOTIFY", 0, [FIRST], delivery="sent", of=4),
        "failed": entry(11, "NOTIFY", 0, [FIRST], code=550, delivery="failed", of=4),
        "dropped": entry(12, "NOTIFY", 0, [FIRST], delivery="dropped", of=4),
        "superseded": entry(13, "NOTIFY", 0, [FIRST], delivery="superseded", of=4),
    }


def edges() -> dict[str, Json]:
    """
    List the ends of what instants, durations, lists and strings may hold.
    """
    far = [[EARLIEST, 1], [LATEST, 365 * DAY]]
    thirty = [[f"2026-12-{day:02}T09:00:00.000000Z", day * MINUTE] for day in range(1, 31)]
    same = [["2022-11-01T01:11:22.020000Z", length] for length in (1, 10, 61_000_000)]
    controls = "".join(map(chr, range(32)))
    return {
        "years 1 and 9998": entry(2, "UPDATE", 1, far, added=far, form="extend", when=LATEST),
        "30 slots": entry(3, "UPDATE", 1, thirty, added=thirty, form="extend", when=EARLIEST),
        "one begin, several durations": entry(4, "UPDATE", 1, same, added=same, form="extend"),
        "every control character is escaped": entry(5, "UPDATE", 1, [], title=controls),
        "null, true, false and negative integers": entry(
            6, "UPDATE", 1, [], x=[None, True, False, -1, 0, 1 - 2**53], y={"b": {}, "a": []}
        ),
    }


def vectors() -> list[Json]:
    """
    Put together all vectors: 50 entries, then commitments and genesis hashes.
    """
    made: list[Json] = []
    for name, fields in {**openings(), **updates(), **notices(), **edges()}.items():
        event = EVENTS[0]
        previous = genesis(event)
        if fields["seq"] > 1:
            previous = hashlib.sha256(f"previous of {name}".encode()).hexdigest()
        body, hashed = chained(event, previous, fields)
        made.append(
            {
                "kind": "entry",
                "name": name,
                "event": event,
                "previous": previous,
                "fields": fields,
                "body": body,
                "hash": hashed,
            }
        )
    for event, i, address in (
        (EVENTS[0], 1, YOU),
        (EVENTS[0], 255, THEY),
        (EVENTS[0], 256, THEY),
        (EVENTS[1], 1, YOU),
        (EVENTS[2], 65535, ZO),
        (EVENTS[2], 2, "you@localhost"),
    ):
        made.append(
            {
                "kind": "commitment",
                "name": f"person {i} of {event[:8]}, {address}",
                "event": event,
                "i": i,
                "salt": salt_of(address).hex(),
                "address": address,
                "commitment": commitment(event, i, salt_of(address), address),
            }
        )
    made += [
        {
            "kind": "genesis",
            "name": f"genesis of {event[:8]}",
            "event": event,
            "hash": genesis(event),
        }
        for event in EVENTS
    ]
    return made


def example() -> list[Json]:
    """
    Put together the export of the worked example: propose, notify, narrow.
    """
    event, slots = EVENTS[0], [FIRST, SECOND, THIRD]
    salts = {YOU: bytes(range(32)), THEY: bytes(range(32, 64))}
    rows = [
        {"i": i, "salt": salt.hex(), "address": address}
        for i, (address, salt) in enumerate(salts.items(), 1)
    ]
    known = {
        str(i): commitment(event, i, salt, address)
        for i, (address, salt) in enumerate(salts.items(), 1)
    }
    entries = [
        opening(event, "cybes", YOU, THEY, slots=slots, people=known, zone="Europe/Paris"),
        entry(2, "NOTIFY", 1, slots, recipient=2, sender=1),
        entry(3, "UPDATE", 2, [FIRST, THIRD], form="narrow", removed=[SECOND], token="3f0a9c51"),
    ]
    lines, head = [], genesis(event)
    for fields in entries:
        body, head = chained(event, head, fields)
        lines.append({"body": body, "hash": head})
    return [{"event": event, "head": head, "seq": len(lines), "people": rows}, *lines]


def as_lines(values: list[Json]) -> str:
    """
    Write one value a line.
    """
    return "".join(json.dumps(value, ensure_ascii=True) + "\n" for value in values)


if __name__ == "__main__":
    (HERE / "audit-vectors.jsonl").write_text(as_lines(vectors()), encoding="ascii")
    (HERE / "audit-example.jsonl").write_text(as_lines(example()), encoding="ascii")
