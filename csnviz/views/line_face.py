"""A line drawing of a resting face that is nobody's: where a face's parts lie in a crop, for pages that show no faces.

Its landmarks are those of `csnviz.faces.average_face`, so that nothing that is drawn can depend on a participant.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image, ImageDraw, ImageFont

from csnviz.faces.average_face import IN_PICTURE, PICTURE_SIZE

SIZE = PICTURE_SIZE
"""Width and height of the picture, as of the pictures of faces."""

_FINER = 3  # drawn so many times larger and made smaller: Pillow's own lines have steps

LANDMARKS: Float[np.ndarray, "68 2"] = IN_PICTURE
"""(x, y) in pixels of the picture, 68-point scheme."""

GROUND, SKIN, INK, SOFT = (222, 228, 235), (247, 249, 251), (62, 74, 89), (150, 161, 174)

_Points = Float[np.ndarray, "_ 2"]


@cache
def plain_face() -> UInt8[np.ndarray, "S S 3"]:
    """The head without features, which lies under the tints."""
    canvas = Image.new("RGB", (SIZE * _FINER, SIZE * _FINER), GROUND)
    draw = ImageDraw.Draw(canvas)
    for ear in (_curve(_EAR, closed=True), mirrored(_curve(_EAR, closed=True))):
        draw.polygon(_fine(ear), fill=SKIN)
    draw.polygon(_fine(_outline()), fill=SKIN)
    return np.asarray(canvas.resize((SIZE, SIZE), Image.Resampling.BOX))


@cache
def inside() -> UInt8[np.ndarray, "S S"]:
    """255 on the head, 0 beside it, between them on its edge."""
    canvas = Image.new("L", (SIZE * _FINER, SIZE * _FINER))
    ImageDraw.Draw(canvas).polygon(_fine(_outline()), fill=255)
    return np.asarray(canvas.resize((SIZE, SIZE), Image.Resampling.BOX))


@cache
def lines() -> Image.Image:
    """The features as ink of varying strength on nothing (RGBA), which lies over the tints."""
    canvas = Image.new("RGBA", (SIZE * _FINER, SIZE * _FINER), (*INK, 0))
    draw = ImageDraw.Draw(canvas)
    for points, width, colour in _strokes():
        for side in (points, mirrored(points)):
            _stroke(draw, side, width, colour)
    for points in (LANDMARKS[17:22], LANDMARKS[22:27][::-1]):
        draw.polygon(_fine(_brow(points)), fill=(*INK, 255))
    for centre in (108.0, SIZE - 108.0):
        for radius, colour in ((8.2, INK), (6.6, SOFT), (3.4, INK)):
            draw.ellipse(_fine_circle(centre, 107.0, radius), fill=(*colour, 255))
    return canvas.resize((SIZE, SIZE), Image.Resampling.LANCZOS)


def mirrored(points: _Points) -> _Points:
    """The same points in the other half of the face."""
    return points * (-1.0, 1.0) + (SIZE, 0.0)


def write_below(picture: Image.Image, beginning: str, end: str = "") -> None:
    """Writes into the free corners beside the chin: lines at the image's left, and at its right."""
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(12)
    for words, anchor, x in ((beginning, "ld", 10), (end, "rd", SIZE - 10)):
        # Pillow refuses to anchor several lines below, so each is set by itself.
        for above, line in enumerate(reversed(words.split("\n"))):
            draw.text((x, SIZE - 9 - 15 * above), line, fill=(84, 97, 112), font=font, anchor=anchor)


_EAR = ((42, 108), (31, 104), (25, 118), (27, 142), (33, 163), (43, 168))


def _outline() -> _Points:
    """The jaw, and above it a crown that the picture does not cut off."""
    crown = ((291, 76), (272, 42), (232, 18), (168, 9), (104, 18), (64, 42), (45, 76))
    return _curve((*LANDMARKS[:17].tolist(), *crown), closed=True)


def _strokes() -> list[tuple[_Points, float, tuple[int, int, int]]]:
    """Lines of the image's left half (some cross the middle): points, width in pixels, colour. The other half mirrors them."""
    lid_above, lid_below = (
        ((76, 108), (88, 100), (104, 96), (122, 100), (139, 114)),
        ((78, 109), (98, 117), (118, 118), (138, 114)),
    )
    crease = ((80, 97), (96, 90), (114, 90), (131, 98))
    wing = ((152, 186), (145, 194), (146, 204), (153, 206))
    nostril = ((153, 206), (158, 203), (163, 208), (168, 209))
    ridge = ((156, 122), (158, 146), (157, 170))
    furrow = ((141, 205), (128, 219), (115, 235))
    philtrum = ((163, 216), (162, 229))
    above = ((121, 248), (138, 241), (156, 236), (163, 237), (168, 240))
    between = ((121, 248), (136, 247), (152, 246.5), (168, 248))
    below = ((126, 251), (140, 261), (155, 265), (168, 266))
    chin = ((150, 281), (168, 277), (168, 277))
    return [
        (_outline(), 2.4, INK),
        (_curve(_EAR), 2.0, INK),
        (_curve(((36, 120), (32, 130), (36, 146))), 1.4, SOFT),
        (_curve(lid_above), 3.0, INK),
        (_curve(lid_below), 1.5, INK),
        (_curve(crease), 1.4, SOFT),
        (_curve(ridge), 1.4, SOFT),
        (_curve(wing), 2.0, INK),
        (_curve(nostril), 2.0, INK),
        (_curve(furrow), 1.4, SOFT),
        (_curve(philtrum), 1.3, SOFT),
        (_curve(above), 1.7, INK),
        (_curve(between), 2.4, INK),
        (_curve(below), 1.7, INK),
        (_curve(chin), 1.4, SOFT),
    ]


def _brow(middle: _Points) -> _Points:
    """A brow that tapers outwards, from its middle line (outer end first)."""
    line = _curve(middle.tolist())
    thick = np.interp(np.linspace(0, 1, len(line)), (0, 0.55, 1), (0.6, 4.2, 4.6))[:, None] * (0.0, 1.0)
    return np.concatenate((line - thick, (line + thick * 0.75)[::-1]))


def _curve(through: Sequence[Sequence[float | int]], closed: bool = False, steps: int = 16) -> _Points:
    """A smooth line through the points (Catmull and Rom's)."""
    points = np.array(through, dtype=np.float64)
    around = (points[-1:], points[:2]) if closed else (2 * points[:1] - points[1:2], 2 * points[-1:] - points[-2:-1])
    p = np.concatenate((around[0], points, around[1]))
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    parts = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(p[:-3], p[1:-2], p[2:-1], p[3:], strict=True)
    ]
    return np.concatenate((*parts, points[:1] if closed else points[-1:]))


def _stroke(draw: ImageDraw.ImageDraw, points: _Points, width: float, colour: tuple[int, int, int]) -> None:
    draw.line(_fine(points), fill=(*colour, 255), width=round(width * _FINER), joint="curve")
    for x, y in (points[0], points[-1]):  # round ends
        draw.ellipse(_fine_circle(x, y, width / 2), fill=(*colour, 255))


def _fine(points: _Points) -> list[tuple[float, float]]:
    return [(float(x) * _FINER, float(y) * _FINER) for x, y in points]


def _fine_circle(x: float, y: float, radius: float) -> tuple[float, float, float, float]:
    return ((x - radius) * _FINER, (y - radius) * _FINER, (x + radius) * _FINER, (y + radius) * _FINER)
