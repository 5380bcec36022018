"""
Where an event stands and what happens next, in sentences.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from calndro.core.agreement import Reason, Status
from calndro.core.log import Occurrence


if TYPE_CHECKING:
    from collections.abc import Sequence

    from calndro.entry.http.pages.language import Language
    from calndro.usecases.visiting import Visit


_MOST_NAMED: Final = 8
FEW_NAMED: Final = 3
"""How many people are named in one line of a list."""

_LEADS: Final = {
    Status.OPEN: "proposal",
    Status.AGREED: "found",
    Status.VOID: "sought",
    Status.CLOSED: "proposal",
}


def say_proposal(visit: Visit, language: Language) -> str:
    """
    Say who asked whom, and what has come of it.
    """
    event = visit.event
    whom = [each for each in event.parties if each not in {event.proposer, visit.you}]
    is_yours = event.proposer == visit.you
    if visit.you in event.parties and not is_yours:
        whom.insert(0, language.say("you"))
    key = _LEADS[event.status] + ("_yours" if is_yours else "")
    if not whom:
        return language.say(f"{key}_alone", who=event.proposer)
    return language.say(key, who=event.proposer, whom=named(whom, language))


def say_standing(visit: Visit, language: Language, *, is_new: bool) -> list[str]:
    """
    Say what is left, who is waited on, and what happens next.

    Args:
        visit: The event, and who looks.
        language: What to speak.
        is_new: Whether it is the looker's own, and nobody has been sent a letter.
    """
    event = visit.event
    match event.status:
        case Status.CLOSED:
            return [language.say("closed")]
        case Status.VOID:
            return [language.say("next_void" if event.remaining else "nobody_left")]
        case Status.AGREED:
            told = language.say("next_agreed" if _is_told(visit) else "next_agreed_quietly")
            return [told, language.say("next_withdraw")] if visit.is_party else [told]
    left = language.count("left", len(event.slots))
    return [left, *_open(visit, language, is_new=is_new)]


def _open(visit: Visit, language: Language, *, is_new: bool) -> list[str]:
    event, you = visit.event, visit.you
    if you in event.waiting_on:
        others = [each for each in event.waiting_on if each != you]
        key = "waiting_you_too" if others else "waiting_you"
        names = named(others, language) if others else ""
        return [language.say(key, names=names), language.count("next_answer", len(event.slots))]
    if event.waiting_on:
        then = "next_others" if visit.is_party else "next_watch"
        then = "next_tell" if is_new and awaited_others(visit) else then
        return [
            language.say("waiting", names=named(event.waiting_on, language)),
            language.say(then),
        ]
    if not event.remaining:
        return [language.say("nobody_left")]
    if event.common:
        found = language.count("common", len(event.common))
        if event.common == event.slots:
            found = language.say("all_common")
        return [found, language.say("next_choose")]
    return [language.say("no_common"), language.say("next_propose")]


def tellable(visit: Visit) -> list[str]:
    """
    Name the others who still take part: those that can be told something.
    """
    return [each for each in visit.event.remaining if each != visit.you]


def awaited_others(visit: Visit) -> list[str]:
    """
    Name the others who have not answered and take letters.
    """
    event = visit.event
    return [each for each in event.waiting_on if each not in {visit.you, *event.stopped}]


def is_untold(visit: Visit) -> bool:
    """
    Tell whether no letter was ever promised; False where the log is not shown from its beginning.
    """
    numbers = {entry.id for entry in visit.entries}
    return 1 in numbers and all(each.occurrence is not Occurrence.NOTIFY for each in visit.entries)


def _is_told(visit: Visit) -> bool:
    """
    Tell whether the log promises a letter about the agreement to all others.
    """
    told: set[str] = set()
    for entry in visit.entries:
        if not entry.data.keys().isdisjoint({"added", "removed"}):
            told.clear()
        if entry.data.get("reason") == Reason.AGREED:
            told.add(entry.data["recipient"])
    others = tellable(visit)
    return bool(others) and told.issuperset(others)


def named(people: Sequence[str], language: Language, most: int = _MOST_NAMED) -> str:
    """
    Name people, not too many of them.
    """
    if len(people) <= most:
        return language.listed(people)
    rest = language.say("more", n=len(people) - most)
    return language.listed([*people[:most], rest])
