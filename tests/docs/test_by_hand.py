"""
Pages that need a server on the net are followed here with one on this machine.
"""

from __future__ import annotations

import re
import shlex
import shutil
import ssl
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import trustme

from tests.adapters.post_office import PostOffice
from tests.docs.playing import ROOT, TOKEN, Player, blocks, commands
from tests.entry.cli_terminal import FIRST, THEY, YOU, Terminal
from tests.entry.pseudo_terminal import on_terminal
from tests.serving import serving


if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def player(tmp_path: Path) -> Iterator[Player]:
    """
    Sit down with an empty home.
    """
    home = tmp_path / "home"
    home.mkdir()
    sat = Player.at(home)
    yield sat
    sat.leave()


def page(name: str) -> str:
    """
    Read a how-to.
    """
    return (ROOT / "docs" / "how-to" / f"{name}.md").read_text(encoding="utf-8")


def typed(player: Player, text: str) -> int:
    """
    Type what stands in a console block.
    """
    return player.follow(f"```console\n{text}```\n")


@pytest.mark.slow
def test_mail_is_set_up_and_looked_after_as_told(player: Player) -> None:
    """
    What the page on mail types sets the server, finds its fault, and decides about letters.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    settings, trial, waiting = (block.text for block in blocks(page("send-mail")))
    with PostOffice(context) as office:
        here = settings.replace("mail.example.org", "127.0.0.1").replace("587", str(office.port))
        assert typed(player, here.replace("\n", "\nCALNDRO_... is kept in ...\n")) == 6
        shown = trial.replace("$ calndro", "$ ! calndro").replace("587", str(office.port))
        shown = re.sub(r"(220|250) mail.*", r"\1 ...", shown).replace(
            "self-signed certificate", "..."
        )
        shown = re.sub(r"mail\.example\.org|192\.0\.2\.25", "127.0.0.1", shown)
        assert typed(player, shown.replace("\u2026", "...")) == 1
    typed(player, f"$ calndro propose --as {YOU} --party {THEY} --slot {FIRST}\n...\n")
    typed(player, "$ export CALNDRO_EMAIL_BACKEND=dummy\n")
    newest = "$(calndro outbox list --json | grep -o '\"letter\":[0-9]*' | tail -n 1 | cut -d: -f2)"
    for line, answer in zip(
        waiting.splitlines(),
        (f"...{THEY}...", "...due now...", "1 letter due now...", "gave up 1 letter"),
        strict=True,
    ):
        typed(player, "$ calndro notify 1 --all --no-deliver --quiet\n...\n")
        confirmed = line.replace("drop 12", "drop 12 --yes").replace("12", newest)
        assert typed(player, f"{confirmed}\n{answer}\n") == 1


@pytest.mark.slow
def test_a_log_is_checked_as_told(player: Player, tmp_path: Path) -> None:
    """
    Whoever has a letter lets the server check, checks alone, and does both at once.
    """
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    machine = Terminal.of(tmp_path)
    letters = tmp_path / "letters"
    machine.environ["CALNDRO_EMAIL_BACKEND"] = "filebased"
    machine.environ["CALNDRO_EMAIL_FILE_PATH"] = str(letters)
    machine.done("user", "add", YOU, "--password-stdin", stdin="correct horse battery")
    for _ in range(7):
        machine.propose(FIRST)
    machine.done("notify", "7", "--to", THEY)
    [letter] = letters.glob("*.eml")
    content = letter.read_text(encoding="utf-8")
    [receipt] = set(re.findall(r"event=\S+\s+seq=\d+\s+head=[0-9a-f]{64}", content)) or [""]
    shutil.copy(letter, player.home / "letter.eml")
    shutil.copy(ROOT / "tools" / "verify.py", player.home)
    (player.home / "bin" / "python").symlink_to(sys.executable)

    with serving(machine) as url:
        text = page("check-a-log").replace("https://calndro.example.org", url)
        text = text.replace("TOKEN", TOKEN.findall(content)[0])
        text = text.replace("event=\u2026 seq=\u2026 head=\u2026", " ".join(receipt.split()))
        typed(player, f"$ export CALNDRO_USER={YOU} CALNDRO_PASSWORD='correct horse battery'\n")
        said = [
            player.follow(f"```console\n{block.text.rstrip()}\n...{end}...\n```\n")
            for block, end in zip(
                blocks(text),
                ('"good":true', "", "all receipts given, 1", "1 receipt compared"),
                strict=True,
            )
        ]
    assert said == [1, 1, 1, 1]


@pytest.mark.slow
def test_somebody_logs_in_as_told(tmp_path: Path) -> None:
    """
    What the page on the command line types at a server asks for the password and lets in.
    """
    password = "correct horse battery"
    (tmp_path / "server").mkdir()
    machine = Terminal.of(tmp_path / "server")
    machine.done("user", "add", YOU, "--password-stdin", stdin=password)
    here = Terminal.of(tmp_path)
    [shown] = [b.text for b in blocks(page("use-the-cli")) if "calndro login" in b.text]
    with serving(machine) as url:
        (login, told), (look, _) = commands(shown.replace("https://meet.example.org", url))
        asked, answered = told.splitlines()
        seen = on_terminal(here, *shlex.split(login)[1:], typed=f"{password}\n")
        assert [line for line in (asked, answered) if line not in seen] == []
        assert password not in seen
        assert here.json(*shlex.split(look)[1:]) == []


@pytest.mark.slow
def test_the_readme_opens_a_server(tmp_path: Path) -> None:
    """
    With the password that was typed twice, somebody signs in at the server of the README.
    """
    password = "correct horse battery"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    [shown] = [b.text for b in blocks(readme) if b.text.startswith("calndro user add")]
    add, serve = (shlex.split(line, comments=True) for line in shown.splitlines())
    machine = Terminal.of(tmp_path)

    seen = on_terminal(machine, *add[1:], typed=f"{password}\n{password}\n")
    assert "has an account" in seen
    assert serve == ["calndro", "serve"]
    with serving(machine) as url:
        machine.environ["CALNDRO_PASSWORD"] = password
        assert machine.json("list", "--server", url) == []


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("jq") is None, reason="needs jq")
def test_the_readme_speaks_http(player: Player) -> None:
    """
    The session of the README goes as it is written, also where events were proposed before.
    """
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    [session] = [b.text for b in blocks(readme) if "http POST" in b.text]
    typed(player, f"$ calndro propose --as {YOU} --party {YOU} --slot {FIRST}\n...\n")
    typed(player, "$ echo what-you-typed | calndro user add you@here.net --password-stdin\n...\n")
    typed(player, "$ calndro serve\n...\n")
    http = Path(sys.executable).with_name("http")
    # A shell that is no terminal would hand its own orders over as the body.
    typed(player, f'$ http() {{ {http} --ignore-stdin --check-status "$@"; }}\n')
    *orders, api_token = [
        "\n> ".join(order.splitlines())
        for order in re.findall(r"^(?![#])(.+(?:\n +.*)*)$", session, re.MULTILINE)
    ]

    assert [typed(player, f"$ {order}\n...\n") for order in orders] == [1] * 8
    assert typed(player, "$ echo $id\n2\n") == 1
    assert typed(player, f'$ {api_token}\n{{"token":"..."}}\n') == 1


@pytest.mark.slow
def test_staff_is_made_and_a_person_forgotten_as_told(tmp_path: Path) -> None:
    """
    The first account of two pages may forget somebody, who is then in no event.
    """
    made = [b.text for name in ("administer", "run-the-server") for b in blocks(page(name))]
    add, *again = [shlex.split(text) for text in made if text.startswith("calndro user add")]
    [erase] = [shlex.split(block.text) for block in blocks(page("forget-a-person"))]
    machine = Terminal.of(tmp_path)
    machine.propose(FIRST, parties=(YOU, THEY))

    on_terminal(machine, *add[1:], typed="correct horse battery\n" * 2)
    assert again == [add]
    seen = on_terminal(machine, *erase[1:], typed="y\n")

    assert THEY in seen
    assert machine.json("show", "1")["parties"] == [YOU, "erased-2"]
    assert [user["email"] for user in machine.json("user", "list") if user["staff"]] == [YOU]


@pytest.mark.slow
def test_workers_serve_as_told(tmp_path: Path) -> None:
    """
    What the page has run behind a proxy serves, though here at any port.
    """
    [line] = [b.text for b in blocks(page("run-the-server")) if "calndro serve" in b.text]
    words = shlex.split(line.replace("--port 8000 ", ""))
    assert words[:2] == ["calndro", "serve"]
    machine = Terminal.of(tmp_path)
    machine.environ["CALNDRO_PASSWORD"] = "correct horse battery"
    machine.done("user", "add", YOU, "--password-stdin", stdin="correct horse battery")

    with serving(machine, *words[2:]) as url:
        assert machine.json("list", "--server", url) == []
