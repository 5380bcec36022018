"""
The shell of few letters: what it answers to lines from a pipe, and to a person.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import time
from contextlib import ExitStack
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
from prompt_toolkit import PromptSession
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from calndro.core.errors import InvalidInputError
from calndro.entry.cli.shell.grammar import Order, read_order
from calndro.entry.cli.shell.interruptible import GaveUpError, interruptibly
from calndro.entry.cli.shell.lines import Field, PipedLines
from calndro.entry.cli.shell.orders import Orders
from calndro.entry.cli.shell.terminal import TypedLines
from tests.entry.cli_screen import Screen
from tests.entry.cli_terminal import FIRST, SECOND, THEY, THIRD, YOU, Terminal
from tests.patience import PATIENCE
from tests.serving import serving


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


PASSWORD = "correct horse battery"
HEAD = "l c d[n] p[n] n[n] g[n] ? q"


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """
    Give a machine with an empty home.
    """
    return Terminal.of(tmp_path)


def lines(*those: str) -> str:
    """
    Write lines as a pipe brings them.
    """
    return "".join(f"{line}\n" for line in those)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("l", Order("l")),
        (" ? ", Order("?")),
        ("Q", Order("q")),
        ("d7", Order("d", 7)),
        ("d 7", Order("d", 7)),
        ("g12", Order("g", 12)),
    ],
)
def test_orders_are_read(text: str, order: Order) -> None:
    """
    An order is a letter, some with the number of an event, with or without a blank.
    """
    assert read_order(text) == order


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x", "'x' is no order"),
        ("x7", "'x7' is no order"),
        ("list", "'list' is no order"),
        ("d", "d of which event? Write d7"),
        ("p", "p of which event?"),
        ("l7", "l takes no number"),
        ("d7 8", "is no order"),
    ],
)
def test_what_is_no_order_says_so(text: str, said: str) -> None:
    """
    A line that is no order names what is wrong with it.
    """
    with pytest.raises(InvalidInputError, match=said.replace("?", r"\?")):
        read_order(text)


def test_the_transcript_of_the_original(terminal: Terminal) -> None:
    """
    List, create, detail, patch, notify with a sender, log, help and quit work from a pipe.
    """
    said = terminal.done(
        "tui",
        stdin=lines(
            "l",
            *("c", "Tea", f"{YOU}, {THEY}", ""),
            *("2046-01-01T11:29 01:01:00", "2046-01-02T09:00Z 1h", ""),
            *("d1", "p1", "2", "n1", "2", "1", "g1", "?", "q", "l"),
        ),
    )  # fmt: skip

    event = terminal.json("list")[0]
    assert said.count(HEAD) == 8
    assert "there are no events; create one with c" in said
    assert "Event 1  Tea" in said
    assert "Mon 1 Jan 2046 11:29-12:30 (UTC)" in said
    assert "Next: n1" in said
    assert f"told {THEY}" in said
    assert f"sent a letter to {THEY}" in said
    assert "narrowed to Tue 2 Jan 2046 09:00-10:00" in said
    assert "patch: choose the slots" in said
    assert (event["title"], len(event["slots"]), event["parties"]) == ("Tea", 1, [YOU, THEY])
    log = terminal.json("log", "1")["entries"]
    assert [entry["occurrence"] for entry in log] == ["UPDATE", "VIEW", "UPDATE", "NOTIFY"]


def test_a_failed_order_is_the_status_of_a_pipe(terminal: Terminal) -> None:
    """
    The orders behind a failed one are carried out, and the status is that of the failure.
    """
    terminal.propose(FIRST)

    result = terminal.run("tui", stdin=lines("d9", "d1"))

    assert result.exit_code == 4
    assert "calndro: there is no event 9" in result.stderr
    assert "Event 1" in result.stdout


def test_answers_are_json_when_asked(terminal: Terminal) -> None:
    """
    With --json each answer is a document, and all else goes to stderr.
    """
    terminal.propose(FIRST)

    said = terminal.done("tui", "--json", stdin=lines("l", "d1", "g1"))

    listed, shown, log = (json.loads(line) for line in said.splitlines())
    assert [event["id"] for event in listed] == [shown["id"]] == [1]
    assert [entry["occurrence"] for entry in log["entries"]] == ["UPDATE", "VIEW"]


@pytest.mark.parametrize(
    ("orders", "said"),
    [
        (["p1", "9", "x", "1"], "there is no slot 9"),
        (["p1", "x", "1"], "'x' is no slot number"),
        (["n1", "7", "2", "1"], "there is no party 7"),
        (["n1", "2", "who@here.net", "1"], "who@here.net is no party of event 1"),
        (["c", "", "nobody", YOU, "", "soon", FIRST, ""], "'nobody' is no email address"),
        (["c", "", YOU, "", "soon", FIRST, ""], "soon"),
        (["c", "", "", YOU, "", ""], "an event needs a party"),
    ],
    ids=" ".join,
)
def test_a_bad_answer_is_asked_again(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, orders: list[str], said: str
) -> None:
    """
    An answer of a person that can't be read says why, and the question comes again.
    """
    monkeypatch.setattr(PipedLines, "is_person", True)
    terminal.propose(FIRST, SECOND)

    result = terminal.run("tui", stdin=lines(*orders))

    assert result.exit_code == 0, result.output
    assert said in result.stderr
    assert len(terminal.json("log", "1")["entries"]) + len(terminal.json("list")) > 2


@pytest.mark.parametrize(
    ("orders", "said"),
    [
        (["p1", "9"], ["there is no slot 9"]),
        (["n1", "x"], ["'x' is no slot number"]),
        (["n1", "2", "who@here.net"], ["who@here.net is no party of event 1"]),
        (["c", "", "nobody", YOU, "", "soon", FIRST, ""], ["'nobody' is no email", "soon"]),
        (["c", "", "", FIRST, ""], ["an event needs a party"]),
        (["p1"], ["p1: the lines end before"]),
        (["c", "", YOU, "", FIRST], ["c: the lines end before"]),
    ],
    ids=" ".join,
)
def test_a_bad_answer_from_a_pipe_fails_its_order(
    terminal: Terminal, orders: list[str], said: list[str]
) -> None:
    """
    Where nobody can change a line, it fails the order whole, as lines that end too early do.
    """
    terminal.propose(FIRST, SECOND)

    complaint = terminal.refused(2, "tui", stdin=lines(*orders))

    assert all(each in complaint for each in said)
    assert "is no order" not in complaint
    assert len(terminal.json("log", "1")["entries"]) == len(terminal.json("list")) == 1


def test_letters_that_are_kept_back_are_not_told(terminal: Terminal) -> None:
    """
    With --no-deliver nobody has been told yet, and what is asked about is shown to the quiet.
    """
    terminal.propose(FIRST)

    said = terminal.done("tui", "--no-deliver", stdin=lines("n1", "2", ""))
    assert "told" not in said
    assert "the letters wait for calndro deliver" in said
    said = terminal.done("tui", "--no-deliver", "--quiet", stdin=lines("n1", "2", ""))
    assert f"2 {THEY}" in said


def test_an_event_without_slots_has_nothing_to_tell(terminal: Terminal) -> None:
    """
    What comes next for an empty table are slots, and not letters about nothing.
    """
    said = terminal.done("tui", stdin=lines("c", "", YOU, "", ""))

    assert "Next: calndro extend 1 --slot" in said


def test_a_letter_opens_no_list(terminal: Terminal) -> None:
    """
    Whoever comes by the token of a letter is told that a list, or a new event, takes an account.
    """
    at = ("--server", "http://127.0.0.1:9", "--et", "5" * 40)

    for order in ("l", "c"):
        said = terminal.refused(2, "tui", *at, stdin=lines(order))
        assert "opens one event, and this needs an account" in said
    assert "this needs an account" in terminal.refused(2, "audit", "verify", *at)


def test_blank_answers_change_nothing(terminal: Terminal) -> None:
    """
    Blank lines order nothing, keep all slots and notify nobody.
    """
    terminal.propose(FIRST, SECOND)

    terminal.done("tui", stdin=lines("", "p1", "", "n1", ""))

    assert len(terminal.json("log", "1")["entries"]) == 1


def test_a_log_outlives_its_event(terminal: Terminal) -> None:
    """
    The log of a deleted event is shown; nothing else is done with it.
    """
    terminal.propose(FIRST)
    terminal.done("delete", "1", "--yes")

    result = terminal.run("tui", stdin=lines("g1", "p1"))

    assert "deleted the event" in result.stdout
    assert result.exit_code == 4


def test_slots_that_changed_meanwhile_are_shown_again(terminal: Terminal) -> None:
    """
    Numbers are those of the table on the screen; a newer table is shown before they count.
    """
    terminal.propose(FIRST, SECOND)
    terminal.done("show", "1")
    terminal.done("extend", "1", "--slot", THIRD, "--json")

    said = terminal.done("tui", stdin=lines("p1", "3"))

    assert said.count("Event 1") == 2
    assert [slot["begin"] for slot in terminal.json("show", "1")["slots"]] == [
        "2046-12-06T11:00:00Z"
    ]


def test_an_empty_table_can_not_be_chosen_from(terminal: Terminal) -> None:
    """
    An event without slots is told so.
    """
    terminal.propose(FIRST)
    terminal.done("narrow", "1", "--drop", "1", "--if-revision", "1")

    assert "has no slots to choose from" in terminal.refused(2, "tui", stdin=lines("p1"))


def test_waiting_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Ctrl-C ends the waiting, not the program; what was begun may still be done.
    """

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("calndro.entry.cli.shell.interruptible.Thread.join", interrupted)

    with pytest.raises(GaveUpError, match="may still be done"):
        interruptibly(lambda: None)


def test_ctrl_c_waits_for_the_next_question(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """
    A line that was typed is noted whole; Ctrl-C right behind it comes with the next question.
    """
    before, go_on = signal.getsignal(signal.SIGINT), Event()

    def prompt(*_: object, **__: object) -> str:
        signal.raise_signal(signal.SIGINT)
        return "they@thar.net"

    def long() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        go_on.wait(PATIENCE)

    monkeypatch.setattr("prompt_toolkit.PromptSession.prompt", prompt)
    with TypedLines(tmp_path).holding() as typed:
        assert typed.ask(Field("emails", "email> ")) == "they@thar.net"
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            typed.ask(Field("emails", "email> "))
        assert typed.ask(Field("emails", "email> ")) == "they@thar.net"
        with pytest.raises(GaveUpError):
            interruptibly(long)

    go_on.set()
    assert signal.getsignal(signal.SIGINT) is before


def test_slots_are_read_as_people_write_them(terminal: Terminal) -> None:
    """
    A range is cut in pieces, each is said in words, and what has two readings is refused.
    """
    begun = ("c", "", YOU, "", "2046-01-01 9-11 /30m")
    said = terminal.done("tui", stdin=lines(*begun, FIRST, ""))
    refused = terminal.refused(2, "tui", stdin=lines(*begun, "2046-01-02 9 45m", ""))

    assert "Mon 1 Jan 2046 10:30-11:00 (UTC)" in said
    assert "could be at 09:00 or at 21:00" in refused
    assert len(terminal.json("list")[0]["slots"]) == 5


def test_what_goes_wrong_beside_the_prompt_comes_back() -> None:
    """
    The outcome of what is waited for is its value or its error, however long it takes.
    """

    def slowly() -> int:
        time.sleep(0.6)
        return 7

    assert interruptibly(slowly) == 7
    with pytest.raises(ZeroDivisionError):
        interruptibly(lambda: 1 // 0)


@pytest.fixture(params=[80, 120])
def screen(terminal: Terminal, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Screen]:
    """
    Give a terminal of tmux in which the shell runs.
    """
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    shown = Screen(tmp_path / "tmux", terminal.command("tui", LC_ALL="C.UTF-8"), request.param)
    yield shown
    shown.close()


@pytest.mark.slow
@pytest.mark.parametrize("place", ["local", "server"])
def test_a_person_walks_through_the_transcript(
    terminal: Terminal, tmp_path: Path, place: str
) -> None:
    """
    A person creates, lists, looks, patches, notifies, reads the log and quits, here and there.
    """
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    with ExitStack() as opened:
        if place == "server":
            machine = Terminal.of(tmp_path / "machine")
            machine.done("user", "add", YOU, "--password-stdin", stdin=PASSWORD)
            terminal.environ["CALNDRO_SERVER"] = opened.enter_context(serving(machine))
            terminal.environ["CALNDRO_PASSWORD"] = PASSWORD
        command = terminal.command("tui", LC_ALL="C.UTF-8")
        screen = Screen(tmp_path / "tmux", command, 120 if place == "server" else 80)
        opened.callback(screen.close)
        walk(screen, f"sent a letter to {THEY}" if place == "local" else f"told {THEY}")
        assert len(terminal.json("show", "1")["slots"]) == 1


def walk(screen: Screen, told: str) -> None:
    """
    Type the transcript of the original, and look at what is shown.
    """
    screen.answer("\n>", "c")
    screen.answer("one>", "Tea")
    screen.answer("email>", f"{YOU}, {THEY}")
    screen.answer("email>")
    screen.answer("slot>", "2046-01-01T11:29 01:01:00")
    screen.answer("slot>", "2046-01-02T09:00Z 1h")
    screen.answer("slot>")
    screen.shows("Nobody has been told yet.")
    screen.answer("\n>", "l")
    screen.answer("\n>", "d1")
    screen.answer("\n>", "p1")
    screen.answer("all>", "2")
    screen.answer("\n>", "n1")
    screen.answer("number>", "2")
    screen.answer("yourself>")
    screen.shows(told)
    screen.answer("\n>", "g1")
    screen.answer("\n>", "?")
    text = screen.shows("help: this help")
    screen.answer("\n>", "q")

    assert "narrowed to Tue 2 Jan 2046 09:00-10:00" in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 120


@pytest.mark.slow
def test_a_person_loses_nothing(terminal: Terminal, screen: Screen) -> None:
    """
    A bad line stays to be mended, Tab completes, Ctrl-C keeps the draft and leaves when twice.
    """
    terminal.propose(FIRST)
    screen.answer("\n>", "x9")
    screen.shows("is no order")
    screen.type("C-u", "l", "Enter")
    screen.shows("open  ")
    screen.type("d", "Tab")
    screen.answer("> d1")
    screen.shows("Next: n1")
    screen.answer("\n>", "c")
    screen.answer("one>", "Tea")
    screen.answer("email>", YOU)
    screen.shows(f"email> {YOU}\n")
    screen.type("they")
    screen.shows("email> they")
    screen.type("C-c")
    screen.shows("your draft is kept")
    draft = terminal.home / "state" / "calndro" / "draft.json"
    assert stat.S_IMODE(draft.stat().st_mode) == 0o600
    screen.answer("\n>", "c")
    screen.shows("taking up your draft")
    screen.answer("> Tea")
    screen.answer(f"email> {YOU}")
    screen.answer("email>")
    screen.answer("slot>")
    screen.shows("Event 2  Tea")
    assert not draft.exists()
    screen.type("C-c")
    screen.shows("Ctrl-C once more, or q, leaves")
    screen.type("C-c")


@pytest.mark.parametrize(
    ("error", "kept"), [(InvalidInputError.of("odd"), "c"), (GaveUpError(), "")]
)
def test_what_was_not_waited_for_is_not_typed_again(
    error: Exception, kept: str, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A bad order stays on the line; one that may still be done does not, lest Enter repeat it.
    """
    typed = []

    def ask(self: PipedLines, field: Field, text: str = "") -> str:
        del self, field
        typed.append(text)
        return ["c", "q"][len(typed) - 1]

    def carry_out(self: Orders, order: Order) -> None:
        del self, order
        raise error

    monkeypatch.setattr(PipedLines, "ask", ask)
    monkeypatch.setattr(Orders, "carry_out", carry_out)
    terminal.run("tui")

    assert typed == ["", kept]


def test_a_paste_of_lines_is_read_line_by_line(tmp_path: Path) -> None:
    """
    Each pasted line is an answer, a blank one is none, and one that is wiped is left out.
    """
    slots, orders = Field("slots", "slot> "), Field("orders", "> ", wipes=True)
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        lines = TypedLines(tmp_path)
        keys.send_text("\x1b[200~one\r\rtwo\rthree\rfour\x1b[201~")
        found = [lines.ask(slots), lines.ask(slots)]
        keys.send_text("\x15\r")
        found += [lines.ask(slots, "two, which is bad"), lines.ask(slots)]
        assert found == ["one", "two", "three", "four"]

        keys.send_text("\x1b[200~l\rg1\x1b[201~")
        assert lines.ask(orders) == "l"
        keys.send_text("\x03\x03")
        with pytest.raises(KeyboardInterrupt):
            lines.ask(orders, "l")
        keys.send_text("q\r")
        assert lines.ask(orders) == "q"


def test_ctrl_c_in_the_moment_before_a_prompt_is_heeded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """
    Whoever presses it while a question is about to be put is not asked; a paste ends there.
    """
    field, begin = Field("slots", "slot> "), PromptSession.prompt

    def late(session: PromptSession[str], *asked: Any, **more: Any) -> str:
        signal.raise_signal(signal.SIGINT)
        return begin(session, *asked, **more)

    with (
        create_pipe_input() as keys,
        create_app_session(input=keys, output=DummyOutput()),
        TypedLines(tmp_path).holding() as typed,
    ):
        keys.send_text("zero\r")
        with monkeypatch.context() as patched:
            patched.setattr(PromptSession, "prompt", late)
            with pytest.raises(KeyboardInterrupt):
                typed.ask(field)
        assert typed.ask(field) == "zero"

        keys.send_text("\x1b[200~one\rtwo\rthree\x1b[201~")
        assert typed.ask(field) == "one"
        with monkeypatch.context() as patched:
            patched.setattr(PromptSession, "prompt", late)
            assert typed.ask(field) == "two"
        with pytest.raises(KeyboardInterrupt):
            typed.ask(field)
        keys.send_text("four\r")
        assert typed.ask(field) == "four"


@pytest.mark.slow
def test_ctrl_c_right_behind_enter_keeps_the_line(terminal: Terminal, screen: Screen) -> None:
    """
    A person who presses Ctrl-C in the instant after Enter finds the line in the draft.
    """
    screen.answer("\n>", "c")
    screen.answer("one>", "Tea")
    screen.shows("email>")
    screen.type(THEY, "Enter", "C-c")
    screen.shows("your draft is kept")

    draft = terminal.home / "state" / "calndro" / "draft.json"
    assert THEY in draft.read_text(encoding="utf-8")
