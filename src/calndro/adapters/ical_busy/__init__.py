"""
When somebody is busy, read from a calendar file.

``texts`` leaves out of a file what can't matter, ``following`` reads the rest.
"""

from __future__ import annotations

from calndro.adapters.ical_busy.following import busy, read_file


__all__ = ["busy", "read_file"]
