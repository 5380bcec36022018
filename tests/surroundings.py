"""
What whoever runs the tests has chosen for them, read before it is hidden from programs.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any, Final


GIVEN: Final[dict[str, str]] = {
    name: value for name, value in os.environ.items() if name.startswith("CALNDRO_")
}
"""The environment's CALNDRO_ variables as they were before the first test."""

USUAL_SERVERS: Final = {
    "postgres": "postgresql+psycopg://postgres@127.0.0.1:5432/postgres",
    "mariadb": "mariadb+pymysql://root@127.0.0.1:3306",
}
"""Where a server of each kind is looked for when none is named."""

SERVICES_ARE_REQUIRED: Final = GIVEN.get("CALNDRO_REQUIRE_SERVICES") == "1"
"""Whether a missing service is a failure and not a skip."""


def named_by(variable: str) -> Any:
    """
    Load what somebody outside wants to be tested, named as ``module:name``; None unless given.
    """
    module, _, name = GIVEN.get(variable, "").partition(":")
    return getattr(import_module(module), name) if module else None
