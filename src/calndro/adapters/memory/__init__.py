"""
Every port in memory: for library users' tests, for a desk that forgets, for a demo.

The same contract suites that check the real adapters check these.
"""

from __future__ import annotations

from calndro.adapters.memory.storage import MemoryStorage, MemoryUnitOfWork
from calndro.adapters.memory.surroundings import (
    MemoryClock,
    MemoryLimiter,
    MemoryNotifier,
    MemoryPasswords,
    MemorySecrets,
)


__all__ = [
    "MemoryClock",
    "MemoryLimiter",
    "MemoryNotifier",
    "MemoryPasswords",
    "MemorySecrets",
    "MemoryStorage",
    "MemoryUnitOfWork",
]
