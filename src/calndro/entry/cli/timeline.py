"""
The log of an event as people read it: day by day, who did what.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from rich.table import Table as Grid
from rich.text import Text

from calndro.core.log import Occurrence
from calndro.core.spoken import say_slot
from calndro.entry.cli.wording import counted, few, listed


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from rich.console import Console

    from calndro.core.event import Event, LogEntry
    from calndro.core.slot import Table


_MOST_NAMED: Final = 4
_REASONS: Final = {
    "agreed": "that all agree",
    "cancelled": "that it is cancelled",
    "changed": "that it has changed",
    "link": "a new link",
}


def draw_log(
    screen: Console,
    event: Event,
    entries: Sequence[LogEntry],
    own_zone: str | None,
    whole: str = "",
) -> None:
    """
    Show the log of an event, a heading for each day of its zone.

    Args:
        screen: Where.
        event: The event.
        entries: Of its log.
        own_zone: That of the reader; None when nobody knows it.
        whole: The command that shows those about deliveries too; empty where it is known to
            the reader what is left out.
    """
    screen.print(Text.assemble((f"Event {event.id}", "bold"), "  ", (event.title, "bold cyan")))
    own = own_zone if own_zone and _differ(entries, event.zone, own_zone) else None
    zones = f"times in {event.zone}" + (f", then in yours, {own}" if own else "")
    screen.print(Text(zones, "dim"))
    for day, of_day in groupby(entries, lambda entry: _day(entry.when, event.zone)):
        screen.print(Text(f"\n{day}", "bold"))
        screen.print(_lines(event, list(of_day), own))
    hidden = event.receipt.seq - len(entries)
    if hidden > 0 and whole:
        about = counted(hidden, "entry", "entries")
        screen.print(Text(f"\n{about} about deliveries left out: {whole}", "dim"))


def tell(entry: LogEntry, zone: str) -> str:
    """
    Say in words what an entry records, without who and when.
    """
    match entry.occurrence:
        case Occurrence.VIEW:
            return "looked"
        case Occurrence.NOTIFY:
            return _notified(entry)
        case Occurrence.UPDATE:
            return _updated(entry, zone)


def _updated(entry: LogEntry, zone: str) -> str:
    match entry.data:
        case {"opened": "imported", "title": title}:
            return f'took over "{title}" with {counted(len(entry.slots), "slot")}'
        case {"opened": _, "title": title, **rest}:
            like = f", like event {rest['like']}" if "like" in rest else ""
            return f'proposed "{title}" with {counted(len(entry.slots), "slot")}{like}'
        case {"closed": _}:
            return "deleted the event"
        case {"mail": mail}:
            return "wants no more letters" if mail == "stopped" else "wants letters again"
        case {"erased": person}:
            return f"had {person} forgotten"
        case _:
            return "; ".join(_changed(entry, zone))


def _changed(entry: LogEntry, zone: str) -> list[str]:
    data = entry.data
    words = []
    added, removed = data.get("added", ()), data.get("removed", ())
    accepted = [slot for slot in data.get("accepted", ()) if slot not in added]
    # An entry from elsewhere may have no form, and then tells what the table became.
    match data.get("form", "replace"):
        case "replace":
            words.append(f"put {counted(len(entry.slots), 'slot')} on the table")
        case "narrow" if "accepted" not in data:
            words.append(f"narrowed to {_all_of(entry.slots, zone)}")
    if added:
        words.append(f"added {_named(added, zone)}")
    if accepted:
        words.append(f"accepted {_named(accepted, zone)}")
    if removed:
        words.append(f"took off {_named(removed, zone)}")
    if "title" in data:
        words.append(f'named it "{data["title"]}"')
    return words or ["changed nothing"]


def _notified(entry: LogEntry) -> str:
    data = entry.data
    if "delivery" in data:
        code = f" ({data['code']})" if "code" in data else ""
        return f"letter {data['of']} to {data['recipient']}: {data['delivery']}{code}"
    behalf = data.get("sender", entry.effector)
    on_behalf = f" on behalf of {behalf}" if behalf != entry.effector else ""
    if "reason" in data:
        # The log of a newer server may have reasons of its own.
        reason = _REASONS.get(data["reason"], f"of {data['reason']}")
        return f"told {data['recipient']} {reason}{on_behalf}"
    verb = "invited" if data.get("invitation") else "told"
    return f"{verb} {data.get('recipient', 'somebody')}{on_behalf}"


def _lines(event: Event, entries: Sequence[LogEntry], own_zone: str | None) -> Grid:
    lines = Grid.grid(padding=(0, 2))
    lines.add_column(justify="right", no_wrap=True)
    for _ in range(2 if own_zone else 1):
        lines.add_column(no_wrap=True)
    lines.add_column()
    for entry in entries:
        deed = Text.assemble((entry.effector, "cyan"), " ", tell(entry, event.zone))
        deed.append(_how(entry.data), "dim")
        times = [Text(_clock(entry.when, event.zone))]
        if own_zone:
            times.append(Text(_weekday_and_clock(entry.when, own_zone), "dim"))
        lines.add_row(Text(str(entry.id), "dim"), *times, deed)
    return lines


def _how(data: Mapping[str, Any]) -> str:
    if "token" in data:
        return f" (by link {data['token']})"
    return " (locally)" if data.get("via") == "local" else ""


def _named(slots: Sequence[Any], zone: str) -> str:
    return listed(few([say_slot(slot, zone) for slot in slots], _MOST_NAMED))


def _all_of(slots: Table, zone: str) -> str:
    return _named(slots, zone) if slots else "nothing"


def _differ(entries: Sequence[LogEntry], zone: str, own_zone: str) -> bool:
    return any(
        _local(entry.when, zone).utcoffset() != _local(entry.when, own_zone).utcoffset()
        for entry in entries
    )


def _day(when: datetime, zone: str) -> str:
    return f"{_local(when, zone):%a %d %b %Y}"


def _clock(when: datetime, zone: str) -> str:
    return f"{_local(when, zone):%H:%M:%S}"


def _weekday_and_clock(when: datetime, zone: str) -> str:
    return f"{_local(when, zone):%a %H:%M:%S}"


def _local(when: datetime, zone: str) -> datetime:
    return when.astimezone(ZoneInfo(zone))
