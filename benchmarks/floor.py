"""
The floor: calndro's endpoints as somebody would write them who wants nothing but speed.

Bare Starlette, statements and JSON by hand, one worker thread for each request. It reads
and writes the same rows as calndro and answers the same bytes, for members of events who
show an API token, and checks nothing else: no other credentials, no faults in input, no
limits, no retries, no letters by itself when people agree, no headers, no access log.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from benchmarks import floor_rows as rows


if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from benchmarks.floor_store import Cursor, Store


THREADS: Final = 4
HOUR: Final = 3_600_000_000
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


class RefusedError(Exception):
    """
    Whatever calndro would refuse, told without words.

    Args:
        status: Of the answer.
    """

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Floor:
    """
    The endpoints, to be called in a thread.

    Args:
        store: The database.
        url: Where the server is, without a slash at the end.
        now: Tells the time.
        draw: Draws randomness.
    """

    def __init__(
        self,
        store: Store,
        url: str,
        now: Callable[[], datetime],
        draw: Callable[[int], bytes],
    ) -> None:
        self.store = store
        self.url = url
        self.now = now
        self.draw = draw

    def who(self, authorization: str) -> tuple[str, str]:
        """
        Check an API token: two reads, and a note of its use once an hour.
        """
        digest = sha256(authorization.removeprefix("Token ").encode()).digest()
        with self.store.reading() as cursor:
            token = cursor.execute(rows.OF_TOKEN, (digest,)).fetchone()
            user = token and cursor.execute(rows.FIND_USER, (token[1],)).fetchone()
        if not user or not user[3]:
            raise RefusedError(401)
        at = self.microseconds()
        if at - token[2] > HOUR:
            with self.store.writing() as cursor:
                cursor.execute(rows.TOUCH, (at, digest))
        return user[0], user[1]

    def microseconds(self) -> int:
        """
        Tell the time as it is stored.
        """
        return (self.now() - EPOCH) // MICROSECOND

    def event(self, cursor: Cursor, number: int, key: str, *, to_change: bool) -> rows.Event:
        """
        Read an event and let one of its members in.
        """
        lock = self.store.for_update if to_change else ""
        row = cursor.execute(rows.FIND_EVENT + lock, (number,)).fetchone()
        if row is None:
            raise RefusedError(404)
        people = cursor.execute(rows.FIND_PEOPLE, (number,)).fetchall()
        event = rows.Event(row, people)
        event.me = event.number_of(key)
        return event

    def view(self, request: Request, _body: bytes) -> tuple[int, bytes]:
        """
        Show an event and log that it was seen.
        """
        key, _ = self.who(request.headers["authorization"])
        with self.store.writing() as cursor:
            event = self.event(cursor, request.path_params["id"], key, to_change=True)
            entry = event.append(self.microseconds(), "VIEW", "{}")
            cursor.execute(rows.MOVE, event.end)
            cursor.execute(rows.ADD_ENTRY, (*entry, self.store.no))
        return 200, event.shown(self.url)

    def narrow(self, request: Request, body: bytes) -> tuple[int, bytes]:
        """
        Leave on the table what is also kept, two slots or more.
        """
        key, _ = self.who(request.headers["authorization"])
        wanted = rows.read_slots(json.loads(body)["keep"])
        with self.store.writing() as cursor:
            event = self.event(cursor, request.path_params["id"], key, to_change=True)
            data = event.narrow(wanted)
            entry = event.append(self.microseconds(), "UPDATE", data)
            cursor.execute(rows.CHANGE, (event.slots, event.kept, event.revision, *event.end))
            cursor.execute(rows.ADD_ENTRY, (*entry, self.store.no))
        return 202, event.shown(self.url)

    def notify(self, request: Request, body: bytes) -> tuple[int, bytes]:
        """
        Promise letters to parties.
        """
        key, _ = self.who(request.headers["authorization"])
        asked = json.loads(body)
        wanted = rows.read_slots(asked["slots"])
        keys = [address.lower() for address in asked["parties"]]
        with self.store.writing() as cursor:
            event = self.event(cursor, request.path_params["id"], key, to_change=True)
            marks = ", ".join("?" * len(keys))
            users = cursor.execute(rows.FIND_USERS.format(marks), keys).fetchall()
            if wanted != event.slots or any(user[2] for user in users):
                raise RefusedError(422)
            at = self.microseconds()
            entries, notices = [], []
            for rank, each in enumerate(keys):
                recipient = event.number_of(each)
                data = f'{{"recipient":{recipient},"sender":{event.me}}}'
                entries.append((*event.append(at, "NOTIFY", data), self.store.no))
                turn = at + rank * 1_000_000
                notices.append((event.id, event.seq, recipient, at, turn, at))
            cursor.execute(rows.MOVE, event.end)
            cursor.executemany(rows.ADD_ENTRY, entries)
            cursor.executemany(rows.ADD_NOTICE, notices)
        return 202, event.told(self.url, asked["parties"])

    def create(self, request: Request, body: bytes) -> tuple[int, bytes]:
        """
        Open an event with the caller among its parties.
        """
        key, text = self.who(request.headers["authorization"])
        asked = json.loads(body)
        slots = rows.read_slots(asked["slots"])
        texts = list(dict.fromkeys(asked["parties"]))
        with self.store.writing() as cursor:
            known = self.enlist(cursor, dict.fromkeys([text, *texts]))
            identity, _ = self.draw(16), self.draw(32)
            salts = [self.draw(32) for _ in range(len(texts) + 1)]
            parties = [known[each.lower()] for each in texts]
            event = rows.opened(identity, parties, salts, key, slots, asked["title"])
            entry = event.append(self.microseconds(), "UPDATE", event.opening)
            row = cursor.execute(rows.ADD_EVENT, (*event.new, self.store.no))
            event.id = row.fetchone()[0]
            yes = self.store.yes
            people = [(event.id, *each[1:], yes) for each in event.people]
            cursor.executemany(rows.ADD_PERSON, people)
            cursor.execute(rows.ADD_ENTRY, (event.id, *entry[1:], self.store.no))
        return 201, event.shown(self.url)

    def enlist(self, cursor: Cursor, texts: dict[str, None]) -> dict[str, str]:
        """
        Make users of those who are none yet, and read how all are written.
        """
        keys = [text.lower() for text in texts]
        marks = ", ".join("?" * len(keys))
        found = cursor.execute(rows.FIND_USERS.format(marks), keys).fetchall()
        have = {row[0] for row in found}
        new = sorted((text.lower(), text) for text in texts if text.lower() not in have)
        if new:
            no = self.store.no
            cursor.executemany(
                rows.ADD_USER + self.store.or_leave, [(*each, no, no, no, 0) for each in new]
            )
            found = cursor.execute(rows.FIND_USERS.format(marks), keys).fetchall()
        return {row[0]: row[1] for row in found}

    def page(self, request: Request, _body: bytes) -> tuple[int, bytes]:
        """
        List events.
        """
        key, _ = self.who(request.headers["authorization"])
        most = int(request.query_params["limit"])
        with self.store.reading() as cursor:
            values = (key, self.store.yes, 0, self.store.no, most)
            found = cursor.execute(rows.PAGE, values).fetchall()
            marks = ", ".join("?" * len(found))
            numbers = [row[0] for row in found]
            people = cursor.execute(rows.PEOPLE_OF_MANY.format(marks), numbers).fetchall()
        by_event: dict[int, list[Any]] = {number: [] for number in numbers}
        for person in people:
            by_event[person[0]].append(person)
        shown = [rows.Event(row, by_event[row[0]]).shown(self.url) for row in found]
        return 200, b"[" + b",".join(shown) + b"]"

    def log(self, request: Request, _body: bytes) -> tuple[int, bytes]:
        """
        Show a part of a log.
        """
        key, _ = self.who(request.headers["authorization"])
        number, most = request.path_params["id"], int(request.query_params["limit"])
        with self.store.reading() as cursor:
            event = self.event(cursor, number, key, to_change=False)
            values = (number, 0, self.store.no, most)
            entries = cursor.execute(rows.ENTRIES, values).fetchall()
        return 200, event.log(self.url, entries)


def make_app(
    store: Store, url: str, now: Callable[[], datetime], draw: Callable[[int], bytes]
) -> Starlette:
    """
    Make the application.
    """
    floor = Floor(store, url, now, draw)
    threads = CapacityLimiter(THREADS)

    def route(path: str, method: str, work: Callable[[Request, bytes], tuple[int, bytes]]) -> Route:
        async def answer(request: Request) -> Response:
            body = await request.body()
            try:
                status, content = await run_sync(work, request, body, limiter=threads)
            except RefusedError as refused:
                return Response(status_code=refused.status)
            return Response(content, status, media_type="application/json")

        return Route(path, answer, methods=[method])

    return Starlette(
        routes=[
            route("/", "GET", floor.page),
            route("/", "POST", floor.create),
            route("/{id:int}/", "GET", floor.view),
            route("/{id:int}/", "PATCH", floor.narrow),
            route("/{id:int}/notify/", "POST", floor.notify),
            route("/{id:int}/log/", "GET", floor.log),
        ]
    )
