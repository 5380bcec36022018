"""
Files of the original, read.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from calndro.adapters.original import read_original
from calndro.core.errors import InvalidInputError


if TYPE_CHECKING:
    from calndro.core.original import Original


FIXTURE = Path(__file__).parent.parent / "data" / "original.json"

TIMES = ("begin", "when", "expires", "created")
SCHEMA = """
CREATE TABLE auth_user (id integer primary key, password text, is_superuser bool,
    username text, email text, is_staff bool, is_active bool);
CREATE TABLE schedul_event (id integer primary key, title text);
CREATE TABLE schedul_event_parties (id integer primary key, event_id bigint, user_id bigint);
CREATE TABLE schedul_timespan (id integer primary key, begin datetime, duration bigint,
    event_id bigint);
CREATE TABLE schedul_dispatchlogentry (id integer primary key, "when" datetime, occurrence text,
    effector text, slots text, data text, event_id bigint);
CREATE TABLE schedul_emailtoken (key text primary key, expires datetime, event_id bigint,
    user_id bigint);
CREATE TABLE authtoken_token (key text primary key, created datetime, user_id bigint);
CREATE TABLE django_session (session_key text primary key);
"""


def objects() -> list[Any]:
    """
    Give the objects of the fixture.
    """
    found: list[Any] = json.loads(FIXTURE.read_text(encoding="utf-8"))
    return found


def told_by(*contents: bytes | str | list[Any]) -> Original:
    """
    Read files.
    """
    files = []
    for number, content in enumerate(contents, start=1):
        text = json.dumps(content) if isinstance(content, list) else content
        files.append((f"file-{number}", text.encode() if isinstance(text, str) else text))
    return read_original(files)


def filled(connection: sqlite3.Connection) -> None:
    """
    Fill tables as Django does with what is in the fixture.
    """
    connection.executescript(SCHEMA)
    parties = 0
    for each in objects():
        row = as_stored(each)
        for party in row.pop("parties", ()):
            parties += 1
            connection.execute(
                "INSERT INTO schedul_event_parties VALUES (?, ?, ?)", (parties, each["pk"], party)
            )
        table = each["model"].replace(".", "_")
        found = connection.execute("SELECT name FROM pragma_table_info(?)", (table,)).fetchall()
        kept = {name: row[name] for (name,) in found if name in row}
        if kept:
            names = ", ".join(f'"{name}"' for name in kept)
            marks = ", ".join("?" * len(kept))
            connection.execute(
                f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608  names of ours
                list(kept.values()),
            )
    connection.commit()


def as_stored(each: Any) -> dict[str, Any]:
    """
    Write an object's fields as SQLite gets them.
    """
    key = "key" if "token" in each["model"] else "id"
    row = {key: each["pk"]}
    for name, value in each["fields"].items():
        if name == "duration":
            row[name] = int(value[-2:]) * 1_000_000
        elif name in TIMES:
            row[name] = value.replace("T", " ").removesuffix("Z")
        else:
            row[f"{name}_id" if name in ("event", "user") else name] = value
    return row


def copied(connection: sqlite3.Connection) -> str:
    """
    Write the tables as pg_dump does.
    """
    text = "-- PostgreSQL database dump\n\n"
    connection.execute("UPDATE schedul_event SET title = 'a\tb\\c' WHERE id = 4")
    connection.row_factory = sqlite3.Row
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'"):
        rows = connection.execute(f'SELECT * FROM "{table}"').fetchall()  # noqa: S608  names of ours
        columns = [
            name
            for (name,) in connection.execute("SELECT name FROM pragma_table_info(?)", (table,))
        ]
        quoted = ", ".join(f'"{name}"' if name == "when" else name for name in columns)
        text += f"COPY public.{table} ({quoted}) FROM stdin;\n"
        for row in rows:
            text += "\t".join(_field(name, row[name]) for name in columns) + "\n"
        text += "\\.\n\n"
    return text


def _field(name: str, value: Any) -> str:
    if value is None:
        return "\\N"
    if name == "duration":
        return (
            f"1 day 00:00:{value // 1_000_000:02}" if value > 25e6 else f"00:00:{value / 1e6:.0f}"
        )
    if name.startswith("is_"):
        return "t" if value else "f"
    if name in TIMES:
        value += "+00"
    return str(value).replace("\\", "\\\\").replace("\t", "\\t")


def test_a_fixture_is_read() -> None:
    """
    Users, events with slots and logs, links and keys come out of what dumpdata writes.
    """
    found = told_by(FIXTURE.read_bytes())

    assert [(each.id, each.email, each.active, each.staff) for each in found.users] == [
        (1, "you@here.net", True, False),
        (2, "they@thar.net", False, False),
        (3, "them@whar.net", False, False),
        (4, "desk@example.org", True, True),
    ]
    one = found.events[0]
    assert (one.id, one.title, one.parties) == (1, "cybes", (1, 2, 3))
    assert one.slots[0] == (
        datetime(2046, 11, 1, 1, 11, 22, 20_000, tzinfo=UTC),
        timedelta(seconds=10),
    )
    assert [each.id for each in one.entries] == [1, 2, 3, 4, 5, 6]
    assert one.entries[0].when == datetime(2022, 10, 3, 9, 0, 0, 125_000, tzinfo=UTC)
    assert [each.event for each in found.links] == [1, 1]
    assert [each.user for each in found.keys] == [1]


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_a_database_file_and_its_script_say_the_same(tmp_path: Path, mode: str) -> None:
    """
    SQLite keeps durations as microseconds and times without offset; nothing is lost.
    """
    with closing(sqlite3.connect(tmp_path / "db.sqlite3")) as connection:
        connection.execute(f"PRAGMA journal_mode={mode}")
        filled(connection)
        script = "\n".join(connection.iterdump())

    expected = told_by(FIXTURE.read_bytes())
    from_file = told_by((tmp_path / "db.sqlite3").read_bytes())
    from_script = told_by("PRAGMA foreign_keys=OFF;\n" + script)

    assert from_file.users == expected.users
    assert from_file.events == expected.events
    assert set(from_file.links) == set(expected.links)
    assert from_file.keys == expected.keys
    assert from_script == from_file


def test_a_dump_of_postgresql_is_read() -> None:
    """
    Escaped fields, intervals, booleans and offsets are read as PostgreSQL writes them.
    """
    with closing(sqlite3.connect(":memory:")) as connection:
        filled(connection)
        text = copied(connection)

    found, expected = told_by(text), told_by(FIXTURE.read_bytes())

    assert found.users == expected.users
    assert found.events[0] == expected.events[0]
    assert found.events[2].title == "a\tb\\c"
    assert found.events[2].slots[0][1] == timedelta(days=1, seconds=30)


def test_a_null_is_no_text() -> None:
    """
    A field without value is read as an absent one.
    """
    text = (
        "COPY public.schedul_event (id, title) FROM stdin;\n1\t\\N\n\\.\n"
        "COPY public.schedul_timespan (id, begin, duration, event_id) FROM stdin;\n"
        "1\t2046-12-04 09:00:00+00\t2 days\t1\n\\.\n"
    )

    (event,) = told_by(text).events

    assert event.title == ""
    assert event.slots[0][1] == timedelta(days=2)


@pytest.mark.parametrize("separator", ["\x1c", "\x85", "\u2028", "\u2029"])
def test_only_a_line_feed_ends_a_line_of_a_dump(separator: str) -> None:
    """
    Characters that end lines elsewhere are part of a field, as PostgreSQL has written them.
    """
    title = f"a{separator}b"
    text = f"COPY public.schedul_event (id, title) FROM stdin;\n1\t{title}\n2\tc\n\\.\n"

    assert [event.title for event in told_by(text).events] == [title, "c"]


def test_several_fixtures_are_one_original() -> None:
    """
    Users and events may come in files of their own, in any order.
    """
    users = [each for each in objects() if each["model"] == "auth.user"]
    others = [each for each in objects() if each["model"] != "auth.user"]

    assert told_by(others, users) == told_by(objects())


def test_a_script_reaches_nothing_but_its_own_database(tmp_path: Path) -> None:
    """
    Whatever an SQL file asks for, no file of this machine is opened or written.
    """
    for statement in (
        f"ATTACH '{tmp_path / 'x'}' AS other;",
        f"VACUUM INTO '{tmp_path / 'x'}';",
        "CREATE VIRTUAL TABLE t USING fts5(a);",
    ):
        with pytest.raises(InvalidInputError, match="file-1 can't be read"):
            told_by(statement)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[",
        b"[7]",
        b"[{}]",
        b'{"model": "schedul.event"}',
        b"SQLite format 3\0 and then nonsense" * 99,
        b"CREATE TABLE x (a);",
        b"COPY public.schedul_event (id, title) FROM stdin;\n1\n\\.\n",
        b"SET x = 0;\nINSERT INTO public.schedul_event VALUES (1, 'x');\n",
        b"[" * 99_999,
    ],
)
def test_a_file_of_another_kind_is_refused(content: bytes) -> None:
    """
    What is no dump of the original is one clear error, which says what would be one.
    """
    said = r"file-1 can't be read: .*; give what .*dumpdata|no event of the original"
    with pytest.raises(InvalidInputError, match=said):
        told_by(content)


def _changed(model: str, **fields: Any) -> list[Any]:
    found = objects()
    row = next(each for each in found if each["model"] == model)
    if "pk" in fields:
        row["pk"] = fields.pop("pk")
    row["fields"].update(fields)
    return found


@pytest.mark.parametrize(
    ("spoilt", "path"),
    [
        (_changed("auth.user", pk=None), "auth.user None"),
        (_changed("auth.user", pk=True), "auth.user True"),
        (_changed("auth.user", pk="1x"), "auth.user 1x"),
        (_changed("auth.user", pk=2**63), f"auth.user {2**63}"),
        (_changed("auth.user", pk=2), "auth.user 2"),
        (_changed("auth.user", email=7), "auth.user 1.email"),
        (_changed("schedul.event", parties=7), "schedul.event 1.parties"),
        (_changed("schedul.event", parties=[["you"]]), "schedul.event 1.parties"),
        (_changed("schedul.timespan", begin="someday"), "schedul.timespan 1.begin"),
        (_changed("schedul.timespan", duration="long"), "schedul.timespan 1.duration"),
        (_changed("schedul.timespan", duration=None), "schedul.timespan 1.duration"),
        (_changed("schedul.timespan", duration=True), "schedul.timespan 1.duration"),
        (_changed("schedul.timespan", event=9), "schedul.timespan"),
        (_changed("schedul.dispatchlogentry", when=None), "schedul.dispatchlogentry 1.when"),
        (_changed("schedul.dispatchlogentry", event=9), "schedul.dispatchlogentry"),
        (_changed("schedul.emailtoken", expires=""), "schedul.emailtoken, number 1.expires"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(spoilt: list[Any], path: str) -> None:
    """
    Model, key and field are told; of a token its place, since its key is a secret.
    """
    with pytest.raises(InvalidInputError) as error:
        told_by(spoilt)

    assert [fault.path for fault in error.value.faults] == [path]


@pytest.mark.parametrize("column", ["slots", "data", "effector"])
def test_bytes_in_a_database_are_no_text(column: str) -> None:
    """
    A row of SQLite, which keeps whatever it is given, is named when it holds bytes.
    """
    with closing(sqlite3.connect(":memory:")) as connection:
        filled(connection)
        connection.execute(f"UPDATE schedul_dispatchlogentry SET {column} = x'7b7d' WHERE id = 1")  # noqa: S608  names of ours
        connection.commit()
        script = "\n".join(connection.iterdump())

    with pytest.raises(InvalidInputError) as error:
        told_by(script)

    path = f"schedul.dispatchlogentry 1.{column}"
    assert [str(fault) for fault in error.value.faults] == [f"{path}: this is no text"]


def test_fields_that_are_left_out_have_their_defaults() -> None:
    """
    A fixture written by hand may say only what differs from Django's defaults.
    """
    found = told_by(
        [
            {"model": "auth.user", "pk": "7", "fields": {"email": "you@here.net"}},
            {"model": "schedul.event", "pk": 1, "fields": {"parties": [7]}},
            {
                "model": "schedul.dispatchlogentry",
                "pk": 1,
                "fields": {"event": 1, "when": "2022-10-03T09:00:00", "slots": []},
            },
            {
                "model": "schedul.timespan",
                "pk": 1,
                "fields": {"event": 1, "begin": "2022-10-03T09:00:00+01:00", "duration": 2**80},
            },
        ]
    )

    (user,), (event,) = found.users, found.events
    assert (user.id, user.active, user.staff, user.password) == (7, True, False, "")
    assert (event.title, event.entries[0].slots, event.entries[0].data) == ("", "[]", "{}")
    assert event.entries[0].when == datetime(2022, 10, 3, 9, tzinfo=UTC)
    assert event.slots[0][0] == datetime(2022, 10, 3, 8, tzinfo=UTC)
    assert event.slots[0][1] > timedelta(days=366)


@pytest.mark.parametrize("microseconds", [2**80, -(2**80)])
def test_a_duration_that_no_program_can_hold_is_too_long(microseconds: int) -> None:
    """
    However large a number stands for a duration, it is read, and refused as a slot later.
    """
    found = told_by(_changed("schedul.timespan", duration=microseconds))

    assert found.events[0].slots[0][1] > timedelta(days=366)
