"""
Every coordinator fits its port.
"""

from __future__ import annotations

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from calndro.adapters.http_client import HttpCoordinator
    from calndro.entry.local import LocalCoordinator
    from calndro.ports.coordinator import Coordinator


def coordinators(local: LocalCoordinator, remote: HttpCoordinator) -> list[Coordinator]:
    """
    Assign each to the port.
    """
    return [local, remote]
