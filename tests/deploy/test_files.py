"""
The image, the compositions and the units, as far as they can be checked without running them.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from calndro.entry.cli.app import COMMANDS
from calndro.entry.described import describe
from calndro.entry.exposure import check_exposure
from calndro.entry.settings import Settings, read_settings
from tests.entry.cli_terminal import Terminal


ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSITIONS = ("compose.yaml", "compose.postgres.yaml")
UNITS = sorted(path.name for path in DEPLOY.glob("*.service"))
SETTINGS = {row.name for row in describe(Settings())}
GIVEN = {"CALNDRO_SECRET_KEY": "k" * 40, "POSTGRES_PASSWORD": "p@ss/word"}

_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])((?:[^{}]|\{[^{}]*\})*))?\}")


def filled(text: str, given: dict[str, str]) -> str:
    """
    Fill in variables as Compose does; one that is wanted and missing is a KeyError.
    """

    def fill(found: re.Match[str]) -> str:
        name, kind, rest = found.groups()
        if given.get(name):
            return given[name]
        if kind == "?":
            raise KeyError(name)
        return filled(rest, given) if kind == "-" else ""

    return _VARIABLE.sub(fill, text)


def composed(name: str, given: dict[str, str]) -> dict[str, Any]:
    """
    Read a composition.
    """
    services: dict[str, Any] = yaml.safe_load(filled((ROOT / name).read_text("utf-8"), given))
    return {key: each for key, each in services["services"].items() if each["image"] == "calndro"}


def dockerfile(instruction: str) -> list[str]:
    """
    Read what follows an instruction of the Dockerfile, each time it stands there.
    """
    text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    return re.findall(rf"^{instruction} (.*)$", text, re.MULTILINE)


@pytest.mark.parametrize("name", COMPOSITIONS)
def test_compositions_set_what_there_is(name: str) -> None:
    """
    Every variable of a composition is a setting, and all of them together can be read.
    """
    for each in composed(name, GIVEN).values():
        environ = {key: str(value) for key, value in each["environment"].items()}
        assert environ.keys() <= SETTINGS
        settings = read_settings(environ=environ)
        assert settings.public_url == "http://localhost:8000"
        # Only that no TLS is set up yet is pointed out.
        assert len(check_exposure(settings, "0.0.0.0", workers=2)) <= 2  # noqa: S104  it only asks

    moved = composed(name, {**GIVEN, "HOST_PORT": "8005"})
    links = {each["environment"]["CALNDRO_PUBLIC_URL"] for each in moved.values()}
    assert links == {"http://localhost:8005"}


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("compose.yaml", "CALNDRO_SECRET_KEY"),
        ("compose.postgres.yaml", "CALNDRO_SECRET_KEY"),
        ("compose.postgres.yaml", "POSTGRES_PASSWORD"),
    ],
)
def test_secrets_have_no_default(name: str, missing: str) -> None:
    """
    A composition does not start with a secret that everybody knows.
    """
    with pytest.raises(KeyError, match=missing):
        composed(name, {key: value for key, value in GIVEN.items() if key != missing})


@pytest.mark.parametrize("name", COMPOSITIONS)
def test_compositions_give_no_rights(name: str) -> None:
    """
    What runs calndro has no capabilities, can gain none, and writes nowhere but in its place.
    """
    for each in composed(name, GIVEN).values():
        assert (each["read_only"], each["cap_drop"]) == (True, ["ALL"])
        assert each["security_opt"] == ["no-new-privileges:true"]


def commands() -> list[list[str]]:
    """
    List the ways in which the image, the compositions and the units start calndro.
    """
    found = [
        each["command"]
        for name in COMPOSITIONS
        for each in composed(name, GIVEN).values()
        if "command" in each
    ]
    found += [yaml.safe_load(each) for each in dockerfile("CMD") if "serve" in each]
    for unit in UNITS:
        text = (DEPLOY / unit).read_text("utf-8")
        (line,) = re.findall(r"^ExecStart=\S+/calndro (.*)$", text, re.MULTILINE)
        found.append(shlex.split(line))
    return [*map(list, dict.fromkeys(map(tuple, found)))]


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_commands_are_understood(tmp_path: Path, words: list[str]) -> None:
    """
    Each command that is started exists, with the options it is given.
    """
    shown = Terminal.of(tmp_path).done(words[0], *words[1:2] * (words[0] == "db"), "--help")

    assert words[0] in COMMANDS
    assert all(f"{word} " in shown for word in words if word.startswith("--"))


def test_the_image_is_of_an_ordinary_user() -> None:
    """
    The image runs as a user with a number, installs every database's driver, and asks /readyz.
    """
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"][
        "optional-dependencies"
    ]
    (wanted,) = [each.removeprefix("EXTRAS=") for each in dockerfile("ARG") if "EXTRAS" in each]

    assert dockerfile("USER") == ["10001:10001"]
    assert set(wanted.split(",")) <= extras.keys()
    assert "/readyz" in (ROOT / "Dockerfile").read_text("utf-8")
    for name in dockerfile("COPY")[0].split()[:-1]:
        assert (ROOT / name).is_file()
        assert f"!{name}" in (ROOT / ".dockerignore").read_text("utf-8").splitlines()


@pytest.fixture
def analyze() -> str:
    """
    Find what checks units.
    """
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("no systemd-analyze")
    return program


@pytest.mark.parametrize("name", UNITS)
def test_units_are_understood(analyze: str, tmp_path: Path, name: str) -> None:
    """
    Systemd understands every line of a unit, and would notice one that it does not.
    """
    text = (DEPLOY / name).read_text("utf-8").replace("/opt/calndro/bin/calndro", "/bin/true")
    good, bad = tmp_path / name, tmp_path / f"bad-{name}"
    good.write_text(text)
    bad.write_text(text.replace("NoNewPrivileges=yes", "NoNewPrivileges=perhaps"))

    def said(unit: Path) -> str:
        words = [analyze, "verify", "--man=no", str(unit)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        return "\n".join(line for line in done.stderr.splitlines() if unit.name in line)

    assert said(good) == ""
    assert "NoNewPrivileges" in said(bad) or "perhaps" in said(bad)


@pytest.mark.parametrize("name", UNITS)
def test_units_are_hardened(analyze: str, name: str) -> None:
    """
    Systemd counts little that a unit could do to the machine.
    """
    words = [
        analyze,
        "security",
        "--offline=true",
        "--threshold=20",
        "--no-pager",
        str(DEPLOY / name),
    ]

    assert subprocess.run(words, capture_output=True, check=False).returncode == 0
