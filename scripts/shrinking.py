"""
Makes pictures of pages small: a few colours, which is all that a page has.
"""

from __future__ import annotations

import struct
import zlib
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser


COLOURS = 48

# The browser knows how to read a picture; the most frequent colours stand for all others.
_COUNT = """async ([source, most]) => {
  const image = new Image();
  image.src = source;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const drawing = canvas.getContext("2d");
  drawing.drawImage(image, 0, 0);
  const dots = drawing.getImageData(0, 0, image.width, image.height).data;
  const counts = new Map();
  for (let at = 0; at < dots.length; at += 4) {
    const colour = (dots[at] << 16) | (dots[at + 1] << 8) | dots[at + 2];
    counts.set(colour, (counts.get(colour) || 0) + 1);
  }
  const apart = (one, other) => [16, 8, 0].reduce(
    (sum, bits) => sum + (((one >> bits) & 255) - ((other >> bits) & 255)) ** 2, 0);
  const chosen = [];
  for (const [colour] of [...counts].sort((one, other) => other[1] - one[1])) {
    if (chosen.length < most && chosen.every((each) => apart(each, colour) > 40)) {
      chosen.push(colour);
    }
  }
  const places = new Map([...counts.keys()].map((colour) => [colour, chosen.reduce(
    (best, each, place) => apart(each, colour) < apart(chosen[best], colour) ? place : best, 0)]));
  const rows = new Uint8Array((image.width + 1) * image.height);
  for (let dot = 0; dot < image.width * image.height; dot += 1) {
    const at = dot * 4;
    const colour = (dots[at] << 16) | (dots[at + 1] << 8) | dots[at + 2];
    rows[dot + Math.floor(dot / image.width) + 1] = places.get(colour);
  }
  let text = "";
  for (let at = 0; at < rows.length; at += 32768) {
    text += String.fromCharCode(...rows.subarray(at, at + 32768));
  }
  return [image.width, image.height, chosen, btoa(text)];
}"""


def keep(browser: Browser, picture: bytes, path: Path) -> None:
    """
    Write a picture with few colours.

    Args:
        browser: Reads it.
        picture: A PNG.
        path: Where it goes, as a PNG again.
    """
    page = browser.new_page()
    source = f"data:image/png;base64,{b64encode(picture).decode()}"
    width, height, colours, rows = page.evaluate(_COUNT, [source, COLOURS])
    page.close()
    palette = b"".join(colour.to_bytes(3, "big") for colour in colours)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0))
        + _chunk(b"PLTE", palette)
        + _chunk(b"IDAT", zlib.compress(b64decode(rows), 9))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )
