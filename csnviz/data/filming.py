"""A picture -> what is kept of it as it was filmed (`csnviz.data.filmed`), for recordings, datasets and the cast alike."""

import io

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image

from csnviz.data.filmed import NOWHERE, Filmed
from csnviz.faces.crop import crop_corners

LONGER_SIDE = 480
"""Pixels; larger pictures are made smaller. Some 10 to 40 kB a frame then, where its crop has 37."""

_QUALITY = 85


def as_filmed(image: UInt8[np.ndarray, "H W 3"], points: Float[np.ndarray, "68 2"] | None) -> Filmed:
    """An RGB picture as it is kept, and where its landmarks and crop lie in it.

    points: (x, y) in pixels, 68-point scheme (see `csnviz.faces.align`); None without a face. InputError when those that
    alignment reads do not span a face.
    """
    if points is None:
        return Filmed(_jpeg(image), NOWHERE.points, NOWHERE.corners)
    size = np.array([image.shape[1], image.shape[0]])
    # Landmarks count from the centre of the first pixel, shares from its upper left corner.
    shares = (points + 0.5) / size, crop_corners(points) / size
    return Filmed(_jpeg(image), *(share.astype(np.float32) for share in shares))


def _jpeg(image: UInt8[np.ndarray, "H W 3"]) -> bytes:
    picture = Image.fromarray(image)
    # The mean of the pixels that become one: three times as quick as a smoother filter, and nobody sees the difference.
    picture.thumbnail((LONGER_SIDE, LONGER_SIDE), Image.Resampling.BOX)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()
