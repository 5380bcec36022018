"""
The command suggest: times at which nobody is busy, from calendar files and their addresses.
"""

from __future__ import annotations

import re
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NoReturn

import attrs
import typer

from calndro.core.slot import MOST_SLOTS
from calndro.entry.cli.asked import asked
from calndro.entry.cli.wording import counted


if TYPE_CHECKING:
    from collections.abc import Sequence

    from calndro.core.errors import Faults
    from calndro.core.freetime import Search, Span, WorkingHours
    from calndro.core.slot import Slot


app = typer.Typer(rich_markup_mode=None)

_ADDRESS: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]+://|webcals?:|mailto:)", re.IGNORECASE)
_SHORTEST_STEP: Final = timedelta(minutes=1)
_LONGEST_STEP: Final = timedelta(days=1)
_OFFICE: Final = "9-17"


@attrs.frozen
class Question:
    """
    What is asked, as written.

    Args:
        length: How long a slot lasts.
        since: The first day.
        until: The last day; None for two weeks in all.
        hours: Working hours in *zone*; None for the usual ones, unless *within* says others.
        zone: Where days, clocks and times without a zone are; None for the reader's.
        within: Working hours with their zones.
        days: Which weekdays are worked.
        step: The grid on which slots begin.
    """

    length: str
    since: str
    until: str | None
    hours: str | None
    zone: str | None
    within: Sequence[str]
    days: str
    step: str

    def read(self) -> tuple[Search, list[WorkingHours]]:
        """
        Read all of it.

        Raises:
            InvalidInputError: Every option that can't be read.
        """
        from calndro.adapters.system import SystemClock
        from calndro.core.days import parse_weekdays, today_in
        from calndro.core.durations import parse_duration
        from calndro.core.errors import Faults
        from calndro.core.freetime import Search, WorkingHours
        from calndro.core.repeating import read_days
        from calndro.core.times import parse_zone
        from calndro.entry.cli.session import own_zone

        faults = Faults()
        zone = "UTC"
        with faults.at("--zone"):
            zone = own_zone() or zone if self.zone is None else parse_zone(self.zone)
        now = SystemClock().now()
        first, last = read_days(self.since, self.until, today_in(zone, now), faults)
        weekdays = frozenset(range(7))
        with faults.at("--days"):
            weekdays = parse_weekdays(self.days)
        hours = []
        for name, text in self._hours():
            with faults.at(name):
                hours.append(WorkingHours.parse(text, zone, weekdays))
        step = self._step(faults)
        with faults.at("--for"):
            search = Search(first, last, zone, parse_duration(self.length), step, now)
        faults.settle()
        return search, hours

    def _hours(self) -> list[tuple[str, str]]:
        others = [("--within", text) for text in self.within]
        if self.hours is None and others:
            return others
        return [("--hours", _OFFICE if self.hours is None else self.hours), *others]

    def _step(self, faults: Faults) -> timedelta:
        from calndro.core.durations import parse_duration
        from calndro.core.errors import InvalidInputError

        step = _LONGEST_STEP
        with faults.at("--step"):
            step = parse_duration(self.step)
            if not _SHORTEST_STEP <= step <= _LONGEST_STEP:
                raise InvalidInputError.of("a step is one minute to one day")
        return step


Length = Annotated[str, typer.Option("--for", metavar="DURATION", help="How long, such as 45m.")]
Busy = Annotated[
    list[str] | None,
    typer.Option(
        "--busy",
        metavar="FILE|URL",
        help="Somebody's calendar: a file, .ics, or its web address. Repeat it.",
    ),
]
Since = Annotated[str, typer.Option("--from", metavar="DAY", help="The first day, such as mon.")]
Until = Annotated[
    str | None,
    typer.Option("--until", metavar="DAY", help="The last day; two weeks in all unless given."),
]
Hours = Annotated[
    str | None,
    typer.Option(
        "--hours", metavar="HOURS", help="Working hours; 9-17 unless --within says others."
    ),
]
Zone = Annotated[
    str | None,
    typer.Option("--zone", metavar="ZONE", help="Such as Europe/Paris; yours unless given."),
]
Within = Annotated[
    list[str] | None,
    typer.Option(
        "--within",
        metavar='"ZONE HOURS"',
        help='Working hours elsewhere, such as "Asia/Tokyo 9-17". Repeat it.',
    ),
]
Days = Annotated[
    str, typer.Option("--days", metavar="DAYS", help="Working days: weekday, day, or mon,tue.")
]
Step = Annotated[
    str, typer.Option("--step", metavar="DURATION", help="Slots begin at multiples of it.")
]
Most = Annotated[
    int, typer.Option("--most", metavar="N", min=1, max=MOST_SLOTS, help="At most so many.")
]
Lines = Annotated[
    bool | None,
    typer.Option(
        "--lines/--table",
        help="Lines for --slot -, or a table; lines unless stdout is a terminal.",
    ),
]


@app.command("suggest")
def suggest(  # noqa: PLR0913 - each argument is an option, and they are read as one question
    ctx: typer.Context,
    *,
    length: Length,
    busy: Busy = None,
    since: Since = "today",
    until: Until = None,
    hours: Hours = None,
    zone: Zone = None,
    within: Within = None,
    days: Days = "weekday",
    step: Step = "15m",
    most: Most = 10,
    lines: Lines = None,
) -> None:
    """
    Find times that are free in everybody's calendar.

    The best come first: days take turns, and each gives what is nearest to the middle of
    its working time.
    """
    from calndro.core.freetime import best, candidates, merged, without, working_time
    from calndro.entry.cli.slot_texts import print_slots

    if not busy:
        ctx.fail("name the calendars with --busy FILE or --busy URL")
    question = Question(length, since, until, hours, zone, within or (), days, step)
    search, worked = question.read()
    working = working_time(search, worked)
    free = without(working, merged(_busy(busy, search)))
    found = best(candidates(free, search), working, search, most)
    say = _saying(search, worked, len(busy))
    if not found:
        _refuse(say)
    wanted = asked(ctx)
    if not wanted.quiet:
        typer.echo(say, err=True)
    if wanted.json or (not sys.stdout.isatty() if lines is None else lines):
        print_slots(found, as_json=wanted.json)
    else:
        _draw(found, search, worked)


def _busy(places: Sequence[str], search: Search) -> list[Span]:
    """
    Read calendars.

    Raises:
        InvalidInputError: Every one that is none, or can't be read.
        PortError: A server is away.
    """
    from calndro.adapters.ical_busy import busy
    from calndro.core.errors import Faults, InvalidInputError

    faults = Faults()
    found = []
    for place in places:
        try:
            name, data = _read_calendar(place)
            found += busy(data, name, search.span, search.zone)
        except InvalidInputError as error:
            for fault in error.faults:
                faults.add(str(fault), "--busy")
    faults.settle()
    return found


def _read_calendar(place: str) -> tuple[str, bytes]:
    if _ADDRESS.match(place):
        from calndro.adapters.ical_busy.fetching import fetch

        return fetch(place)
    from calndro.adapters.ical_busy import read_file

    return place, read_file(Path(place))


def _saying(search: Search, worked: Sequence[WorkingHours], calendars: int) -> str:
    """
    Say what was looked for.
    """
    from calndro.core.days import say_day, say_weekdays
    from calndro.core.durations import say_duration

    hours = " and ".join(
        f"{_clock(each.begin)}-{_clock(each.end)} ({each.zone})" for each in worked
    )
    return (
        f"{say_duration(search.duration)} from {say_day(search.first)} until "
        f"{say_day(search.last)}, every {say_weekdays(worked[0].weekdays).rstrip(',')}, within "
        f"{hours}, free in {counted(calendars, 'calendar')}"
    )


def _clock(minutes: int) -> str:
    hour, minute = divmod(minutes, 60)
    return f"{hour:02}:{minute:02}"


def _refuse(say: str) -> NoReturn:
    from calndro.core.errors import RuleError

    raise RuleError(f"there is no time: {say}; ask for other days or hours, or for less time")


def _draw(found: Sequence[Slot], search: Search, worked: Sequence[WorkingHours]) -> None:
    """
    Draw a table, with a column for each zone in which somebody works.
    """
    from calndro.core.spoken import say_slot
    from calndro.entry.cli.render import console, draw_rows

    zones = list(dict.fromkeys((search.zone, *(each.zone for each in worked))))
    rows = (
        (str(number), *(say_slot(slot, zone) for zone in zones))
        for number, slot in enumerate(found, 1)
    )
    draw_rows(console(sys.stdout), ("#", *zones), rows)
