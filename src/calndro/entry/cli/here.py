"""
The desk of commands that work on a database itself, whatever server is configured.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from calndro.entry.cli.asked import asked
from calndro.entry.cli.session import login_address, settings_here
from calndro.entry.wiring import open_desk, open_services


if TYPE_CHECKING:
    from collections.abc import Iterator

    from typer._click import Context

    from calndro.entry.local import LocalCoordinator


@contextmanager
def desk_here(ctx: Context) -> Iterator[LocalCoordinator]:
    """
    Act on the database with staff rights.

    Raises:
        SettingsError, InvalidInputError, StorageError: It can't be opened, or one works at a
            server.
    """
    settings = settings_here(asked(ctx))
    with open_services(settings, sys.stderr) as services:
        yield open_desk(services, settings, settings.user or login_address(), staff=True)
