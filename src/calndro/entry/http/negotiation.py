"""
What the headers that begin with Accept ask for.

Source: RFC 9110, sections 12.5.1 and 12.5.3.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from calndro.entry.http.bodies import JSON


if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request


HTML: Final = "text/html"

_QUALITY: Final = re.compile(r";\s*[qQ]\s*=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\s*(?:;|$)")


def preferred(accept: str, offers: Sequence[str]) -> str | None:
    """
    Choose among the media types on offer.

    Args:
        accept: The header's value, of several lines joined; an empty one takes anything.
        offers: Media types, the server's favourite first.

    Returns:
        The one that the client wants most, the earlier of equals; None if it takes none.
    """
    if not accept.strip():
        return offers[0]
    wanted = dict(_ranges(accept))
    qualities = {offer: _quality(offer, wanted) for offer in offers}
    best = max(offers, key=lambda offer: qualities[offer])
    return best if qualities[best] > 0 else None


def chosen(request: Request, offers: Sequence[str]) -> str | None:
    """
    Choose among the media types on offer for a request, as ``preferred`` does.
    """
    return preferred(", ".join(request.headers.getlist("accept")), offers)


def is_browser(request: Request) -> bool:
    """
    Tell a browser, which would rather have HTML, from an API client, which would not.
    """
    return chosen(request, (JSON, HTML)) == HTML


def takes_gzip(request: Request) -> bool:
    """
    Tell whether an answer may be compressed; who doesn't say so gets it as it is.
    """
    wanted = dict(_ranges(", ".join(request.headers.getlist("accept-encoding"))))
    return wanted.get("gzip", wanted.get("*", 0.0)) > 0


def _ranges(accept: str) -> list[tuple[str, float]]:
    found = []
    for each in accept.split(","):
        kind = each.partition(";")[0].strip().lower()
        quality = _QUALITY.search(each)
        found.append((kind, float(quality[1]) if quality else 1.0))
    return found


def _quality(offer: str, wanted: dict[str, float]) -> float:
    family = offer.partition("/")[0]
    for kind in (offer, f"{family}/*", "*/*"):
        if kind in wanted:
            return wanted[kind]
    return 0.0
