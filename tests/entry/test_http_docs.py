from __future__ import annotations

import json
import re
from hashlib import sha256

import pytest

from calndro.entry.http.assets import FOLDER
from calndro.entry.http.docs import FILES
from tests.entry.http_site import Site


def test_what_others_made_is_as_it_came() -> None:
    """
    Every vendored file has the checksum of the manifest and brings its licence.
    """
    packages = json.loads((FOLDER / "vendored.json").read_text())["packages"]
    for package in packages:
        folder = FOLDER / package["folder"]
        found = {each.name: sha256(each.read_bytes()).hexdigest() for each in folder.iterdir()}
        assert found == package["sha256"]
        assert package["version"]
        assert package["licence"] == "Apache-2.0"
        assert "Apache License" in (folder / "LICENSE").read_text()

    folders = {each.name for each in FOLDER.iterdir() if each.is_dir()}
    assert folders == {package["folder"] for package in packages}


def test_the_page_refers_to_nothing_outside() -> None:
    """
    What the page loads stands beside it, and none of its script or style is inline.
    """
    site = Site()
    page = site.ask("GET", "/docs/").text
    referred = re.findall(r'(?:src|href)="([^"]+)"', page)

    assert len(referred) > 4
    for each in set(referred) - {"data:,", "../openapi"}:
        assert site.ask("GET", f"/docs/{each}").status_code == 200
    assert re.findall(r"<script>|<style|style=|\son\w+=|//", page) == []


def test_the_docs_have_their_own_policy() -> None:
    """
    Scripts come from this server only, styles may be inline under /docs/ alone.
    """
    site = Site()
    policy = site.ask("GET", "/docs/").headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "style-src 'self' 'unsafe-inline';" in policy
    assert "unsafe" not in site.ask("GET", "/healthz").headers["Content-Security-Policy"]


def test_the_docs_are_for_anyone() -> None:
    """
    The page needs no credentials, and has statuses as any other address.
    """
    site = Site()

    assert site.ask("GET", "/docs").headers["Location"] == "/docs/"
    assert site.ask("GET", "/docs/").headers["Content-Type"] == "text/html; charset=utf-8"
    assert site.ask("POST", "/docs/").status_code == 405
    for path in ("/docs/../app.py", "/docs/vendored.json", "/docs/a/b"):
        assert site.ask("GET", path).status_code == 404


@pytest.mark.parametrize(
    ("known", "status"),
    [
        ("{tag}", 304),
        ("W/{tag}", 304),
        ('"x,y", W/{tag}', 304),
        ("*", 304),
        ('"x"', 200),
        ('{tag} "x"', 200),
        ("", 200),
    ],
)
def test_what_one_has_is_named_as_one_likes(known: str, status: int) -> None:
    """
    A tag may be weak, or stand among others, in one line or two; either form has the same.
    """
    site = Site()
    sent = site.ask("GET", "/page.css", headers={"Accept-Encoding": "gzip"}).headers["ETag"]
    tag = sent.removeprefix("W/")
    two = [("If-None-Match", '"x"'), ("If-None-Match", tag)]

    assert sent.startswith('W/"')
    asked = {"If-None-Match": known.format(tag=tag)}
    assert site.ask("GET", "/page.css", headers=asked).status_code == status
    assert site.ask("GET", "/page.css", headers=two).status_code == 304


@pytest.mark.parametrize(
    ("accepted", "is_packed"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("*", True),
        ("gzip;q=0", False),
        ("*;q=1, gzip;q=0.0", False),
        ("br", False),
        ("", False),
    ],
)
def test_only_who_takes_gzip_gets_it(accepted: str, is_packed: bool) -> None:
    """
    Files and pages are compressed for who takes that, and not for who refuses it by q=0.
    """
    site = Site()
    for path in ("/page.css", "/login/"):
        answer = site.ask("GET", path, headers={"Accept-Encoding": accepted})
        assert ("Content-Encoding" in answer.headers) is is_packed


def test_assets_are_sent_once() -> None:
    """
    Who has a file is told that nothing is new; large ones go compressed to who takes that.
    """
    site = Site()
    path = "/docs/swagger-ui-bundle.js"
    plain = site.ask("GET", path, headers={"Accept-Encoding": "identity"})
    packed = site.ask("GET", path, headers={"Accept-Encoding": "gzip"})
    again = site.ask("GET", path, headers={"If-None-Match": plain.headers["ETag"]})

    assert plain.content == packed.content == (FOLDER / FILES["swagger-ui-bundle.js"]).read_bytes()
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) < len(plain.content) // 3
    assert plain.headers["Cache-Control"] == "public, max-age=3600"
    assert (again.status_code, again.content) == (304, b"")
