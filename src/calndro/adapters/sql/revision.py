"""
The revision of the schema that this program works with, and where a database keeps its own.
"""

from __future__ import annotations

from typing import Final


HEAD: Final = "0001"
"""The revision that this program works with."""

VERSION_TABLE: Final = "calndro_version"
"""The table whose one row and column, ``version_num``, tells the revision of a database."""
