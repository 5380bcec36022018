"""
One server process to be measured: calndro, the floor, or a trivial one.

    python -m benchmarks.serving calndro sqlite:///team.db 8000

Both use the same event loop, parser and number of threads, and neither delivers letters.
calndro uses memory as ``calndro serve`` does. Limits are off, since a load test is what they
keep out.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from benchmarks import floor
from benchmarks.floor_store import open_store
from calndro.adapters.system import SystemClock, SystemSecrets
from calndro.entry.cli.server import settle_in
from calndro.entry.http import HttpTerms, create_app
from calndro.entry.settings import Settings
from calndro.entry.wiring import open_services


if TYPE_CHECKING:
    from starlette.requests import Request


def trivial() -> Starlette:
    """
    Answer two bytes: what the load driver and the HTTP server can do at most.
    """

    async def answer(_: Request) -> Response:
        return Response(b"{}", media_type="application/json")

    return Starlette(routes=[Route("/", answer)])


def make(kind: str, database: str, url: str, opened: ExitStack) -> Any:
    """
    Make the application.

    Args:
        kind: calndro, floor or trivial.
        database: As SQLAlchemy writes it.
        url: Where the server will be.
        opened: Closes what the application uses.
    """
    if kind == "trivial":
        return trivial()
    if kind == "floor":
        store = open_store(database)
        opened.enter_context(store)
        return floor.make_app(store, url, SystemClock().now, SystemSecrets().draw)
    settle_in()
    settings = Settings(database_url=database, rate_limits="off", public_url=url)
    services = opened.enter_context(open_services(settings, sys.stdout))
    return create_app(services, HttpTerms(public_url=url, delivers=False))


def main() -> None:
    """
    Serve until it is told to stop.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=["calndro", "floor", "trivial"])
    parser.add_argument("database")
    parser.add_argument("port", type=int)
    asked = parser.parse_args()
    with ExitStack() as opened:
        app = make(asked.kind, asked.database, f"http://127.0.0.1:{asked.port}", opened)
        uvicorn.run(
            app, port=asked.port, access_log=False, log_config=None, server_header=False, ws="none"
        )


if __name__ == "__main__":
    main()
