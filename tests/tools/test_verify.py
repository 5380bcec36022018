from __future__ import annotations

import io
import itertools
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.data import make_audit_vectors as maker
from tests.tools.exports import EVENT, OTHER_EVENT, THEY, YOU, lines_of, receipt, story
from tools import verify


if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.tools.exports import Verifier


PROGRAM = Path(verify.__file__)


def test_good_log_is_accepted(verifier: Verifier) -> None:
    """
    A log in order gives 0, what it spans, and what is not proved for want of a receipt.
    """
    status, said = verifier.told(story())

    assert status == 0
    words = " ".join(said.split())
    assert "entries 1 to 14, from 2026-11-22T22:00:01.123456Z" in words
    assert lines_of(story())[0]["head"] in words
    assert "Of 4 people, 2 are whom the export names and 2 erased." in words
    assert "No receipt was given" in words
    assert "does not prove that what the server wrote was true" in words


def test_export_with_carriage_returns_bom_and_blank_end_is_accepted(verifier: Verifier) -> None:
    """
    What an editor or a shell adds around the lines changes no verdict.
    """
    export = maker.as_lines(lines_of(story())).replace("\n", "\r\n")

    assert verifier.raw(b"\xef\xbb\xbf" + export.encode() + b"\n\r\n")[0] == 0


def test_raw_line_separators_in_a_body_do_not_split_it(verifier: Verifier) -> None:
    """
    Only a line feed ends a line: U+2028 may stand unescaped in a title.
    """
    entries = story()
    entries[8]["data"]["title"] = "a\u2028b\x85c"
    export = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines_of(entries))

    assert verifier.raw(export.encode())[0] == 0


def test_standard_input_and_isolation() -> None:
    """
    The single file runs alone, without any site package, and reads ``-``.
    """
    done = subprocess.run(
        [sys.executable, "-I", "-S", PROGRAM, "-", "--receipt", receipt(9)],
        input=maker.as_lines(lines_of(story())).encode(),
        capture_output=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, b"")
    assert b"holds together" in done.stdout


def altered(lines: list[maker.Json], at: int, old: str, new: str) -> None:
    """
    Edit the body of an entry and leave its hash.
    """
    assert old in lines[at]["body"]
    lines[at]["body"] = lines[at]["body"].replace(old, new)


DAMAGE: dict[str, tuple[int, Callable[[list[maker.Json]], object]]] = {
    "title edited": (9, lambda it: altered(it, 9, "union", "unton")),
    "when edited": (4, lambda it: altered(it, 4, "22:00:04", "22:00:05")),
    "effector edited": (4, lambda it: altered(it, 4, '"effector":2', '"effector":1')),
    "last entry edited": (14, lambda it: altered(it, 14, '"erased":1', '"erased":3')),
    "hash edited": (6, lambda it: it[6].update(hash=it[5]["hash"])),
    "hash in capitals": (6, lambda it: it[6].update(hash=it[6]["hash"].upper())),
    "hash missing": (6, lambda it: it[6].pop("hash")),
    "hash a number": (6, lambda it: it[6].update(hash=7)),
    "body missing": (6, lambda it: it[6].pop("body")),
    "body an object": (6, lambda it: it[6].update(body=json.loads(it[6]["body"]))),
    "first entry removed": (1, lambda it: it.pop(1)),
    "entry removed": (7, lambda it: it.pop(7)),
    "entry twice": (8, lambda it: it.insert(8, it[7])),
    "entry moved": (3, lambda it: it.insert(3, it.pop(9))),
    "last entry removed": (14, lambda it: it.pop()),
    "half of the log removed": (8, lambda it: it.__delitem__(slice(8, None))),
    "all entries removed": (1, lambda it: it.__delitem__(slice(1, None))),
    "head of the first line edited": (14, lambda it: it[0].update(head=it[3]["hash"])),
    "seq of the first line too low": (13, lambda it: it[0].update(seq=13)),
    "more than the first line promises": (
        14,
        lambda it: it[0].update(seq=13, head=it[13]["hash"]),
    ),
    "seq of the first line too high": (15, lambda it: it[0].update(seq=2**53 - 1)),
    "event of the first line exchanged": (1, lambda it: it[0].update(event=OTHER_EVENT)),
    "address edited": (1, lambda it: it[0]["people"][1].update(address=YOU)),
    "address with half a character": (1, lambda it: it[0]["people"][1].update(address="\ud800")),
    "address missing": (1, lambda it: it[0]["people"][1].pop("address")),
    "salt edited": (10, lambda it: it[0]["people"][2].update(salt="00" * 32)),
    "salt too short": (10, lambda it: it[0]["people"][2].update(salt="00" * 31)),
    "salt missing": (10, lambda it: it[0]["people"][2].update(salt=None)),
    "people exchanged": (1, lambda it: it[0]["people"][1].update(i=2)),
    "a row for nobody": (15, lambda it: it[0]["people"].append({"i": 5})),
    "a row for the erased": (
        10,
        lambda it: it[0]["people"].append(
            {"i": 2, "salt": maker.salt_of(THEY).hex(), "address": THEY}
        ),
    ),
    "line is not JSON": (5, lambda it: it.__setitem__(5, {"x": 1})),
}


@pytest.mark.parametrize(("bad", "damage"), DAMAGE.values(), ids=DAMAGE)
def test_damage_is_found(
    verifier: Verifier, bad: int, damage: Callable[[list[maker.Json]], object]
) -> None:
    """
    Whatever is changed in a finished export is found, and the first bad entry named first.
    """
    lines = lines_of(story())
    damage(lines)

    status, said = verifier.lines(lines)

    assert status == 1
    assert said.startswith(f"entry {bad}: ")


def test_every_removal_and_exchange_is_found(verifier: Verifier) -> None:
    """
    No entry can be left out, and no two can change places, without the first being named.
    """
    good = lines_of(story())
    for at in range(1, len(good)):
        status, said = verifier.lines(good[:at] + good[at + 1 :])
        assert (status, said.split(":")[0]) == (1, f"entry {at}")
    for one, other in itertools.combinations(range(1, len(good)), 2):
        lines = list(good)
        lines[one], lines[other] = lines[other], lines[one]
        status, said = verifier.lines(lines)
        assert (status, said.split(":")[0]) == (1, f"entry {one}")


def test_every_flipped_bit_of_a_body_is_found(verifier: Verifier) -> None:
    """
    A single changed bit anywhere in a body names its entry, whatever it makes of the line.
    """
    lines = lines_of(story())[:3]
    raw = [json.dumps(line).encode() for line in lines]
    start = raw[2].index(b'{\\"data')
    for position in range(start, raw[2].rindex(b'", "hash"')):
        for bit in range(8):
            hurt = bytearray(raw[2])
            hurt[position] ^= 1 << bit
            if b"\n" in hurt:
                continue
            status, said = verifier.raw(b"\n".join([raw[0], raw[1], hurt]))
            assert status == 1
            assert said.startswith("entry 2: ")


HOSTILE_LINES = {
    "not JSON": b"{",
    "not UTF-8": b'{"body": "\xff"}',
    "a list": b"[]",
    "a string": b'"x"',
    "a key twice": b'{"body": "a", "body": "b", "hash": "c"}',
    "deep": b"[" * 100_000,
    "deep in a body": b'{"body": ' + b'{"a":' * 100_000,
    "long number": b'{"body": ' + b"9" * 100_000 + b"}",
    "NUL": b"\x00",
    "terminal codes": b'{"body": "\\u001b[2J", "hash": ""}',
}


@pytest.mark.parametrize(("at", "expected"), [(0, 2), (5, 1)])
def test_key_that_stands_twice_in_a_line_is_refused(
    verifier: Verifier, at: int, expected: int
) -> None:
    """
    A line that could be read in two ways is refused, though one of them is good.
    """
    good = maker.as_lines(lines_of(story())).encode().split(b"\n")
    name = b'"event"' if at == 0 else b'"body"'
    good[at] = b"{" + name + b': "x", ' + good[at].removeprefix(b"{")

    assert verifier.raw(b"\n".join(good))[0] == expected


@pytest.mark.parametrize("line", HOSTILE_LINES.values(), ids=HOSTILE_LINES)
def test_hostile_line_is_a_finding(verifier: Verifier, line: bytes) -> None:
    """
    A line that is no entry is a finding that names its place, never a crash.
    """
    good = maker.as_lines(lines_of(story())).encode().split(b"\n")
    good[5] = line

    status, said = verifier.raw(b"\n".join(good))

    assert (status, said[:9]) == (1, "entry 5: ")
    assert said.rstrip("\n").isprintable()


FIRST_LINES: dict[str, Callable[[maker.Json], object]] = {
    "no event": lambda it: it.pop("event"),
    "event of capitals": lambda it: it.update(event=EVENT.upper()),
    "event without hyphens": lambda it: it.update(event=EVENT.replace("-", "")),
    "event a number": lambda it: it.update(event=1),
    "no head": lambda it: it.pop("head"),
    "head too short": lambda it: it.update(head="00"),
    "no seq": lambda it: it.pop("seq"),
    "seq negative": lambda it: it.update(seq=-1),
    "seq is true": lambda it: it.update(seq=True),
    "seq is huge": lambda it: it.update(seq=2**53),
    "no people": lambda it: it.pop("people"),
    "people a table": lambda it: it.update(people={}),
    "person a string": lambda it: it.update(people=["x"]),
    "person without number": lambda it: it.update(people=[{}]),
    "person 0": lambda it: it.update(people=[{"i": 0}]),
    "person 65536": lambda it: it.update(people=[{"i": 65536}]),
    "person twice": lambda it: it["people"].append(it["people"][0]),
}


@pytest.mark.parametrize("change", FIRST_LINES.values(), ids=FIRST_LINES)
def test_unusable_first_line(verifier: Verifier, change: Callable[[maker.Json], object]) -> None:
    """
    Without a first line that says what this is the export can't be used: exit 2.
    """
    lines = lines_of(story())
    change(lines[0])

    assert verifier.lines(lines)[0] == 2


@pytest.mark.parametrize(
    "export",
    [b"", b"\n\n", b"hello", b"\xff\xfe{\x00}\x00", b"[" * 100_000, b"<html>", b"null", b"{}"],
)
def test_what_is_no_export_can_not_be_used(verifier: Verifier, export: bytes) -> None:
    """
    A file that is something else gives 2 and says so.
    """
    status, said = verifier.raw(export)

    assert status == 2
    assert said.startswith("verify.py: this can't be used: ")


@pytest.mark.parametrize("name", ["absent.jsonl", ".", "nul\x00", ""])
def test_file_that_can_not_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """
    An export that can't be opened gives 2.
    """
    assert verify.main([f"{tmp_path}/{name}"]) == 2
    assert "can't be read" in capsys.readouterr().err


GOOD = maker.as_lines(lines_of(story())).encode()


def vouched(export: bytes) -> list[object]:
    """
    Read from an export all that the chain vouches for; blank lines are nothing.
    """
    first, *lines = map(json.loads, filter(bytes.strip, export.split(b"\n")))
    return [first["event"], first["head"], first["seq"], [(it["body"], it["hash"]) for it in lines]]


@given(at=st.integers(0, len(GOOD)), gone=st.integers(0, 3), put=st.binary(max_size=3))
@example(at=len(GOOD), gone=0, put=b"\t")
@example(at=0, gone=0, put=b"\r\n")
def test_random_damage_never_crashes(at: int, gone: int, put: bytes) -> None:
    """
    Whatever bytes are overwritten, there is a verdict; it is good only if the log is the same.
    """
    hurt = GOOD[:at] + put + GOOD[at + gone :]
    said = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(hurt)))
        patch.setattr(sys, "stdout", said)
        patch.setattr(sys, "stderr", said)
        status = verify.main(["-"])

    assert status in {0, 1, 2}
    assert said.getvalue().isascii()
    if status == 0:
        assert vouched(hurt) == vouched(GOOD)


def test_help_tells_a_guest_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    """
    The help says how to get an export, what to keep, and what the statuses mean.
    """
    with pytest.raises(SystemExit) as left:
        verify.main(["--help"])

    said = capsys.readouterr().out
    assert left.value.code == 0
    assert "Download the export" in said
    assert "Keep your letters" in said
    assert "Exit status" in said
