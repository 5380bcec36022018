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
    from pathlib import Path


FOLLOWED: Final = {"how-to/use-the-cli": 4}
"""Pages whose every command is typed here, with how many there are."""

PLAYED_BY: Final = {
    "CONTRIBUTING": ("docs/test_first_change.py", 4),
    "README": ("docs/test_by_hand.py", 6),
    "how-to/add-a-front-end": ("docs/test_how_to.py", 4),
    "how-to/administer": ("docs/test_by_hand.py", 1),
    "how-to/back-up": ("docs/test_back_up.py", 7),
    "how-to/check-a-log": ("docs/test_by_hand.py", 4),
    "how-to/embed-in-a-program": ("docs/test_how_to.py", 7),
    "how-to/embed-in-django": ("docs/test_frameworks.py", 3),
    "how-to/embed-in-fastapi": ("docs/test_frameworks.py", 1),
    "how-to/find-a-free-time": ("entry/test_docs_slots.py", 5),
    "how-to/forget-a-person": ("docs/test_by_hand.py", 1),
    "how-to/move-from-the-original": ("docs/test_moving.py", 3),
    "how-to/run-the-server": ("docs/test_how_to.py", 4),
    "how-to/send-mail": ("docs/test_by_hand.py", 3),
    "how-to/use-mariadb": ("docs/test_mariadb.py", 3),
    "how-to/use-postgresql": ("docs/test_postgresql.py", 5),
    "how-to/use-the-cli": ("docs/test_blocks.py", 4),
    "how-to/use-the-shell": ("docs/test_blocks.py", 2),
    "how-to/write-a-notifier": ("docs/test_how_to.py", 5),
    "how-to/write-a-storage-adapter": ("docs/test_how_to.py", 8),
    "reference/audit-format": ("tools/test_audit_format.py", 12),
    "tutorials/first-appointment": ("docs/test_tutorials.py", 22),
}
"""
Pages whose every block is tried, the test that names the page, and how many blocks there are.

Of README, test_first_change.py, test_blocks.py and test_tutorials.py play some, and the first
block is its motto, no command. Of run-the-server test_by_hand.py plays two, and nginx reads one
in deploy/test_nginx.py. What installs is typed by test_installing.py.
"""

CONTAINERS: Final = "it needs Docker and its registry; make image-check runs the image"
SYSTEM: Final = "it changes the whole machine, as root; tests/deploy reads the unit"
BROKER: Final = "tests/faults/test_worker_for_real.py starts it, with the words of the page"
READ: Final = "no command; tests/docs/test_how_to.py reads the setting"
SAID: Final = "no command, but a rule in short; tests/property tries it"

LEFT_OUT: Final = {
    "explanation/narrowing": {"table := table": SAID},
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
    "how-to/spread-delivery": {
        "$ pip install": "tests/docs/test_installing.py types it",
        "CALNDRO_BROKER_URL": READ,
        "$ calndro serve": BROKER,
        "$ celery --app calndro.entry.worker beat": BROKER,
        "$ docker compose": CONTAINERS,
        "$ celery --app calndro.entry.worker inspect": BROKER,
    },
    "tls/README": {"listen 8443": "nginx reads it; tests/deploy/test_nginx.py runs nginx"},
}
"""Blocks of other pages, by how they begin, each with who tries it or why nobody does."""


def pages() -> dict[str, str]:
    """
    Read every page that somebody has written, by name.
    """
    found = {each.stem: each for each in ROOT.glob("*.md")}
    for pattern in ("docs/*.md", "docs/*/*.md", "deploy/*/*.md", "changelog.d/README.md"):
        found |= {f"{each.parent.name}/{each.stem}": each for each in ROOT.glob(pattern)}
    texts = {name: path.read_text(encoding="utf-8") for name, path in found.items()}
    return {name: text for name, text in texts.items() if "Made by `make reference`" not in text}


def unplayed(name: str, text: str) -> list[str]:
    """
    Give the blocks of a page that no test plays and no reason leaves out.
    """
    shown = [block.text for block in blocks(text)]
    if name in PLAYED_BY:
        return [] if len(shown) == PLAYED_BY[name][1] else shown
    reasons = LEFT_OUT.get(name, {})
    return [each for each in shown if not any(each.startswith(begin) for begin in reasons)]


def test_every_block_is_played_or_has_a_reason() -> None:
    """
    Whoever adds an example to a page must have it played, or say here why it is not.
    """
    assert {name: left for name, text in pages().items() if (left := unplayed(name, text))} == {}


def test_an_example_that_nobody_plays_is_found() -> None:
    """
    A block on a new page, or a new block on an old one, is told, also inside a list.
    """
    page = "1. Dance:\n\n   ```console\n   $ calndro dance\n   ```\n"

    assert unplayed("how-to/dance", page) == ["$ calndro dance\n"]
    assert unplayed("how-to/run-as-a-service", page) == ["$ calndro dance\n"]
    assert unplayed("how-to/use-mariadb", page) == ["$ calndro dance\n"]
    assert unplayed("how-to/use-mariadb", pages()["how-to/use-mariadb"] + page)


def bare(text: str) -> list[str]:
    """
    Give the code of a page that is only indented, and so no block that these tests see.
    """
    rest = re.sub(r"^( *)```.*?^\1```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^\n((?: {4}|\t).+)", rest, flags=re.MULTILINE)


def test_all_code_stands_between_fences() -> None:
    """
    No page shows code in a way that would pass these tests by.
    """
    assert {name: found for name, text in pages().items() if (found := bare(text))} == {}
    assert bare("Say:\n\n    calndro dance\n") == ["    calndro dance"]


def outlived(texts: dict[str, str]) -> list[tuple[str, str]]:
    """
    Give the reasons whose block is gone, and the tests that no longer name their page.
    """
    gone = []
    for name, reasons in LEFT_OUT.items():
        shown = [block.text for block in blocks(texts.get(name, ""))]
        gone += [
            (name, begin) for begin in reasons if not any(each.startswith(begin) for each in shown)
        ]
    for name, (test, _) in PLAYED_BY.items():
        its = (ROOT / "tests" / test).read_text(encoding="utf-8")
        if name not in texts or name.rpartition("/")[2] not in its:
            gone.append((name, test))
    return gone


def test_no_reason_outlives_its_block() -> None:
    """
    A reason is for a block that is there, and a test that plays a page names it.
    """
    texts = pages()
    service = "how-to/run-as-a-service"
    shorter = {**texts, service: texts[service].replace("systemctl daemon-reload", "reboot")}

    assert outlived(texts) == []
    assert outlived(shorter) == [(service, "systemctl daemon-reload")]
    del texts["how-to/administer"]
    assert outlived(texts) == [("how-to/administer", "docs/test_by_hand.py")]


@pytest.mark.slow
@pytest.mark.parametrize("name", FOLLOWED)
def test_every_command_of_a_page_does_what_is_shown(player: Player, name: str) -> None:
    """
    What a page types works, and prints what stands below it.
    """
    page = pages()[name]
    for block in blocks(page):
        # tests/docs/test_by_hand.py types it at a server on this machine.
        if block.text.startswith("$ calndro login"):
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
