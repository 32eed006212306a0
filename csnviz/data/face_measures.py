"""What can be told of frames from what is kept of them: how far the mouth is open, and how sharp the face is.

Both serve to choose reference frames, cost far less than a network, and are computed when somebody asks.
"""

import numpy as np
from jaxtyping import Float, Float32, UInt8

_LIPS_ONE, _LIPS_OTHER = 48, 54
_UPPER_LIP, _LOWER_LIP = [61, 62, 63], [67, 66, 65]

_MIDDLE = (slice(22, 70), slice(32, 80))
"""Rows and columns of a crop that show brows, eyes and nose, none of the padding or the outline of the face, and no mouth: teeth
would make every smile look sharp."""

_RED, _GREEN, _BLUE = 77, 150, 29
"""Luma (ITU-R BT.601) in parts of 256."""


def in_crops(
    points: Float32[np.ndarray, "N 68 2"], corners: Float32[np.ndarray, "N 4 2"]
) -> Float[np.ndarray, "N 68 2"]:
    """Landmarks in pixels of the crops, upright and as long as wide; NaN where they, or the corners, are unknown.

    points and corners: as `FrameTable` gives them, shares of the filmed picture's width and height.
    """
    first, below, _, beside = np.moveaxis(corners.astype(np.float64), 1, 0)
    sides = np.stack([beside - first, below - first], axis=2)
    known = np.isfinite(sides).all(axis=(1, 2))
    away = points.astype(np.float64) - first[:, None]
    places = np.full(points.shape, np.nan)
    places[known] = away[known] @ np.linalg.inv(sides[known]).transpose(0, 2, 1)
    return places * 112 - 0.5


def mouth_opening(points: Float[np.ndarray, "N 68 2"]) -> Float[np.ndarray, " N"]:
    """The gap between the lips as a share of the mouth's width: below .02 closed, .2 a smile with teeth, above .3 wide open.

    points: 68-point scheme, in pixels or another unit that is the same down and across (`in_crops` makes it so). The gap is the
    mean distance between the inner edges of the lips at their middle and a third to either side. NaN where they are unknown.
    """
    gaps = np.linalg.norm(points[:, _LOWER_LIP] - points[:, _UPPER_LIP], axis=2).mean(axis=1)
    width = np.linalg.norm(points[:, _LIPS_OTHER] - points[:, _LIPS_ONE], axis=1)
    return np.divide(gaps, width, out=np.full(len(points), np.nan), where=width > 0)


def sharpness(crops: UInt8[np.ndarray, "N 112 112 3"]) -> Float[np.ndarray, " N"]:
    """How sharp each face is: the variance of the Laplacian of its brightness; above 0, larger is sharper.

    Only frames of one recording compare: beards, wrinkles and noise make it larger, and a face filmed small makes it smaller.
    """
    return np.array([_variance_of_laplacian(crop[_MIDDLE]) for crop in crops], dtype=np.float64)


def _variance_of_laplacian(face: UInt8[np.ndarray, "H W 3"]) -> float:
    # Whole numbers of 16 bits: a crop takes a tenth of a millisecond, with floats five times as long.
    red, green, blue = np.moveaxis(face.astype(np.uint16), 2, 0)
    luma = ((_RED * red + _GREEN * green + _BLUE * blue) >> 8).astype(np.int16)
    inner = luma[1:-1, 1:-1]
    return float((luma[:-2, 1:-1] + luma[2:, 1:-1] + luma[1:-1, :-2] + luma[1:-1, 2:] - 4 * inner).var())
