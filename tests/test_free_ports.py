"""
Ports are given to one alone.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests import free_ports
from tests.free_ports import HERE, free_port


ROOT = Path(__file__).parents[1]
TELL = "from tests.free_ports import free_port; print(*(free_port() for _ in range(20)))"


def test_no_port_is_given_twice() -> None:
    """
    Neither here nor to another process, which begins at the same number; anybody can listen.
    """
    own = [free_port() for _ in range(20)]
    done = subprocess.run(
        [sys.executable, "-c", TELL], cwd=ROOT, capture_output=True, text=True, check=True
    )
    others = [int(word) for word in done.stdout.split()]

    assert len({*own, *others}) == 40
    for number in own:
        socket.create_server((HERE, number)).close()


def test_a_port_with_somebody_at_it_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Who listens already, and holds nothing, keeps the port.
    """
    with socket.create_server((HERE, 0)) as taken:
        monkeypatch.setattr(free_ports, "_NUMBERS", iter([taken.getsockname()[1]]))
        with pytest.raises(AssertionError, match="no port is free"):
            free_port()
