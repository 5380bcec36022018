"""
Tells the kinds of files apart, and takes rows out of each.
"""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from calndro.adapters.original.rows import EVENT, MODELS, PARTIES, Row, assembled
from calndro.core.errors import InvalidInputError


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from calndro.core.original import Original


_SQLITE: Final = b"SQLite format 3\0"
_WAYS: Final = 18
"""Where a database file says how it is written and read, a byte each."""
_WITHOUT_LOG: Final = b"\x01\x01"
_COPY: Final = re.compile(
    r"^COPY (?:public\.)?\"?(?P<table>\w+)\"? \((?P<columns>[^)]*)\) FROM stdin;\n"
    r"(?P<lines>.*?)^\\\.$",
    re.MULTILINE | re.DOTALL,
)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}

_MODEL_OF: Final = {model.replace(".", "_", 1): model for model in (*MODELS, PARTIES)}
_WANTED: Final = (
    "give what Django's dumpdata, sqlite3's .dump or a plain pg_dump without --inserts has "
    "written, or the SQLite file itself"
)
_FORBIDDEN: Final = frozenset({sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_CREATE_VTABLE})


def read_original(files: Iterable[tuple[str, bytes]]) -> Original:
    """
    Read an instance of the original from one file or several.

    Args:
        files: Name and content of each: JSON of Django's ``dumpdata``, a database file of
            SQLite, or the SQL text that ``sqlite3 FILE .dump`` or ``pg_dump`` writes.

    Raises:
        InvalidInputError: A file is none of these, or a row can't be read; it is named.
    """
    rows: list[Row] = []
    for name, content in files:
        try:
            rows.extend(_rows(content))
        except (sqlite3.Error, RecursionError, ValueError) as error:
            raise InvalidInputError.of(f"{name} can't be read: {error}; {_WANTED}") from error
    if not any(row.model == EVENT for row in rows):
        raise InvalidInputError.of("no event of the original was found")
    return assembled(rows)


def _rows(content: bytes) -> Iterator[Row]:
    if content.startswith(_SQLITE):
        return _of_database_file(content)
    text = content.decode("utf-8-sig")
    if text.lstrip()[:1] == "[":
        return _of_fixture(json.loads(text))
    if _COPY.search(text):
        return _of_copies(text)
    return _of_script(text)


def _of_fixture(objects: Iterable[Any]) -> Iterator[Row]:
    for place, each in enumerate(objects, start=1):
        if not isinstance(each, dict) or not isinstance(each.get("fields"), dict):
            raise InvalidInputError.of(f"object {place} is no object of a fixture")
        if each.get("model") in MODELS:
            yield Row(each["model"], each.get("pk"), each["fields"])


def _of_database_file(content: bytes) -> Iterator[Row]:
    with closing(sqlite3.connect(":memory:")) as connection:
        # In memory there can be no write-ahead log.
        connection.deserialize(content[:_WAYS] + _WITHOUT_LOG + content[_WAYS + 2 :])
        yield from _of_tables(connection)


def _of_script(text: str) -> Iterator[Row]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.set_authorizer(_authorized)
        connection.executescript(text)
        yield from _of_tables(connection)


def _authorized(action: int, *_: object) -> int:
    """
    Let a script fill its own database and nothing else.
    """
    if action in _FORBIDDEN:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_IGNORE if action == sqlite3.SQLITE_PRAGMA else sqlite3.SQLITE_OK


def _of_tables(connection: sqlite3.Connection) -> Iterator[Row]:
    connection.row_factory = sqlite3.Row
    found = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    for table, model in _MODEL_OF.items():
        if table in found:
            for row in connection.execute(f'SELECT * FROM "{table}" ORDER BY 1'):  # noqa: S608  a name of ours
                yield _row(model, dict(row))


def _of_copies(text: str) -> Iterator[Row]:
    for block in _COPY.finditer(text):
        model = _MODEL_OF.get(block["table"])
        columns = [name.strip(' "') for name in block["columns"].split(",")]
        # Other characters that end lines elsewhere are written as they are.
        for line in block["lines"].split("\n")[:-1] if model else ():
            values = [_value(field) for field in line.split("\t")]
            if len(values) != len(columns):
                raise InvalidInputError.of(f"a line of {block['table']} has other columns")
            yield _row(model or "", dict(zip(columns, values, strict=True)))


def _value(field: str) -> str | None:
    if field == r"\N":
        return None
    return _ESCAPED.sub(lambda found: _ESCAPES.get(found[1], found[1]), field)


def _row(model: str, columns: dict[str, Any]) -> Row:
    fields = {name.removesuffix("_id"): value for name, value in columns.items()}
    return Row(model, fields.get("id", fields.get("key")), fields)
