"""Class balancing: how much each label of each AU counts in the losses, from how often it occurs in the training part.

Most frames show no movement, so rare high intensities are given more weight. All three tables are inverse frequencies that sum to 1
within each AU (arXiv 2409.00240, technical appendix B). A class that never occurs gets 0 and drops out of the sum, as in the
authors' code; an AU that nobody coded gets 0 everywhere.

`power` softens the balance: frequencies enter as frequency ** power. 1 is the paper; 0 treats all classes alike. Small networks
trained for minutes need about 0.5, because at 1 they overestimate everything before they learn anything.
"""

import numpy as np
from jaxtyping import Float, Float32, Int64

from csnviz.errors import InputError

LABELS = 6
"""An intensity is one of 0, 1, 2, 3, 4, 5."""


def label_counts(intensity: Float32[np.ndarray, "N A"]) -> Int64[np.ndarray, "A 6"]:
    """How often each intensity 0-5 occurs for each AU; NaN = not coded, not counted. InputError for any other label.

    >>> label_counts(np.array([[0], [0], [3], [np.nan]], dtype=np.float32))
    array([[2, 0, 0, 1, 0, 0]])
    """
    coded = ~np.isnan(intensity)
    whole = np.isin(intensity, np.arange(LABELS)) | ~coded
    if not whole.all():
        row, column = np.argwhere(~whole)[0]
        raise InputError(
            f"Row {row}, AU column {column}: the label {intensity[row, column]:g} is not one of 0 to 5. Correct it before training."
        )
    return np.stack([(intensity == label).sum(axis=0) for label in range(LABELS)], axis=1).astype(np.int64)


def mse_weights(counts: Int64[np.ndarray, "A 6"], power: float = 1.0) -> Float[np.ndarray, "A 6"]:
    """Weights of the squared error per label 0-5: one for labels 0 and 1, one for 2 to 5; the six sum to 1.

    >>> mse_weights(np.array([[100, 50, 30, 15, 4, 1]])).round(7)
    array([[0.0714286, 0.0714286, 0.2142857, 0.2142857, 0.2142857, 0.2142857]])
    """
    # Paper Eq. 7: as printed, its numerators are 2 / N and 4 / N, so that the two printed values sum to 1 and high labels
    # count twice as much. The text says inverse frequency, shared within a group and normalised within an AU: 1 / N.
    groups = np.stack([counts[:, :2].sum(axis=1), counts[:, 2:].sum(axis=1)], axis=1)
    return _normalised(_inverse(groups, power)[:, [0, 0, 1, 1, 1, 1]], axes=(1,))


def exceedance_weights(counts: Int64[np.ndarray, "A 6"], power: float = 1.0) -> Float[np.ndarray, "A 5 2"]:
    """Weights of the five questions "at least 1" to "at least 5": [a, j - 1] = (if below j, if at or above j); the ten sum to 1.

    >>> exceedance_weights(np.array([[100, 50, 30, 15, 4, 1]]))[0, [0, 4]].round(6)
    array([[0.00762 , 0.00762 ],
           [0.003829, 0.761977]])
    """
    # Paper Eq. 8: 1 / (labels on this side of j), over the sum of both sides' inverses over all five j.
    at_or_above = np.stack([counts[:, j:].sum(axis=1) for j in range(1, LABELS)], axis=1)
    sides = np.stack([counts.sum(axis=1, keepdims=True) - at_or_above, at_or_above], axis=2)
    return _normalised(_inverse(sides, power), axes=(1, 2))


def occurrence_weights(present: Float32[np.ndarray, "N A"], power: float = 1.0) -> Float[np.ndarray, "A 2"]:
    """Weights of absent and present per AU, which sum to 1; `present` holds 0, 1 or NaN = not coded.

    >>> occurrence_weights(np.array([[1], [0], [0], [0]], dtype=np.float32))
    array([[0.25, 0.75]])
    """
    # Paper Eq. 9: as printed, both lines hold the count of present frames; each must hold its own, or nothing is balanced.
    counts = np.stack([(present == 0).sum(axis=0), (present == 1).sum(axis=0)], axis=1)
    return _normalised(_inverse(counts, power), axes=(1,))


def _inverse(counts: np.ndarray, power: float) -> np.ndarray:
    return np.where(counts > 0, np.maximum(counts, 1) ** -float(power), 0.0)


def _normalised(values: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    total = values.sum(axis=axes, keepdims=True)
    return np.divide(values, total, out=np.zeros_like(values), where=total > 0)
