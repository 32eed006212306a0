"""Fewer points for the same picture: the lowest and highest of each short stretch, so that no peak is lost."""

import numpy as np
from jaxtyping import Float32

MOST_POINTS = 2500
"""More points than this are not drawn; a screen has fewer columns, and a browser moves fewer without effort."""

Line = tuple[Float32[np.ndarray, " K"], Float32[np.ndarray, " K"]]


def thinned(x: Float32[np.ndarray, " N"], y: Float32[np.ndarray, " N"], most: int = MOST_POINTS) -> Line:
    """A line of at most `most` points whose extremes are those of the given one; short lines come back as they are.

    Each stretch of frames gives its lowest and its highest point in their order in time. A stretch without any value gives
    NaN, so that a gap without a face stays a gap.
    """
    if len(x) <= most:
        return x, y
    size = -(-len(x) // (most // 2))
    count = -(-len(x) // size)
    padded = np.full(count * size, np.nan, dtype=np.float32)
    padded[: len(y)] = y
    stretches = padded.reshape(count, size)
    known = ~np.isnan(stretches)
    low = np.where(known, stretches, np.inf).argmin(axis=1)
    high = np.where(known, stretches, -np.inf).argmax(axis=1)
    places = np.sort(np.stack([low, high], axis=1), axis=1) + np.arange(count)[:, None] * size
    chosen = np.minimum(places.ravel(), len(x) - 1)
    return x[chosen], y[chosen]
