"""
Reads what the original of calndro was saved in: a fixture, its SQLite file, an SQL dump.
"""

from __future__ import annotations

from calndro.adapters.original.dumps import read_original


__all__ = ["read_original"]
