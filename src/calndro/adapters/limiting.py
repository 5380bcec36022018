"""
Counts in moving windows by the library limits: in this process, or in Redis for several.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from time import time  # noqa: TID251  the library tells instants on this clock
from typing import TYPE_CHECKING, Final

from limits import RateLimitItemPerSecond
from limits.errors import ConcurrentUpdateError, ConfigurationError, StorageError
from limits.storage import RedisStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from calndro.core.errors import InvalidInputError, PortError


if TYPE_CHECKING:
    from collections.abc import Iterator

    from calndro.core.limit import Limit


MEMORY: Final = "memory://"

# What else the library knows raises errors of its own, or counts no moving windows.
_SCHEMES: Final = frozenset({"memory", "redis", "rediss", "redis+unix", "redis+sentinel"})


class WindowLimiter:
    """
    A limiter that counts in memory or in Redis.

    Args:
        url: ``memory://`` or ``redis://host:port/number``.

    Raises:
        InvalidInputError: The URL is no good, an option in it is unknown, or its library is
            not installed.
    """

    def __init__(self, url: str = MEMORY) -> None:
        if url.partition("://")[0] not in _SCHEMES:
            raise _refused("limits can't be counted there")
        try:
            storage = storage_from_string(url, wrap_exceptions=True)
        except (ConfigurationError, ValueError) as error:
            raise _refused(error) from error
        if isinstance(storage, RedisStorage):
            _try_options(storage)
        self._windows = MovingWindowRateLimiter(storage)

    def wait(self, limit: Limit, key: str) -> int:
        item = _item(limit)
        with _translated():
            if self._windows.test(item, limit.what, key):
                return 0
            ready, _ = self._windows.get_window_stats(item, limit.what, key)
        return max(1, math.ceil(ready - time()))

    def count(self, limit: Limit, key: str) -> bool:
        with _translated():
            return self._windows.hit(_item(limit), limit.what, key)


def _try_options(storage: RedisStorage) -> None:
    # Made and not opened: a Redis that is away now may be there when it is needed.
    pool = storage.storage.connection_pool
    try:
        pool.connection_class(**pool.connection_kwargs)
    except TypeError as error:
        raise _refused(error) from error
    except storage.base_exceptions as error:
        raise _refused(error) from error


def _refused(error: Exception | str) -> InvalidInputError:
    return InvalidInputError.of(f"{error}; write memory:// or redis://host:6379/0")


def _item(limit: Limit) -> RateLimitItemPerSecond:
    return RateLimitItemPerSecond(limit.most, limit.seconds, "calndro")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (StorageError, ConcurrentUpdateError) as error:
        raise PortError("the counts of limits can't be reached") from error
