"""
Events to make calendars of, and calendars as several programs read them.
"""

from __future__ import annotations

import ctypes
import json
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import attrs
import icalendar
import pytest

from calndro.adapters.calendar import calendar_of
from calndro.core.agreement import Status
from calndro.core.event import Event, see
from tests.adapters.letters import NOW
from tests.examples import Scene
from tests.surroundings import SERVICES_ARE_REQUIRED


if TYPE_CHECKING:
    from calndro.core.slot import Slot


ORGANIZER: Final = "desk@example.org"
PUBLIC_URL: Final = "https://meet.example.org"

MOVED_CLOCKS: Final = (
    ("Europe/Paris", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Europe/Paris", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
    ("Africa/Casablanca", datetime(2026, 3, 22, 2, tzinfo=UTC)),
    ("Africa/Monrovia", datetime(1972, 1, 7, 0, 44, 30, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),
    ("Asia/Kathmandu", datetime(1985, 12, 31, 18, 30, tzinfo=UTC)),
    ("Antarctica/Troll", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("America/Nuuk", datetime(2024, 3, 31, 1, tzinfo=UTC)),
)
"""When clocks were or will be moved, by one hour and otherwise."""


@attrs.frozen(kw_only=True)
class Entry:
    """
    What a reader found out about one entry of a calendar; times in seconds since 1970.
    """

    uid: str
    sequence: int
    status: str
    summary: str
    description: str
    url: str
    organizer: str
    attendees: tuple[str, ...]
    begin: int
    end: int


@attrs.frozen
class Found:
    """
    What a reader found in a calendar.
    """

    method: str
    entries: tuple[Entry, ...]


def shown(*slots: Slot, zone: str = "UTC", **facts: Any) -> Event:
    """
    Make an event with these slots on the table, kept by nobody; open but for *facts*.
    """
    seen = see(Scene(parties="ab").ledger)
    return attrs.evolve(seen, **{"slots": slots, "zone": zone, "status": Status.OPEN, **facts})


def file_of(event: Event, cancelled: Slot | None = None, now: datetime = NOW) -> bytes:
    """
    Make the calendar file of an event.
    """
    return calendar_of(event, cancelled, public_url=PUBLIC_URL, organizer=ORGANIZER, now=now)


def lines_of(content: bytes) -> list[str]:
    """
    Unfold a calendar by the letter of RFC 5545, 3.1.
    """
    return content.decode().replace("\r\n ", "").split("\r\n")


def by_icalendar(contents: list[bytes]) -> list[Found]:
    """
    Read calendars with the library that wrote them.
    """
    return [_found(icalendar.Calendar.from_ical(content)) for content in contents]


def _found(calendar: Any) -> Found:
    assert calendar.errors == []
    entries = []
    for each in calendar.walk("VEVENT"):
        assert each.errors == []
        attendees = each.get("attendee", [])
        entries.append(
            Entry(
                uid=str(each["uid"]),
                sequence=int(each["sequence"]),
                status=str(each["status"]),
                summary=str(each["summary"]),
                description=str(each["description"]),
                url=str(each["url"]),
                organizer=str(each.get("organizer", "")),
                attendees=tuple(attendees if isinstance(attendees, list) else [attendees]),
                begin=int(each["dtstart"].dt.timestamp()),
                end=int(each["dtend"].dt.timestamp()),
            )
        )
    return Found(str(calendar.get("method", "")), tuple(entries))


_SCRIPT: Final = """
const ICAL = require(process.argv[1]);
const texts = JSON.parse(require("fs").readFileSync(0, "utf-8"));
process.stdout.write(JSON.stringify(texts.map((text) => {
  const calendar = new ICAL.Component(ICAL.parse(text));
  ICAL.TimezoneService.reset();
  for (const zone of calendar.getAllSubcomponents("vtimezone"))
    ICAL.TimezoneService.register(zone);
  return {
    method: calendar.getFirstPropertyValue("method") || "",
    entries: calendar.getAllSubcomponents("vevent").map((part) => {
      const entry = new ICAL.Event(part), value = (name) => part.getFirstPropertyValue(name);
      return {
        uid: entry.uid, sequence: entry.sequence, status: value("status"),
        summary: entry.summary, description: entry.description, url: value("url"),
        organizer: entry.organizer || "",
        attendees: entry.attendees.map((each) => each.getFirstValue()),
        begin: entry.startDate.toUnixTime(), end: entry.endDate.toUnixTime(),
      };
    }),
  };
})));
"""


def by_ical_js(contents: list[bytes]) -> list[Found]:
    """
    Read calendars with ical.js, which goes by the zones that stand in them.
    """
    node = shutil.which("node")
    kept = [home / "ical.js" / "dist" / "ical.es5.cjs" for home in _node_modules()]
    library = next((each for each in kept if each.exists()), None)
    if node is None or library is None:
        lacking("ical.js", "scripts/services.sh start, or npm install --global ical.js")
    texts = json.dumps([content.decode() for content in contents])
    command = [node, "-e", _SCRIPT, str(library)]
    done = subprocess.run(command, input=texts, check=True, capture_output=True, text=True)
    return [
        Found(
            each["method"],
            tuple(
                Entry(**{**entry, "attendees": tuple(entry["attendees"])})
                for entry in each["entries"]
            ),
        )
        for each in json.loads(done.stdout)
    ]


@cache
def _node_modules() -> list[Path]:
    """
    Tell where npm may have put ical.js: beside our own tools, or for everybody.
    """
    ours = Path(__file__).parents[2] / ".venv" / "ical.js" / "node_modules"
    npm = shutil.which("npm")
    if npm is None:
        return [ours]
    asked = subprocess.run([npm, "root", "--global"], check=True, capture_output=True, text=True)
    return [ours, Path(asked.stdout.strip())]


def lacking(name: str, mend: str) -> NoReturn:
    """
    Leave a test out that needs a program, or fail it where every service is required.
    """
    reason = f"{name} is not here: {mend}"
    if SERVICES_ARE_REQUIRED:
        pytest.fail(reason)
    pytest.skip(reason)


class _Time(ctypes.Structure):
    _fields_ = (
        *[(name, ctypes.c_int) for name in ("year", "month", "day", "hour", "minute", "second")],
        ("is_date", ctypes.c_int),
        ("is_daylight", ctypes.c_int),
        ("zone", ctypes.c_void_p),
    )


_VEVENT: Final = 4
_ATTENDEE, _ORGANIZER, _URL, _STATUS = 5, 52, 88, 76


def by_libical(contents: list[bytes]) -> list[Found]:
    """
    Read calendars with libical, which goes by the zones that stand in them.
    """
    library = _libical()
    return [_found_by_libical(library, content) for content in contents]


@cache
def _libical() -> Any:
    try:
        library = ctypes.CDLL("libical.so.3")
    except OSError:
        lacking("libical", "apt-get install libical3")
    for name in (
        "icalparser_parse_string",
        "icalcomponent_get_first_component",
        "icalcomponent_get_next_component",
        "icalcomponent_get_first_property",
        "icalcomponent_get_next_property",
    ):
        getattr(library, name).restype = ctypes.c_void_p
    for name in (
        "icalcomponent_get_uid",
        "icalcomponent_get_summary",
        "icalcomponent_get_description",
        "icalproperty_get_value_as_string",
        "icalproperty_method_to_string",
    ):
        getattr(library, name).restype = ctypes.c_char_p
    library.icalcomponent_get_dtstart.restype = _Time
    library.icalcomponent_get_dtend.restype = _Time
    library.icaltime_as_timet_with_zone.restype = ctypes.c_int64
    return library


def _found_by_libical(library: Any, content: bytes) -> Found:
    calendar = ctypes.c_void_p(library.icalparser_parse_string(content))
    assert library.icalcomponent_count_errors(calendar) == 0
    assert library.icalrestriction_check(calendar)
    method = library.icalcomponent_get_method(calendar)
    entries = []
    part = library.icalcomponent_get_first_component(calendar, _VEVENT)
    while part:
        entries.append(_entry_by_libical(library, ctypes.c_void_p(part)))
        part = library.icalcomponent_get_next_component(calendar, _VEVENT)
    name = library.icalproperty_method_to_string(method).decode()
    library.icalcomponent_free(calendar)
    return Found("" if name == "NONE" else name, tuple(entries))


def _entry_by_libical(library: Any, part: ctypes.c_void_p) -> Entry:
    def values(kind: int) -> list[str]:
        found, each = [], library.icalcomponent_get_first_property(part, kind)
        while each:
            text = library.icalproperty_get_value_as_string(ctypes.c_void_p(each))
            found.append(text.decode())
            each = library.icalcomponent_get_next_property(part, kind)
        return found

    def seconds(time: _Time) -> int:
        return int(library.icaltime_as_timet_with_zone(time, ctypes.c_void_p(time.zone)))

    return Entry(
        uid=library.icalcomponent_get_uid(part).decode(),
        sequence=library.icalcomponent_get_sequence(part),
        status=values(_STATUS)[0],
        summary=library.icalcomponent_get_summary(part).decode(),
        description=library.icalcomponent_get_description(part).decode(),
        url=values(_URL)[0],
        organizer="".join(values(_ORGANIZER)),
        attendees=tuple(values(_ATTENDEE)),
        begin=seconds(library.icalcomponent_get_dtstart(part)),
        end=seconds(library.icalcomponent_get_dtend(part)),
    )


def by_hand(content: bytes) -> list[tuple[datetime, datetime]]:
    """
    Read when the entries of a calendar are, by the letter of RFC 5545, 3.6.5.
    """
    onsets: list[tuple[datetime, timedelta]] = []
    spans: list[tuple[datetime, datetime]] = []
    facts: dict[str, str] = {}
    for line in lines_of(content):
        name, _, value = line.partition(":")
        facts[name.partition(";")[0]] = line
        if name == "BEGIN":
            facts = {}
        elif name == "END" and value in {"STANDARD", "DAYLIGHT"}:
            before, after = (_shift(facts[each]) for each in ("TZOFFSETFROM", "TZOFFSETTO"))
            onsets.append((_clock(facts["DTSTART"]) - before, after))
        elif name == "END" and value == "VEVENT":
            begin, end = (_instant(facts[each], onsets) for each in ("DTSTART", "DTEND"))
            spans.append((begin, end))
    return spans


def _shift(line: str) -> timedelta:
    written = line.partition(":")[2]
    shift = datetime.strptime(written, "%z").utcoffset()
    assert shift is not None
    return shift


def _clock(line: str) -> datetime:
    written = line.rpartition(":")[2].removesuffix("Z")
    return datetime.strptime(f"{written}+0000", "%Y%m%dT%H%M%S%z")


def _instant(line: str, onsets: list[tuple[datetime, timedelta]]) -> datetime:
    """
    Find the one instant at which clocks show what is written.
    """
    clock = _clock(line)
    if line.endswith("Z"):
        return clock.astimezone(UTC)
    found = {
        clock - shift
        for _, shift in onsets
        if max((onset for onset in onsets if onset[0] <= clock - shift), default=(clock, None))[1]
        == shift
    }
    (only,) = found
    return only
