"""
The HTTP front end: ``create_app`` makes the application for any ASGI server.
"""

from __future__ import annotations

from calndro.entry.http.app import HttpTerms, create_app


__all__ = ["HttpTerms", "create_app"]
