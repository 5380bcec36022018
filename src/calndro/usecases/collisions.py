"""
Once more: whoever met another in the database and gave way does all of it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from calndro.core.errors import CollisionError
from calndro.core.retrying import RetryPolicy, pause


if TYPE_CHECKING:
    from collections.abc import Callable

    from calndro.usecases.services import Services

UseCase = TypeVar("UseCase", bound="Callable[..., Any]")


# Anything from nothing to twice the pause, so that those who met do not meet again.
PAUSES: Final = RetryPolicy(
    pauses=tuple(timedelta(milliseconds=min(5 * 2**n, 320)) for n in range(10)),
    spread=100,
)
"""How long one waits after each collision; one more is the last."""


def retry_on_collision(use_case: UseCase) -> UseCase:
    """
    Do a use case again from its start, after a pause, when it collides.

    It must do nothing outside of its one transaction that can't be done twice. An iterator
    given to it is read before the first attempt.

    Raises:
        CollisionError: It has collided each time.
    """

    @wraps(use_case)
    def persistent(services: Services, *args: Any, **kwargs: Any) -> Any:
        given = [repeatable(each) for each in args]
        named = {name: repeatable(each) for name, each in kwargs.items()}
        for attempt in range(len(PAUSES.pauses)):
            try:
                return use_case(services, *given, **named)
            except CollisionError:
                chance = int.from_bytes(services.secrets.draw(2), "big")
                services.rest(pause(PAUSES, attempt, chance))
        return use_case(services, *given, **named)

    return cast("UseCase", persistent)


def repeatable(value: Any) -> Any:
    """
    Make of an iterator what can be read once more; anything else stays as it is.
    """
    return tuple(value) if isinstance(value, Iterator) else value
