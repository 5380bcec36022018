from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from calndro.core.durations import format_duration, parse_duration, say_duration
from calndro.core.errors import InvalidInputError
from calndro.core.slot import MOST_DURATION
from calndro.core.spoken import say_begin, say_slot
from calndro.core.times import format_begin, format_slot, parse_begin, parse_slot, parse_zone
from tests import strategies


if TYPE_CHECKING:
    from calndro.core.slot import Slot


BEGINS = (
    "2022-11-01T01:11:22.02",
    "2022-11-01T01:11:22+0200",
    "2026-11-02T09:00+01:00[Europe/Paris]",
    "0001-01-01T00:00",
    "9998-12-31T23:59:59Z",
)
DURATIONS = ("01:30:00.5", "366 00:00:00", "PT1H30M", "P1DT0.5H", "1 hour 30 minutes", "2d")
SLOTS = ("2026-12-01T09:00Z/PT30M", "2026-12-01 09:00 1 00:30:00", f"{BEGINS[2]}/{BEGINS[4]}")


@given(strategies.instants(), strategies.zones())
def test_begin_survives_the_round_trip(begin: datetime, zone: str) -> None:
    """
    What is written is read as the same instant, whatever the zone of the event.
    """
    written = format_begin(begin)

    assert parse_begin(written, zone) == begin
    assert format_begin(parse_begin(written, zone)) == written
    assert datetime.fromisoformat(written) == begin


@given(strategies.instants(), strategies.zones())
def test_offset_and_zone_name_one_instant(begin: datetime, zone: str) -> None:
    """
    The clock of a zone with its offset is the instant it shows, with or without the name.
    """
    assume(begin.year > 1)
    local = begin.astimezone(ZoneInfo(zone))

    assert parse_begin(local.isoformat(), "UTC") == begin
    assert parse_begin(f"{local.isoformat()}[{zone}]", "UTC") == begin


@given(strategies.instants(), strategies.zones())
def test_local_clock_is_read_or_ambiguous(begin: datetime, zone: str) -> None:
    """
    The clock of a zone alone is the instant it shows, unless it shows another one too.
    """
    assume(begin.year > 1)
    local = begin.astimezone(ZoneInfo(zone))
    other = local.replace(fold=1 - local.fold)
    text = local.replace(tzinfo=None).isoformat()
    try:
        assert parse_begin(text, zone) == begin
        assert parse_begin(f"{text}[{zone}]", "UTC") == begin
    except InvalidInputError as error:
        ambiguous = str(error)
    else:
        ambiguous = ""

    assert ("exists twice" in ambiguous) is (other.utcoffset() != local.utcoffset())


@given(strategies.durations())
def test_duration_survives_the_round_trip(duration: timedelta) -> None:
    """
    What is written or said is read as the same duration.
    """
    assert parse_duration(format_duration(duration)) == duration
    assert parse_duration(say_duration(duration)) == duration


@given(st.integers(1, 366 * 24 * 60 * 60))
def test_forms_of_a_duration_agree(seconds: int) -> None:
    """
    One duration in every form is one duration.
    """
    minutes, rest = divmod(seconds, 60)
    hours, part = divmod(minutes, 60)
    forms = [
        f"{minutes}:{rest:02}",
        f"{hours}:{part:02}:{rest:02}",
        f"{hours // 24} {hours % 24:02}:{part:02}:{rest:02}",
        f"{seconds}s",
        f"{hours}h{part}m{rest}s",
        f"PT{minutes}M{rest}S",
        f"P{hours // 24}DT{hours % 24}H{part}M{rest}S",
    ]

    assert {parse_duration(form) for form in forms} == {timedelta(seconds=seconds)}


@given(strategies.zones())
def test_every_zone_is_known(zone: str) -> None:
    """
    Every zone of the database is found, in any capitals, and can be read in and said.
    """
    assert parse_zone(zone) == parse_zone(zone.upper()) == parse_zone(zone.lower()) == zone
    assert say_begin(parse_begin("2026-06-15T12:00", zone), zone) == "Mon 15 Jun 2026 12:00"


@given(strategies.slots(), strategies.zones())
def test_slot_survives_the_round_trip(slot: Slot, zone: str) -> None:
    """
    A slot written in any of its forms is read as the same slot.
    """
    begin, end, duration = (
        format_begin(slot.begin),
        slot.end.replace(tzinfo=None).isoformat() + "Z",
        format_duration(slot.duration),
    )

    assert parse_slot(format_slot(slot), zone) == slot
    assert parse_slot(f"{begin} {duration}", zone) == slot
    assert parse_slot(f"{begin}/{say_duration(slot.duration)}", zone) == slot
    if slot.end.year < 9999:
        assert parse_slot(f"{begin}/{end}", zone) == slot


@given(strategies.slots(), strategies.zones())
def test_every_slot_can_be_said(slot: Slot, zone: str) -> None:
    """
    There is a slot in words for every slot and zone, and it starts with its begin.
    """
    said = say_slot(slot, zone)

    assert said.isprintable()
    assert said.startswith(say_begin(slot.begin, zone).removesuffix(" UTC"))


@given(strategies.hostile_texts(*BEGINS), strategies.zones())
def test_begin_is_good_or_refused(text: str, zone: str) -> None:
    """
    Whatever is written, there is an instant in range or one clear error.
    """
    try:
        begin = parse_begin(text, zone)
    except InvalidInputError as error:
        said = str(error)
    else:
        said = format_begin(begin)
        assert begin.tzinfo is UTC
        assert begin.year <= 9998

    assert said.isprintable()
    assert len(said) < 400


@given(strategies.hostile_texts(*DURATIONS))
def test_duration_is_good_or_refused(text: str) -> None:
    """
    Whatever is written, there is a duration in range or one clear error.
    """
    try:
        duration = parse_duration(text)
    except InvalidInputError as error:
        said = str(error)
    else:
        said = say_duration(duration)
        assert timedelta(0) < duration <= MOST_DURATION

    assert said.isprintable()
    assert len(said) < 400


@given(strategies.hostile_texts(*SLOTS), strategies.zones())
def test_slot_is_good_or_refused(text: str, zone: str) -> None:
    """
    Whatever is written, there is a slot or one clear error.
    """
    try:
        said = say_slot(parse_slot(text, zone), zone)
    except InvalidInputError as error:
        said = str(error)

    assert said.isprintable()
    assert len(said) < 800


@given(strategies.hostile_texts("Europe/Paris", "UTC", "../../etc/localtime"))
def test_zone_is_good_or_refused(text: str) -> None:
    """
    Whatever is written, there is a zone that can be used or one clear error.
    """
    try:
        said = parse_zone(text)
    except InvalidInputError as error:
        said = str(error)
    else:
        assert ZoneInfo(said).key == said

    assert said.isprintable()
