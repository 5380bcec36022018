"""
The description of this interface for people: Swagger UI, nothing of it from elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException
from starlette.routing import Mount, Route

from calndro.entry.http.assets import serve
from calndro.entry.http.routes import allowed, tell_allowed


if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


# Swagger UI sets styles on its elements, and draws with images that are in its style sheet.
CONTENT_SECURITY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
METHODS: Final = allowed(["GET"])
FILES: Final = {
    "": "docs.html",
    "docs.css": "docs.css",
    "docs.js": "docs.js",
    "swagger-ui-bundle.js": "swagger-ui/swagger-ui-bundle.js",
    "swagger-ui.css": "swagger-ui/swagger-ui.css",
}


async def show(request: Request) -> Response:
    """
    Serve the page, or a file that it needs.
    """
    name = request.path_params["name"]
    if name not in FILES:
        raise HTTPException(404, "there is nothing at this address")
    if request.method == "OPTIONS":
        return tell_allowed(METHODS)
    return serve(request, FILES[name], {"Content-Security-Policy": CONTENT_SECURITY})


def docs() -> Mount:
    """
    Make what stands under ``/docs/``.
    """
    return Mount("/docs", routes=[Route("/{name:path}", show, methods=METHODS)])
