"""
Ports for those who must know where they will listen before they do.
"""

from __future__ import annotations

import socket
from typing import Final


HERE: Final = "127.0.0.1"

_NUMBERS: Final = iter(range(20_000, 32_768))
"""Below those from which Linux and macOS take one for who listens at any port, or calls."""

_HELD: Final[list[socket.socket]] = []


def free_port() -> int:
    """
    Find a port that is free, and ours as long as this process lives.

    One that the system has chosen and got back may be the next that it chooses for somebody
    else. It chooses none of these, and two of us have never the same: each holds the UDP port
    of the same number.
    """
    for number in _NUMBERS:
        held = socket.socket(type=socket.SOCK_DGRAM)
        try:
            held.bind((HERE, number))
            socket.create_server((HERE, number)).close()
        except OSError:
            held.close()
        else:
            _HELD.append(held)
            return number
    raise AssertionError("no port is free")
