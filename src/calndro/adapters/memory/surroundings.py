"""
Clock, randomness, passwords and carrier in memory: under the control of a test.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from threading import Lock
from typing import TYPE_CHECKING, Self


if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from calndro.core.dispatch import Dispatch
    from calndro.core.errors import DeliveryError
    from calndro.core.limit import Limit
    from calndro.ports.clock import Clock


class MemoryNotifier:
    """
    Keeps what it is given; fails as it is told.

    Args:
        failures: Raised one after the other instead of taking a letter.
    """

    def __init__(self, failures: Sequence[DeliveryError] = ()) -> None:
        self.delivered: list[Dispatch] = []
        self.failures = list(failures)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    def deliver(self, dispatch: Dispatch) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.delivered.append(dispatch)


class MemoryClock:
    """
    Stands where it is put.

    Args:
        instant: What it shows; aware.
    """

    def __init__(self, instant: datetime = datetime(2026, 11, 23, 9, tzinfo=UTC)) -> None:
        self.instant = instant

    def now(self) -> datetime:
        return self.instant

    def advance(self, by: timedelta) -> None:
        """
        Move it on, or back.
        """
        self.instant += by


class MemoryLimiter:
    """
    Counts in lists.

    Args:
        clock: Tells the time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counted: dict[tuple[str, str], list[datetime]] = {}
        self._lock = Lock()

    def wait(self, limit: Limit, key: str) -> int:
        now = self._clock.now()
        counted = self._counted.get((limit.what, key), [])
        inside = sorted(each for each in counted if now - each < limit.window)
        if len(inside) < limit.most:
            return 0
        ready = inside[len(inside) - limit.most] + limit.window
        return max(1, -(-(ready - now) // timedelta(seconds=1)))

    def count(self, limit: Limit, key: str) -> bool:
        with self._lock:
            is_allowed = not self.wait(limit, key)
            if is_allowed:
                self._counted.setdefault((limit.what, key), []).append(self._clock.now())
            return is_allowed


class MemorySecrets:
    """
    Draws the same bytes in every run: never for real secrets.
    """

    def __init__(self, seed: bytes = b"calndro") -> None:
        self._seed = seed
        self._drawn = 0

    def draw(self, size: int) -> bytes:
        self._drawn += 1
        block = sha256(self._seed + self._drawn.to_bytes(8, "big")).digest()
        return (block * (size // len(block) + 1))[:size]


class MemoryPasswords:
    """
    Hashes fast and weakly: never for real passwords.
    """

    def hash(self, password: str) -> str:
        return "weak:" + sha256(password.encode(errors="surrogatepass")).hexdigest()

    def verify(self, hashed: str | None, password: str) -> bool:
        return hashed is not None and compare_digest(hashed, self.hash(password))

    def recalls(self, hashed: str | None, password: str) -> bool:  # noqa: ARG002  it forgets
        return False

    def is_outdated(self, hashed: str) -> bool:
        return not hashed.startswith("weak:")
