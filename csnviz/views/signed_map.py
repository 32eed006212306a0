"""An attribution as it is coloured: on the viewer's faces by the browser, on the card's as a picture."""

import io

import numpy as np
from jaxtyping import Float32, Int8
from PIL import Image

_COLOURS = {1: (213, 94, 0), -1: (0, 114, 178)}
"""Okabe and Ito's vermillion raises, their blue lowers."""


def signed_map(
    values: Float32[np.ndarray, "3 S S"] | Float32[np.ndarray, "S S"], cell: int = 4
) -> Int8[np.ndarray, "S S"]:
    """An attribution as it is coloured: channels added, pixels gathered in soft cells, the strongest 0.5 % at full colour.

    Cells are `cell` pixels wide: single pixels of a gradient are noise to the eye, and their sum is what counts.
    """
    flat = values.sum(axis=0) if values.ndim == 3 else values
    soft = _averaged(_averaged(flat.astype(np.float64), cell), cell)
    strongest = float(np.quantile(np.abs(soft), 0.995))
    return np.round(np.clip(soft / (strongest or 1.0), -1, 1) * 127).astype(np.int8)


def raising(values: Int8[np.ndarray, "S S"]) -> Int8[np.ndarray, "S S"]:
    """What raises the estimate; the rest is 0."""
    return np.maximum(values, 0)


def lowering(values: Int8[np.ndarray, "S S"]) -> Int8[np.ndarray, "S S"]:
    """What lowers the estimate; the rest is 0."""
    return np.minimum(values, 0)


def colours_png(values: Int8[np.ndarray, "S S"]) -> bytes:
    """A signed map as colours to lay over a face; faint noise stays faint, as in viewer_stage.js."""
    colours = np.zeros((*values.shape, 4), np.uint8)
    for sign, colour in _COLOURS.items():
        colours[np.sign(values) == sign, :3] = colour
    strength = np.abs(values.astype(np.float64)) / 110
    colours[..., 3] = np.round(255 * np.minimum(1, strength**1.4))
    file = io.BytesIO()
    Image.fromarray(colours).save(file, "PNG")
    return file.getvalue()


def _averaged(values: np.ndarray, width: int) -> np.ndarray:
    """The running mean over `width` pixels along both axes, edges repeated."""
    for axis in (0, 1):
        before, after = width // 2, width - 1 - width // 2
        padded = np.pad(values, [(before, after) if axis == side else (0, 0) for side in (0, 1)], mode="edge")
        sums = np.cumsum(np.insert(padded, 0, 0, axis=axis), axis=axis)
        upper = np.take(sums, range(width, sums.shape[axis]), axis=axis)
        values = (upper - np.take(sums, range(sums.shape[axis] - width), axis=axis)) / width
    return values
