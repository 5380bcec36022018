"""
The pages behind the link: what guests and those who have signed in do with a browser.
"""

from __future__ import annotations

from calndro.entry.http.guests.routing import FORMS, routes_to


__all__ = ["FORMS", "routes_to"]
