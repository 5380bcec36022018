from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from calndro.core.durations import format_duration, parse_duration, say_duration
from calndro.core.errors import InvalidInputError
from calndro.core.slot import Slot
from calndro.core.spoken import say_begin, say_slot
from calndro.core.times import format_begin, parse_begin, parse_slot, parse_zone
from tests.examples import HOUR


@pytest.mark.parametrize(
    ("text", "begin"),
    [
        ("2022-11-01T01:11:22.02", "2022-11-01T01:11:22.020000Z"),
        ("2022-11-01T01:11:22.020000Z", "2022-11-01T01:11:22.020000Z"),
        ("2022-11-01T01:11:22,5Z", "2022-11-01T01:11:22.500000Z"),
        ("2022-11-01T01:11:22+02", "2022-10-31T23:11:22Z"),
        ("2022-11-01T01:11:22+0200", "2022-10-31T23:11:22Z"),
        ("2022-11-01T01:11:22-02:00", "2022-11-01T03:11:22Z"),
        ("2022-11-01T01:11:22-00:00", "2022-11-01T01:11:22Z"),
        ("2022-11-01T01:11:22+00:09:21", "2022-11-01T01:02:01Z"),
        ("2022-11-01t01:11:22z", "2022-11-01T01:11:22Z"),
        ("2022-11-01 01:11:22Z", "2022-11-01T01:11:22Z"),
        ("  2022-11-01T01:11:22Z ", "2022-11-01T01:11:22Z"),
        ("2026-12-01T09:00", "2026-12-01T09:00:00Z"),
        ("2026-12-01T09:00Z", "2026-12-01T09:00:00Z"),
        ("2026-11-02T09:00[Europe/Paris]", "2026-11-02T08:00:00Z"),
        ("2026-11-02T09:00[europe/paris]", "2026-11-02T08:00:00Z"),
        ("2026-11-02T09:00[!Europe/Paris]", "2026-11-02T08:00:00Z"),
        ("2026-11-02T09:00+01:00[Europe/Paris]", "2026-11-02T08:00:00Z"),
        ("2026-11-02T09:00Z[Europe/Paris]", "2026-11-02T09:00:00Z"),
        ("2026-10-25T02:30+02:00[Europe/Paris]", "2026-10-25T00:30:00Z"),
        ("2026-10-25T02:30+01:00[Europe/Paris]", "2026-10-25T01:30:00Z"),
        ("2026-03-29T02:30+01:00[Europe/Paris]", "2026-03-29T01:30:00Z"),
        ("2024-02-29T00:00Z", "2024-02-29T00:00:00Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9998-12-31T23:59:59.999999Z", "9998-12-31T23:59:59.999999Z"),
        ("9999-01-01T00:30+01:00", "9998-12-31T23:30:00Z"),
    ],
)
def test_begin_is_read(text: str, begin: str) -> None:
    """
    Every form of the contract is read, to the microsecond, and written in one form.
    """
    read = parse_begin(text, "UTC")

    assert format_begin(read) == begin
    assert type(read) is datetime
    assert read.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "begin"),
    [
        ("2026-12-01T09:00", "2026-12-01T08:00:00Z"),
        ("2026-07-01T09:00", "2026-07-01T07:00:00Z"),
        ("2026-12-01T09:00Z", "2026-12-01T09:00:00Z"),
        ("2026-12-01T09:00[America/New_York]", "2026-12-01T14:00:00Z"),
        ("2026-10-25T02:30+01:00", "2026-10-25T01:30:00Z"),
        ("2026-03-29T02:30+01:00", "2026-03-29T01:30:00Z"),
    ],
)
def test_begin_without_offset_is_of_the_zone(text: str, begin: str) -> None:
    """
    The zone of the event counts where the text names neither offset nor zone.
    """
    assert format_begin(parse_begin(text, "Europe/Paris")) == begin


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no date and clock"),
        ("tomorrow", "no date and clock"),
        ("2026-12-01", "a date but no clock: write 2026-12-01T09:00"),
        ("09:00", "no date and clock"),
        ("2026-12-01T09", "no date and clock"),
        ("2026-12-01T9:00", "no date and clock"),
        ("2026-12-01T09:00:00.", "no date and clock"),
        ("2026-12-01T09:00.5", "no date and clock"),
        ("2026-12-01  09:00", "no date and clock"),
        ("2026-12-01T09:00Zulu time", "no date and clock"),
        ("2026-12-01T09:00\n", "no date and clock"),
        ("2026-12-01T09:00Z\x00", "no date and clock"),
        ("2026-12-01T09:00[Europe/Paris", "no date and clock"),
        ("2026-12-01T09:00[Europe/Paris][u-ca=hebrew]", "no date and clock"),
        ("2026-W49-2T09:00", "no date and clock"),
        ("2026-335T09:00", "no date and clock"),
        ("20261201T090000Z", "no date and clock"),
        ("12026-12-01T09:00", "no date and clock"),
        ("\u0662026-12-01T09:00", "no date and clock"),
        ("2026-12-01T09:00 CET", "CET may mean several offsets"),
        ("2026-12-01T09:00PST", "PST may mean several offsets"),
        ("2026-12-01T09:00[CEST]", "'CEST' is no time zone"),
        ("2026-12-01T09:00[CET]", "'CET' is no time zone: write a place such as Europe/Paris"),
        ("2026-12-01T09:00[+01:00]", "is no time zone"),
        ("2026-12-01T09:00[]", "Europe/Paris or UTC"),
        ("2026-12-01T09:00Z[Mars/Olympus]", "'Mars/Olympus' is no time zone"),
        ("2026-12-01T24:00", "as 00:00 of the next day"),
        ("2026-12-01T09:60", "09:60 is no time of day"),
        ("2016-12-31T23:59:60Z", "leap second as :59"),
        ("2026-12-01T09:00:00.0000000", "finer than a microsecond"),
        ("2026-12-01T09:00+24:00", "\\+24:00 is no offset"),
        ("2026-12-01T09:00-01:60", "-01:60 is no offset"),
        ("2026-12-01T09:00-01:00:60", "-01:00:60 is no offset"),
        ("2026-02-29T09:00", "2026-02-29 is no day"),
        ("2026-13-01T09:00", "2026-13-01 is no day"),
        ("0000-01-01T09:00", "starts with the year 1"),
        ("9999-01-01T00:00Z", "years 1 to 9998"),
        ("0001-01-01T00:00+00:01", "years 1 to 9998"),
        ("9998-12-31T23:59-00:01", "years 1 to 9998"),
        ("9999-12-31T23:59-23:59", "years 1 to 9998"),
        ("2026-11-02T09:00+02:00[Europe/Paris]", "means 2026-11-02T09:00:00\\+01:00"),
        ("2026-11-02T09:00+00:00[Europe/Paris]", "means 2026-11-02T09:00:00\\+01:00"),
        ("2026-12-01T09:00" + "0" * 100, "is too long"),
    ],
)
def test_begin_is_refused(text: str, says: str) -> None:
    """
    What has no reading, or more than the contract has, is refused with a way to mend it.
    """
    with pytest.raises(InvalidInputError, match=says):
        parse_begin(text, "UTC")


@pytest.mark.parametrize(
    ("text", "zone", "what", "readings"),
    [
        ("2026-03-29T02:30", "Europe/Paris", "does not exist", ("+01:00", "+02:00")),
        ("2026-10-25T02:30", "Europe/Paris", "exists twice", ("+02:00", "+01:00")),
        ("2026-03-08T02:00", "America/New_York", "does not exist", ("-05:00", "-04:00")),
        ("2026-04-05T01:45", "Australia/Lord_Howe", "exists twice", ("+11:00", "+10:30")),
        ("2011-12-30T12:00", "Pacific/Apia", "does not exist", ("-10:00", "+14:00")),
        ("1911-03-10T23:55", "Europe/Paris", "exists twice", ("+00:09:21", "+00:00")),
    ],
)
def test_local_time_without_one_reading(
    text: str, zone: str, what: str, readings: tuple[str, str]
) -> None:
    """
    A local time that clocks skip or repeat is refused with both readings, and each is taken.
    """
    for refused, default in ((text, zone), (f"{text}[{zone}]", "UTC")):
        with pytest.raises(InvalidInputError, match=f"{what} in {zone}") as caught:
            parse_begin(refused, default)
        offered = [f"{text}:00{reading}" for reading in readings]
        assert all(reading in str(caught.value) for reading in offered)
        assert len({parse_begin(f"{reading}[{zone}]", zone) for reading in offered}) == 2


def test_begin_is_written_in_utc() -> None:
    """
    An instant of any zone is written in UTC, with four digits of year and six of fraction.
    """
    east = timezone(timedelta(hours=2))

    assert format_begin(datetime(2021, 3, 11, 16, 34, tzinfo=east)) == "2021-03-11T14:34:00Z"
    assert format_begin(datetime(33, 4, 3, 15, 0, 0, 20, UTC)) == "0033-04-03T15:00:00.000020Z"


@pytest.mark.parametrize(
    ("text", "written", "said"),
    [
        ("00:30", "00:00:30", "30 seconds"),
        ("01:01", "00:01:01", "1 minute 1 second"),
        ("90:00", "01:30:00", "1 hour 30 minutes"),
        ("1:30", "00:01:30", "1 minute 30 seconds"),
        ("01:30:00", "01:30:00", "1 hour 30 minutes"),
        ("00:00:00.5", "00:00:00.500000", "0.5 seconds"),
        ("00:01.02", "00:00:01.020000", "1.02 seconds"),
        ("25:00:00", "1 01:00:00", "1 day 1 hour"),
        ("1 01:00:00", "1 01:00:00", "1 day 1 hour"),
        ("366 00:00:00", "366 00:00:00", "366 days"),
        ("PT1H30M", "01:30:00", "1 hour 30 minutes"),
        ("pt90m", "01:30:00", "1 hour 30 minutes"),
        ("P1W", "7 00:00:00", "7 days"),
        ("P1DT2H", "1 02:00:00", "1 day 2 hours"),
        ("P2D", "2 00:00:00", "2 days"),
        ("PT0.000001S", "00:00:00.000001", "0.000001 seconds"),
        ("PT1,5H", "01:30:00", "1 hour 30 minutes"),
        ("P0.5D", "12:00:00", "12 hours"),
        ("90m", "01:30:00", "1 hour 30 minutes"),
        ("1h30m", "01:30:00", "1 hour 30 minutes"),
        ("1h 30m", "01:30:00", "1 hour 30 minutes"),
        ("1.5h", "01:30:00", "1 hour 30 minutes"),
        ("2D", "2 00:00:00", "2 days"),
        ("45s", "00:00:45", "45 seconds"),
        ("1 week 2 days", "9 00:00:00", "9 days"),
        ("30 min", "00:30:00", "30 minutes"),
    ],
)
def test_duration_is_read_written_and_said(text: str, written: str, said: str) -> None:
    """
    Every form of the contract is read, written in one form and said in words.
    """
    duration = parse_duration(text)

    assert format_duration(duration) == written
    assert say_duration(duration) == said


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("00:00", "longer than nothing"),
        ("PT0S", "longer than nothing"),
        ("367d", "at most 366 days"),
        ("9" * 90 + ":00", "at most 366 days"),
        ("9" * 90 + "w", "at most 366 days"),
        ("1:60", "only the first field"),
        ("01:60:00", "only the first field"),
        ("01:00:60", "only the first field"),
        ("1 24:00:00", "at most 23 hours"),
        ("1 09:00", "behind days stands HH:MM:SS"),
        ("00:00:00.1234567", "finer than a microsecond"),
        ("PT0.0000001S", "finer than a microsecond"),
        ("P", "write one as PT1H30M"),
        ("PT", "write one as PT1H30M"),
        ("P1DT", "write one as PT1H30M"),
        ("PT1H 30M", "write one as PT1H30M"),
        ("P1Y", "years and months"),
        ("P1M", "years and months"),
        ("P1H", "no duration"),
        ("PT1D", "no duration"),
        ("P0.5DT1H", "only the last number"),
        ("1.5h30m", "only the last number"),
        ("PT1M1H", "largest first"),
        ("1m1m", "largest first"),
        ("30m1h", "largest first"),
        ("90", "write 90m or 90s"),
        ("1h30", "no duration"),
        ("-5m", "no duration"),
        ("+01:00", "no duration"),
        ("-PT5M", "no duration"),
        ("\u0661h", "no duration"),
        ("half an hour", "no duration"),
        ("5 fortnights", "no duration"),
        ("30m\n", "no duration"),
        ("1 day, 2:00:00", "no duration"),
        ("", "no duration"),
        ("1" * 101, "is too long"),
    ],
)
def test_duration_is_refused(text: str, says: str) -> None:
    """
    What has no reading as a duration of a slot is refused with a way to mend it.
    """
    with pytest.raises(InvalidInputError, match=says):
        parse_duration(text)


def test_nothing_can_be_said() -> None:
    """
    No time at all has words too.
    """
    assert say_duration(timedelta(0)) == "0 seconds"


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("UTC", "UTC"),
        ("utc", "UTC"),
        ("europe/paris", "Europe/Paris"),
        (" America/Port-au-Prince ", "America/Port-au-Prince"),
        ("ETC/GMT+5", "Etc/GMT+5"),
    ],
)
def test_zone_is_found(name: str, zone: str) -> None:
    """
    A zone is found whatever the capitals and gets those of the database.
    """
    assert parse_zone(name) == zone


def test_what_is_stored_may_be_an_abbreviation() -> None:
    """
    Times without a zone are read in that of the event, which may be one no longer taken.
    """
    assert format_begin(parse_begin("2026-12-01T09:00", "EST")) == "2026-12-01T14:00:00Z"
    with pytest.raises(InvalidInputError, match="is no time zone"):
        parse_begin("2026-12-01T09:00", "Mars/Olympus")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("Europe/Pariss", "such as Europe/Paris"),
        ("paris", "such as Europe/Paris$"),
        ("New York", "such as America/New_York"),
        ("+01:00", "is no time zone"),
        ("../etc/passwd", "is no time zone"),
        ("Europe/Paris\x00", "is no time zone"),
        ("", "such as Europe/Paris or UTC"),
        ("PDT", "is no time zone"),
        ("EST", "'EST' is no time zone: write a place such as America/New_York"),
        ("cet", "such as Europe/Paris"),
        ("PST", "such as America/Los_Angeles$"),
        ("Z", "such as Europe/Paris or UTC$"),
        ("localtime", "such as Europe/Paris or UTC$"),
        ("tokio", "such as Asia/Tokyo"),
        ("x" * 101, "is too long"),
    ],
)
def test_zone_is_refused(name: str, says: str) -> None:
    """
    What is no zone is refused, and the nearest zones are named.
    """
    with pytest.raises(InvalidInputError, match=says):
        parse_zone(name)


@pytest.mark.parametrize(
    ("text", "slot"),
    [
        ("2026-12-01T09:00Z/PT30M", "Tue 1 Dec 2026 09:00-09:30"),
        ("2026-12-01T09:00/PT30M", "Tue 1 Dec 2026 08:00-08:30"),
        ("2026-12-01T09:00[Asia/Tokyo]/30m", "Tue 1 Dec 2026 00:00-00:30"),
        ("2026-12-01T09:00Z/1 00:30:00", "Tue 1 Dec 2026 09:00 - Wed 2 Dec 2026 09:30"),
        ("2026-12-01T09:00Z/90:00", "Tue 1 Dec 2026 09:00-10:30"),
        ("2026-12-01T09:00Z 00:30:00", "Tue 1 Dec 2026 09:00-09:30"),
        ("2026-12-01 09:00Z 00:30", "Tue 1 Dec 2026 09:00-09:00:30"),
        ("2026-12-01 09:00+01 1 00:30:00", "Tue 1 Dec 2026 08:00 - Wed 2 Dec 2026 08:30"),
        ("2026-12-01T09:00Z / 1h 30m", "Tue 1 Dec 2026 09:00-10:30"),
        ("2026-12-01T09:00Z/2026-12-01T10:00Z", "Tue 1 Dec 2026 09:00-10:00"),
        ("2026-12-01T09:00Z/2026-12-01T10:00", "Tue 1 Dec 2026 09:00-10:00"),
        ("2026-12-01T09:00-05:00/2026-12-01T10:00", "Tue 1 Dec 2026 14:00-15:00"),
        ("2026-12-01T09:00[Asia/Tokyo]/2026-12-01T10:00", "Tue 1 Dec 2026 00:00-01:00"),
        ("2026-12-01T09:00/2026-12-01T10:00", "Tue 1 Dec 2026 08:00-09:00"),
        ("2026-12-01T09:00Z[Asia/Tokyo]/2026-12-01T10:00", "Tue 1 Dec 2026 09:00-10:00"),
        ("2026-12-01T09:00z[Asia/Tokyo]/2026-12-01T10:00", "Tue 1 Dec 2026 09:00-10:00"),
        ("2026-12-01T09:00+09[Asia/Tokyo]/2026-12-01T10:00", "Tue 1 Dec 2026 00:00-01:00"),
        ("2026-12-01T09:00/2026-12-01T10:00[Europe/London]", "Tue 1 Dec 2026 08:00-10:00"),
        ("2026-10-25T02:30+02:00/2026-10-25T02:30+01:00", "Sun 25 Oct 2026 00:30-01:30"),
    ],
)
def test_slot_is_read(text: str, slot: str) -> None:
    """
    A slot is a begin with a duration or an end, which shares the begin's offset or zone.
    """
    assert say_slot(parse_slot(text, "Europe/Paris"), "UTC") == slot


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no date and clock"),
        ("nonsense/PT30M", "'nonsense' is no date and clock"),
        ("2026-12-01/PT30M", "a date but no clock"),
        ("2026-12-01T09:00", "does not say how long"),
        ("2026-12-01T09:00/", "does not say how long"),
        ("2026-12-01T09:00CET/PT30M", "CET may mean several"),
        ("2026-12-01T09:00\tPT30M", "no date and clock"),
        ("2026-12-01T09:00/tomorrow", "no duration"),
        ("2026-12-01T09:00/2026-12-02", "a date but no clock"),
        ("2026-12-01T09:00/2026-12-01T09:00", "write an end that is later"),
        ("2026-12-01T09:00/2026-11-30T10:00", "write an end that is later"),
        ("2026-12-01T09:00/2028-12-01T09:00", "at most 366 days"),
        ("9998-12-31T09:00/366d", "after the year 9999"),
        ("2026-12-01T09:00/PT0S", "longer than nothing"),
        ("PT30M/2026-12-01T09:00", "no date and clock"),
        ("2026-12-01T09:00/PT30M" + "0" * 200, "is too long"),
    ],
)
def test_slot_is_refused(text: str, says: str) -> None:
    """
    A slot without begin, without length or with the end before the begin is refused.
    """
    with pytest.raises(InvalidInputError, match=says):
        parse_slot(text, "UTC")


@pytest.mark.parametrize(
    ("clock", "words", "padded"),
    [
        ("10:00", "10 minutes", "01T10:00"),
        ("00:30", "30 seconds", "01T00:30"),
        ("9:30", "9 minutes 30 seconds", "01T09:30"),
        ("10:30:00", "10 hours 30 minutes", "01T10:30:00"),
        ("00:00", "0 seconds", "01T00:00"),
        ("24:00", "24 minutes", "02T00:00"),
    ],
)
def test_clock_after_the_slash_is_refused(clock: str, words: str, padded: str) -> None:
    """
    A clock without a date could be when the slot ends or how long it lasts; both are named.
    """
    with pytest.raises(InvalidInputError) as caught:
        parse_slot(f"2026-12-01T09:00Z/{clock}", "UTC")

    assert f"a time of day or {words}:" in str(caught.value)
    assert f"write 2026-12-01T09:00Z/2026-12-{padded} for the one" in str(caught.value)
    assert f"'2026-12-01T09:00Z {clock}' with a blank for the other" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "zone", "said"),
    [
        ("2026-12-01T09:00Z", "UTC", "Tue 1 Dec 2026 09:00"),
        ("2026-12-01T09:00Z", "Asia/Tokyo", "Tue 1 Dec 2026 18:00"),
        ("2026-12-01T09:00:05Z", "UTC", "Tue 1 Dec 2026 09:00:05"),
        ("2026-12-01T09:00:00.02Z", "UTC", "Tue 1 Dec 2026 09:00:00.02"),
        ("2026-10-25T00:30Z", "Europe/Paris", "Sun 25 Oct 2026 02:30 (+02:00)"),
        ("2026-10-25T01:30Z", "Europe/Paris", "Sun 25 Oct 2026 02:30 (+01:00)"),
        ("2026-03-29T01:30Z", "Europe/Paris", "Sun 29 Mar 2026 03:30"),
        ("0001-01-01T00:00Z", "America/New_York", "Mon 1 Jan 1 00:00 UTC"),
    ],
)
def test_begin_is_said(text: str, zone: str, said: str) -> None:
    """
    People read weekday, date and clock of their zone, and the offset where clocks repeat.
    """
    assert say_begin(parse_begin(text, "UTC"), zone) == said


def test_what_can_not_be_said() -> None:
    """
    A time without offset and a zone that is none are refused; capitals do not matter.
    """
    begin = parse_begin("2026-12-01T08:00Z", "UTC")
    with pytest.raises(InvalidInputError, match="no offset"):
        say_begin(begin.replace(tzinfo=None), "UTC")
    with pytest.raises(InvalidInputError, match="'Mars' is no time zone"):
        say_begin(begin, "Mars")
    with pytest.raises(InvalidInputError, match="'Mars' is no time zone"):
        say_slot(Slot(begin, HOUR), "Mars")
    assert say_begin(begin, "europe/paris") == "Tue 1 Dec 2026 09:00"


@pytest.mark.parametrize(
    ("text", "zone", "said"),
    [
        ("2026-12-01T09:00Z/30m", "UTC", "Tue 1 Dec 2026 09:00-09:30"),
        ("2026-12-01T14:00Z/2h", "Asia/Tokyo", "Tue 1 Dec 2026 23:00 - Wed 2 Dec 2026 01:00"),
        ("2026-12-31T22:00Z/2h", "UTC", "Thu 31 Dec 2026 22:00 - Fri 1 Jan 2027 00:00"),
        (
            "2026-10-25T00:30Z/1h",
            "Europe/Paris",
            "Sun 25 Oct 2026 02:30 (+02:00)-02:30 (+01:00)",
        ),
        ("0001-01-01T00:00Z/12h", "America/New_York", "Mon 1 Jan 1 00:00-12:00 UTC"),
    ],
)
def test_slot_is_said(text: str, zone: str, said: str) -> None:
    """
    The date of the end is said when it is another day.
    """
    assert say_slot(parse_slot(text, "UTC"), zone) == said


def test_last_slot_can_be_said() -> None:
    """
    A slot that ends on the last day of the calendar is said in UTC where no other zone has it.
    """
    slot = Slot(datetime(9998, 12, 31, 23, 30, tzinfo=UTC), timedelta(days=365))

    assert say_slot(slot, "Asia/Tokyo") == "Thu 31 Dec 9998 23:30 - Fri 31 Dec 9999 23:30 UTC"
