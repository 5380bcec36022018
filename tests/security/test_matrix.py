"""
The authorisation matrix: every route, method, class of callers and channel of credentials.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from calndro.core import access
from tests.security.callers import METHODS, Ring, routes_of
from tests.security.table import CLASSES, cells


if TYPE_CHECKING:
    from collections.abc import Collection


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
    assert {each.kind for each in ring.credentials} == set(CLASSES)


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
    Of the cells of each class every 14th, 210 in all, is found out by every channel when flipped.
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
