"""
Slots as people write them, and free times, on the command line.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import time_machine
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from calndro.entry.cli import slot_texts
from tests.core.test_written import NOW
from tests.entry.cli_terminal import THEY, YOU, Terminal
from tests.entry.pseudo_terminal import on_terminal
from tests.serving import running


if TYPE_CHECKING:
    from collections.abc import Iterator


CALENDARS = Path(__file__).parents[2] / "docs" / "how-to" / "calendars"
PARTIES = ("--party", YOU, "--party", THEY, "--zone", "Europe/Paris")
RULE = ("--every", "mon,tue", "--until", "+1w", "--at", "9:00", "--for", "45m")
LOOK = ("suggest", "--for", "45m", "--zone", "Europe/Paris", "--from", "2046-12-03")


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """
    Sit down on Tuesday 24 November 2026 at 10:30 in Paris.
    """
    with time_machine.travel(NOW, tick=False):
        yield Terminal.of(tmp_path)


def calendar(name: str) -> tuple[str, str]:
    """
    Name a calendar file of the docs.
    """
    return ("--busy", str(CALENDARS / f"{name}.ics"))


def begins(document: dict[str, list[dict[str, str]]]) -> list[str]:
    """
    Give when the slots of an event begin.
    """
    return [slot["begin"] for slot in document["slots"]]


def test_slots_are_taken_as_people_write_them(terminal: Terminal) -> None:
    """
    Short forms and strict ones stand side by side, and each is told in words first.
    """
    said = terminal.done(
        "propose",
        *PARTIES,
        *("--slot", "tue 9:00 45m", "--slot", "fri 9-10 /30m"),
        *("--slot", "2026-12-01T09:00/PT1H"),
    )

    assert said.startswith(
        "tue 9:00 45m is Tue 1 Dec 2026 09:00-09:45 (Europe/Paris), 45 minutes; that time has "
        "passed today, so it is a week from today\n"
        "fri 9-10 /30m is 2 slots of 30 minutes (Europe/Paris):\n"
        "  Fri 27 Nov 2026 09:00-09:30\n"
        "  Fri 27 Nov 2026 09:30-10:00\n"
        "2026-12-01T09:00/PT1H is Tue 1 Dec 2026 09:00-10:00 (Europe/Paris), 1 hour\n"
        "Event 1"
    )


def test_an_ambiguous_slot_stores_nothing(terminal: Terminal) -> None:
    """
    What has two readings ends the command with its number and both of them.
    """
    said = terminal.refused(2, "propose", *PARTIES, "--slot", "fri 9:00 1h", "--slot", "mon 2-4")

    assert "slot 2: 2-4 could be in the morning or in the afternoon" in said
    assert terminal.json("list") == []


def test_what_no_form_reads_is_told_with_all_other_faults(terminal: Terminal) -> None:
    """
    A strict form that can't be read is refused together with what else is wrong.
    """
    said = terminal.refused(2, "propose", "--party", "nobody", "--slot", "2026-12-01T9/PT1H")

    assert "party 1: " in said
    assert "slot 1: '2026-12-01T9' is no date and clock" in said
    said = terminal.refused(2, "propose", *PARTIES[:4], "--zone", "Atlantis", "--slot", "mon 9-10")
    assert "Atlantis" in said


def test_what_begins_with_no_day_is_told_how_people_write(terminal: Terminal) -> None:
    """
    A text that is no slot, and none of the strict forms, is answered with the short ones.
    """
    said = terminal.refused(2, "propose", *PARTIES, "--slot", "dec 1 9:00 1h", "--slot", "14:00 1h")

    assert "slot 1: 'dec 1 9:00 1h' begins with no day: write tue 14:00 45m" in said
    assert "slot 2: '14:00 1h' does not say on which day: write tue 14:00 1h" in said


def test_a_zone_that_is_none_is_the_only_fault(terminal: Terminal) -> None:
    """
    A slot that can be read is no fault because the zone is none.
    """
    said = terminal.refused(
        2, "propose", "--party", YOU, "--zone", "paris", "--slot", "tue 14:00 45m"
    )

    (line,) = said.splitlines()
    assert line.startswith("calndro: zone: 'paris' is no time zone")


def test_an_event_like_another_reads_slots_in_its_zone(terminal: Terminal) -> None:
    """
    Without a zone of its own a short form is read in that of the event it is like.
    """
    terminal.done("propose", *PARTIES)

    event = terminal.json("propose", "--like", "1", "--slot", "fri 9:00 1h")
    assert begins(event) == ["2026-11-27T08:00:00Z"]


def test_narrow_and_agree_take_short_forms(terminal: Terminal) -> None:
    """
    The slots to keep or to agree to may be written as those to propose.
    """
    terminal.done("propose", *PARTIES, "--slot", "fri 9-11 /30m")

    result = terminal.run("narrow", "1", "--slot", "fri 9-10 /30m", "--slot", "sat 9:00 1h")
    assert result.exit_code == 0
    assert "ignored 1 slot not on the table: sat 9:00 1h" in result.stderr
    assert len(terminal.json("show", "1")["slots"]) == 2
    event = terminal.json("agree", "1", "--slot", "fri 9:30 30m")
    assert begins(event) == ["2026-11-27T08:30:00Z"]
    assert "is not on the table" in terminal.refused(3, "agree", "1", "--slot", "fri 12:00 1h")


def test_a_rule_makes_slots(terminal: Terminal) -> None:
    """
    Propose, extend and replace put the slots of a rule on the table, and say them first.
    """
    said = terminal.done("propose", *PARTIES, *RULE)
    assert said.startswith(
        "every Mon, Tue from Tue 24 Nov 2026 until Tue 1 Dec 2026 at 09:00 for 45 minutes "
        "(Europe/Paris) is 3 slots:\n  Tue 24 Nov 2026 09:00-09:45\n"
    )

    event = terminal.json("extend", "1", *RULE, "--at", "9:00,14:00", "--slot", "fri 9:00 1h")
    assert len(begins(event)) == 7
    event = terminal.json("replace", "1", *RULE, "--from", "mon")
    assert begins(event) == ["2026-11-30T08:00:00Z", "2026-12-01T08:00:00Z"]


def test_a_rule_that_makes_too_many_slots_is_refused(terminal: Terminal) -> None:
    """
    A rule that would overfill the event says how many slots it would be.
    """
    said = terminal.refused(2, "propose", *PARTIES, *RULE, "--every", "day", "--until", "+9w")

    assert "would be 64 slots; an event holds at most 30" in said


def test_half_a_rule_is_refused(terminal: Terminal) -> None:
    """
    A rule of which something is missing names it.
    """
    said = terminal.refused(2, "propose", *PARTIES, "--every", "mon")
    assert "need --until and --at and --for too" in said
    assert "need --every too" in terminal.refused(2, "propose", *PARTIES, *RULE[2:])


def test_a_dry_run_prints_slots_and_stores_nothing(terminal: Terminal) -> None:
    """
    With --dry-run stdout has the slots alone, as --slot - takes them.
    """
    words = ("propose", *PARTIES, "--slot", "2026-11-27T08:00:30Z/PT1.5S", "--dry-run")
    assert terminal.done(*words) == "2026-11-27T08:00:30Z/PT1.5S\n"
    lines = terminal.done("propose", *PARTIES, *RULE, "--dry-run")
    assert lines.splitlines()[0] == "2026-11-24T08:00:00Z/PT45M"
    assert terminal.json("propose", *PARTIES, *RULE, "--dry-run")[1] == {
        "begin": "2026-11-30T08:00:00Z",
        "duration": "00:45:00",
    }
    assert terminal.json("list") == []


def test_a_dry_run_leaves_nothing_and_asks_nothing(terminal: Terminal) -> None:
    """
    Nothing has to be there to see how slots are read, and nothing is there afterwards.
    """
    terminal.environ["CALNDRO_USER"] = ""
    words = ("propose", *PARTIES, "--slot", "2026-11-27T08:00:30Z/PT1M", "--dry-run")

    assert "is Fri 27 Nov" in terminal.run(*words).stderr
    quiet = terminal.run(*words, "--quiet")
    assert quiet.stdout == "2026-11-27T08:00:30Z/PT1M\n"
    assert "is Fri 27 Nov" not in quiet.stderr
    assert on_terminal(terminal, *words).endswith("2026-11-27T08:00:30Z/PT1M\r\n")
    assert not list(terminal.home.iterdir())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("extend", "1"), "name the slots with --slot"),
        (("propose", *PARTIES), "name the slots with --slot"),
        (("propose", *PARTIES, "--slot", "2026-11-27T25:00Z/PT1M"), "slot 1: "),
        (("propose", *PARTIES, "--slot", "fri 9:00 1h", "--zone", "Nowhere"), "zone: "),
    ],
)
def test_a_dry_run_of_nothing_is_refused(
    terminal: Terminal, words: tuple[str, ...], said: str
) -> None:
    """
    Where no slot can be printed, that is said.
    """
    terminal.propose("2046-12-04T09:00Z/PT30M")

    assert said in terminal.refused(2, *words, "--dry-run")


@pytest.mark.parametrize(("answer", "stored"), [("y", 1), ("n", 0)])
def test_a_person_is_asked_before_a_rule_is_stored(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, answer: str, stored: int
) -> None:
    """
    At a terminal the slots of a rule are put on the table once the person says yes.
    """
    monkeypatch.setattr(slot_texts, "is_at_terminal", lambda: True)

    result = terminal.run("propose", *PARTIES, *RULE, stdin=f"{answer}\n")

    assert "Put 3 slots on the table?" in result.stderr
    assert len(terminal.json("list")) == stored
    terminal.done("propose", *PARTIES, *RULE, "--yes")
    assert len(terminal.json("list")) == stored + 1


def test_what_is_suggested_can_be_proposed(terminal: Terminal) -> None:
    """
    The lines of suggest are what propose reads from stdin.
    """
    lines = terminal.done(*LOOK, *calendar("you"), *calendar("they"), "--most", "2")

    event = terminal.json("propose", *PARTIES, "--slot", "-", stdin=lines)
    assert begins(event) == ["2046-12-03T11:30:00Z", "2046-12-04T11:30:00Z"]


@pytest.mark.parametrize(
    "days",
    [
        "--from 9999-12-25",
        "--from 9998-12-30 --until 9999-12-31",
        "--from 0001-01-01 --until 0001-01-04",
    ],
)
def test_the_calendar_has_ends(terminal: Terminal, days: str) -> None:
    """
    A day at an end of the calendar is refused by its option, and those before it are searched.
    """
    look = ("suggest", "--for", "45m", "--zone", "Asia/Tokyo", *calendar("you"))
    assert "is no day from" in terminal.refused(2, *look, *days.split())
    for first, last in (("0001-01-03", "0001-01-05"), ("9998-12-29", "9998-12-30")):
        where = ("--zone", "Pacific/Honolulu", "--within", "Asia/Tokyo 0-24", "--days", "day")
        status = 3 if first < "2000" else 0
        assert terminal.run(*look, *where, "--from", first, "--until", last).exit_code == status


def test_suggest_answers_in_json(terminal: Terminal) -> None:
    """
    With --json suggest prints slots as the HTTP interface writes them.
    """
    found = terminal.json(*LOOK, *calendar("you"), "--most", "1", "--quiet")

    assert found == [{"begin": "2046-12-03T11:30:00Z", "duration": "00:45:00"}]


@pytest.mark.parametrize("within", [(), ("--within", "Asia/Tokyo 9-17")])
def test_hours_that_are_none_are_refused(terminal: Terminal, within: tuple[str, ...]) -> None:
    """
    Hours of a variable that is not set are not taken for those of an office.
    """
    busy = str(CALENDARS / "you.ics")

    assert "--hours: " in terminal.refused(2, *LOOK, "--busy", busy, "--hours", "", *within)


def test_suggest_keeps_to_everybodys_hours(terminal: Terminal) -> None:
    """
    With hours of several zones only what lies in all of them is offered.
    """
    found = json.loads(
        terminal.done(
            *(*LOOK, *calendar("you"), *calendar("they"), "--json"),
            *("--hours", "9-18", "--within", "America/New_York 9-17", "--until", "2046-12-03"),
        )
    )

    assert [slot["begin"] for slot in found] == ["2046-12-03T15:30:00Z", "2046-12-03T16:15:00Z"]


def test_suggest_says_when_there_is_nothing(terminal: Terminal) -> None:
    """
    Without any time free for all nothing is printed, and the status is that of a rule.
    """
    result = terminal.run(*LOOK, *calendar("you"), "--for", "9h")

    assert (result.exit_code, result.stdout) == (3, "")
    assert "there is no time: 9 hours" in result.stderr


def test_suggest_reads_calendars_from_their_addresses(terminal: Terminal) -> None:
    """
    The address of a calendar says the same as its file; a server that is away is status 7.
    """
    files = StaticFiles(directory=CALENDARS)
    with running(Starlette(routes=[Mount("/private", files)])) as url:
        address = f"{url}/private/you.ics"
        fetched = terminal.run(*LOOK, "--busy", address, *calendar("they"))
        missing = terminal.refused(2, *LOOK, "--busy", f"{url}/private/none.ics")
    away = terminal.refused(7, *LOOK, "--busy", address)

    read = terminal.run(*LOOK, *calendar("you"), *calendar("they"))
    assert (fetched.exit_code, fetched.stdout) == (0, read.stdout)
    assert fetched.stdout
    assert "--busy: http://127.0.0.1/… answers 404 Not Found" in missing
    assert "http://127.0.0.1/… can't be fetched" in away
    assert "private" not in missing + away


def test_suggest_names_all_that_it_can_not_read(terminal: Terminal, tmp_path: Path) -> None:
    """
    Options and calendars that can't be read are named, all at once.
    """
    said = terminal.refused(
        2,
        *("suggest", "--busy", "x.ics", "--for", "45", "--zone", "Atlantis", "--days", "never"),
        *("--from", "x", "--until", "y", "--hours", "9-8", "--within", "z", "--step", "1s"),
    )
    for name in ("for", "zone", "days", "from", "until", "hours", "within", "step"):
        assert f"--{name}: " in said
    broken = tmp_path / "broken.ics"
    broken.write_text("hello")
    said = terminal.refused(
        2,
        *(*LOOK, "--busy", "mailto:you@here.net", "--busy", str(broken)),
        *("--busy", str(tmp_path / "none.ics")),
    )
    assert "a calendar is fetched from https://…, http://… or webcal://…" in said
    assert "broken.ics" in said
    assert "none.ics can't be read: No such file" in said
    assert "name the calendars with --busy FILE or --busy URL" in terminal.refused(2, *LOOK)
