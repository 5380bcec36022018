"""
The log of an event as lines that people read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from calndro.core.log import Occurrence
from calndro.entry.http.pages.times import speak_instant


if TYPE_CHECKING:
    from collections.abc import Iterable

    from calndro.core.event import LogEntry
    from calndro.entry.http.pages.language import Language


@attrs.frozen
class Line:
    """
    One entry in words.

    Args:
        id: Its place in the log.
        what: Who did what.
        when: In the zone of who looks.
        instant: The same for machines.
        hash: The chain's head after it, in hex.
    """

    id: int
    what: str
    when: str
    instant: str
    hash: str


def history(entries: Iterable[LogEntry], zone: str, language: Language) -> list[Line]:
    """
    Put entries into words, the newest first.
    """
    lines = [
        Line(
            id=entry.id,
            what=tell(entry, language),
            when=speak_instant(entry.when, zone, language),
            instant=entry.when.isoformat(timespec="seconds"),
            hash=entry.hash.hex(),
        )
        for entry in entries
    ]
    return lines[::-1]


def tell(entry: LogEntry, language: Language) -> str:
    """
    Put one entry into words.
    """
    if entry.occurrence is Occurrence.VIEW:
        return language.say("log_opened", who=entry.effector)
    if entry.occurrence is Occurrence.NOTIFY:
        if "delivery" in entry.data:
            key = f"log_letter_{entry.data['delivery']}"
            return language.say(key, recipient=entry.data.get("recipient", "?"))
        reason = f"_{entry.data['reason']}" if "reason" in entry.data else ""
        recipient = entry.data.get("recipient", "?")
        return language.say(f"log_told{reason}", who=entry.effector, recipient=recipient)
    return _update(entry, language)


def _update(entry: LogEntry, language: Language) -> str:
    data, who = entry.data, entry.effector
    if data.get("opened") == "imported":
        return language.count("log_imported", len(entry.slots))
    if "opened" in data:
        return language.count("log_created", len(entry.slots), who=who)
    for fact, key in (("closed", "log_closed"), ("erased", "log_erased")):
        if fact in data:
            return language.say(key, who=who)
    if "mail" in data:
        return language.say(f"log_{data['mail']}", who=who)
    parts = _parts(entry, language) or [language.say("log_changed")]
    return language.say("log_acted", who=who, what=language.listed(parts))


def _parts(entry: LogEntry, language: Language) -> list[str]:
    data = entry.data
    added, removed = len(data.get("added", ())), len(data.get("removed", ()))
    accepted = len(data.get("accepted", ())) if data.get("form") == "narrow" else 0
    parts = []
    if data.get("form") == "narrow" and "accepted" not in data:
        left = len(entry.slots)
        parts.append(language.say("log_kept_of", n=left, all=left + removed))
        removed = 0
    for key, number in (
        ("log_kept", accepted),
        ("log_removed", removed),
        ("log_added", added),
    ):
        if number:
            parts.append(language.count(key, number))
    if "title" in data:
        parts.append(language.say("log_titled", title=data["title"]))
    return parts
