"""
What clients did and what they were told: the history that a checker judges.
"""

from __future__ import annotations

import re
from typing import Any, Final

import attrs


Pair = tuple[str, int]

_RECEIPT: Final = re.compile(r"event=(\S+) seq=(\d+) head=([0-9a-f]{64})")
_DURATION: Final = re.compile(r"(?:(\d+) )?(\d+):(\d\d):(\d\d)(?:\.(\d{6}))?")
_SECOND: Final = 1_000_000

WRITES: Final = frozenset({"PATCH", "NOTIFY", "POST"})
"""The kinds of deeds that change something; a VIEW is logged, but no change."""


@attrs.define(kw_only=True)
class Deed:
    """
    One request, with all its repetitions under one key.

    Args:
        kind: GET, HEAD, PATCH, NOTIFY or POST.
        event: Its id; 0 for a POST, until it is answered.
        by: The address of who asks.
        body: What was sent.
        expected: The revision in If-Match, if there was one.
        key: The Idempotency-Key, if there was one.
        began: When it was first sent.
        ended: When the last answer came or was given up.
        lost: How many attempts were left without an answer, or with a 503.
        status: Of the last answer; 0 without one.
        answer: Its body.
        tag: Its ETag as a number; 0 without one.
        seq: Of its receipt; 0 without one.
        head: Of its receipt.
    """

    kind: str
    event: int
    by: str
    body: dict[str, Any] = attrs.field(factory=dict)
    expected: int | None = None
    key: str | None = None
    began: float = 0.0
    ended: float = 0.0
    lost: int = 0
    status: int = 0
    answer: dict[str, Any] = attrs.field(factory=dict)
    tag: int = 0
    seq: int = 0
    head: str = ""

    @property
    def is_done(self) -> bool:
        """
        Whether it was acknowledged.
        """
        return self.status // 100 == 2

    @property
    def is_unknown(self) -> bool:
        """
        Whether nobody told its client what became of it.
        """
        return self.status in {0, 503}

    def take(self, receipt: str, tag: str) -> None:
        """
        Read the receipt and the ETag of an answer.
        """
        found = _RECEIPT.search(receipt)
        if found is not None:
            self.seq, self.head = int(found[2]), found[3]
        if tag:
            self.tag = int(tag.strip('"'))


def slot(number: int) -> dict[str, str]:
    """
    Write one of a few slots as it is sent.
    """
    return {"begin": f"2046-12-{number + 1:02}T09:00:00Z", "duration": "01:00:00"}


def pairs(slots: list[dict[str, str]]) -> frozenset[Pair]:
    """
    Write slots that were sent as a log has them.
    """
    return frozenset((_instant(each["begin"]), _length(each["duration"])) for each in slots)


def _instant(begin: str) -> str:
    return begin if "." in begin else f"{begin.removesuffix('Z')}.000000Z"


def _length(duration: str) -> int:
    found = _DURATION.fullmatch(duration)
    assert found is not None, duration
    days, hours, minutes, seconds, rest = (int(each or 0) for each in found.groups())
    return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * _SECOND + rest
