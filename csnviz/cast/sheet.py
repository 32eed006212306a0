"""Pictures laid out on a white page, with captions: what the sheets of the cast are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw, ImageFont

GUTTER, MARGIN = 4, 16
_BETWEEN_GROUPS = 12
_LEFT = 138
"""Width of the captions beside the rows, where there are any."""
_TITLE, _CAPTION, _SMALL = 22, 15, 13
_LINE = 1.3
"""From one line of text to the next, in sizes of the letters."""
_INK = (34, 34, 34)


@dataclass(frozen=True)
class Page:
    """Rows of square pictures, all of one size. Empty captions take no room.

    columns: what stands above each column; rows: what stands to the left of each row; below: what stands under each
    picture. A line break in a caption is kept. Every `together` columns a wider gap follows.
    """

    title: str
    columns: Sequence[str] = ()
    rows: Sequence[str] = ()
    below: Sequence[Sequence[str]] = ()
    together: int = 0
    pictures: Sequence[Sequence[UInt8[np.ndarray, "S S 3"]]] = ()


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _wrapped(text: str, width: int, size: int) -> list[str]:
    """The lines of a caption, none wider than the room for it unless one word is."""
    lines = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}".strip()
            if line and _font(size).getlength(longer) > width:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return lines


def _height(captions: Sequence[str], width: int, size: int) -> int:
    most = max((len(_wrapped(caption, width, size)) for caption in captions if caption), default=0)
    return round(most * size * _LINE) + (4 if most else 0)


@dataclass(frozen=True)
class _Places:
    """Where everything of a page goes, in pixels."""

    side: int
    xs: tuple[int, ...]
    ys: tuple[int, ...]
    heads: int  # top of the captions above the columns
    width: int
    height: int


def _places(page: Page) -> _Places:
    side, n_columns = len(page.pictures[0][0]), max(len(row) for row in page.pictures)
    left = MARGIN + (_LEFT if any(page.rows) else 0)
    gaps = [_BETWEEN_GROUPS if page.together and i and i % page.together == 0 else 0 for i in range(n_columns)]
    xs = [left + i * (side + GUTTER) + sum(gaps[: i + 1]) for i in range(n_columns)]
    heads = MARGIN + round(_TITLE * _LINE) + 8
    y, ys = heads + _height(page.columns, side, _CAPTION), []
    for index in range(len(page.pictures)):
        ys.append(y)
        y += side + GUTTER + (_height(page.below[index], side - 8, _SMALL) + 6 if page.below else 0)
    return _Places(side, tuple(xs), tuple(ys), heads, xs[-1] + side + MARGIN, y - GUTTER + MARGIN)


def lay(page: Page) -> Image.Image:
    """The page as a picture."""
    at = _places(page)
    sheet = Image.new("RGB", (at.width, at.height), "white")
    pen = ImageDraw.Draw(sheet)

    def write(text: str, x: int, y: int, width: int, size: int) -> None:
        for index, line in enumerate(_wrapped(text, width, size)):
            pen.text((x, y + index * size * _LINE), line, _INK, _font(size))

    write(page.title, MARGIN, MARGIN, at.width - 2 * MARGIN, _TITLE)
    for x, caption in zip(at.xs, page.columns, strict=False):
        write(caption, x, at.heads, at.side, _CAPTION)
    for y, caption in zip(at.ys, page.rows, strict=False):
        write(caption, MARGIN, y, _LEFT - 8, _CAPTION)
    for i, (y, pictures) in enumerate(zip(at.ys, page.pictures, strict=True)):
        for j, (x, picture) in enumerate(zip(at.xs, pictures, strict=False)):
            sheet.paste(Image.fromarray(picture), (x, y))
            if page.below:
                write(page.below[i][j], x, y + at.side + 3, at.side - 8, _SMALL)
    return sheet


def save_sheet(page: Page, path: Path) -> None:
    """Lays the page and writes it as a progressive JPEG file: small, and legible while it loads."""
    lay(page).save(path, "JPEG", quality=85, progressive=True, optimize=True)
