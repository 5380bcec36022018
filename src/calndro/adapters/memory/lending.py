"""
What a unit of work in memory is lent: dictionaries that it changes as long as it may.
"""

from __future__ import annotations

from typing import Any, TypeVar

import attrs

from calndro.core.errors import StorageError


K = TypeVar("K")
V = TypeVar("V")


@attrs.define
class Permission:
    """
    Whether a unit of work may write.

    Args:
        why_not: Empty while it may.
    """

    why_not: str = ""

    def check(self) -> None:
        """
        Refuse what it may not.

        Raises:
            StorageError: It may not write.
        """
        if self.why_not:
            raise StorageError(self.why_not)


class LentDictionary(dict[K, V]):
    """
    A copy of a dictionary, changed only while that is permitted.

    Args:
        items: Which are copied.
        permission: Asked at each change.
    """

    def __init__(self, items: dict[K, V], permission: Permission) -> None:
        super().__init__(items)
        self._permission = permission

    def __setitem__(self, key: K, value: V) -> None:
        self._permission.check()
        super().__setitem__(key, value)

    def __delitem__(self, key: K) -> None:
        self._permission.check()
        super().__delitem__(key)

    def setdefault(self, key: K, default: Any = None) -> Any:
        self._permission.check()
        return super().setdefault(key, default)

    def pop(self, key: K, *default: Any) -> Any:
        self._permission.check()
        return super().pop(key, *default)
