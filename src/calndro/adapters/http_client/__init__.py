"""
Working at a server somewhere, over HTTP.
"""

from __future__ import annotations

from calndro.adapters.http_client.accounts import HttpAccounts
from calndro.adapters.http_client.coordinator import HttpCoordinator


__all__ = ["HttpAccounts", "HttpCoordinator"]
