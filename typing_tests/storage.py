"""
Every unit of work fits its port.
"""

from __future__ import annotations

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from calndro.adapters.memory import MemoryStorage
    from calndro.adapters.sql.storage import SqlStorage
    from calndro.ports.storage import UnitOfWork


def units_of_work(memory: MemoryStorage, sql: SqlStorage) -> list[UnitOfWork]:
    """
    Assign each to the port.
    """
    return [memory.unit_of_work(), memory.snapshot(), sql.unit_of_work(), sql.snapshot()]
