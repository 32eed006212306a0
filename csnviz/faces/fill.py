"""Filling one part of a face: from what lies around it, or with another face's pixels. A guess, made to leave no edge behind."""

import cv2
import numpy as np
from jaxtyping import Bool, Float, UInt8

from csnviz.errors import InputError

GROWN = 2
"""Pixels of the crop by which a part is grown before it is filled, so that nothing of its own edge stays."""
_RIM = 3
_SOFT = 6.0
"""Pixels around a part whose shade another face's part takes on, and how far each of them is carried."""
_RADIUS = 3.0

Crop = UInt8[np.ndarray, "S S 3"]
Mask = Bool[np.ndarray, "S S"]


def filled_from_around(crop: Crop, part: Mask) -> Crop:
    """The face with a part inpainted from the pixels around it (Telea 2004, "An image inpainting technique").

    crop: RGB. part: True where it is filled; grown by GROWN pixels. Folds, hair and rims inside it go, but for what crosses its
    edge. InputError where the part is empty or leaves nothing to fill it from.
    """
    mask = grown(part)
    if mask.all():
        raise InputError(
            "The part covers the whole face, so there is nothing around it to fill it from. Choose another."
        )
    return np.asarray(cv2.inpaint(crop, mask.astype(np.uint8), _RADIUS, cv2.INPAINT_TELEA))


def filled_with_other(crop: Crop, part: Mask, other: Crop) -> Crop:
    """The face with a part of another face, such as the mean one, lit and coloured as the face is around that part.

    other: its shade is moved, colour by colour and from place to place, by what the two differ near there on a rim around the part;
    the seam is soft. Otherwise as `filled_from_around`.
    """
    mask = grown(part)
    return _laid_over(crop, other + _shift(crop.astype(np.float64) - other, _grown_by(mask, _RIM) & ~mask), mask)


def _shift(difference: Float[np.ndarray, "S S 3"], rim: Mask) -> Float[np.ndarray, "S S 3"]:
    """The difference between two faces on a rim, carried softly to all other places.

    Its largest and smallest sixth (a frame of glasses that crosses the rim) are cut down to the rest.
    """
    if not rim.any():
        return np.zeros_like(difference)
    low, high = np.percentile(difference[rim], (15, 85), axis=0)
    on_rim = np.where(rim[:, :, None], np.clip(difference, low, high), 0.0)
    weight = cv2.GaussianBlur(rim.astype(np.float64), (0, 0), _SOFT) + 1e-9
    everywhere = np.clip(difference[rim], low, high).mean(axis=0)
    return (cv2.GaussianBlur(on_rim, (0, 0), _SOFT) + 1e-9 * everywhere) / weight[:, :, None]


def filled_with_own(crop: Crop, part: Mask, own: Crop) -> Crop:
    """The face with a part of the same person's other face, as it is there, with a soft seam. Otherwise as `filled_from_around`."""
    return _laid_over(crop, own.astype(np.float64), grown(part))


def grown(part: Mask) -> Mask:
    """The part and GROWN pixels around it; InputError where it is empty."""
    if not part.any():
        raise InputError("That part is not to be seen on this face, so there is nothing to fill. Choose another.")
    return _grown_by(part, GROWN)


def _grown_by(part: Mask, pixels: int) -> Mask:
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * pixels + 1, 2 * pixels + 1))
    return cv2.dilate(part.astype(np.uint8), disc).astype(bool)


def _laid_over(crop: Crop, above: np.ndarray, mask: Mask) -> Crop:
    """Nothing of the face inside the mask, nothing of the other beyond four pixels around it, softly changing between."""
    soft = cv2.GaussianBlur(_grown_by(mask, 2).astype(np.float64), (5, 5), 1.0)
    share = np.maximum(soft, mask)[:, :, None]
    return np.rint(np.clip(share * above + (1 - share) * crop, 0, 255)).astype(np.uint8)
