"""How well estimates of one action unit agree with the labels, over one set of frames.

Every function takes a frame's estimate and label at the same place and ignores the frames in which either is NaN (no usable
face, or a unit that nobody coded). What cannot be told from the frames that remain is NaN, never 0.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

Values = Float[np.ndarray, " N"]


def icc31(estimate: Values, label: Values) -> float:
    """How consistently estimates and labels of one action unit rise and fall together: ICC(3,1), at most 1.

    Two-way mixed effects, consistency, single rater, as in arXiv 2409.00240, section 4.2, after Shrout and Fleiss (1979). Adding
    a constant to every estimate changes nothing; stretching them does. estimate, label: (N,), in intensity steps.

    Where it degenerates: fewer than two frames, or estimates and labels both constant, give NaN (nothing varied, so nothing
    can agree); one constant and the other not gives 0.

    By hand: the deviations from the means are -1.5 -.5 .5 1.5 and -1 -1 1 1, so that the sums of squares are 5 and 4, the sum of
    products is 4, and the ICC is 2 x 4 / (5 + 4).

    >>> round(icc31(np.array([0.0, 1.0, 2.0, 3.0]), np.array([0.0, 0.0, 2.0, 2.0])), 4)
    0.8889
    """
    known = both_known(estimate, label)
    if known.sum() < 2:
        return np.nan
    estimate_spread, label_spread = _spread(estimate[known]), _spread(label[known])
    # With two raters the mean squares between frames and of the rest reduce to 2 cov / (var + var); the tests hold that.
    total = estimate_spread @ estimate_spread + label_spread @ label_spread
    return float(2 * (estimate_spread @ label_spread) / total) if total > 0 else np.nan


def mae(estimate: Values, label: Values) -> float:
    """How many intensity steps the estimates of one action unit are off, on average; 0 is best, NaN without frames.

    Estimates count as they are, neither clipped nor rounded (arXiv 2409.00240, section 4.2). estimate, label: (N,), in steps.

    >>> mae(np.array([0.5, 3.0, np.nan]), np.array([0.0, 2.0, 5.0]))
    0.75
    """
    known = both_known(estimate, label)
    return float(np.abs(estimate[known].astype(float) - label[known]).mean()) if known.any() else np.nan


def mse(estimate: Values, label: Values) -> float:
    """The mean squared error of the estimates of one action unit; 0 is best, NaN without frames.

    As `mae`, but a large error counts more than several small ones. estimate, label: (N,), in steps; the result in steps squared.

    >>> mse(np.array([0.5, 3.0, np.nan]), np.array([0.0, 2.0, 5.0]))
    0.625
    """
    known = both_known(estimate, label)
    return float(((estimate[known].astype(float) - label[known]) ** 2).mean()) if known.any() else np.nan


def pcc(estimate: Values, label: Values) -> float:
    """How nearly estimates and labels of one action unit lie on a rising line: Pearson's correlation, -1 to 1.

    Neither a constant added to all estimates nor a stretch changes it, so that |pcc| >= |icc31|. NaN with fewer than two frames, or
    when either does not vary at all. estimate, label: (N,), in intensity steps.

    By hand, as in `icc31`: 4 / sqrt(5 x 4).

    >>> round(pcc(np.array([0.0, 1.0, 2.0, 3.0]), np.array([0.0, 0.0, 2.0, 2.0])), 4)
    0.8944
    """
    known = both_known(estimate, label)
    if known.sum() < 2:
        return np.nan
    estimate_spread, label_spread = _spread(estimate[known]), _spread(label[known])
    scale = np.sqrt(estimate_spread @ estimate_spread) * np.sqrt(label_spread @ label_spread)
    return float((estimate_spread @ label_spread) / scale) if scale > 0 else np.nan


class OccurrenceScores(NamedTuple):
    """Agreement on whether one action unit is present, each 0-1 and higher for better, NaN where undefined."""

    f1: float
    precision: float
    recall: float
    accuracy: float


def occurrence_scores(
    estimate: Values, label: Values, estimate_cut: float = 2.0, label_cut: float = 2.0
) -> OccurrenceScores:
    """How well estimates tell the frames in which one action unit is present from the others, frame by frame.

    Present means at or above the cut: the unit's occurrence threshold for intensities, 0 for logits (arXiv 2409.00240, section
    4.1: slight, 2, except AU43). F1 is undefined when nobody, coder or method, saw the unit; precision when the method
    never did, recall when the coder never did, accuracy without frames. The authors' code writes 0 there.

    By hand: of five frames one is a true positive, one a false positive, one a false negative and two are neither.

    >>> estimated, coded = np.array([3.0, 2.0, 0.0, 1.0, 0.0]), np.array([2.0, 0.0, 4.0, 1.0, 0.0])
    >>> [round(float(value), 2) for value in occurrence_scores(estimated, coded)]
    [0.5, 0.5, 0.5, 0.6]
    """
    # Takes seconds to load, and pages need none of it.
    from sklearn.metrics import accuracy_score, precision_recall_fscore_support

    known = both_known(estimate, label)
    if not known.any():
        return OccurrenceScores(np.nan, np.nan, np.nan, np.nan)
    estimated, coded = estimate[known] >= estimate_cut, label[known] >= label_cut
    precision, recall, f1, _ = precision_recall_fscore_support(
        coded, estimated, average="binary", pos_label=True, zero_division=np.nan
    )
    return OccurrenceScores(float(f1), float(precision), float(recall), float(accuracy_score(coded, estimated)))


def both_known(estimate: Float[np.ndarray, "*S"], label: Float[np.ndarray, "*S"]) -> Bool[np.ndarray, "*S"]:
    """True where a frame has both an estimate and a label."""
    return ~(np.isnan(estimate) | np.isnan(label))


def _spread(values: Values) -> Float[np.ndarray, " N"]:
    """Deviations from the mean in double precision; exactly 0 everywhere when all values are the same."""
    # Subtracting the first value before the mean keeps a constant exactly constant, whatever its last digit.
    from_first = values.astype(float) - float(values[0])
    return from_first - from_first.mean()
