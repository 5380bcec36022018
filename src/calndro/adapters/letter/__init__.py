"""
What a notice looks like as a mail; every way of sending letters shares it.
"""

from __future__ import annotations

from calndro.adapters.letter.message import Invite, Letterhead, Origin, octets, postal, write


__all__ = ["Invite", "Letterhead", "Origin", "octets", "postal", "write"]
