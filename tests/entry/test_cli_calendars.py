"""
The calendar file on the command line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from icalendar import Calendar

from tests.entry.cli_terminal import FIRST, SECOND, THEY, Terminal


if TYPE_CHECKING:
    from pathlib import Path


def test_ics_of_an_event_without_times(tmp_path: Path) -> None:
    """
    Where there is nothing to put into a calendar that is said beside the file.
    """
    terminal = Terminal.of(tmp_path)
    result = terminal.run("ics", str(terminal.propose()))

    assert result.exit_code == 0
    assert result.stderr == (
        "calndro: event 1 has no time to put into a calendar: the file is empty\n"
    )
    assert not Calendar.from_ical(result.stdout).walk("VEVENT")


def test_ics_writes_what_is_on_the_table_and_then_what_is_agreed(tmp_path: Path) -> None:
    """
    An open event gives tentative entries, an agreed one a single confirmed entry.
    """
    terminal = Terminal.of(tmp_path)
    number = str(terminal.propose(FIRST, SECOND))

    tentative = Calendar.from_ical(terminal.done("ics", number)).walk("VEVENT")
    terminal.done("agree", number, "--slot", FIRST)
    terminal.done("agree", number, "--slot", FIRST, "--as", THEY)
    (agreed,) = Calendar.from_ical(terminal.done("ics", number)).walk("VEVENT")

    assert [str(entry["STATUS"]) for entry in tentative] == ["TENTATIVE", "TENTATIVE"]
    assert str(agreed["STATUS"]) == "CONFIRMED"
    assert agreed.decoded("DTSTART") == tentative[0].decoded("DTSTART")
    assert terminal.run("ics", "9").exit_code == 4
