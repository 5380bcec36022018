"""
The page on moving is followed from its first command: a site in Django writes down what it holds.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest

from tests.docs.playing import ROOT, Player, blocks
from tests.surroundings import SERVICES_ARE_REQUIRED


if TYPE_CHECKING:
    from pathlib import Path


PAGE: Final = (ROOT / "docs" / "how-to" / "move-from-the-original.md").read_text("utf-8")
FIXTURE: Final = ROOT / "tests" / "data" / "original.json"
COMMANDS: Final = 4

SETTINGS: Final = """
INSTALLED_APPS += ["rest_framework.authtoken", "schedul"]
USE_TZ = True
"""

MODELS: Final = """
from django.conf import settings
from django.db import models


class Event(models.Model):
    title = models.CharField(max_length=256)
    parties = models.ManyToManyField(settings.AUTH_USER_MODEL)


class TimeSpan(models.Model):
    event = models.ForeignKey(Event, models.CASCADE)
    begin = models.DateTimeField()
    duration = models.DurationField()


class EmailToken(models.Model):
    key = models.CharField(max_length=40, primary_key=True)
    event = models.ForeignKey(Event, models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    expires = models.DateTimeField()


class DispatchLogEntry(models.Model):
    event = models.ForeignKey(Event, models.CASCADE)
    when = models.DateTimeField()
    occurrence = models.CharField(max_length=16)
    effector = models.CharField(max_length=254)
    slots = models.TextField()
    data = models.TextField()
"""
"""The tables that the original had, as far as their form goes."""


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """
    Make a site whose database has the form of the original's, and let people have worked with it.
    """
    pytest.importorskip("rest_framework")
    site = tmp_path_factory.mktemp("original")
    django(site, "-m", "django", "startproject", "config", ".")
    app = site / "schedul"
    app.mkdir()
    (app / "__init__.py").touch()
    (app / "models.py").write_text(MODELS, "utf-8")
    with (site / "config" / "settings.py").open("a", encoding="utf-8") as file:
        file.write(SETTINGS)
    lived = json.loads(FIXTURE.read_text("utf-8"))
    # A site numbers the kinds of its objects itself.
    own = [each for each in lived if not each["model"].startswith("contenttypes.")]
    (site / "lived.json").write_text(json.dumps(own), "utf-8")
    for order in (["makemigrations", "schedul"], ["migrate"], ["loaddata", "lived.json"]):
        django(site, "manage.py", *order)
    manage = site / "manage.py"
    manage.write_text(f"#!{sys.executable}\n{manage.read_text('utf-8')}", "utf-8")
    manage.chmod(0o700)
    return site


def django(site: Path, *words: str) -> None:
    """
    Run a program of Django in the folder of a site.
    """
    done = subprocess.run(
        [sys.executable, *words], cwd=site, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def written(player: Player, original: Path, command: str) -> None:
    """
    Have the original write down what it holds, beside the player.
    """
    shutil.copytree(original, player.home / "site")
    player.follow(f"```console\n$ cd site\n$ {command}\n$ cd ..\n$ cp site/dump.json .\n```\n")


@pytest.mark.slow
def test_the_original_moves_in_as_told(player: Player, original: Path) -> None:
    """
    What the page types at the original and here works, and prints what it shows.
    """
    dumping, *_ = blocks(PAGE)
    assert dumping.text.startswith("./manage.py dumpdata ")

    written(player, original, dumping.text.strip())

    assert player.follow(PAGE) == COMMANDS


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", ["cp db.sqlite3 dump.json", "sqlite3 db.sqlite3 .dump > dump.json"]
)
def test_the_database_moves_in_as_well(player: Player, original: Path, command: str) -> None:
    """
    The original's database itself, and what its own tool writes of it, say the same.
    """
    program, _, _ = command.partition(" ")
    if shutil.which(program) is None:
        assert not SERVICES_ARE_REQUIRED, f"no {program}"
        pytest.skip(f"no {program}")
    assert command.partition(" > ")[0].removesuffix(" dump.json").removeprefix("cp ") in PAGE

    written(player, original, command)

    assert player.follow(PAGE) == COMMANDS


@pytest.mark.slow
def test_a_dump_without_the_events_is_refused(player: Player, original: Path) -> None:
    """
    Whoever leaves an application out of the command is told so, and nothing is stored.
    """
    written(player, original, "./manage.py dumpdata auth.user authtoken --output dump.json")

    refusal = "$ ! calndro import --from-original dump.json\n...no event of the original...\n"
    assert player.follow(f"```console\n{refusal}$ calndro list --json\n[]\n```\n") == 2
