"""
Files that are served as they are, each from this package.
"""

from __future__ import annotations

from functools import cache
from gzip import compress
from hashlib import sha256
from importlib.resources import files
from mimetypes import guess_type
from typing import TYPE_CHECKING, Final

import attrs
from starlette.responses import Response

from calndro.entry.http.negotiation import takes_gzip
from calndro.entry.http.tags import ANY, Tag, read_tags


if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request


FOLDER: Final = files("calndro.entry.http") / "static"

_KEPT: Final = "public, max-age=3600"
_WORTH_COMPRESSING: Final = 1000


@attrs.frozen
class Asset:
    """
    One file.

    Args:
        body: What is in it.
        compressed: The same in gzip's form; None when it is too small to gain.
        kind: Its media type.
        tag: Names this content, in either form: so it is weak.
    """

    body: bytes
    compressed: bytes | None
    kind: str
    tag: Tag


@cache
def read_asset(path: str) -> Asset:
    """
    Read a file once.

    Args:
        path: Below the folder of this package, never from outside.
    """
    body = (FOLDER / path).read_bytes()
    compressed = compress(body, mtime=0) if len(body) > _WORTH_COMPRESSING else None
    kind = guess_type(path)[0] or "application/octet-stream"
    return Asset(body, compressed, kind, Tag(sha256(body).hexdigest()[:32], is_weak=True))


def serve(request: Request, path: str, headers: Mapping[str, str]) -> Response:
    """
    Answer with a file, or with nothing new to who has it.

    Args:
        request: Its headers say what the client has and takes.
        path: Of the file.
        headers: What the answer says beside it.
    """
    asset = read_asset(path)
    said = {"Cache-Control": _KEPT, "ETag": str(asset.tag), "Vary": "Accept-Encoding", **headers}
    if _has(request, asset.tag):
        return Response(status_code=304, headers=said)
    body = asset.body
    if asset.compressed is not None and takes_gzip(request):
        body, said["Content-Encoding"] = asset.compressed, "gzip"
    return Response(body, headers=said, media_type=asset.kind)


def lightened(request: Request, answer: Response) -> Response:
    """
    Compress a page for who takes it so.

    Args:
        request: Its headers say what the client takes.
        answer: The whole of it in one piece; it says what it varies with. What is secret in it
            must be masked, since how well it is compressed tells of it.
    """
    if len(answer.body) <= _WORTH_COMPRESSING:
        return answer
    answer.headers["Vary"] = f"{answer.headers['Vary']}, Accept-Encoding"
    if takes_gzip(request):
        answer.body = compress(answer.body, mtime=0)
        answer.headers["Content-Encoding"] = "gzip"
        answer.headers["Content-Length"] = str(len(answer.body))
    return answer


def _has(request: Request, tag: Tag) -> bool:
    """
    Tell whether a client has what a tag names; weak or not makes no difference.

    Source: RFC 9110, section 13.1.2.
    """
    lines = request.headers.getlist("if-none-match")
    return lines == [ANY] or any(tag.text == each.text for each in read_tags(lines) or ())
