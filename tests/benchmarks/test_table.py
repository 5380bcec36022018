from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.core_work import ENTRIES, large
from benchmarks.load import written
from benchmarks.table import Row, keep, table
from calndro.core.agreement import replay


if TYPE_CHECKING:
    from pathlib import Path


def test_a_table_says_what_holds() -> None:
    """
    Each row ends with whether its bound holds, or with nothing where there is none.
    """
    rows = [
        Row("a", "1", "2", "3", True),
        Row("b", "1", "2", "3", False),
        Row("c", "", "", "", None),
    ]

    _, _, good, bad, neither = table(rows).splitlines()

    assert good == "| a | 1 | 2 | 3 | holds |"
    assert bad == "| b | 1 | 2 | 3 | **missed** |"
    assert neither.endswith("|  |")


def test_a_page_keeps_all_but_what_is_between_its_marks(tmp_path: Path) -> None:
    """
    Writing a table again replaces the one of that name and nothing else.
    """
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- a -->\nold\n<!-- /a -->\nbehind <!-- b --><!-- /b -->\n")

    keep("a", "new", page)
    keep("a", "newer", page)

    assert page.read_text() == (
        "before\n<!-- a -->\n\nnewer\n\n<!-- /a -->\nbehind <!-- b --><!-- /b -->\n"
    )
    with pytest.raises(ValueError, match="no marks"):
        keep("c", "text", page)


def test_a_request_is_written_as_it_goes_over_the_wire() -> None:
    """
    The driver sends the method, the token, and a body with its length.
    """
    raw = written({"method": "POST", "path": "/7/", "body": {"a": 1}}, "f00")

    assert raw == (
        b"POST /7/ HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Token f00\r\n"
        b'Content-Type: application/json\r\nContent-Length: 8\r\n\r\n{"a": 1}'
    )


def test_the_large_event_is_what_its_log_adds_up_to() -> None:
    """
    The event that the core is measured with has a log of the size that is claimed.
    """
    ledger, entries = large()

    assert len(entries) == ledger.chain.seq == ENTRIES
    assert replay(entries) == ledger.state
