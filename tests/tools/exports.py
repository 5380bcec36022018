"""
A whole log to be checked and damaged, and a way to check it in this process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.data import make_audit_vectors as maker
from tools import verify


if TYPE_CHECKING:
    from pathlib import Path

    import pytest

EVENT, OTHER_EVENT, _ = maker.EVENTS
FIRST, SECOND, THIRD = maker.FIRST, maker.SECOND, maker.THIRD
YOU, THEY, ZO, STAFF = maker.YOU, maker.THEY, maker.ZO, "staff@example.org"
BOTH, ALL = [FIRST, SECOND], [FIRST, SECOND, THIRD]
MANY = [[f"2027-01-{day:02}T09:00:00.000000Z", 1] for day in range(1, 32)]


def story() -> list[maker.Json]:
    """
    Tell an event in which everything happens that a log can hold.
    """
    entry, people = maker.entry, maker.people
    return [
        {
            **maker.opening(
                EVENT,
                "cybes",
                YOU,
                THEY,
                slots=BOTH,
                proposer=3,
                people=people(EVENT, YOU, THEY, ZO),
            ),
            "effector": 3,
        },
        entry(2, "NOTIFY", 3, BOTH, recipient=2, sender=3),
        entry(3, "NOTIFY", 0, BOTH, delivery="sent", of=2),
        entry(4, "VIEW", 2, BOTH, token="01234567"),
        entry(5, "UPDATE", 2, ALL, form="extend", added=[THIRD]),
        entry(6, "UPDATE", 1, [FIRST], form="narrow", accepted=[FIRST], removed=[SECOND, THIRD]),
        entry(7, "UPDATE", 2, [FIRST], form="narrow"),
        entry(8, "NOTIFY", 0, [FIRST], recipient=1, reason="agreed"),
        entry(9, "UPDATE", 1, [FIRST], form="retitle", title="R\u00e9union \U0001f4c5"),
        entry(10, "UPDATE", 4, [FIRST], erased=2, people=people(EVENT, STAFF, first=4)),
        entry(11, "UPDATE", 4, [FIRST], closed="deleted"),
        entry(12, "NOTIFY", 0, [FIRST], recipient=1, reason="cancelled"),
        entry(13, "NOTIFY", 0, [FIRST], delivery="superseded", of=8),
        entry(14, "UPDATE", 4, [FIRST], erased=1),
    ]


def rows() -> list[maker.Json]:
    """
    List who is left of the story's people: 2 has no row, 1 an empty one.
    """
    return [
        {"i": 1, "salt": None, "address": None},
        {"i": 3, "salt": maker.salt_of(ZO).hex(), "address": ZO},
        {"i": 4, "salt": maker.salt_of(STAFF).hex(), "address": STAFF},
    ]


def lines_of(entries: list[maker.Json], event: str = EVENT) -> list[maker.Json]:
    """
    Chain the entries, as a server would that writes them all anew.
    """
    lines, head = [], maker.genesis(event)
    for fields in entries:
        body, head = maker.chained(event, head, fields)
        lines.append({"body": body, "hash": head})
    first = {"event": event, "head": head, "seq": len(lines), "people": rows()}
    return [first, *lines]


def receipt(seq: int, event: str = EVENT) -> str:
    """
    Write the receipt that was given out for entry *seq* of the story.
    """
    return f"event={event} seq={seq} head={lines_of(story())[seq]['hash']}"


class Verifier:
    """
    Runs the program in this process on an export, and keeps what it said.
    """

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.capsys = capsys

    def file(self, name: str, content: bytes) -> str:
        """
        Write a file and give its path.
        """
        path = self.folder / name
        path.write_bytes(content)
        return str(path)

    def raw(self, export: bytes, *receipts: str) -> tuple[int, str]:
        """
        Check bytes: the exit status, and all that was said as one line of words.
        """
        arguments = [self.file("log.jsonl", export)]
        if receipts:
            arguments += ["--receipt", *receipts]
        status = verify.main(arguments)
        said = self.capsys.readouterr()
        assert bool(said.err) == (status == 2)
        return status, said.out + said.err

    def lines(self, lines: list[maker.Json], *receipts: str) -> tuple[int, str]:
        """
        Check the lines of an export.
        """
        return self.raw(maker.as_lines(lines).encode(), *receipts)

    def told(self, entries: list[maker.Json], *receipts: str) -> tuple[int, str]:
        """
        Check entries that are chained without a flaw.
        """
        return self.lines(lines_of(entries), *receipts)
