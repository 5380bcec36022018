"""
Servers to be killed: processes that serve one database, started in no time.

Each is forked from a process that has loaded everything already and has opened nothing, so
that a storm can kill and start many. What they run is what ``calndro serve`` and ``calndro
deliver --watch`` run.
"""

from __future__ import annotations

import os
import sys
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import attrs
import uvicorn

from calndro.entry.cli.asked import Asked
from calndro.entry.cli.server import make_app
from calndro.entry.cli.watching import keep_watch
from calndro.entry.http.listening import Connection
from calndro.entry.settings import Settings
from calndro.entry.values import EmailBackend
from calndro.entry.wiring import open_services
from tests.faults.forking import FORKING
from tests.free_ports import free_port
from tests.patience import PATIENCE


if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.process import BaseProcess
    from types import TracebackType


_STDOUT: Final = 1
_STDERR: Final = 2
_GRACE_SECONDS: Final = 10


@attrs.frozen(kw_only=True)
class Plan:
    """
    What one process does.

    Args:
        url: Of the database, which has its schema.
        port: Where to serve; 0 to deliver letters instead.
        record: The file that takes what the process says of itself.
        twist: What is called first, in the process: a control, a clock of its own, or both,
            each as ``module:function``, with commas between.
    """

    url: str
    port: int
    record: Path
    twist: str = ""


def work(plan: Plan) -> None:
    """
    Do as planned, until killed; in a process of its own.
    """
    with plan.record.open("ab") as record, Path(os.devnull).open("wb") as nowhere:
        os.dup2(record.fileno(), _STDERR)
        os.dup2(nowhere.fileno(), _STDOUT)
    for twist in filter(None, plan.twist.split(",")):
        module, _, name = twist.partition(":")
        getattr(import_module(module), name)()
    settings = Settings(
        database_url=plan.url,
        public_url=f"http://127.0.0.1:{plan.port or 80}",
        secret_key="0123456789abcdef" * 4,
        rate_limits="off",
        email_backend=EmailBackend.DUMMY,
        log_format="text",
    )
    if plan.port:
        uvicorn.run(
            partial(make_app, settings, delivers=True),
            factory=True,
            port=plan.port,
            access_log=False,
            log_config=None,
            server_header=False,
            http=Connection,
            ws="none",
            timeout_graceful_shutdown=_GRACE_SECONDS,
            # A client that a busy machine holds up is not to be hung up on while it idles.
            timeout_keep_alive=int(PATIENCE),
        )
    else:
        with open_services(settings, sys.stdout, serves=True) as services:
            keep_watch(services, Asked(json=True), every=0.2)


class Servers:
    """
    Several servers of one database, and a worker that delivers letters.

    Args:
        url: Of the database, which has its schema.
        folder: For their records.
        count: How many servers.
        twist: As a plan has it.
        delivers: Whether there is a worker.
    """

    def __init__(
        self, url: str, folder: Path, count: int, *, twist: str = "", delivers: bool = True
    ) -> None:
        self.ports = [free_port() for _ in range(count)]
        self.record = folder / "servers.log"
        ports = [*self.ports, *([0] if delivers else [])]
        self._plans = [Plan(url=url, port=port, record=self.record, twist=twist) for port in ports]
        self._processes: list[BaseProcess] = []

    def __enter__(self) -> Self:
        self._processes = [_started(plan) for plan in self._plans]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.join()

    def __len__(self) -> int:
        """
        How many processes there are, the worker among them; it is the last.
        """
        return len(self._plans)

    @property
    def ids(self) -> Sequence[int]:
        """
        The processes' ids.
        """
        return [process.pid or 0 for process in self._processes]

    @property
    def all_live(self) -> bool:
        """
        Whether none has ended.
        """
        return all(process.is_alive() for process in self._processes)

    def kill(self, places: Sequence[int]) -> None:
        """
        End some by SIGKILL, at once.
        """
        for place in places:
            self._processes[place].kill()
        for place in places:
            self._processes[place].join()

    def start(self, places: Sequence[int]) -> None:
        """
        Start some anew.
        """
        for place in places:
            self._processes[place] = _started(self._plans[place])

    def said(self) -> str:
        """
        Read what they said of themselves.
        """
        return self.record.read_text(encoding="utf-8", errors="replace")


def _started(plan: Plan) -> BaseProcess:
    process = FORKING.Process(target=work, args=(plan,), daemon=True)
    process.start()
    return process
