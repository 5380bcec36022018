"""
Commands that take a whole instance out, and in again.
"""

from __future__ import annotations

import os
import sys
from codecs import BOM_UTF8
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from calndro.entry.cli.asked import asked
from calndro.entry.cli.files import new_file
from calndro.entry.cli.progress import watched, watching


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

    from calndro.usecases.moving import Moved
    from calndro.usecases.taking_over import TakenOver


app = typer.Typer(rich_markup_mode=None)


@app.command("export")
def export(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A new file; - is stdout.")],
) -> None:
    """
    Write the whole instance as JSON lines.

    The file holds every account, event, log and waiting notice, all addresses and the
    hashes of passwords: only its owner can read it. An existing file is not overwritten.
    """
    from calndro.adapters.wire import dumps
    from calndro.entry.cli.here import desk_here
    from calndro.usecases.moving import Moved, export_all

    wanted = asked(ctx)
    with desk_here(ctx) as desk, _written(file) as out:
        moved = Moved()
        records = export_all(desk.services, desk.caller)
        # What is written to the screen shows itself how far it has come.
        is_shown = file == "-" and sys.stdout.isatty()
        with nullcontext(records) if is_shown else watched(wanted, "exporting", records) as lines:
            for record in lines:
                out.write(dumps(record) + b"\n")
                if "end" in record:
                    moved = Moved(**record["end"])
        if file != "-":
            _answer(ctx, "exported", moved)


@app.command("import")
def import_(
    ctx: typer.Context,
    *,
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="An export, or dumps; - is stdin.")
    ],
    from_original: Annotated[
        bool, typer.Option("--from-original", help="Read what the original of calndro held.")
    ] = False,
    zone: Annotated[
        str | None,
        typer.Option(
            metavar="ZONE", help="With --from-original: the zone of all events; else UTC."
        ),
    ] = None,
) -> None:
    """
    Read an exported instance, or an original's, into an empty one.

    Every log is verified on the way. Ids, uuids and heads are kept. All of it is stored,
    or nothing. Accounts that are there already stay as they are. With --from-original,
    what the original of calndro held is taken over: the files are what Django's dumpdata
    wrote, an SQLite database, or an SQL dump; the logs are chained, and nobody is told.
    """
    from calndro.core.errors import InvalidInputError
    from calndro.entry.cli.here import desk_here
    from calndro.usecases.moving import import_all

    if from_original:
        _import_original(ctx, files, zone or "UTC")
        return
    if zone is not None:
        raise InvalidInputError.of("--zone goes with --from-original; an export has its zones")
    if len(files) > 1:
        raise InvalidInputError.of("an export is one file")
    (file,) = files
    with desk_here(ctx) as desk, _read(file) as source:
        known = None if file == "-" else os.fstat(source.fileno()).st_size or None
        with watched(asked(ctx), "importing", source, total=known, size=len) as lines:
            records = _records(file, lines)
            moved = import_all(desk.services, desk.caller, records)
        _answer(ctx, "imported", moved)


def _import_original(ctx: typer.Context, files: list[str], zone: str) -> None:
    import attrs

    from calndro.adapters.original import read_original
    from calndro.entry.cli.here import desk_here
    from calndro.entry.cli.session import answer
    from calndro.entry.cli.wording import counted
    from calndro.usecases.taking_over import take_over

    contents = []
    for name in files:
        _refuse_log(name)
        with _read(name) as file:
            contents.append((name, file.read()))
    with desk_here(ctx) as desk:
        original = read_original(contents)
        with watching(asked(ctx), "importing") as watch:
            taken = take_over(desk.services, desk.caller, original, zone, watch)
        if asked(ctx).json:
            answer(attrs.asdict(taken))
            return
        links = counted(taken.links, "link")
        asked(ctx).tell(f"imported {_said(taken)}, and {links} of letters")
        if taken.incomplete:
            entries = counted(taken.incomplete, "log entry", "log entries")
            asked(ctx).tell(
                f"{entries} held something that calndro has no form for: see left_out there"
            )


def _refuse_log(name: str) -> None:
    """
    Refuse an SQLite file whose write-ahead log holds what is not in it yet.
    """
    from calndro.core.errors import InvalidInputError

    log = Path(f"{name}-wal")
    if log.is_file() and log.stat().st_size:
        raise InvalidInputError.of(
            f"{log} holds what is not in {name} yet: end the original, then run "
            f"sqlite3 {name} 'PRAGMA wal_checkpoint(TRUNCATE)'"
        )


def _records(name: str, lines: Iterable[bytes]) -> Iterator[Any]:
    import msgspec

    from calndro.core.errors import InvalidInputError
    from calndro.core.log import UNREADABLE

    for number, line in enumerate(lines, start=1):
        text = line.removeprefix(BOM_UTF8) if number == 1 else line
        if text.strip():
            try:
                yield msgspec.json.decode(text)
            except (msgspec.DecodeError, *UNREADABLE) as error:
                raise InvalidInputError.of(f"line {number} of {name} is no JSON") from error


@contextmanager
def _written(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdout.buffer
        return
    with new_file(Path(name)) as part:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            yield file


@contextmanager
def _read(name: str) -> Iterator[BinaryIO]:
    from calndro.core.errors import InvalidInputError

    if name == "-":
        yield sys.stdin.buffer
        return
    with ExitStack() as stack:
        try:
            file = stack.enter_context(Path(name).open("rb"))
        except OSError as error:
            raise InvalidInputError.of(f"{name} can't be read: {error.strerror}") from error
        yield file


def _answer(ctx: typer.Context, deed: str, moved: Moved) -> None:
    import attrs

    from calndro.entry.cli.session import answer

    if asked(ctx).json:
        answer(attrs.asdict(moved))
        return
    asked(ctx).tell(f"{deed} {_said(moved)}")


def _said(moved: Moved | TakenOver) -> str:
    from calndro.entry.cli.wording import counted

    users, events = counted(moved.users, "user"), counted(moved.events, "event")
    entries = counted(moved.entries, "log entry", "log entries")
    return f"{users}, {events} and {entries}"
