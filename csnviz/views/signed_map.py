"""An attribution as the viewer colours it."""

import numpy as np
from jaxtyping import Float32, Int8


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


def _averaged(values: np.ndarray, width: int) -> np.ndarray:
    """The running mean over `width` pixels along both axes, edges repeated."""
    for axis in (0, 1):
        before, after = width // 2, width - 1 - width // 2
        padded = np.pad(values, [(before, after) if axis == side else (0, 0) for side in (0, 1)], mode="edge")
        sums = np.cumsum(np.insert(padded, 0, 0, axis=axis), axis=axis)
        upper = np.take(sums, range(width, sums.shape[axis]), axis=axis)
        values = (upper - np.take(sums, range(sums.shape[axis] - width), axis=axis)) / width
    return values
