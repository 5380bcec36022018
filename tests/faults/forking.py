"""
Processes in no time: forked from one that has loaded everything and has opened nothing.
"""

from __future__ import annotations

import multiprocessing
from typing import Final


FORKING: Final = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload(
    [
        "tests.faults.unmeasured",
        "__main__",
        "calndro.adapters.limiting",
        "calndro.adapters.mailbox",
        "calndro.adapters.sql.storage",
        "calndro.adapters.sql.upgrading",
        "calndro.entry.http.listening",
        "calndro.entry.cli.server",
        "calndro.entry.cli.watching",
        "calndro.entry.exposure",
        "calndro.entry.http.app",
        "psycopg",
        "pymysql",
        "sqlite3",
        "tests.faults.judging",
        "tests.faults.load",
        "tests.faults.servers",
        "tests.faults.writer",
        "uvloop",
    ]
)
