"""
What people see: tables in colour on a terminal, plain text elsewhere.
"""

from __future__ import annotations

import re
from string import ascii_lowercase
from typing import TYPE_CHECKING, Final, TextIO, cast

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from calndro.core.agreement import Status
from calndro.core.event import is_erased
from calndro.core.spoken import say_begin, say_slot
from calndro.entry.cli.wording import counted, few, standing


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import RenderableType

    from calndro.core.event import Event
    from calndro.core.slot import Slot, Table


_WIDE: Final = 1000
_ROOMY: Final = 72
_GAP: Final = 2
_MOST_LISTED: Final = 4
_TRAILING: Final = re.compile(" +\n")
_COLOURS: Final = {
    Status.OPEN: "yellow",
    Status.AGREED: "green",
    Status.VOID: "red",
    Status.CLOSED: "dim",
}
_MARKS: Final = {
    "yes": Text("yes", "green"),
    "no": Text("no", "red"),
    "?": Text("?", "yellow"),
    "-": Text("-", "dim"),
}


def console(stream: TextIO) -> Console:
    """
    Make what draws on *stream*: lines wrap on a terminal, and nowhere else.
    """
    on_terminal = stream.isatty()
    return Console(
        file=stream if on_terminal else cast("TextIO", _Trimmed(stream)),
        width=None if on_terminal else _WIDE,
        markup=False,
        emoji=False,
        highlight=False,
    )


class _Trimmed:
    """
    A text stream that leaves out the blanks with which tables fill their lines.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(_TRAILING.sub("\n", text))
        return len(text)

    def flush(self) -> None:
        self._stream.flush()

    @property
    def encoding(self) -> str:
        return self._stream.encoding


def grid(columns: Iterable[str], *, right: Sequence[str] = ()) -> Grid:
    """
    Make an empty table with these heads; those in *right* are set to the right.
    """
    table = Grid(
        box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold"
    )
    for name in columns:
        table.add_column(Text(name), justify="right" if name in right else "left", overflow="fold")
    return table


def draw_event(
    screen: Console, event: Event, own_zone: str | None, then: str, said: str = ""
) -> None:
    """
    Show an event: who keeps what, where it stands, what comes next.

    Args:
        screen: Where.
        event: As it is.
        own_zone: The reader's zone, where it is known.
        then: The command that brings the event forward.
        said: What else is to be known, one sentence.
    """
    screen.print(Text.assemble((f"Event {event.id}", "bold"), "  ", (event.title, "bold cyan")))
    facts = f"revision {event.revision}, proposed by {event.proposer}"
    screen.print(Text.assemble((event.status.value, _COLOURS[event.status]), f", {facts}"))
    screen.print()
    if event.slots:
        for part in _keeping(screen.width, event, _other_zone(event.slots, event.zone, own_zone)):
            screen.print(part)
    else:
        screen.print(Text(f"parties: {', '.join(event.parties)}"))
    screen.print()
    screen.print(Text(standing(event), f"bold {_COLOURS[event.status]}"))
    if event.stopped:
        screen.print(Text(f"No letters wanted by {', '.join(event.stopped)}.", "dim"))
    if event.undelivered:
        names = ", ".join(event.undelivered)
        screen.print(Text(f"The last letter could not be delivered to {names}.", "yellow"))
    if said:
        screen.print(Text(said, "bold"))
    # Only a line that is broken by the terminal itself can be copied whole.
    screen.print(Text.assemble("Next: ", (then, "cyan")), soft_wrap=True)


def draw_events(screen: Console, events: Sequence[Event]) -> None:
    """
    Show a list of events: a line for each, or several on a terminal.
    """
    between = "\n" if screen.is_terminal else ", "
    table = grid(("id", "title", "status", "when", "parties, ? awaited"), right=("id",))
    # Where there is little room, times that are cut nowhere would leave none for the rest.
    table.columns[3].no_wrap = screen.width >= _ROOMY
    for event in events:
        waited = {party: f"{party} ?" for party in event.waiting_on}
        parties = [waited.get(party, party) for party in event.parties]
        table.add_row(
            str(event.id),
            Text(event.title),
            Text(event.status.value, _COLOURS[event.status]),
            Text(between.join(_when(event, "\n" if screen.is_terminal else " "))),
            Text(between.join(few(parties, _MOST_LISTED))),
        )
    screen.print(table)


def draw_rows(screen: Console, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """
    Show a plain table of texts.
    """
    table = grid(heads)
    for row in rows:
        table.add_row(*map(Text, row))
    screen.print(table)


def _keeping(width: int, event: Event, own_zone: str | None) -> list[RenderableType]:
    """
    Draw who keeps which slots: addresses as heads where they fit, letters elsewhere.
    """
    heads = ["#", f"when\n{event.zone}"]
    times = [[str(n), say_slot(slot, event.zone)] for n, slot in enumerate(event.slots, start=1)]
    if own_zone is not None:
        heads.append(f"your time\n{own_zone}")
        for row, slot in zip(times, event.slots, strict=True):
            row.append(say_slot(slot, own_zone))
    used = sum(
        _width([*head.split("\n"), *column]) for head, *column in zip(heads, *times, strict=True)
    )
    if used + sum(map(_width, zip(event.parties, strict=True))) <= width:
        return [_part(event, heads, times, dict(zip(event.parties, event.parties, strict=True)))]
    from rich.columns import Columns

    names = {party: _letter(place) for place, party in enumerate(event.parties)}
    parts: list[RenderableType] = []
    rest = list(names.items())
    while rest:
        count = max((width - used) // _width(["yes"]), 1)
        parts += [_part(event, heads, times, dict(rest[:count])), Text()]
        rest = rest[count:]
        heads, times, used = heads[:1], [row[:1] for row in times], _width(["30"])
    legend = [Text(f"{letter} {party}", "dim") for party, letter in names.items()]
    return [*parts, Columns(legend, padding=(0, 3))]


def _width(cells: Sequence[str]) -> int:
    return max(map(cell_len, cells)) + _GAP


def _part(
    event: Event, heads: Sequence[str], times: Sequence[Sequence[str]], names: dict[str, str]
) -> Grid:
    table = grid((*heads, *names.values()), right=("#",))
    for row, slot in zip(times, event.slots, strict=True):
        table.add_row(*row, *(_mark(party, event.kept[party], slot) for party in names))
    for column in table.columns[: len(heads)]:
        column.no_wrap = True
    return table


def _mark(party: str, keeps: Table | None, slot: Slot) -> Text:
    if is_erased(party):
        return _MARKS["-"]
    if keeps is None:
        return _MARKS["?"]
    return _MARKS["yes" if slot in keeps else "no"]


def _letter(place: int) -> str:
    before, last = divmod(place, len(ascii_lowercase))
    return (ascii_lowercase[before - 1] if before else "") + ascii_lowercase[last]


def _other_zone(slots: Sequence[Slot], zone: str, own_zone: str | None) -> str | None:
    if own_zone is None or all(
        say_begin(slot.begin, zone) == say_begin(slot.begin, own_zone) for slot in slots
    ):
        return None
    return own_zone


def _when(event: Event, wrap: str) -> list[str]:
    match event.slots:
        case ():
            return []
        case (slot,):
            return [say_slot(slot, event.zone), event.zone]
        case slots:
            first = say_begin(slots[0].begin, event.zone)
            return [f"{counted(len(slots), 'slot')} from{wrap}{first}", event.zone]
