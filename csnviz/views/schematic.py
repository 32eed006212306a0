"""Pictures for pages that show no faces: nobody's face in lines, tinted where the action units are that the methods see."""

import io
from functools import cache, lru_cache

import numpy as np
from jaxtyping import Float32
from PIL import Image, ImageDraw, ImageFilter

from csnviz.facs import AUSet
from csnviz.views.line_face import SIZE, inside, lines, mirrored, plain_face, write_below
from csnviz.views.viewer import Faces

TINT = np.array((0, 121, 140), dtype=np.float32)
"""A blue-green that no method is drawn in."""

STEP = 0.25
"""Intensities are drawn in steps of this: finer ones nobody sees, and equal pictures are made once."""

_Ellipse = tuple[float | int, float | int, float | int, float | int, float | int]

_WHERE: dict[int, tuple[_Ellipse, ...]] = {
    1: ((146, 54, 21, 17, 0),),
    2: ((84, 53, 25, 17, -12),),
    4: ((168, 76, 19, 20, 0), (140, 80, 16, 9, -8)),
    5: ((107, 93, 29, 9, 0),),
    6: ((88, 152, 34, 22, 18), (60, 112, 12, 17, 0)),
    7: ((107, 119, 29, 9, 4),),
    9: ((168, 128, 17, 20, 0), (150, 162, 10, 26, 8)),
    10: ((147, 223, 17, 13, -24),),
    12: ((113, 229, 17, 25, 36),),
    15: ((114, 269, 15, 17, 14),),
    17: ((168, 300, 36, 19, 0),),
    20: ((94, 253, 18, 15, 0),),
    25: ((168, 251, 44, 13, 0),),
    26: ((168, 311, 58, 18, 0), (88, 268, 24, 17, 52)),
    43: ((107, 106, 33, 15, 4),),
}
"""Where a unit shows, as FACS describes it: ellipses (x, y, half width, half height, turn in degrees clockwise) in pixels of the
drawing, in the image's left half or the middle; the other half mirrors them.

`faces.regions` says the same in landmarks, over which attributions are added up: wide, many of them overlapping, and without
the forehead. Tints of several units at once are told apart only when they are small and lie beside each other."""


def schematic(aus: AUSet, values: Float32[np.ndarray, " A"], chosen: int | None = None) -> bytes:
    """Nobody's face as the bytes of a JPEG, tinted by intensity where each unit is: clear at 0 and below or NaN, full at 5.

    chosen: the AU (a FACS number) that is outlined and hatched; None: none. Equal pictures are the same object.
    """
    steps = np.round(np.clip(np.nan_to_num(values), 0, 5) / STEP).astype(int)
    return _drawn(aus.numbers, tuple(int(step) for step in steps), chosen)


def reference_schematic(words: str = "reference") -> bytes:
    """Nobody's resting face as the bytes of a JPEG, for a reference that is not shown; `words` such as "reference\\nframe 0"."""
    picture = _finished(np.zeros((SIZE, SIZE), np.float32), None)
    write_below(picture, words, "face not\nshown")
    return _jpeg(picture)


def hidden_faces(faces: Faces, aus: AUSet, values: Float32[np.ndarray, "N A"], chosen: int | None = None) -> Faces:
    """The same frames with schematics for pictures; no picture of a face is asked for, now or later.

    values: what to tint by, such as a method's estimates, in the order of the frames; NaN where there is none (yet).
    """

    def picture(place: int) -> bytes:
        return schematic(aus, values[place], chosen)

    # Made anew rather than changed, so that nothing that shows a face can come along.
    return Faces(faces.numbers, faces.seconds, faces.reasons, picture)


@lru_cache(maxsize=512)
def _drawn(numbers: tuple[int, ...], steps: tuple[int, ...], chosen: int | None) -> bytes:
    tint = np.zeros((SIZE, SIZE), np.float32)
    for number, step in zip(numbers, steps, strict=True):
        if step:
            tint = np.maximum(tint, _region(number) * (0.16 + 0.74 * step * STEP / 5))
    picture = _finished(tint, chosen)
    write_below(picture, "schematic", "no face\nshown")
    return _jpeg(picture)


def _finished(tint: Float32[np.ndarray, "S S"], chosen: int | None) -> Image.Image:
    """The head, the tints, the chosen unit's marks and the lines, one over the other."""
    tinted = plain_face() + tint[:, :, None] * (TINT - plain_face())
    picture = Image.fromarray(np.round(tinted).astype(np.uint8))
    for layer in (None if chosen is None else _marks(chosen), lines()):
        if layer is not None:
            picture.paste(layer, (0, 0), layer)
    return picture


@cache
def _region(number: int) -> Float32[np.ndarray, "S S"]:
    """How much of a unit's tint each pixel takes, 0-1, with soft edges."""
    soft = _shape(number).filter(ImageFilter.GaussianBlur(5))
    return np.asarray(soft, dtype=np.float32) / 255 * (inside() / np.float32(255))


@cache
def _marks(number: int) -> Image.Image:
    """The outline and the hatching of the chosen unit."""
    shape = _shape(number, 3)
    # An outline three pixels wide once it is small: what growing the shape adds to it.
    grown, shrunk = shape.filter(ImageFilter.MaxFilter(5)), shape.filter(ImageFilter.MinFilter(5))
    edge = np.asarray(grown, np.int16) - np.asarray(shrunk, np.int16)
    y, x = np.mgrid[: SIZE * 3, : SIZE * 3]
    hatching = ((x + y) % 24 < 4) * np.asarray(shape, np.int16)
    alpha = np.maximum(edge, hatching * 0.55).astype(np.uint8)
    small = np.asarray(Image.fromarray(alpha).resize((SIZE, SIZE), Image.Resampling.LANCZOS))
    layer = Image.new("RGBA", (SIZE, SIZE), (0, 72, 88, 0))
    layer.putalpha(Image.fromarray(np.minimum(small, inside())))
    return layer


def _shape(number: int, finer: int = 1) -> Image.Image:
    mask = Image.new("L", (SIZE * finer, SIZE * finer))
    draw = ImageDraw.Draw(mask)
    for ellipse in _WHERE[number]:
        outline = _points(ellipse)
        for side in (outline, mirrored(outline)):
            draw.polygon([(float(x) * finer, float(y) * finer) for x, y in side], fill=255)
    return mask


def _points(ellipse: _Ellipse) -> np.ndarray:
    x, y, wide, high, turn = ellipse
    angle, tilt = np.linspace(0, 2 * np.pi, 90, endpoint=False), np.deg2rad(turn)
    across, down = wide * np.cos(angle), high * np.sin(angle)
    return np.column_stack(
        (x + across * np.cos(tilt) - down * np.sin(tilt), y + across * np.sin(tilt) + down * np.cos(tilt))
    )


def _jpeg(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=88)
    return file.getvalue()
