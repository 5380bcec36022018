from __future__ import annotations

import io
import os
import re
import stat
import subprocess
import sys
from datetime import timedelta
from email import message_from_bytes, policy
from logging import getLogger
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from celery.utils.log import LoggingProxy

from calndro.adapters.mailbox import ConsoleNotifier, FileNotifier, LocmemNotifier
from calndro.adapters.memory import MemoryClock
from calndro.core.errors import DeliveryError
from tests.adapters.letters import LETTERHEAD, NOW, TOKEN, dispatch
from tests.examples import Scene


def titles_in(folder: Path) -> list[str]:
    """
    Read the subjects of the letters in a folder, in the order of the files' names.
    """
    return [
        message_from_bytes(path.read_bytes(), policy=policy.default)["Subject"]
        for path in sorted(folder.iterdir())
    ]


def test_console_shows_what_a_person_reads() -> None:
    """
    On the console words and link stand as they are, whatever their encoding in the mail.
    """
    stream = io.StringIO()
    title = " ".join(["Zmittag \u2013 Z\u00fcrich,"] * 4)
    ConsoleNotifier(LETTERHEAD, MemoryClock(NOW), stream).deliver(dispatch(Scene(1, title=title)))
    shown = stream.getvalue()
    assert shown.startswith("From: Meeting desk <desk@example.org>\nReply-To: a@here.net\n")
    assert f"Subject: [calndro] '{title}' updated\n" in shown
    assert f"\nhttps://meet.example.org/7/?et={TOKEN}\n" in shown
    assert shown.endswith(f"\n{'-' * 76}\n")


def test_console_escapes_what_a_terminal_can_not_show() -> None:
    """
    A title that the stream has no letters for is shown escaped, and holds up nothing.
    """
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    scene = Scene(1, title="Z\u00fcrich")
    ConsoleNotifier(LETTERHEAD, MemoryClock(NOW), stream).deliver(dispatch(scene))
    stream.seek(0)
    assert "'Z\\xfcrich' updated" in stream.read()


def test_console_may_be_a_log() -> None:
    """
    What only takes text, as a worker's log does in place of a terminal, is console enough.
    """
    console: Any = Mock(spec_set=["write", "flush"])
    log: Any = LoggingProxy(getLogger("console"))
    for stream in (console, log):
        ConsoleNotifier(LETTERHEAD, MemoryClock(NOW), stream).deliver(dispatch())

    (shown,) = console.write.call_args.args
    assert f"?et={TOKEN}\n" in shown


def test_console_that_is_gone_fails_for_now() -> None:
    """
    A letter that the stream does not take counts as not delivered.
    """
    closed = io.StringIO()
    closed.close()
    with pytest.raises(DeliveryError) as caught:
        ConsoleNotifier(LETTERHEAD, MemoryClock(NOW), closed).deliver(dispatch())
    assert not caught.value.permanent


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    """
    Since a letter holds a link, its file and the directory made for it open to the owner only.
    """
    folder = tmp_path / "mail" / "out"
    before = os.umask(0)
    try:
        FileNotifier(LETTERHEAD, MemoryClock(NOW), folder).deliver(dispatch())
    finally:
        os.umask(before)
    (path,) = folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_files_sort_in_the_order_of_the_letters(tmp_path: Path) -> None:
    """
    By name, the files of letters stand in the order of delivery, in one batch and in several.
    """
    clock = MemoryClock(NOW)
    expected = []
    for batch in range(3):
        with FileNotifier(LETTERHEAD, clock, tmp_path) as notifier:
            for number in range(12):
                title = f"{batch} and {number}"
                notifier.deliver(dispatch(Scene(1, title=title)))
                expected.append(f"[calndro] '{title}' updated")
        clock.advance(timedelta(microseconds=1))
    assert titles_in(tmp_path) == expected
    assert all(re.fullmatch(r"[\w.-]+\.eml", path.name) for path in tmp_path.iterdir())


def test_no_two_processes_take_the_same_name(tmp_path: Path) -> None:
    """
    Processes that write letters at the same instant by the clock lose none.
    """
    write = (
        "import sys; from pathlib import Path; from tests.adapters.letters import *;"
        "from calndro.adapters.memory import MemoryClock;"
        "from calndro.adapters.mailbox import FileNotifier\n"
        "for _ in range(20): FileNotifier(LETTERHEAD, MemoryClock(NOW), Path(sys.argv[1]))"
        ".deliver(dispatch())"
    )
    root = Path(__file__).parents[2]
    paths = os.pathsep.join([str(root / "src"), str(root)])
    writers = [
        subprocess.Popen([sys.executable, "-c", write, tmp_path], env={"PYTHONPATH": paths})
        for _ in range(3)
    ]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert len(titles_in(tmp_path)) == 60


def test_letter_appears_complete_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    When a file can't be given its name, nothing of the letter is left and it can be retried.
    """
    notifier = FileNotifier(LETTERHEAD, MemoryClock(NOW), tmp_path)
    seen: list[bytes] = []

    def refuse(path: Path, _target: Path) -> Path:
        seen.append(path.read_bytes())
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refuse)
        with pytest.raises(DeliveryError) as caught:
            notifier.deliver(dispatch())
    assert not caught.value.permanent
    assert list(tmp_path.iterdir()) == []
    notifier.deliver(dispatch())
    assert [path.read_bytes() for path in tmp_path.iterdir()] == seen


def test_directory_that_can_not_be_made_fails_for_now(tmp_path: Path) -> None:
    """
    Where no directory can be, no letter is delivered, until one can.
    """
    place = tmp_path / "mail"
    place.touch()
    notifier = FileNotifier(LETTERHEAD, MemoryClock(NOW), place)
    with pytest.raises(DeliveryError) as caught:
        notifier.deliver(dispatch())
    assert (caught.value.permanent, str(place) in caught.value.reason) == (False, False)
    place.unlink()
    notifier.deliver(dispatch())
    assert titles_in(place) == ["[calndro] 'moot' updated"]


def test_letters_in_memory_are_messages() -> None:
    """
    What is kept in memory is what would be sent.
    """
    notifier = LocmemNotifier(LETTERHEAD, MemoryClock(NOW))
    notifier.deliver(dispatch())
    (letter,) = notifier.letters
    assert letter["To"] == "b@here.net"
    assert TOKEN in str(letter)
