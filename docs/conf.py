"""
How Sphinx builds these pages: ``make docs``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sphinx.errors import SphinxError

import calndro


if TYPE_CHECKING:
    from sphinx.application import Sphinx


project = "calndro"
author = "calndro contributors"
release = calndro.__version__

extensions = ["myst_parser"]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
# A shell session of ours shows what it prints, which no lexer has to understand.
suppress_warnings = ["misc.highlighting_failure"]

html_theme = "furo"
html_title = f"calndro {release}"
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False
exclude_patterns = ["_build", "pictures/**/*.md"]

LOADED: Final = re.compile(
    r"""<(?:script|img|iframe|source)\b[^>]*\bsrc=["'](?:https?:)?//"""
    r"""|<link\b[^>]*\brel=["'](?:stylesheet|preload|preconnect|icon)["'][^>]*\bhref="""
    r"""["'](?:https?:)?//|@import\s+url\(["']?(?:https?:)?//"""
)
"""What makes a browser ask another host; links that a reader may follow do not."""


def refuse_outside(app: Sphinx, exception: Exception | None) -> None:
    """
    End the build when a page would load something from another host.

    Raises:
        SphinxError: It names the pages.
    """
    if exception is not None or app.builder.format != "html":
        return
    pages = sorted(Path(app.outdir).rglob("*.html")) + sorted(Path(app.outdir).rglob("*.css"))
    found = [page.name for page in pages if LOADED.search(page.read_text(encoding="utf-8"))]
    if found:
        raise SphinxError(f"loads from another host: {', '.join(found)}")


def setup(app: Sphinx) -> None:
    """
    Look at what was built.
    """
    app.connect("build-finished", refuse_outside)
