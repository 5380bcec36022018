"""
A query has one reading: no parameter is given twice.
"""

from __future__ import annotations

import pytest

from tests.entry.http_site import ROOT, YOU, Site
from tests.security.callers import Ring, routes_of


# Files, which are the same whatever is asked, and what leads elsewhere.
READING_NOTHING = {"/docs/{name:path}", "/admin/", "/admin/admin.css", "/{path:path}"}


@pytest.fixture(scope="module")
def ring() -> Ring:
    """
    One server with a member of each class of callers.
    """
    return Ring()


@pytest.mark.parametrize("way", [("staff", "Basic"), ("holder", "header")])
def test_a_parameter_given_twice_is_named(ring: Ring, way: tuple[str, str]) -> None:
    """
    Every route refuses by every method a parameter that is given twice, and names it.
    """
    (who,) = (each for each in ring.credentials if (each.kind, each.channel) == way)
    asked = 0
    for route in set(routes_of(ring.site.app.routes)) - READING_NOTHING:
        path = ring.path_of(route)
        allowed = ring.site.client.options(path).headers.get("Allow", "GET").split(", ")
        for method in set(allowed) - {"OPTIONS", "HEAD"}:
            ring.restart()
            sent = ring.request(method, route, who) | {"params": [("limit", "1"), ("limit", "2")]}
            answer = ring.site.client.request(method, path, **sent)
            assert answer.status_code == 400, (method, route)
            assert answer.json()["errors"].keys() == {"limit"}, (method, route)
            asked += 1
    assert asked > 40


def test_pages_refuse_a_parameter_given_twice() -> None:
    """
    A browser sees the same as a page.
    """
    site = Site()
    site.propose()
    for path in ("/", "/1/", "/1/log/", "/login/", "/account/", "/admin/users/"):
        answer = site.ask("GET", f"{path}?q=1&q=1", ROOT, headers={"Accept": "text/html"})
        assert answer.status_code == 400, path
        assert answer.headers["Content-Type"].startswith("text/html")


def test_what_may_be_a_token_is_not_repeated() -> None:
    """
    A name that is none of a parameter's is not told back.
    """
    name = "0123456789abcdef" * 2 + "01234567"
    answer = Site().ask("GET", f"/?{name}&{name}", YOU)

    assert answer.status_code == 400
    assert answer.json()["errors"].keys() == {""}
    assert name not in answer.text


def test_several_receipts_are_one_question() -> None:
    """
    A log is compared with as many receipts as there are.
    """
    site = Site()
    receipt = site.propose()["audit"]
    text = f"event={receipt['event']} seq={receipt['seq']} head={receipt['head']}"
    query = {"verify": 1, "receipt": [text, text]}

    assert site.ask("GET", "/1/log/", YOU, params=query).json()["receipts"] == 2


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("export=1&limit=x", "limit"),
        ("verify=1&after=x", "after"),
        ("receipt=x", "receipt[0]"),
        ("export=1&verify=1", "verify"),
    ],
)
def test_what_means_nothing_beside_another_is_read_as_well(query: str, name: str) -> None:
    """
    A parameter of a log that can't be read is refused also where nothing depends on it.
    """
    site = Site()
    site.propose()
    answer = site.ask("GET", f"/1/log/?{query}", YOU)

    assert answer.status_code == 400
    assert answer.json()["errors"].keys() == {name}


def test_the_fault_of_a_list_of_users_has_its_place() -> None:
    """
    Each parameter of the list of users that can't be read is named.
    """
    answer = Site().ask("GET", "/users/?limit=0&after=nobody", ROOT)

    assert answer.status_code == 400
    assert answer.json()["errors"].keys() == {"limit", "after"}
