"""
Measure how long it takes to find the time that ten people with full calendars have.

::

    python benchmarks/suggest.py

It writes ten calendar files of 5,000 events each, one in twenty of them repeating, into
memory, and prints the seconds of each part: reading them, and searching.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from typing import Final

from calndro.adapters.ical_busy import busy
from calndro.core.freetime import (
    Search,
    WorkingHours,
    best,
    candidates,
    merged,
    without,
    working_time,
)


CALENDARS: Final = 10
EVENTS: Final = 5_000
PARIS: Final = "Europe/Paris"
FIRST: Final = datetime(2020, 1, 1, 8)  # noqa: DTZ001 - a wall clock, written with its zone
DAYS: Final = 2_800
REPEATED: Final = 20
RULES: Final = ("FREQ=WEEKLY;COUNT=20", "FREQ=WEEKLY;BYDAY=MO", "FREQ=MONTHLY;BYDAY=2TH")


def calendar(seed: int) -> bytes:
    """
    Write the calendar of somebody who has met others for eight years.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//calndro//benchmark//EN"]
    for number in range(EVENTS):
        # Steps that share no factor with the days and quarters spread events over them.
        place = number * 1_009 + seed * 613
        begin = FIRST + timedelta(days=place % DAYS, minutes=15 * (place % 37))
        end = begin + timedelta(minutes=15 * (1 + place % 5))
        lines += [
            "BEGIN:VEVENT",
            f"UID:{seed}-{number}@here.net",
            "DTSTAMP:20200101T000000Z",
            f"DTSTART;TZID={PARIS}:{begin:%Y%m%dT%H%M%S}",
            f"DTEND;TZID={PARIS}:{end:%Y%m%dT%H%M%S}",
            "SUMMARY:A meeting about this and that",
            "LOCATION:Room 5",
        ]
        if number % REPEATED == 0:
            lines.append(f"RRULE:{RULES[number // REPEATED % 2 if number % 200 else 2]}")
        lines.append("END:VEVENT")
    lines.append("END:VCALENDAR\r\n")
    return "\r\n".join(lines).encode()


def main() -> None:
    """
    Measure, three times, and print.
    """
    files = [calendar(seed) for seed in range(CALENDARS)]
    search = Search(
        date(2026, 12, 1),
        date(2026, 12, 14),
        PARIS,
        timedelta(minutes=45),
        timedelta(minutes=15),
        datetime(2026, 1, 1, tzinfo=UTC),
    )
    hours = WorkingHours.parse("8-20", PARIS, frozenset(range(7)))
    size = sum(map(len, files)) / 2**20
    print(f"{CALENDARS} calendars of {EVENTS} events, {size:.1f} MiB; 14 days of December 2026")
    for _ in range(3):
        start = perf_counter()
        taken = [span for file in files for span in busy(file, "benchmark", search.span, PARIS)]
        read = perf_counter()
        working = working_time(search, [hours])
        free = without(working, merged(taken))
        found = best(candidates(free, search), working, search, 10)
        end = perf_counter()
        print(
            f"reading {read - start:.3f} s, searching {end - read:.3f} s, together "
            f"{end - start:.3f} s: {len(taken)} busy spans, {len(found)} slots"
        )
    minute = timedelta(minutes=1)
    origin = datetime(2026, 12, 1, tzinfo=UTC)
    spans = [
        (origin + place * 7 % 20_160 * minute, origin + (place * 7 % 20_160 + 5) * minute)
        for place in range(CALENDARS * EVENTS)
    ]
    made = perf_counter()
    without(working_time(search, [hours]), merged(spans))
    end = perf_counter()
    print(f"searching {len(spans)} busy spans in those days alone {end - made:.3f} s")


if __name__ == "__main__":
    main()
