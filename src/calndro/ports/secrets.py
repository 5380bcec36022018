"""
The ports to what must not be guessed: randomness and password hashing.
"""

from __future__ import annotations

from typing import Protocol


class Secrets(Protocol):
    """
    Draws what nobody can predict.
    """

    def draw(self, size: int) -> bytes:
        """
        Draw *size* random bytes, fit for tokens, salts and identities.
        """
        ...


class Passwords(Protocol):
    """
    Hashes passwords so that they can be checked and not read.
    """

    def hash(self, password: str) -> str:
        """
        Hash a password with a salt of its own; the text holds all that a check needs.
        """
        ...

    def verify(self, hashed: str | None, password: str) -> bool:
        """
        Check a password.

        Args:
            hashed: What ``hash`` returned; None for an account that has none or does
                not exist, which takes as long and is never true.
            password: What somebody typed.
        """
        ...

    def recalls(self, hashed: str | None, password: str) -> bool:
        """
        Tell at once whether this pair was verified a moment ago; False when in doubt.
        """
        ...

    def is_outdated(self, hashed: str) -> bool:
        """
        Tell whether a hash was made in a weaker way than new ones are.
        """
        ...
