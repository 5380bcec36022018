"""
The server and its description, as the command line starts them.
"""

from __future__ import annotations

import json
import socket
import subprocess
import urllib.request
from typing import TYPE_CHECKING

import pytest

from tests.entry.cli_terminal import FIRST, THEY, Terminal
from tests.patience import PATIENCE
from tests.serving import serving


if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """
    Give a machine with an empty home.
    """
    return Terminal.of(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_serve_answers_and_stops(terminal: Terminal, workers: str) -> None:
    """
    One process or several serve the same database, and end when told to.
    """
    terminal.propose(FIRST)
    with (
        serving(terminal, "--workers", workers) as url,
        urllib.request.urlopen(  # noqa: S310 - our own server
            f"{url}/healthz", timeout=PATIENCE
        ) as answer,
    ):
        assert answer.status == 200


def test_serve_at_a_taken_port(terminal: Terminal) -> None:
    """
    A port that somebody else has is one sentence, and the status for the world outside.
    """
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        said = terminal.refused(7, "serve", "--port", port)

    assert said.startswith(f"calndro: can't listen on 127.0.0.1, port {port}: ")


def test_openapi_in_both_forms(terminal: Terminal) -> None:
    """
    The description is YAML for people and the same as JSON for machines.
    """
    document = terminal.json("openapi")

    assert document["openapi"].startswith("3.1")
    assert {"/", "/{id}/", "/{id}/notify/", "/{id}/log/"} <= document["paths"].keys()
    assert terminal.done("openapi").startswith('openapi: "3.1')


def test_deliver_watch_goes_on(terminal: Terminal) -> None:
    """
    ``deliver --watch`` sends what waits and does not end by itself.
    """
    terminal.propose(FIRST)
    terminal.done("notify", "1", "--to", THEY, "--no-deliver")

    process = subprocess.Popen(
        terminal.command("deliver", "--watch", "--json"),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process:
        sent = json.loads(process.stdout.readline())
        assert process.poll() is None
        process.terminate()

    assert (sent["recipient"], sent["outcome"]) == (THEY, "sent")
