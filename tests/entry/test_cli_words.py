"""
The words of the command line for what seldom happens.
"""

from __future__ import annotations

import importlib
from datetime import UTC, datetime
from pkgutil import get_data
from typing import TYPE_CHECKING, Any

import pytest
import typer

from calndro.core.event import LogEntry
from calndro.core.log import Occurrence
from calndro.core.notice import Outcome
from calndro.core.times import parse_slot
from calndro.entry.cli import session
from calndro.entry.cli.asked import Asked
from calndro.entry.cli.reporting import report
from calndro.entry.cli.session import login_address, own_zone
from calndro.entry.cli.timeline import tell
from calndro.usecases.letters import Delivery
from tests.entry.cli_terminal import FIRST, THEY, YOU, Terminal


if TYPE_CHECKING:
    from pathlib import Path


SLOT = parse_slot(FIRST, "UTC")
SAID = "Tue 4 Dec 2046 09:00-09:30"


@pytest.mark.parametrize(
    ("occurrence", "data", "words"),
    [
        (Occurrence.VIEW, {}, "looked"),
        (Occurrence.UPDATE, {"mail": "stopped"}, "wants no more letters"),
        (Occurrence.UPDATE, {"mail": "resumed"}, "wants letters again"),
        (Occurrence.UPDATE, {"erased": "erased-2"}, "had erased-2 forgotten"),
        (
            Occurrence.UPDATE,
            {"opened": "created", "title": "Tea", "like": 3},
            'proposed "Tea" with 1 slot, like event 3',
        ),
        (Occurrence.UPDATE, {"form": "narrow", "accepted": ()}, "changed nothing"),
        (Occurrence.UPDATE, {"form": "narrow", "accepted": (SLOT,)}, f"accepted {SAID}"),
        (
            Occurrence.UPDATE,
            {"form": "extend", "added": (SLOT,), "accepted": (SLOT,), "title": "Tea"},
            f'added {SAID}; named it "Tea"',
        ),
        (
            Occurrence.UPDATE,
            {"form": "replace", "removed": (SLOT,)},
            f"put 1 slot on the table; took off {SAID}",
        ),
        (Occurrence.NOTIFY, {"recipient": THEY, "sender": YOU}, f"told {THEY}"),
        (
            Occurrence.NOTIFY,
            {"recipient": THEY, "sender": THEY, "reason": "link"},
            f"told {THEY} a new link on behalf of {THEY}",
        ),
        (
            Occurrence.NOTIFY,
            {"recipient": THEY, "sender": YOU, "reason": "rain"},
            f"told {THEY} of rain",
        ),
        (
            Occurrence.NOTIFY,
            {"delivery": "failed", "of": 4, "recipient": THEY, "code": 550},
            f"letter 4 to {THEY}: failed (550)",
        ),
    ],
)
def test_each_entry_has_its_words(occurrence: Occurrence, data: dict[str, Any], words: str) -> None:
    """
    Every kind of entry is told in words of its own.
    """
    entry = entry_of(occurrence, data)

    assert tell(entry, "UTC") == words


def entry_of(occurrence: Occurrence, data: dict[str, Any]) -> LogEntry:
    """
    Make an entry as a reader sees it, caused by you.
    """
    return LogEntry(
        id=1,
        when=datetime(2046, 1, 1, tzinfo=UTC),
        occurrence=occurrence,
        effector=YOU,
        slots=(SLOT,),
        data=data,
        hash=bytes(32),
    )


def test_report_names_every_letter(capsys: pytest.CaptureFixture[str]) -> None:
    """
    What was sent, left out, refused for ever or put off is told, and what failed on stderr.
    """
    wanted = Asked(database="sqlite:///team.db", acting_as=YOU)
    deliveries = [
        Delivery(1, YOU, Outcome.SENT),
        Delivery(1, YOU, Outcome.SUPERSEDED),
        Delivery(1, THEY, Outcome.FAILED, "no such mailbox"),
        Delivery(1, THEY, None, "busy"),
    ]

    with pytest.raises(typer.Exit) as ended:
        report(deliveries, wanted)

    assert ended.value.exit_code == 7
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        f"sent a letter to {YOU}",
        f"left out an older or unwanted letter to {YOU}",
    ]
    late = f"the letter to {THEY} could not be sent and stays queued for calndro deliver"
    assert said.err.splitlines() == [
        f"calndro: the letter to {THEY} can't be sent: no such mailbox",
        f"calndro: {late} --db sqlite:///team.db: busy",
    ]


@pytest.mark.parametrize("json", [False, True])
def test_remarks_are_harmless(json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    """
    What a mail server has said, and is told, has nothing in it that a terminal would obey.
    """
    Asked(json=json).tell("ok  greeting: 220 \x1b]0;odd\x07\n")

    said = capsys.readouterr()
    assert (said.err if json else said.out) == "ok  greeting: 220 \\x1b]0;odd\\x07\n\n"


def test_a_login_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Where the login has no name one still acts as somebody.
    """

    def nameless() -> str:
        raise KeyError

    monkeypatch.setattr(session, "getuser", nameless)

    assert login_address() == "somebody@localhost"


def test_a_machine_without_a_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Where the machine's zone has no IANA name, times are shown in the event's zone alone.
    """

    def unknown() -> object:
        raise RuntimeError

    # A function of the package hides the module of that name.
    module = importlib.import_module("pendulum.tz.local_timezone")
    monkeypatch.setattr(module, "get_local_timezone", unknown)

    assert own_zone() is None


@pytest.mark.parametrize("mark", ["", ":"])
def test_a_zone_that_is_named_by_a_file(tmp_path: Path, mark: str) -> None:
    """
    Where the time zone is a file without a name, times are shown in the zone of the event alone.
    """
    terminal = Terminal.of(tmp_path)
    terminal.propose(FIRST)
    file = tmp_path / "localtime"
    file.write_bytes(get_data("tzdata", "zoneinfo/Europe/Paris") or b"")

    shown = terminal.program("show", "1", TZ=f"{mark}{file}")

    assert (shown.returncode, shown.stderr) == (0, "")
    assert SAID in shown.stdout
    assert "your time" not in shown.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("lst", "there is no command lst; did you mean list?"),
        ("shwo 1", "did you mean show?"),
        ("xyzzy", "No such command 'xyzzy'"),
        ("--db sqlite:///x list", "--db stands behind the command"),
        ("--nonsense list", "No such option: --nonsense"),
        ("log 1 --since yesterday --until soon", "--since: 'yesterday' is no date"),
        ("log 1 --since yesterday --until soon", "--until: 'soon' is no date"),
        ("suggest --for 45m --busy /dev/null", "--busy: /dev/null: this is no calendar file"),
        ("suggest --for 45m --busy ftp://x/a.ics", "--busy: a calendar is fetched from https://"),
    ],
)
def test_what_strangers_type_is_answered_by_its_mend(tmp_path: Path, words: str, said: str) -> None:
    """
    What is often typed wrong is refused by naming the option or command that is meant.
    """
    terminal = Terminal.of(tmp_path)
    terminal.propose(FIRST)

    assert said in terminal.refused(2, *words.split())


def test_tracebacks_are_shown_to_who_debugs(tmp_path: Path) -> None:
    """
    With CALNDRO_DEBUG a refusal tells where it was raised; without, and unread, it does not.
    """
    terminal = Terminal.of(tmp_path)
    wrong = ("show", "99")
    assert "Traceback" not in terminal.program(*wrong).stderr
    done = terminal.program(*wrong, CALNDRO_DEBUG="1")
    assert done.returncode == 4
    assert done.stderr.startswith("calndro: there is no event 99\nTraceback (most recent")
    assert done.stderr.rstrip().endswith("NotFoundError: there is no event 99")
    done = terminal.program(*wrong, CALNDRO_DEBUG="1", CALNDRO_MAX_SLOTS="x")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
