"""Evens out the light on an aligned face, and pads it to a square.

The authors of arXiv 2409.00240 name Kuo et al., "A compact deep learning model for robust facial expression recognition"
(CVPRW 2018) as the source. Their order matters: light first, over the whole aligned rectangle with any black in it, then
padding.
"""

import cv2
import numpy as np
from jaxtyping import UInt8


def even_illumination(aligned: UInt8[np.ndarray, "h w 3"]) -> UInt8[np.ndarray, "h w 3"]:
    """An aligned RGB face with its brightness spread out: half histogram equalisation, half stretching to 0-255.

    Colour (chroma) is kept. A picture of one brightness, for which stretching is undefined, keeps that brightness.
    """
    # Kept from the authors' code: the conversion for BGR is given RGB, so that red and blue swap their weights in
    # brightness (0.114 R + 0.587 G + 0.299 B), and the mean is truncated, not rounded.
    luma_and_chroma = cv2.cvtColor(np.ascontiguousarray(aligned), cv2.COLOR_BGR2YCrCb)
    luma = luma_and_chroma[..., 0]
    evened = 0.5 * cv2.equalizeHist(luma) + 0.5 * _stretched(luma)
    luma_and_chroma[..., 0] = evened.astype(np.uint8)
    return np.asarray(cv2.cvtColor(luma_and_chroma, cv2.COLOR_YCrCb2BGR), dtype=np.uint8)


def _stretched(luma: UInt8[np.ndarray, "h w"]) -> np.ndarray:
    low, high = int(luma.min()), int(luma.max())
    if low == high:  # Differs from the paper: the authors' code divides by zero here.
        return luma.astype(np.float64)
    return (luma.astype(np.float64) - low) / (high - low) * 255


def pad_to_square(aligned: UInt8[np.ndarray, "h w 3"], size: int) -> UInt8[np.ndarray, "size size 3"]:
    """An aligned face of at most `size` x `size` in the middle of a black square; odd pixels go to the bottom or right."""
    height, width = aligned.shape[:2]
    square = np.zeros((size, size, 3), dtype=np.uint8)
    top, left = (size - height) // 2, (size - width) // 2
    square[top : top + height, left : left + width] = aligned
    return square
