"""From which value on an action unit counts as present: for the estimates of a method, and for the labels of a coder."""

import numpy as np
from jaxtyping import Float, Float64

from csnviz.data.tables import PredictionTable
from csnviz.errors import InputError
from csnviz.evaluation.metrics import both_known


def cuts(predictions: PredictionTable) -> tuple[Float64[np.ndarray, "N A"], Float64[np.ndarray, " A"]]:
    """From which estimate, in each row, and from which label upwards each action unit counts as present: (N, A) and (A,).

    For intensities both are the unit's occurrence threshold; logits are cut at 0 and their labels at 1. A table whose provenance
    holds "cuts" ({"AU01": 0.37, ...}, or one such mapping for each participant, as pooled folds have it) is cut there instead;
    a unit without an entry keeps the usual cut.
    """
    usual = np.zeros(len(predictions.aus)), np.ones(len(predictions.aus))
    if predictions.quantity == "intensity":
        thresholds = np.array([unit.occurrence_threshold for unit in predictions.aus.units], float)
        usual = thresholds, thresholds
    estimate_cuts = np.tile(usual[0], (len(predictions), 1))
    chosen = predictions.provenance.get("cuts", {})
    per_person = any(isinstance(value, dict) for value in chosen.values())
    for participant, rows in predictions.rows.groupby("participant", sort=False).indices.items():
        for column, au in enumerate(predictions.aus.columns):
            own = chosen.get(participant, {}) if per_person else chosen
            estimate_cuts[rows, column] = own.get(au, usual[0][column])
    return estimate_cuts, usual[1]


def tuned_cuts(training: PredictionTable) -> dict[str, float]:
    """For each action unit ("AU01" ...), the cut of the estimates that gives the best F1 on these frames.

    `training` holds estimates for training participants: a cut tuned on the people who are judged would flatter the method. The
    cut lies midway between two estimates; of equally good ones the highest is taken, which sees the unit in the fewest
    frames. A unit that nobody shows, or that nobody coded, has no entry, and keeps its usual cut. InputError without frames.

    By hand, for the unit that is present in the frames with 0.4 and 0.9: a cut at 0.35 gives F1 1.
    """
    if not len(training):
        raise InputError(
            f"{training.method}: there is no frame to tune a cut on. Give the training participants' estimates."
        )
    from_label = cuts(training)[1]
    found = {}
    for column, au in enumerate(training.aus.columns):
        estimate, label = training.estimate[:, column].astype(float), training.label[:, column]
        known = both_known(estimate, label)
        present = label[known] >= from_label[column]
        if present.any():
            found[au] = _best_cut(estimate[known], present)
    return found


def _best_cut(estimate: Float[np.ndarray, " N"], present: np.ndarray) -> float:
    """The cut with the highest F1; `present` is true somewhere."""
    order = np.argsort(-estimate, kind="stable")
    ranked, hits = estimate[order], np.cumsum(present[order])
    # Cutting after place i calls the i + 1 highest frames present. Equal estimates stay together.
    f1 = 2 * hits / (np.arange(1, len(ranked) + 1) + present.sum())
    apart = np.append(ranked[:-1] > ranked[1:], True)
    best = int(np.flatnonzero(apart)[np.argmax(f1[apart])])
    below = ranked[best + 1] if best + 1 < len(ranked) else ranked[best] - 1.0
    return float((ranked[best] + below) / 2)
