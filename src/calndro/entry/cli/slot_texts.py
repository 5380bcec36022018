"""
Slots as people write them: read, and told in words before anything is stored.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import attrs
import typer

from calndro.adapters.system import SystemClock
from calndro.core.durations import say_duration
from calndro.core.errors import Faults, InvalidInputError
from calndro.core.reading import read_table
from calndro.core.repeating import read_repetition
from calndro.core.slot import table
from calndro.core.spoken import say_slot
from calndro.core.times import format_slot, parse_zone
from calndro.core.written import is_for_people, read_written
from calndro.entry.cli.asked import asked
from calndro.entry.cli.exits import complain
from calndro.entry.cli.questions import confirm
from calndro.entry.cli.repeat import is_dry_run, repeat_of
from calndro.entry.cli.wording import counted, doubts


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from typer._click import Context

    from calndro.core.event import Event
    from calndro.core.reading import Wanted
    from calndro.core.slot import Slot, Table
    from calndro.entry.cli.repeat import Repeat
    from calndro.entry.cli.session import Session


STDIN: Final = "-"

NAME_SLOTS: Final = "name the slots with --slot, --slot - for lines of stdin, or --every"
"""What to do where slots are wanted and none were given."""

_REPEATING: Final = ("--every", "--from", "--until", "--at", "--for")


@attrs.frozen
class Understood:
    """
    A text, and what it was taken for.

    Args:
        text: As given.
        slots: Empty when it can't be read; who stores it will say why, with all other faults.
        remark: What the writer may not have thought of; empty when there is nothing.
    """

    text: str
    slots: Table
    remark: str = ""

    @property
    def wanted(self) -> Sequence[Wanted]:
        """
        What to hand on.
        """
        return self.slots or (self.text,)

    def say(self, zone: str) -> list[str]:
        """
        Say it in words, a line for each slot when there are several.
        """
        return _listed(f"{self.text} is", self.slots, zone, f"; {self.remark}" * bool(self.remark))


def gather(given: Sequence[str]) -> list[str]:
    """
    Take slots as written, with the lines of stdin in the place of each ``-``.

    Raises:
        InvalidInputError: Nothing came in on stdin.
    """
    found: list[str] = []
    for text in given:
        found.extend(_lines() if text == STDIN else (text,))
    return found


def _lines() -> list[str]:
    lines = [line.strip() for line in sys.stdin]
    found = [line for line in lines if line]
    if not found:
        raise InvalidInputError.of("no slot came in on stdin; write one a line", "--slot -")
    return found


def understand(texts: Iterable[str], zone: str) -> list[Understood]:
    """
    Read slots as people write them.

    Raises:
        InvalidInputError: Every text that people write and that can't be read.
    """
    now = SystemClock().now()
    faults = Faults()
    found = []
    for place, text in enumerate(texts):
        with faults.at(f"slots[{place}]"):
            found.append(_understood(text, zone, now))
    faults.settle()
    return found


def _read_anywhere(text: str) -> Sequence[Wanted]:
    try:
        return read_written(text, "UTC", SystemClock().now()).slots
    except InvalidInputError:
        return (text,)


def _understood(text: str, zone: str, now: datetime) -> Understood:
    try:
        reading = read_written(text, zone, now)
    except InvalidInputError:
        if is_for_people(text):
            raise
        return Understood(text, ())
    return Understood(text, reading.slots, reading.remark)


def ignored(understood: Sequence[Understood], event: Event) -> str:
    """
    Say which of the slots to keep were not on the table; empty when all were.

    Args:
        understood: What was to be kept.
        event: As it is after narrowing: what was on the table and to be kept.
    """
    slots = {slot: each.text for each in understood for slot in each.slots}
    strangers = [text for slot, text in slots.items() if slot not in event.slots]
    if not strangers:
        return ""
    names = ", ".join(dict.fromkeys(strangers))
    return f"ignored {counted(len(strangers), 'slot')} not on the table: {names}"


def slots_given(ctx: Context, texts: Sequence[str] | None, zone: str | None) -> list[Wanted] | None:
    """
    Take the slots of ``--slot`` and ``--every``, tell how they were read, and ask if need be.

    Args:
        ctx: Of the command; it knows the options that repeat.
        texts: As given with ``--slot``; None when it was not.
        zone: The event's; None when it can't be read, which leaves all to who stores them.

    Returns:
        What to store; None when nothing was given.

    Raises:
        InvalidInputError: Something can't be read, or is only half said.
        typer.Abort: A person at a terminal said no.
        typer.Exit: Nothing was to be stored.
    """
    if zone is None:
        # Nothing will be stored; what can be read must not be told as a fault besides.
        return [wanted for text in gather(texts or ()) for wanted in _read_anywhere(text)]
    if is_dry_run(ctx):
        print_dry_run(ctx, texts, zone)
        raise typer.Exit
    understood, repeated = _told(ctx, texts or (), zone, asked(ctx).tell)
    slots = table([*repeated, *(slot for each in understood for slot in each.slots)])
    if repeated and "--yes" not in repeat_of(ctx).flags and is_at_terminal():
        confirm(f"Put {counted(len(slots), 'slot')} on the table?")
    if texts is None and not repeated:
        return None
    return [*(wanted for each in understood for wanted in each.wanted), *repeated]


def print_dry_run(ctx: Context, texts: Sequence[str] | None, zone: str) -> None:
    """
    Print the slots that would be put on the table; how they were read is told on stderr.

    Raises:
        InvalidInputError: Something can't be read, or is only half said.
        UsageError: There are none.
    """
    faults = Faults()
    with faults.at("zone"):
        zone = parse_zone(zone)
    faults.settle()
    tell = asked(ctx).tell if asked(ctx).quiet else _aside
    understood, repeated = _told(ctx, texts or (), zone, tell)
    wanted = [*(wanted for each in understood for wanted in each.wanted), *repeated]
    if not wanted:
        ctx.fail(NAME_SLOTS)
    print_slots(read_table(wanted, zone, "slots"), as_json=asked(ctx).json)


def _told(
    ctx: Context, texts: Sequence[str], zone: str, tell: Callable[[str], None]
) -> tuple[list[Understood], Table]:
    """
    Read the slots of ``--slot``, and those of ``--every``, and say in words how.
    """
    understood = understand(gather(texts), zone)
    for each in {each.text: each for each in understood}.values():
        _echo(tell, each, zone)
    return understood, _repeated(repeat_of(ctx), tell, zone)


def zone_of_new(session: Session, zone: str | None, like: int | None) -> str | None:
    """
    Name the zone that a new event will have; None when it can't be read.
    """
    if zone is None:
        return "UTC" if like is None else session.look_up(like).zone
    try:
        return parse_zone(zone)
    except InvalidInputError:
        return None


def is_at_terminal() -> bool:
    """
    Tell whether there is somebody to ask.
    """
    return sys.stdin.isatty()


def print_slots(slots: Iterable[Slot], *, as_json: bool) -> None:
    """
    Print slots as ``--slot -`` takes them, one a line, or as one JSON document.
    """
    if as_json:
        from calndro.adapters.wire import slot_json
        from calndro.entry.cli.session import answer

        answer([slot_json(slot) for slot in slots])
        return
    for slot in slots:
        typer.echo(format_slot(slot))


def _aside(text: str) -> None:
    typer.echo(text, err=True)


def _echo(tell: Callable[[str], None], each: Understood, zone: str) -> None:
    """
    Say in words how a text was read, and point out what is odd.
    """
    now = SystemClock().now()
    for line in each.say(zone) if each.slots else ():
        tell(line)
    for slot in each.slots:
        for doubt in doubts(slot, zone, now):
            complain((doubt,))


def _listed(head: str, slots: Sequence[Slot], zone: str, tail: str = "") -> list[str]:
    length = say_duration(slots[0].duration)
    if len(slots) == 1:
        return [f"{head} {say_slot(slots[0], zone)} ({zone}), {length}{tail}"]
    return [
        f"{head} {len(slots)} slots of {length} ({zone}){tail}:",
        *(f"  {say_slot(slot, zone)}" for slot in slots),
    ]


def _repeated(repeat: Repeat, tell: Callable[[str], None], zone: str) -> Table:
    """
    Make the slots of ``--every``; there are none without it.
    """
    given = {"--from": "today", **repeat.texts}
    missing = [name for name in _REPEATING if name not in given]
    if not repeat.texts:
        return ()
    if missing:
        raise InvalidInputError.of(
            f"slots that repeat need {' and '.join(missing)} too, such as --every weekday "
            "--until +2w --at 9:00,14:00 --for 45m"
        )
    every, since, until, at, length = (given[name] for name in _REPEATING)
    rule = read_repetition((every, since, until, at, length), zone, SystemClock().now())
    slots = rule.slots()
    tell(f"{rule.say()} is {counted(len(slots), 'slot')}:")
    for slot in slots:
        tell(f"  {say_slot(slot, zone)}")
    return slots
