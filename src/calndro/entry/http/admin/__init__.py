"""
The pages for staff: plain HTML without scripts, over the use cases.
"""

from __future__ import annotations

from calndro.entry.http.admin.routes import admin


__all__ = ["admin"]
