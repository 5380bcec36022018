"""
What the page says after a form: read from the log, never from the address.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import attrs

from calndro.core.agreement import Status
from calndro.core.log import Occurrence
from calndro.core.slot import union, without
from calndro.entry.http.guests.standing import tellable
from calndro.entry.http.pages.times import speak


if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from calndro.core.event import LogEntry
    from calndro.core.slot import Table
    from calndro.entry.http.guests.visitor import Visitor
    from calndro.entry.http.pages.language import Language
    from calndro.usecases.visiting import Visit


_SHORT: Final = timedelta(minutes=1)


@attrs.frozen(kw_only=True)
class Receipt:
    """
    What was recorded, in words.

    Args:
        said: Sentences.
        lists: A heading and the slots below it, several times.
        meanwhile: What others changed between the form and its answer.
        id: The entry's place in the log; None when nothing was recorded.
        hash: The chain's head after it.
    """

    said: tuple[str, ...] = ()
    lists: tuple[tuple[str, tuple[str, ...]], ...] = ()
    meanwhile: tuple[str, ...] = ()
    id: int | None = None
    hash: str = ""


def receipt_of(visitor: Visitor, visit: Visit, zone: str) -> Receipt | None:
    """
    Say what came of the form that led here.

    Returns:
        None when no form did.
    """
    query, language = visitor.query, visitor.language
    meanwhile = _meanwhile(visit, query.number("since"), zone, language)
    if query.one("saved") == "0":
        return Receipt(said=(language.say("saved_nothing"),), meanwhile=meanwhile)
    if (saved := _found(visit, query.number("saved"), Occurrence.UPDATE)) is not None:
        said = language.say(_what(saved.data, visit))
        return _recorded(saved, said, meanwhile, (zone, language), visitor.now())
    if (told := _found(visit, query.number("told"), Occurrence.NOTIFY)) is not None:
        return _told(visit, told, language)
    return None


def doubts(put: Table, now: datetime, language: Language) -> list[str]:
    """
    Say what somebody may not have meant by the slots it has put on the table.
    """
    found = {
        "saved_over": sum(slot.end <= now for slot in put),
        "saved_short": sum(slot.duration < _SHORT for slot in put),
    }
    return [language.count(key, number) for key, number in found.items() if number]


def _recorded(
    entry: LogEntry,
    said: str,
    meanwhile: tuple[str, ...],
    manner: tuple[str, Language],
    now: datetime,
) -> Receipt:
    data, (zone, language) = entry.data, manner
    lists = []
    for fact, key in (("accepted", "saved_accepted"), ("removed", "saved_removed")):
        slots: Table = data.get(fact, ()) if data.get("form") == "narrow" else ()
        if slots:
            lists.append((language.count(key, len(slots)), _all(slots, zone, language)))
    new: Table = data.get("accepted", ()) if data.get("form") == "extend" else ()
    if new:
        lists.append((language.count("saved_added", len(new)), _all(new, zone, language)))
    put = entry.slots if "opened" in data else new
    return Receipt(
        said=(said, *doubts(put, now, language)),
        lists=tuple(lists),
        meanwhile=meanwhile,
        id=entry.id,
        hash=entry.hash.hex(),
    )


def _what(data: Mapping[str, Any], visit: Visit) -> str:
    if "opened" in data:
        is_settled = visit.event.status is Status.AGREED or not tellable(visit)
        return "saved_created_settled" if is_settled else "saved_created"
    if "mail" in data:
        return f"saved_{data['mail']}"
    return "saved_titled" if "title" in data else "saved"


def _told(visit: Visit, first: LogEntry, language: Language) -> Receipt:
    letters = [first]
    for entry in visit.entries:
        is_next = entry.id == letters[-1].id + 1 and entry.occurrence is Occurrence.NOTIFY
        if is_next and entry.effector == visit.you and "reason" not in entry.data:
            letters.append(entry)
    names = language.listed([each.data["recipient"] for each in letters])
    last = letters[-1]
    said = language.count("saved_told", len(letters), names=names)
    return Receipt(said=(said,), id=last.id, hash=last.hash.hex())


def _meanwhile(visit: Visit, since: int, zone: str, language: Language) -> tuple[str, ...]:
    if not since:
        return ()
    added: Table = ()
    removed: Table = ()
    for entry in visit.entries:
        if entry.id > since and entry.effector != visit.you:
            more, less = entry.data.get("added", ()), entry.data.get("removed", ())
            added, removed = (
                union(without(added, less), more),
                union(without(removed, more), less),
            )
    return (
        *_each("meanwhile_gone", removed, zone, language),
        *_each("meanwhile_new", added, zone, language),
    )


def _each(key: str, slots: Table, zone: str, language: Language) -> list[str]:
    return [language.say(key, slot=text) for text in _all(slots, zone, language)]


def _all(slots: Table, zone: str, language: Language) -> tuple[str, ...]:
    return tuple(speak(slot, zone, language).full for slot in slots)


def _found(visit: Visit, number: int, occurrence: Occurrence) -> LogEntry | None:
    for entry in visit.entries:
        if entry.id == number and entry.effector == visit.you and entry.occurrence is occurrence:
            return entry
    return None
