"""
No example of the documentation goes unplayed without a reason that somebody has reviewed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest

from tests.docs.playing import ROOT, Player, blocks
from tests.entry.cli_terminal import YOU, Terminal


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


FOLLOWED: Final = {"how-to/use-the-cli": 4}
"""Pages whose every command is typed here, with how many there are."""

PLAYED_BY: Final = {
    "how-to/add-a-front-end": "docs/test_how_to.py",
    "how-to/back-up": "docs/test_back_up.py",
    "how-to/check-a-log": "docs/test_by_hand.py",
    "how-to/embed-in-a-program": "docs/test_how_to.py",
    "how-to/embed-in-django": "docs/test_frameworks.py",
    "how-to/embed-in-fastapi": "docs/test_frameworks.py",
    "how-to/find-a-free-time": "entry/test_docs_slots.py",
    "how-to/write-a-notifier": "docs/test_how_to.py",
    "how-to/write-a-storage-adapter": "docs/test_how_to.py",
    "how-to/send-mail": "docs/test_by_hand.py",
    "how-to/use-mariadb": "docs/test_mariadb.py",
    "reference/audit-format": "tools/test_audit_format.py",
    "tutorials/first-appointment": "docs/test_tutorials.py",
    "how-to/use-the-shell": "docs/test_blocks.py",
}
"""Pages whose every block is tried by another test, which names the page."""

ANOTHER_SERVER = "tests/docs/test_by_hand.py types it at a server on this machine"
CONTAINERS = "it needs Docker and its registry; tests/deploy reads the files"
SYSTEM = "it changes the whole machine, as root; tests/deploy reads the unit"
SETTINGS = "settings, not commands; tests/docs/test_how_to.py reads them"
BROKER = "tests/faults/test_worker_for_real.py starts them, with the words of the page"

LEFT_OUT: Final = {
    "README": {
        "make demo   # installs": "it makes the whole environment; CI does so first",
        "calndro config set user": "tests/docs/test_blocks.py types it, the day moved on",
        "calndro user add you@here.net ": "tests/docs/test_by_hand.py types it on a terminal",
        "# You: propose slots": "make scenario plays it against a real server",
        "import calndro": "tests/docs/test_tutorials.py runs it",
    },
    "how-to/move-from-the-original": {
        "./manage.py dumpdata": "it is a command of the original",
        "$ calndro import": "tests/docs/test_how_to.py types it on a fixture",
        "$ calndro list": "tests/docs/test_how_to.py types it on a fixture",
    },
    "how-to/run-as-a-service": {
        "python3 -m venv /opt/calndro": SYSTEM,
        "systemctl daemon-reload": SYSTEM,
        "systemd-run --pty": SYSTEM,
    },
    "how-to/run-in-containers": {
        'echo "CALNDRO_SECRET_KEY': CONTAINERS,
        "docker compose exec": CONTAINERS,
        "cat > .env <<END": CONTAINERS,
        "docker compose ps": CONTAINERS,
    },
    "how-to/run-the-server": {
        "CALNDRO_PUBLIC_URL": SETTINGS,
        "location / {": "nginx reads it; tests/deploy/test_nginx.py runs nginx",
    },
    "how-to/spread-delivery": {
        "$ pip install": "it installs packages",
        "CALNDRO_BROKER_URL": SETTINGS,
        "$ calndro serve": BROKER,
        "$ celery --app calndro.entry.worker beat": BROKER,
        "$ docker compose": CONTAINERS,
        "$ celery --app calndro.entry.worker inspect": BROKER,
    },
    "how-to/use-postgresql": {"CALNDRO_DATABASE_ENGINE": SETTINGS},
    "how-to/use-the-cli": {"$ calndro login": ANOTHER_SERVER},
}
"""Blocks that no test plays, by how they begin, each with the reason."""


def pages() -> dict[str, str]:
    """
    Read every page that somebody has written, by name.
    """
    found = {"README": ROOT / "README.md"}
    found |= {f"{each.parent.name}/{each.stem}": each for each in ROOT.glob("docs/*/*.md")}
    texts = {name: path.read_text(encoding="utf-8") for name, path in found.items()}
    return {name: text for name, text in texts.items() if "Made by `make reference`" not in text}


def unplayed(name: str, text: str) -> list[str]:
    """
    Give the blocks of a page that no test plays and no reason leaves out.
    """
    if name in FOLLOWED or name in PLAYED_BY:
        return []
    reasons = LEFT_OUT.get(name, {})
    shown = [block.text for block in blocks(text)]
    return [each for each in shown if not any(each.startswith(begin) for begin in reasons)]


def test_every_block_is_played_or_has_a_reason() -> None:
    """
    Whoever adds an example to a page must have it played, or say here why it is not.
    """
    assert {name: left for name, text in pages().items() if (left := unplayed(name, text))} == {}


def test_an_example_that_nobody_plays_is_found() -> None:
    """
    A block on a new page, or a new block on an old one, is told.
    """
    page = "```console\n$ calndro dance\n```\n"

    assert unplayed("how-to/dance", page) == ["$ calndro dance\n"]
    assert unplayed("how-to/run-as-a-service", page) == ["$ calndro dance\n"]


def test_no_reason_outlives_its_block() -> None:
    """
    A reason is for a block that is there, and a test that plays a page names it.
    """
    texts = pages()
    for name, reasons in LEFT_OUT.items():
        shown = [block.text for block in blocks(texts[name])]
        for begin in reasons:
            assert any(each.startswith(begin) for each in shown), (name, begin)
    for name, test in PLAYED_BY.items():
        assert name.partition("/")[2] in (ROOT / "tests" / test).read_text(encoding="utf-8")


@pytest.fixture
def player(tmp_path: Path) -> Iterator[Player]:
    """
    Sit down with an empty home.
    """
    sat = Player.at(tmp_path)
    yield sat
    sat.leave()


@pytest.mark.slow
@pytest.mark.parametrize("name", FOLLOWED)
def test_every_command_of_a_page_does_what_is_shown(player: Player, name: str) -> None:
    """
    What a page types works, and prints what stands below it.
    """
    page = pages()[name]
    for block in blocks(page):
        if any(block.text.startswith(begin) for begin in LEFT_OUT.get(name, ())):
            page = page.replace(block.text, "")

    player.follow("```console\n$ export TZ=Europe/Paris\n```\n")
    assert player.follow(page) == FOLLOWED[name]


@pytest.mark.slow
def test_the_readme_types_what_works(player: Player) -> None:
    """
    The commands of the README work in their order.
    """
    [typed] = [
        block.text for block in blocks(pages()["README"]) if block.text.startswith("calndro config")
    ]
    later = re.sub(r"\b2026-", "2046-", typed)
    done = re.sub(r"^(?! )(.*\n(?: .*\n)*)", r"$ \1...\n", later, flags=re.MULTILINE)

    page = re.sub(r"^ ", ">  ", done, flags=re.MULTILINE)
    assert player.follow(f"```console\n{page}```\n") == 7


@pytest.mark.slow
def test_the_shell_says_what_its_page_shows(tmp_path: Path) -> None:
    """
    The transcript of the page is what the shell prints when the same lines are typed.
    """
    shown, piped = (block.text for block in blocks(pages()["how-to/use-the-shell"]))
    _, _, transcript = shown.partition("$ calndro tui\n")
    prompts = r"(?:> |title, blank for a made-up one> |email> ?|slot> ?)"
    typed = re.findall(rf"^{prompts}(.*)$", transcript, re.MULTILINE)

    terminal = Terminal.of(tmp_path)
    said = terminal.run("tui", stdin="".join(f"{line}\n" for line in typed))

    assert typed[0] == "c"
    assert f"{YOU} at your database" in said.output
    assert [line.rstrip() for line in said.output.splitlines()][: len(transcript.splitlines())] == [
        line.rstrip() for line in transcript.splitlines()
    ]
    assert r"'n7\n2\n\nq\n'" in piped
