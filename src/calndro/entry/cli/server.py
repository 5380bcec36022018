"""
Commands about the HTTP interface: serve and openapi.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import signal
import socket
import sys
from contextlib import ExitStack, suppress
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, Final

import attrs
import typer

from calndro.core.errors import InvalidInputError, PortError
from calndro.entry.cli.asked import asked


if TYPE_CHECKING:
    from collections.abc import Callable

    from uvicorn import Config

    from calndro.entry.settings import Settings


app = typer.Typer(rich_markup_mode=None)

_PUBLIC_URL: Final = "CALNDRO_PUBLIC_URL"
_GRACE_SECONDS: Final = 10
# A worker that answers its parent later than this is replaced; so is one that starts slowly.
_WORKER_SECONDS: Final = 60
_BACKLOG: Final = 2048
_M_ARENA_MAX: Final = -8


@app.command("serve")
def serve(
    ctx: typer.Context,
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="Where to listen.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="PORT", min=0, max=65535, help="0 for any.")
    ] = 8000,
    workers: Annotated[
        int, typer.Option("--workers", metavar="N", min=1, help="How many processes.")
    ] = 1,
) -> None:
    """
    Run the HTTP server until it is told to stop.

    It delivers its letters itself, unless told --no-deliver, or CALNDRO_BROKER_URL leaves
    them to workers.
    """
    from calndro.entry.cli.session import answer

    if not host.strip():
        # It would stand for all addresses of the machine.
        ctx.fail("--host has no value; give it one, or leave it out")
    settings = _prepared(ctx, host, workers)
    _log(settings)
    with _listen(host, port) as listener:
        shown = f"[{host}]" if ":" in host else host
        url = f"http://{shown}:{listener.getsockname()[1]}"
        if _PUBLIC_URL not in settings.sources:
            settings = attrs.evolve(settings, public_url=url)
        # Whoever knows the address may tell it to stop, even before uvicorn listens to that. And
        # when uvicorn has ended well, it raises again what told it to, as if it were a fault.
        signal.signal(signal.SIGTERM, _end)
        if asked(ctx).json:
            answer({"url": url})
        else:
            typer.echo(f"calndro serves {url} until Ctrl-C")
        delivers, as_json = not asked(ctx).keep_letters, asked(ctx).json
        make = partial(make_app, settings, delivers=delivers, as_json=as_json)
        _run(_config(make, settings, workers), listener)


@app.command("openapi")
def openapi(ctx: typer.Context) -> None:
    """
    Print the OpenAPI description of the HTTP interface.

    It is YAML, or JSON with --json.
    """
    from calndro.entry.cli.session import answer

    http = import_module("calndro.entry.http.openapi")
    if asked(ctx).json:
        answer(http.document())
    else:
        typer.echo(http.to_yaml(http.document()), nl=False)


def _prepared(ctx: typer.Context, host: str, workers: int) -> Settings:
    from calndro.entry.cli.exits import complain
    from calndro.entry.cli.session import is_in_memory, settings_of
    from calndro.entry.exposure import check_exposure, secret_key
    from calndro.entry.wiring import open_services

    settings = settings_of(asked(ctx), with_dot_env=True)
    if workers > 1 and is_in_memory(settings):
        raise InvalidInputError.of(
            f"{settings.database} is in memory, where each of {workers} workers has its own: name "
            "a file, as in --db sqlite:///team.db, or leave --workers out"
        )
    complain(check_exposure(settings, host, workers))
    settle_in()
    with open_services(settings, sys.stdout, serves=True):
        # A database that can't be used is told before any worker starts.
        pass
    # Workers share what only their parent may have made up.
    return attrs.evolve(settings, secret_key=secret_key(settings))


def make_app(settings: Settings, *, delivers: bool, as_json: bool = False) -> Any:
    """
    Make the ASGI application of one process; what it opens is closed when that ends.

    Args:
        settings: As read.
        delivers: Whether it hands over letters.
        as_json: Whether stdout holds JSON alone, so that letters are printed on stderr.
    """
    from calndro.entry.exposure import hosts_of
    from calndro.entry.wiring import letterhead, open_services

    _log(settings)
    settle_in()
    # The front ends are unaware of each other; only its name is known here.
    http = import_module("calndro.entry.http.app")
    opened = ExitStack()
    atexit.register(opened.close)
    stream = sys.stderr if as_json else sys.stdout
    services = opened.enter_context(open_services(settings, stream, serves=True))
    terms = http.HttpTerms(
        public_url=settings.public_url,
        allowed_hosts=hosts_of(settings),
        delivers=delivers and not settings.broker_url,
        secret_key=settings.secret_key,
        tells_metrics=settings.metrics,
        organizer=letterhead(settings).from_address.address,
    )
    return http.create_app(services, terms)


def settle_in() -> None:
    """
    Use memory as befits a program that runs for months, and not for a moment.

    To be called before a thread is started. Garbage is collected as often as usual. Threads
    allocate from the one heap of the process: glibc gives each a heap of its own, and what a busy
    moment took stays in every one of them, so that memory would go on growing for hours.

    Source: mallopt(3).
    """
    from calndro.entry.cli.app import USUAL_COLLECTION

    gc.set_threshold(*USUAL_COLLECTION)
    if sys.platform == "linux":
        # Only glibc has it.
        with suppress(AttributeError):
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def _config(make: Callable[[], Any], settings: Settings, workers: int) -> Config:
    from uvicorn import Config

    return Config(
        make,
        factory=True,
        workers=workers,
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        http=import_module("calndro.entry.http.listening").Connection,
        ws="none",
        timeout_graceful_shutdown=_GRACE_SECONDS,
        timeout_worker_healthcheck=_WORKER_SECONDS,
    )


def _run(config: Config, listener: socket.socket) -> None:
    from uvicorn import Server
    from uvicorn.supervisors import Multiprocess

    if config.workers > 1:
        Multiprocess(config, sockets=[listener]).run()
    else:
        Server(config).run(sockets=[listener])


def _end(number: int, frame: Any) -> None:
    del number, frame
    raise SystemExit(0)


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        # Whoever is told the address may connect at once; the first worker answers.
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise PortError(f"can't listen on {host}, port {port}: {error.strerror}") from error
    # The workers take it over.
    listener.set_inheritable(True)
    return listener


def _log(settings: Settings) -> None:
    import logging

    from calndro.entry.alarms import alarms

    logs = import_module("calndro.entry.http.logs")
    handler = logging.StreamHandler()
    if settings.log_format == "json":
        handler.setFormatter(logs.JsonLines())
    else:
        handler.setFormatter(logs.PlainLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler, *alarms(settings)])
