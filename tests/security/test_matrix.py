"""
The authorisation matrix: every route, method, class of callers and channel of credentials.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from calndro.core import access
from tests.entry.http_site import THEM, THEY, YOU
from tests.security.callers import ABSENT, DELETED, METHODS, Ring, routes_of
from tests.security.table import BOTH, CLASSES, ELSEWHERE, OWNERS, PAIRS, cells


if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tests.security.callers import Credentials


Cells = dict[tuple[str, str, str], tuple[int, bool]]
PLACES = {"absent": ABSENT, "deleted": DELETED}


@pytest.fixture(scope="module")
def ring() -> Ring:
    """
    One server for all cells; each begins where the first one did.
    """
    return Ring()


def differences(
    ring: Ring,
    table: dict[tuple[str, str, str], tuple[int, bool]],
    *routes: str,
    methods: Collection[str] = METHODS,
    kinds: Collection[str] = CLASSES,
) -> list[str]:
    """
    Ask every cell of some routes, and tell where the server and a table differ.
    """
    found = []
    for route in routes:
        for method in methods:
            for each in (every for every in ring.credentials if every.kind in kinds):
                wanted = table.get((route, method, each.kind))
                given = ring.ask(method, route, each)
                if given != wanted:
                    found.append(f"{method} {route} {each.kind} by {each.channel}: {given}")
    return found


@pytest.mark.no_cover
@pytest.mark.parametrize("route", sorted({route for route, _, _ in cells()}))
def test_every_cell(ring: Ring, route: str) -> None:
    """
    Everybody gets the answer that the table says, and only there something changes.
    """
    assert differences(ring, cells(), route) == []


def test_the_table_has_every_route(ring: Ring) -> None:
    """
    The table names each route with each method and class, and none that is not there.
    """
    routes = set(routes_of(ring.site.app.routes))

    assert len(routes) * len(METHODS) * len(ring.credentials) >= 1000
    assert cells().keys() == {(r, m, c) for r in routes for m in METHODS for c in CLASSES}
    assert {each.kind for each in ring.credentials} == {*CLASSES, *OWNERS}


@pytest.mark.parametrize(
    ("method", "kind", "wrong"),
    [
        ("GET", "stranger", (200, True)),
        ("GET", "holder", (200, False)),
        ("DELETE", "party", (204, True)),
        ("PATCH", "staff", (403, False)),
    ],
)
def test_a_flipped_cell_of_the_table_is_noticed(
    ring: Ring, method: str, kind: str, wrong: tuple[int, bool]
) -> None:
    """
    A table that says something else than the server, by status or effect, is found out.
    """
    route = "/{id:event}/"
    table = cells() | {(route, method, kind): wrong}

    channels = [each for each in ring.credentials if each.kind == kind]
    assert len(differences(ring, table, route)) == len(channels) >= 3


@pytest.mark.parametrize("kind", CLASSES)
def test_any_flipped_cell_is_noticed(ring: Ring, kind: str) -> None:
    """
    Of the cells of each class every 14th, 252 in all, is found out by every channel when flipped.
    """
    table = cells()
    channels = [each for each in ring.credentials if each.kind == kind]
    keys = [key for key in table if key[2] == kind][::14]

    assert len(keys) * len(CLASSES) >= 200
    for place, (route, method, _) in enumerate(keys):
        status, changes = table[route, method, kind]
        other = (status, not changes) if place % 2 else (403 if status < 400 else 200, changes)
        flipped = table | {(route, method, kind): other}
        found = differences(ring, flipped, route, methods=[method], kinds=[kind])
        assert len(found) == len(channels)


def odd(ring: Ring, table: Cells, callers: Iterable[Credentials]) -> list[str]:
    """
    Ask each cell of a table that names some routes only, and tell where the server differs.

    A route may have a word before it, which says for which event it is asked.
    """
    found = []
    for each in callers:
        for (place, method, kind), wanted in table.items():
            *where, route = place.split()
            if kind == each.kind:
                event = PLACES[where[0]] if where else ""
                given = ring.ask(method, route, each, event)
                if given != wanted:
                    found.append(f"{method} {place} {kind} by {each.channel}: {given}")
    return found


def acted_on(table: Cells) -> set[tuple[str, str]]:
    """
    Name the routes about one event and the methods that do something there, by the whole table.
    """
    return {
        (route, method)
        for (route, method, _), (status, _) in table.items()
        if route.startswith("/{id:event}/") and status != 405 and method != "OPTIONS"
    }


@pytest.mark.no_cover
def test_two_credentials_at_once(ring: Ring) -> None:
    """
    Whoever shows two things at once gets the answer that the table says.
    """
    assert odd(ring, cells(BOTH, PAIRS), ring.pairs) == []


@pytest.mark.no_cover
def test_events_that_are_not_there(ring: Ring) -> None:
    """
    An absent event and a deleted one answer everybody as the table says.
    """
    assert odd(ring, cells(ELSEWHERE, OWNERS), ring.credentials) == []


def test_the_smaller_tables_have_every_route_of_an_event() -> None:
    """
    What can be done about an event stands in the other tables too, with each of their classes.
    """
    wanted = acted_on(cells())
    both, elsewhere = cells(BOTH, PAIRS), cells(ELSEWHERE, OWNERS)

    assert len(wanted) >= 14
    assert acted_on(both) == wanted
    assert {kind for _, _, kind in both} == set(PAIRS)
    for word in PLACES:
        here = {
            (route.removeprefix(f"{word} "), method, kind): cell
            for (route, method, kind), cell in elsewhere.items()
            if route.startswith(f"{word} ")
        }
        assert acted_on(here) == wanted


def test_each_class_of_the_smaller_tables_is_asked(ring: Ring) -> None:
    """
    There is somebody for each of their columns, by as many channels as make sense.
    """
    assert {each.kind for each in ring.pairs} == set(PAIRS)
    assert len(ring.pairs) >= 20
    assert set(OWNERS) <= {each.kind for each in ring.credentials}


@pytest.mark.parametrize(
    ("kind", "method", "wrong"),
    [
        ("two tokens", "GET", (200, True)),
        ("wrong+session", "PATCH", (202, True)),
        ("stranger+foreign", "GET", (200, True)),
        ("holder+cookie", "GET", (200, False)),
    ],
)
def test_a_flipped_cell_of_two_at_once_is_noticed(
    ring: Ring, kind: str, method: str, wrong: tuple[int, bool]
) -> None:
    """
    A table of pairs that says something else than the server is found out by every channel.
    """
    callers = [each for each in ring.pairs if each.kind == kind]
    table = cells(BOTH, PAIRS) | {("/{id:event}/", method, kind): wrong}

    assert len(odd(ring, table, callers)) == len(callers) >= 1


@pytest.mark.parametrize(("place", "kind"), [("absent", "stranger"), ("deleted", "ended")])
def test_a_flipped_cell_of_an_event_elsewhere_is_noticed(ring: Ring, place: str, kind: str) -> None:
    """
    A table of absent and deleted events that says 404 to everybody is found out.
    """
    callers = [each for each in ring.credentials if each.kind == kind]
    table = cells(ELSEWHERE, OWNERS) | {(f"{place} /{{id:event}}/", "GET", kind): (404, False)}

    assert len(odd(ring, table, callers)) == len(callers) >= 3


@pytest.mark.parametrize(
    ("kind", "actor"),
    [
        ("holder", THEY),
        ("party", THEM),
        ("proposer", YOU),
        ("party+holder", THEM),
        ("party+foreign", THEM),
        ("party+bogus", THEM),
        ("stranger+holder", THEY),
        ("holder+cookie", THEY),
        ("ended+holder", THEY),
    ],
)
def test_the_log_names_who_acted(ring: Ring, kind: str, actor: str) -> None:
    """
    Of two that credentials could speak for, the log names the one that has acted.
    """
    callers = [each for each in (*ring.credentials, *ring.pairs) if each.kind == kind]
    for each in callers:
        assert ring.ask("PATCH", "/{id:event}/", each) == (202, True)
        entries = ring.site.ask("GET", "/1/log/", YOU).json()["entries"]
        assert entries[-1]["effector"] == actor, each.channel
    assert callers


@pytest.mark.parametrize("operation", list(access.Operation))
def test_a_flipped_rule_of_the_server_is_noticed(
    ring: Ring, operation: access.Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A server on which any registered user may do one thing more, or staff less, is found out.
    """
    allowed = access.ALLOWED[operation] ^ {access.Standing.REGISTERED}
    monkeypatch.setattr(access, "ALLOWED", {**access.ALLOWED, operation: allowed})
    routes = {
        access.Operation.LIST: "/",
        access.Operation.PROPOSE: "/",
        access.Operation.NOTIFY: "/{id:event}/notify/",
        access.Operation.READ_LOG: "/{id:event}/log/",
        access.Operation.MAIL: "/{id:event}/mail/",
        access.Operation.ACCOUNT: "/api-tokens/",
        access.Operation.ADMINISTER: "/admin/users/",
    }

    assert differences(ring, cells(), routes.get(operation, "/{id:event}/"))
