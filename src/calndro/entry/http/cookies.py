"""
The cookie of a session: signed, so that only what was given out is ever looked up.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from itsdangerous import BadSignature, Signer


if TYPE_CHECKING:
    from datetime import timedelta

    from starlette.requests import Request
    from starlette.responses import Response


_SALT: Final = "calndro.session"


class SessionCookie:
    """
    Writes and reads the cookie; what it holds means nothing without the database.

    Args:
        key: Signs it.
        life: How long a browser keeps it.
        secure: Whether people reach the server by https.
    """

    def __init__(self, key: str, life: timedelta, *, secure: bool) -> None:
        self._signer = Signer(key, _SALT, key_derivation="hmac", digest_method=sha256)
        self._life = int(life.total_seconds())
        self._secure = secure
        self.name = "__Host-calndro" if secure else "calndro"

    def read(self, request: Request) -> str:
        """
        Read the text of the session; empty when there is none that we have signed.
        """
        signed = request.cookies.get(self.name)
        if signed is None:
            return ""
        try:
            return self._signer.unsign(signed).decode("ascii")
        except (BadSignature, UnicodeDecodeError):
            return ""

    def give(self, response: Response, text: str) -> None:
        """
        Hand a session to the browser.
        """
        response.set_cookie(
            self.name,
            self._signer.sign(text).decode("ascii"),
            max_age=self._life,
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )

    def take(self, response: Response) -> None:
        """
        Have the browser forget it.
        """
        response.delete_cookie(self.name, secure=self._secure, httponly=True, samesite="lax")
