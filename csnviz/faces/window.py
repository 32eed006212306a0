"""A rectangle out of a picture, black where it reaches beyond."""

import numpy as np
from jaxtyping import UInt8


def window(
    image: UInt8[np.ndarray, "H W 3"], left: int, top: int, right: int, bottom: int
) -> UInt8[np.ndarray, "h w 3"]:
    """Columns left to right - 1 and rows top to bottom - 1 of an RGB picture; black beyond its edges."""
    out = np.zeros((max(bottom - top, 1), max(right - left, 1), 3), dtype=np.uint8)
    seen = image[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    inside = out[max(-top, 0) :, max(-left, 0) :]
    inside[: seen.shape[0], : seen.shape[1]] = seen
    return out
