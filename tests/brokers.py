"""
The brokers that the tests use.
"""

from __future__ import annotations

from typing import Final

import pytest
from kombu import Connection
from kombu.exceptions import OperationalError

from tests.patience import PATIENCE
from tests.surroundings import GIVEN, SERVICES_ARE_REQUIRED


BROKERS: Final = {
    "redis": "redis://127.0.0.1:6379/13",
    "rabbitmq": "amqp://guest:guest@127.0.0.1:5672//",
}
"""Where each is, unless CALNDRO_TEST_REDIS_URL or CALNDRO_TEST_RABBITMQ_URL says otherwise."""


def broker_at(kind: str) -> str:
    """
    Name a broker that answers, or say that there is none.
    """
    url = GIVEN.get(f"CALNDRO_TEST_{kind.upper()}_URL", BROKERS[kind])
    if url and _answers(url):
        return url
    reason = f"no {kind} at {url}"
    if SERVICES_ARE_REQUIRED:
        pytest.fail(reason)
    pytest.skip(reason)


def _answers(url: str) -> bool:
    try:
        with Connection(url, connect_timeout=PATIENCE) as connection:
            connection.ensure_connection(max_retries=1)
    except OperationalError:
        return False
    return True
