from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import attrs
import pytest
from starlette.testclient import TestClient

import calndro
from calndro.entry.exposure import check_exposure
from calndro.entry.settings import read_settings
from tests.docs.playing import ROOT, Player, blocks


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


HOW_TO = ROOT / "docs" / "how-to"
PROGRAMS = {
    "add-a-front-end": 2,
    "embed-in-a-program": 4,
    "write-a-notifier": 3,
    "write-a-storage-adapter": 3,
}


def text_of(name: str) -> str:
    """
    Read a how-to.
    """
    return (HOW_TO / f"{name}.md").read_text(encoding="utf-8")


@pytest.fixture
def player(tmp_path: Path) -> Iterator[Player]:
    """
    Sit down with an empty home.
    """
    sat = Player.at(tmp_path)
    yield sat
    sat.leave()


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_print_what_is_shown(player: Player, name: str) -> None:
    """
    Every program of a how-to runs and prints what stands below it.
    """
    assert player.follow(text_of(name)) == PROGRAMS[name]


def suites(folder: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """
    Run suites of contracts against what lies in a scratch folder.
    """
    values = {"PYTHONPATH": f"{folder}:{ROOT / 'src'}", **environ}
    command = ["env", *[f"{name}={value}" for name, value in values.items()], sys.executable]
    command += ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


STORAGE_SUITES = [
    f"tests/contracts/test_{name}.py"
    for name in ("event_repository", "user_repository", "unit_of_work", "outbox", "event_log")
]


@pytest.mark.slow
def test_a_storage_from_elsewhere_passes_the_suites(tmp_path: Path) -> None:
    """
    What the page shows keeps every contract, and one that loses its writes does not.
    """
    [program, *_] = [
        b.text for b in blocks(text_of("write-a-storage-adapter")) if b.language == "python"
    ]
    (tmp_path / "filing.py").write_text(program)
    loses = program.replace(
        "            self.storage.write()\n", "            self.storage.contents = before\n"
    )
    assert loses != program
    (tmp_path / "losing.py").write_text(loses)

    kept = suites(tmp_path, *STORAGE_SUITES, CALNDRO_TEST_STORAGE="filing:opened")
    lost = suites(tmp_path, STORAGE_SUITES[0], CALNDRO_TEST_STORAGE="losing:opened")

    assert kept.returncode == 0, kept.stdout
    assert "sqlite" not in kept.stdout
    assert lost.returncode == 1


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
    (tmp_path / "chatting.py").write_text(program)
    swallows = program.replace('raise calndro.DeliveryError("the chat is away"', 'print("away"')
    swallows = swallows.replace(", everywhere=True) from error", ")")
    (tmp_path / "swallowing.py").write_text(swallows)
    suite = "tests/contracts/test_notifier.py"

    kept = suites(tmp_path, suite, CALNDRO_TEST_CARRIER="chatting:carrier")
    broken = suites(tmp_path, suite, CALNDRO_TEST_CARRIER="swallowing:carrier")

    assert kept.returncode == 0, kept.stdout
    assert broken.returncode == 1, broken.stdout


def test_the_original_moves_in_as_told(player: Player) -> None:
    """
    What the page on moving types works on a fixture, and prints what it shows.
    """
    shutil.copy(ROOT / "tests" / "data" / "original.json", player.home / "dump.json")

    assert player.follow(text_of("move-from-the-original")) == 4


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
