"""
The pages behind the link: what guests and those who have signed in do with a browser.
"""

from __future__ import annotations

from calndro.entry.http.guests.doors import FORMS, open_doors


__all__ = ["FORMS", "open_doors"]
