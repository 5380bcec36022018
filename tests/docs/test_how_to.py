from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs
import pytest
from starlette.testclient import TestClient

import calndro
from calndro.entry.exposure import check_exposure
from calndro.entry.settings import read_settings
from tests.docs.checkouts import cloned, typed
from tests.docs.playing import ROOT, Player, blocks


if TYPE_CHECKING:
    from pathlib import Path


HOW_TO = ROOT / "docs" / "how-to"
EVENTS = "tests/contracts/test_event_repository.py "
UNITS = "tests/contracts/test_unit_of_work.py "
STORAGE_SUITES = ("event_log", "event_repository", "outbox", "unit_of_work", "user_repository")
PROGRAMS = {
    "add-a-front-end": 2,
    "embed-in-a-program": 4,
    "write-a-notifier": 3,
    "write-a-storage-adapter": 5,
}


def text_of(name: str) -> str:
    """
    Read a how-to.
    """
    return (HOW_TO / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_print_what_is_shown(player: Player, name: str) -> None:
    """
    Every program of a how-to runs and prints what stands below it.
    """
    assert player.follow(text_of(name)) == PROGRAMS[name]


def proof(name: str) -> str:
    """
    Give the command by which a how-to has its adapter proved.
    """
    [command] = [block.text for block in blocks(text_of(name)) if block.language == "sh"]
    return command


@pytest.mark.slow
def test_a_storage_from_elsewhere_passes_the_suites(tmp_path: Path) -> None:
    """
    What the page shows keeps every contract, and one that loses its writes does not.
    """
    clone = cloned(tmp_path)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    [program, *_] = [
        b.text for b in blocks(text_of("write-a-storage-adapter")) if b.language == "python"
    ]
    (scratch / "filing.py").write_text(program)
    loses = program.replace(
        "            self.storage.write()\n", "            self.storage.contents = before\n"
    )
    assert loses != program
    (scratch / "losing.py").write_text(loses)
    forgets = program.replace("if self.path.exists():", "if not self.path.name:")
    assert forgets != program
    (scratch / "forgetting.py").write_text(forgets)
    command = proof("write-a-storage-adapter")
    wrong = command.replace("filing:", "losing:").replace("tests/contracts ", EVENTS)
    brief = command.replace("filing:", "forgetting:").replace("tests/contracts ", UNITS)

    kept, said = typed(clone, command, PYTEST_ADDOPTS="-v")
    lost, _ = typed(clone, wrong)
    forgotten, why = typed(clone, brief)

    assert kept == 0, said
    assert {name for name in STORAGE_SUITES if f"/test_{name}.py::" not in said} == set()
    assert "sqlite" not in said
    assert lost != 0
    assert forgotten != 0
    assert "1 failed" in why


def test_a_storage_from_elsewhere_is_served(player: Player) -> None:
    """
    The application that the page makes lets its one account in, and shows what is stored.
    """
    player.follow(text_of("write-a-storage-adapter"))
    client = TestClient(player.names["app"], base_url="http://127.0.0.1:8000")

    found = client.get("/", auth=("you@here.net", "correct horse battery")).json()

    assert [event["title"] for event in found] == ["Tea"]


@pytest.mark.slow
def test_a_notifier_from_elsewhere_passes_the_suite(tmp_path: Path) -> None:
    """
    What the page shows keeps the contract, and one that swallows trouble does not.
    """
    programs = [b.text for b in blocks(text_of("write-a-notifier")) if b.language == "python"]
    program = programs[0] + programs[2]
    clone = cloned(tmp_path)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (scratch / "chatting.py").write_text(program)
    swallows = program.replace('raise calndro.DeliveryError("the chat is away"', 'print("away"')
    swallows = swallows.replace(", everywhere=True) from error", ")")
    (scratch / "swallowing.py").write_text(swallows)
    command = proof("write-a-notifier")

    kept, said = typed(clone, command)
    broken, _ = typed(clone, command.replace("chatting:", "swallowing:"))

    assert kept == 0, said
    assert broken != 0


def settings_in(name: str) -> list[dict[str, str]]:
    """
    Read the blocks of settings of a how-to.
    """
    found = [
        dict(re.findall(r"^(CALNDRO_\w+)=(.*)$", block.text, re.MULTILINE))
        for block in blocks(text_of(name))
        if block.language == "ini"
    ]
    return [each for each in found if each]


def test_settings_of_a_server_are_safe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    With the settings that are shown a server may be reached by others, without a warning.
    """
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    [shown] = settings_in("run-the-server")

    settings = read_settings(environ=shown)

    assert not settings.warnings
    assert check_exposure(settings, "0.0.0.0", workers=2) == []  # noqa: S104  it only asks


def test_a_broker_is_named_as_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The setting that is shown names the broker, and nothing about it is doubtful.
    """
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    [shown] = settings_in("spread-delivery")

    settings = read_settings(environ=shown)

    assert settings.broker_url == shown["CALNDRO_BROKER_URL"]
    assert not settings.warnings


def test_parts_make_the_database_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The parts that are shown make a URL with the password encoded.
    """
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    [shown] = settings_in("use-postgresql")

    assert read_settings(environ=shown).database == (
        "postgresql+psycopg://calndro:p%40ss%2Fword@db.example.org:5432/calndro"
    )


def test_limits_are_those_that_hold() -> None:
    """
    The table of limits names each, with its figures.
    """
    rows = re.findall(
        r"^\| `(\w+)` \| .* \| (\d+) in (.+) \|$", text_of("run-the-server"), re.MULTILINE
    )
    spans = {"5 minutes": 300, "a minute": 60, "an hour": 3600, "a day": 86400}
    limits = calndro.Terms().limits

    assert {name: (int(most), spans[span]) for name, most, span in rows} == {
        field.name: (getattr(limits, field.name).most, getattr(limits, field.name).seconds)
        for field in attrs.fields(type(limits))
    }
