from __future__ import annotations

import re
import subprocess
import sys
from email import message_from_bytes, policy
from http.client import HTTPConnection
from importlib.util import find_spec
from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from calndro.adapters.letter import octets, write
from calndro.core.event import see
from calndro.usecases import updates
from tests.adapters.calendars import by_icalendar, file_of, lacking
from tests.adapters.letters import LETTERHEAD, NOW
from tests.examples import START, Scene, slots
from tests.free_ports import free_port
from tests.patience import PATIENCE, listens, until
from tests.worlds import World, caller


if TYPE_CHECKING:
    from collections.abc import Iterator

    from calndro.core.dispatch import Dispatch
    from tests.adapters.calendars import Entry


pytestmark = pytest.mark.slow

HOME = "/b/calendar/"
OTHER = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nBEGIN:VEVENT\r\nUID:another\r\n"
    "DTSTAMP:20300101T000000Z\r\nDTSTART:20300102T000000Z\r\nDTEND:20300102T010000Z\r\n"
    "SEQUENCE:0\r\nSTATUS:CONFIRMED\r\nSUMMARY:mine\r\nDESCRIPTION:x\r\nURL:https://x.example.org/\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)


class Calendar:
    """
    Somebody's calendar on a server, kept as RFC 5546 says by the letters that come.

    Args:
        port: Where the server listens on this machine.
    """

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str]:
        """
        Ask the server something.
        """
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        sent = {"Authorization": "Basic Yjpi", "Content-Type": "text/calendar", **headers}
        connection.request(method, path, body.encode(), sent)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    def receive(self, letter: Dispatch) -> None:
        """
        Do what the calendar in a letter asks for, unless a later one has come before.
        """
        content = octets(write(letter, LETTERHEAD, NOW), "\r\n")
        for part in message_from_bytes(content, policy=policy.default).walk():
            if part.get_content_type() == "text/calendar":
                payload = part.get_payload(decode=True)
                assert isinstance(payload, bytes)
                self._follow(str(part.get_param("method")), payload)

    def _follow(self, method: str, content: bytes) -> None:
        ((entry,),) = [found.entries for found in by_icalendar([content])]
        path = f"{HOME}{entry.uid}.ics"
        status, text = self.ask("GET", path)
        known = by_icalendar([text.encode()])[0].entries[0].sequence if status == 200 else -1
        if known > entry.sequence:
            return
        # A server keeps entries, not messages about them: RFC 4791, 4.1.
        kept = content.replace(f"METHOD:{method}\r\n".encode(), b"").decode()
        assert self.ask("PUT", path, kept)[0] in {201, 204}

    @property
    def entries(self) -> list[Entry]:
        """
        Read all that is on the server but what was there before.
        """
        _, text = self.ask("GET", HOME)
        (found,) = by_icalendar([text.encode()])
        ours = [entry for entry in found.entries if entry.uid != "another"]
        assert len(ours) == len(found.entries) - 1
        return ours

    def between(self, begin: str, end: str) -> list[str]:
        """
        Let the server search for entries in a stretch of time; give their uids.
        """
        query = (
            '<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop>'
            '<C:calendar-data/></D:prop><C:filter><C:comp-filter name="VCALENDAR">'
            f'<C:comp-filter name="VEVENT"><C:time-range start="{begin}" end="{end}"/>'
            "</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
        )
        headers = {"Content-Type": "application/xml", "Depth": "1"}
        status, text = self.ask("REPORT", HOME, query, **headers)
        assert status == 207
        return sorted(re.findall(r"^UID:(\S+)", text, re.MULTILINE))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """
    Run Radicale on this machine alone; give its port.
    """
    if find_spec("radicale") is None:
        lacking("Radicale", "pip install radicale")
    port = free_port()
    folder = tmp_path_factory.mktemp("radicale")
    options = [
        f"--server-hosts=127.0.0.1:{port}",
        "--auth-type=none",
        f"--storage-filesystem-folder={folder}",
        "--logging-level=critical",
    ]
    command = [sys.executable, "-m", "radicale", "--config=", *options]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stderr=log) as process:
        until(lambda: listens(port))
        yield port
        process.terminate()


@pytest.fixture
def calendar(server: int) -> Iterator[Calendar]:
    """
    Make a calendar with one entry in it that is none of ours.
    """
    found = Calendar(server)
    assert found.ask("MKCALENDAR", HOME)[0] == 201
    assert found.ask("PUT", f"{HOME}another.ics", OTHER)[0] == 201
    yield found
    assert found.ask("DELETE", HOME)[0] == 200


def story() -> list[Dispatch]:
    """
    Play until an event was agreed on, moved, called off and agreed on anew; give *b*'s letters.
    """
    world = World()
    world.propose(1, parties="ab", by="a", zone="Europe/Paris")
    keep(world, "b", 1)
    world.deliver()
    replace(world, "a", 2)
    keep(world, "b", 2)
    world.deliver()
    replace(world, "b")
    world.deliver()
    replace(world, "b", 3)
    keep(world, "a", 3)
    world.deliver()
    return [each for each, _ in world.postman.tried if each.recipient == "b@here.net"]


def keep(world: World, who: str, *numbers: int) -> None:
    """
    Narrow to some slots.
    """
    updates.narrow(world.services, caller(who), 1, slots(*numbers))


def replace(world: World, who: str, *numbers: int) -> None:
    """
    Put other slots on the table.
    """
    updates.replace(world.services, caller(who), 1, slots(*numbers))


def state(calendar: Calendar) -> tuple[str, str, int]:
    """
    Give the uid, status and begin of the one entry of ours, the begin in days since the start.
    """
    (entry,) = calendar.entries
    return entry.uid, entry.status, (entry.begin - int(START.timestamp())) // 86_400


def test_letters_keep_one_entry_right(calendar: Calendar) -> None:
    """
    Requested, moved, called off and requested anew, one entry is there, and the right one.
    """
    letters, seen = story(), []
    uid = f"{letters[0].receipt.event}@meet.example.org"
    for letter in letters:
        calendar.receive(letter)
        seen.append(state(calendar))
    assert seen == [
        (uid, "CONFIRMED", 1),
        (uid, "CONFIRMED", 2),
        (uid, "CONFIRMED", 2),
        (uid, "CANCELLED", 2),
        (uid, "CONFIRMED", 3),
    ]
    assert calendar.between("20300104T000000Z", "20300104T010000Z") == [uid]
    assert calendar.between("20300103T000000Z", "20300103T010000Z") == []
    assert calendar.between("20300102T000000Z", "20300102T010000Z") == ["another"]


def test_order_and_number_of_arrivals_do_not_matter(calendar: Calendar) -> None:
    """
    However letters overtake each other, and come twice, the calendar ends up right.
    """
    letters = story()
    expected = ("CONFIRMED", 3)
    for order in permutations(letters[1:]):
        for letter in (*order, letters[0], order[0]):
            calendar.receive(letter)
        assert state(calendar)[1:] == expected
        assert calendar.ask("DELETE", f"{HOME}{state(calendar)[0]}.ics")[0] == 200


def test_file_is_the_entry_of_the_letters(calendar: Calendar) -> None:
    """
    The downloaded file of an agreed event replaces what the letter brought.
    """
    letter = story()[-1]
    calendar.receive(letter)
    uid = state(calendar)[0]
    text = file_of(letter.event).decode()
    assert calendar.ask("PUT", f"{HOME}{uid}.ics", text)[0] == 204
    assert state(calendar) == (uid, "CONFIRMED", 3)


def test_file_of_an_open_event_can_be_put_up_whole(calendar: Calendar) -> None:
    """
    The server takes the file of an open event as a calendar of its own, entry for entry.
    """
    event = see(Scene(1, 2, 3).ledger)
    assert calendar.ask("PUT", "/b/whole/", file_of(event).decode())[0] == 201
    (found,) = by_icalendar([calendar.ask("GET", "/b/whole/")[1].encode()])
    assert [entry.status for entry in found.entries] == ["TENTATIVE"] * 3
    assert calendar.ask("DELETE", "/b/whole/")[0] == 200
