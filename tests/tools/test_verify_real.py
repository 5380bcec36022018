"""
What calndro really exports, checked by the independent verifier.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calndro.adapters.calendar import calendar_of
from calndro.usecases import auditing, events, updates
from tests.examples import mail, slots
from tests.worlds import World, caller


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


VERIFY = Path(__file__).parent.parent.parent / "tools" / "verify.py"
STAFF = caller("s")


def verified(
    world: World, *receipts: str, lines: Iterable[str] = ()
) -> subprocess.CompletedProcess[str]:
    """
    Export event 1 and run the verifier on it as a guest would.
    """
    exported = list(lines) or [
        json.dumps(line, ensure_ascii=False)
        for line in auditing.export_log(world.services, STAFF, 1)
    ]
    options = [part for receipt in receipts for part in ("--receipt", receipt)]
    return subprocess.run(
        [sys.executable, str(VERIFY), "-", *options],
        input="\n".join(exported),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def played() -> World:
    """
    Play everything that can happen to an event.
    """
    world = World()
    world.propose(1, 2, 3, by="p", title="Caf\u00e9 \u2615", zone="Europe/Paris")
    token = world.link("b")
    guest = caller(None, token)
    events.view(world.services, guest, 1)
    updates.judge(world.services, guest, 1, slots(3), slots(2))
    updates.extend(world.services, caller("c"), 1, slots(2, 9), title="Tea")
    updates.narrow(world.services, caller("a"), 1, slots(2))
    updates.narrow(world.services, caller("b"), 1, slots(2))
    world.deliver("failed")
    events.stop_mail(world.services, caller("c"), 1)
    events.resume_mail(world.services, caller("c"), 1)
    world.clock.advance(-world.services.terms.token_life)
    updates.retitle(world.services, STAFF, 1, "Supper")
    auditing.erase(world.services, STAFF, mail("c"))
    events.delete(world.services, STAFF, 1)
    world.deliver()
    return world


def test_an_export_with_everything_in_it_is_good() -> None:
    """
    The verifier, written by another hand from the page alone, agrees with the core.
    """
    world = played()
    receipt = str(world.ledger().chain.receipt)

    checked = verified(world, receipt)

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert world.ledger().chain.head.hex() in checked.stdout


def test_every_receipt_a_letter_carried_is_good() -> None:
    """
    A guest's letter, as it came, is a receipt that the export answers.
    """
    world = played()
    receipts = [str(dispatch.receipt) for dispatch, _ in world.postman.tried]

    assert len(receipts) > 3
    assert verified(world, *receipts).returncode == 0


@pytest.mark.parametrize("place", [1, 4, 9])
def test_a_changed_byte_is_found(place: int) -> None:
    """
    Negative control: one letter changed in an entry is found and its place named.
    """
    world = played()
    lines = [
        json.dumps(line, ensure_ascii=False)
        for line in auditing.export_log(world.services, STAFF, 1)
    ]
    lines[place] = lines[place].replace("-01-", "-02-", 1)

    checked = verified(world, lines=lines)

    assert checked.returncode == 1
    assert f"entry {place}" in checked.stdout + checked.stderr


# Each example starts a process.
@settings(max_examples=min(50, settings().max_examples))
@given(st.lists(st.sampled_from(["view", "narrow", "extend", "notify", "deliver"]), max_size=8))
def test_any_story_verifies(story: list[str]) -> None:
    """
    Whatever people do, both verifiers find the log good.
    """
    world = World()
    world.propose(1, 2, 3)
    deeds: dict[str, Callable[[], object]] = {
        "view": lambda: events.view(world.services, caller("b"), 1),
        "narrow": lambda: updates.narrow(world.services, caller("b"), 1, slots(1, 2)),
        "extend": lambda: updates.extend(world.services, caller("c"), 1, slots(4)),
        "notify": lambda: world.notify("bc"),
        "deliver": world.deliver,
    }
    for name in story:
        deeds[name]()

    assert auditing.verify_log(world.services, STAFF, 1).is_good
    assert verified(world).returncode == 0


def test_a_calendar_file_is_a_receipt(tmp_path: Path) -> None:
    """
    The receipt in a downloaded calendar file is found, though its line is folded.
    """
    world = played()
    event = events.list_events(world.services, STAFF, closed=True)[0]
    file = tmp_path / "meeting.ics"
    file.write_bytes(
        calendar_of(
            event,
            event.slots[0],
            public_url="https://meet.example.org",
            organizer="desk@example.org",
            now=world.clock.now(),
        )
    )

    checked = verified(world, str(file))

    assert checked.returncode == 0, checked.stdout + checked.stderr
