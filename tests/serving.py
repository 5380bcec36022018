"""
Real servers at free ports of this machine: in a thread, or as the command line starts them.
"""

from __future__ import annotations

import json
import socket
import subprocess
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING

import uvicorn

from tests.patience import PATIENCE, until


if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.applications import Starlette

    from tests.entry.cli_terminal import Terminal


@contextmanager
def running(app: Starlette) -> Iterator[str]:
    """
    Serve an application, and tell where.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            app, http="httptools", access_log=False, log_config=None, lifespan="on"
        )
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            until(lambda: server.started)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(PATIENCE)
        assert not thread.is_alive()


@contextmanager
def serving(terminal: Terminal, *words: str, **environ: str) -> Iterator[str]:
    """
    Run ``calndro serve`` at any port, with settings; gives its address.
    """
    process = subprocess.Popen(
        terminal.command("serve", "--port", "0", "--json", *words, **environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    with process:
        try:
            yield json.loads(process.stdout.readline())["url"]
        finally:
            process.terminate()
            assert process.wait(timeout=PATIENCE) == 0
