"""Every metric from sums per participant, so that taking people out, or taking some twice, costs no second look at the frames."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float, Float64, Int64

from csnviz.data.tables import PredictionTable
from csnviz.evaluation.cuts import cuts
from csnviz.evaluation.metrics import both_known
from csnviz.evaluation.summary import ACROSS, MEAN_AU, WITHIN

Key = tuple[str, str, str]
"""Metric, action unit ("AU01", or "mean") and grouping (across, within)."""

# What is summed over the frames of a participant, for one action unit (e estimate, y label; the last three count frames).
_SUMS = ("n", "e", "y", "ee", "yy", "ey", "error", "squared_error", "true_positives", "estimated", "coded")


@dataclass(frozen=True)
class PersonSums:
    """sums: (P, A, K), the sums of one method's frames for P participants, A action units. quantity, aus: as in the table."""

    sums: Float64[np.ndarray, "P A K"]
    quantity: str
    aus: tuple[str, ...]

    @classmethod
    def of(cls, predictions: PredictionTable) -> "PersonSums":
        """The sums of a table, participants in order of appearance."""
        frames = _summands(predictions)
        who, people = pd.factorize(predictions.rows["participant"])
        sums = np.stack([frames[who == person].sum(axis=0) for person in range(len(people))])
        return cls(sums, predictions.quantity, predictions.aus.columns)

    def __len__(self) -> int:
        return len(self.sums)

    def people_behind(self) -> dict[Key, int]:
        """How many participants each number stands on: those with known frames, and within those whose own value is defined."""
        seen = {ACROSS: self.sums[:, :, 0] > 0}
        counts = {}
        for metric, single in _metrics_from(self.sums, self.quantity).items():
            for group_by, counted in {**seen, WITHIN: ~np.isnan(single)}.items():
                for column, au in enumerate(self.aus):
                    counts[metric, au, group_by] = int(counted[:, column].sum())
                counts[metric, MEAN_AU, group_by] = int(counted.any(axis=1).sum())
        return counts

    def values(self, weights: Int64[np.ndarray, "D P"]) -> dict[Key, Float64[np.ndarray, " D"]]:
        """Every metric, across and within, for each line of how often each participant is taken; NaN where `metrics` has NaN."""
        people, units, kinds = self.sums.shape
        # A product of whole numbers with the sums: what nobody contributes to stays exactly 0.
        totals = (weights @ self.sums.reshape(people, -1)).reshape(len(weights), units, kinds)
        pooled, single = (_metrics_from(part, self.quantity) for part in (totals, self.sums))
        values = {}
        for metric, across in pooled.items():
            for group_by, found in ((ACROSS, across), (WITHIN, _mean_of_people(single[metric], weights))):
                for column, au in enumerate(self.aus):
                    values[metric, au, group_by] = found[:, column]
                values[metric, MEAN_AU, group_by] = _mean_of_units(found)
        return values


def _summands(predictions: PredictionTable) -> Float64[np.ndarray, "N A K"]:
    estimate, label = predictions.estimate.astype(float), predictions.label.astype(float)
    known = both_known(estimate, label)
    estimate_cuts, label_cuts = cuts(predictions)
    estimated, coded = known & (estimate >= estimate_cuts), known & (label >= label_cuts)
    error = np.where(known, estimate - label, 0.0)
    # Neither ICC nor correlation sees a constant; taking one off first keeps the sums of squares sharp.
    estimate, label = (np.where(known, values - _middle(values, known), 0.0) for values in (estimate, label))
    products = estimate**2, label**2, estimate * label
    return np.stack(
        [known, estimate, label, *products, np.abs(error), error**2, estimated & coded, estimated, coded], -1
    )


def _middle(values: Float[np.ndarray, "N A"], known: np.ndarray) -> Float64[np.ndarray, " A"]:
    """A value in the midst of each column; exactly the column's value when it is constant."""
    return np.array([np.median(v[k]) if k.any() else 0.0 for v, k in zip(values.T, known.T, strict=True)])


def _metrics_from(sums: Float64[np.ndarray, "G A K"], quantity: str) -> dict[str, Float64[np.ndarray, "G A"]]:
    """The metrics of each group of frames from its sums, NaN where `metrics` has NaN."""
    n, e, y, ee, yy, ey, error, squared_error, hits, estimated, coded = np.moveaxis(sums, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = {
            "f1": 2 * hits / (estimated + coded),
            "precision": hits / estimated,
            "recall": hits / coded,
            "accuracy": (n - estimated - coded + 2 * hits) / n,
        }
        if quantity == "occurrence":
            return scores
        spreads = [_spread(square - value**2 / n, square, n) for square, value in ((ee, e), (yy, y))]
        together = ey - e * y / n
        total = spreads[0] + spreads[1]
        agreement = {
            "icc31": 2 * together / np.where(total > 0, total, np.nan),
            "pcc": together / np.where(spreads[0] * spreads[1] > 0, np.sqrt(spreads[0] * spreads[1]), np.nan),
            "mae": error / n,
            "mse": squared_error / n,
        }
    return {**agreement, **scores}


def _spread(spread: Float64[np.ndarray, "G A"], square: np.ndarray, n: np.ndarray) -> Float64[np.ndarray, "G A"]:
    """A sum of squared deviations: exactly 0 where rounding alone left a trace of it, NaN with fewer than two frames."""
    return np.where(n >= 2, np.where(spread > 1e-12 * square, spread, 0.0), np.nan)


def _mean_of_people(
    values: Float64[np.ndarray, "P A"], weights: Int64[np.ndarray, "D P"]
) -> Float64[np.ndarray, "D A"]:
    defined = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        return (weights @ np.where(defined, values, 0.0)) / (weights @ defined.astype(float))


def _mean_of_units(values: Float64[np.ndarray, "D A"]) -> Float64[np.ndarray, " D"]:
    defined = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        return np.where(defined, values, 0.0).sum(axis=1) / defined.sum(axis=1)
