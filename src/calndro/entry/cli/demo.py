"""
A complete story on a throw-away database, told from what can be read back.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier
from typing import TYPE_CHECKING, Final

import typer

from calndro.entry.cli.asked import asked


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from email.message import EmailMessage

    from rich.console import Console

    from calndro.core.event import Event
    from calndro.core.slot import Table
    from calndro.entry.local import LocalCoordinator
    from calndro.entry.settings import Settings


app = typer.Typer(rich_markup_mode=None)

YOU: Final = "you@here.net"
THEY: Final = "they@thar.net"
THEM: Final = "them@whar.net"
ZONE: Final = "Europe/Paris"

_TUESDAY: Final = 1
_SHOWN_OF_LINK: Final = 16


@app.command("demo")
def demo(ctx: typer.Context) -> None:
    """
    Play a complete story on a throw-away database.

    Three people find a time; two of them answer at the same moment. Your own database,
    settings and mail are left alone.
    """
    from calndro.entry.cli.render import console

    json = asked(ctx).json
    with TemporaryDirectory(prefix="calndro-demo-") as folder:
        stage = Stage(Path(folder), console(sys.stderr if json else sys.stdout))
        event = stage.play()
        if json:
            from calndro.adapters.wire import log_json
            from calndro.entry.cli.session import answer

            with stage.desk(YOU) as desk:
                answer(log_json(event, list(desk.log(event.id)), stage.settings.public_url))


class Stage:
    """
    The throw-away database, its mail, and where the story is told.

    Args:
        folder: Empty, and removed afterwards.
        screen: Where the story is told.
    """

    def __init__(self, folder: Path, screen: Console) -> None:
        from calndro.entry.settings import Settings
        from calndro.entry.values import EmailBackend

        self.screen = screen
        self.mail = folder / "mail"
        self.mail.mkdir()
        self.settings: Settings = Settings(
            database_url=f"sqlite:///{folder / 'demo.db'}",
            email_backend=EmailBackend.FILEBASED,
            email_file_path=self.mail,
        )
        self._letters_read = 0

    @contextmanager
    def desk(self, who: str) -> Iterator[LocalCoordinator]:
        """
        Open the database anew and act for *who*, as a program of theirs would.
        """
        from calndro.entry.wiring import open_desk, open_services

        with open_services(self.settings, sys.stderr) as services:
            yield open_desk(services, self.settings, who, staff=False)

    def play(self) -> Event:
        """
        Play the story from proposal to log.

        Returns:
            The event as it is in the end.
        """
        self._say("1", f"{YOU} proposes four times to {THEY} and {THEM}.")
        event = self._propose()
        self._draw(event)
        self._say("2", f"{YOU} has the others invited. Each gets a letter with a link of its own:")
        with self.desk(YOU) as desk:
            desk.notify(event.id, event.waiting_on, event.slots, invitation=True)
            desk.deliver(event.id)
        self._show_letters()
        self._say(
            "3",
            f"At the same moment {THEY} keeps slots 1, 2, 3 and {THEM} keeps 2, 3, 4, neither "
            "knowing of the other. Narrowing only ever takes away, so nothing is lost:",
        )
        self._draw(self._narrow_at_once(event))
        self._say("4", f"{YOU} sees what suits everybody, and chooses the first:")
        event = self._agree(event.id)
        self._draw(event)
        self._say("5", "Everybody is told:")
        self._show_letters()
        self._say("6", "The log has it all:")
        self._show_log(event.id)
        self._say_what_next()
        return event

    def _propose(self) -> Event:
        from calndro.adapters.system import SystemClock

        day = _a_tuesday(SystemClock().now())
        slots = [
            f"{day + timedelta(days=later):%Y-%m-%d}T{clock}/PT45M"
            for later, clock in ((0, "09:00"), (0, "14:30"), (1, "11:00"), (3, "16:15"))
        ]
        with self.desk(YOU) as desk:
            return desk.propose(
                parties=[YOU, THEY, THEM], slots=slots, title="Moving the piano", zone=ZONE
            )

    def _narrow_at_once(self, event: Event) -> Event:
        together = Barrier(2)

        def narrow(who: str, keep: Table) -> None:
            with self.desk(who) as desk:
                together.wait(timeout=30)
                desk.narrow(event.id, keep)

        with ThreadPoolExecutor(2) as threads:
            deeds = [
                threads.submit(narrow, THEY, event.slots[:3]),
                threads.submit(narrow, THEM, event.slots[1:]),
            ]
            for deed in deeds:
                deed.result()
        with self.desk(YOU) as desk:
            return desk.view(event.id)

    def _agree(self, event_id: int) -> Event:
        with self.desk(YOU) as desk:
            seen = desk.peek(event_id)
            event = desk.narrow(event_id, seen.common[:1], if_revision=seen.revision)
            desk.deliver(event_id)
        return event

    def _draw(self, event: Event) -> None:
        from calndro.entry.cli.render import draw_event
        from calndro.entry.cli.wording import next_step

        draw_event(self.screen, event, None, next_step(event, YOU))

    def _show_letters(self) -> None:
        from calndro.entry.cli.render import draw_rows

        paths = sorted(self.mail.iterdir())
        letters = [_letter(path) for path in paths[self._letters_read :]]
        self._letters_read = len(paths)
        rows = [(str(letter["To"]), str(letter["Subject"]), _link(letter)) for letter in letters]
        draw_rows(self.screen, ("to", "subject", "link"), rows)

    def _show_log(self, event_id: int) -> None:
        from calndro.entry.cli.timeline import draw_log

        with self.desk(YOU) as desk:
            entries = list(desk.log(event_id, deliveries=True))
            draw_log(self.screen, desk.peek(event_id), entries, None)

    def _say(self, number: str, words: str) -> None:
        from rich.text import Text

        self.screen.print()
        self.screen.print(Text.assemble((f"{number}. ", "bold magenta"), (words, "bold")))

    def _say_what_next(self) -> None:
        from rich.text import Text

        self.screen.print(Text("\nThat database is gone again. Now yours:", "bold"))
        for line in next_commands():
            self.screen.print(Text(f"  {line}", "cyan"), soft_wrap=True)


def next_commands() -> Sequence[str]:
    """
    Give the commands to try after the story; they work on one's own database.
    """
    from calndro.adapters.system import SystemClock

    day = f"{_a_tuesday(SystemClock().now()):%Y-%m-%d}"
    return (
        f"calndro propose --party {THEY} --slot {day}T09:00Z/PT30M",
        "calndro list",
        "calndro show 1",
    )


def _a_tuesday(now: datetime) -> datetime:
    return now + timedelta(days=7 + (_TUESDAY - now.weekday()) % 7)


def _letter(path: Path) -> EmailMessage:
    return message_from_bytes(path.read_bytes(), policy=policy.default)


def _link(letter: EmailMessage) -> str:
    from calndro.entry.settings import DEFAULT_PUBLIC_URL

    body = letter.get_body(("plain",))
    words = body.get_content().split() if body is not None else ()
    link = next((word for word in words if "?et=" in word), "")
    return link.removeprefix(DEFAULT_PUBLIC_URL)[:_SHOWN_OF_LINK] + "..."
