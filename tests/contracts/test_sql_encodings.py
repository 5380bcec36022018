"""
Databases of another encoding than ours: refused where they would lose a character.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
import sqlalchemy

from calndro.adapters.sql import upgrading
from calndro.adapters.sql.storage import SqlStorage
from calndro.core.errors import StorageError
from tests.contracts.deposits import page, proposal, save
from tests.databases import lent, server_of


if TYPE_CHECKING:
    from collections.abc import Callable

    from calndro.core.ledger import Ledger


pytestmark = pytest.mark.service

TITLE: Final = "caf\u00e9, \u65e5\u672c \U0001f375"
OPENINGS: Final = [SqlStorage, upgrading.upgrade, upgrading.check, upgrading.current]
LATIN: Final = "CHARACTER SET latin1 COLLATE latin1_swedish_ci"


def kept(url: str) -> list[str]:
    """
    Store an event with a title of many alphabets; returns what is there then.
    """
    with SqlStorage(url) as storage:
        stored: Ledger = save(storage, proposal(0, title=TITLE))
        assert stored.state.title == TITLE
        return [each.state.title for each in page(storage)]


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
@pytest.mark.parametrize("opening", OPENINGS, ids=lambda each: each.__name__)
def test_postgres_that_loses_characters_is_refused(
    encoding: str, opening: Callable[[str], object]
) -> None:
    """
    Whoever opens a database that can't hold every text is told so, and what to do about it.
    """
    terms = f"ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0"
    with (
        lent(server_of("postgres"), terms) as url,
        pytest.raises(StorageError, match=f"is {encoding}, .* ENCODING 'UTF8' TEMPLATE template0"),
    ):
        opening(url)


@pytest.mark.parametrize(
    ("kind", "terms", "query"),
    [
        ("mariadb", "", {"charset": "latin1"}),
        ("mariadb", LATIN, {}),
        ("postgres", "ENCODING 'UTF8' TEMPLATE template0", {"client_encoding": "latin1"}),
    ],
)
def test_no_text_is_lost(kind: str, terms: str, query: dict[str, str]) -> None:
    """
    Every text is kept, whatever a URL asks for, or a database has for tables without a word.
    """
    with lent(server_of(kind), terms) as url:
        asked = sqlalchemy.make_url(url).update_query_dict(query)
        upgrading.upgrade(url)

        assert kept(asked.render_as_string(hide_password=False)) == [TITLE]
