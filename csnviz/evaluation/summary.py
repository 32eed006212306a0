"""A method's estimates narrowed to numbers: every metric for every action unit, over everybody and person by person."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from csnviz.data.tables import PredictionTable
from csnviz.errors import InputError
from csnviz.evaluation.cuts import cuts
from csnviz.evaluation.metrics import Values, both_known, icc31, mae, mse, occurrence_scores, pcc

INTENSITY_METRICS = ("icc31", "pcc", "mae", "mse", "f1", "precision", "recall", "accuracy")
OCCURRENCE_METRICS = ("f1", "precision", "recall", "accuracy")

ACROSS = "across"
"""All participants' frames pooled, cameras too, then one value."""
PARTICIPANT = "participant"
"""One participant's frames, cameras pooled."""
WITHIN = "within"
"""The plain mean of the participants' values, those that are undefined left out and counted."""
MEAN_AU = "mean"
"""Stands in the column `au` for the plain mean over the action units, those that are undefined left out and counted."""

_VALUE_COLUMNS = ["method", "metric", "au", "group_by", "group", "value", "n_frames", "n_positive", "n_undefined"]
_INTERVAL_COLUMNS = ["low", "high", "draws"]


@dataclass(frozen=True)
class MetricTable:
    """Numbers about one or several methods, one per row.

    rows: method; metric; au ("AU01" ..., or "mean"); group_by ("across", "participant" or "within"); group (the participant, else
    "all"); value (NaN where undefined); n_frames and n_positive (frames with an estimate and a label, and those of them where
    the coder saw the unit; summed over what was averaged); n_undefined (participants or AUs that a mean leaves out); low,
    high and draws (an interval, NaN and 0 where none was asked for, and how many draws it stands on).
    """

    rows: pd.DataFrame

    def __post_init__(self) -> None:
        missing = [name for name in _VALUE_COLUMNS if name not in self.rows]
        if missing:
            raise InputError(f"A MetricTable needs the column {missing[0]}; found {list(self.rows.columns)}.")
        rows = self.rows
        if "low" not in rows:
            rows = rows.assign(low=np.nan, high=np.nan, draws=0)
        object.__setattr__(self, "rows", rows.loc[:, _VALUE_COLUMNS + _INTERVAL_COLUMNS].reset_index(drop=True))

    def value(self, metric: str, au: str = MEAN_AU, group_by: str = ACROSS, group: str = "all") -> float:
        """One number of a table about one method; InputError when the table does not hold exactly one such row."""
        rows, wanted = self.rows, {"metric": metric, "au": au, "group_by": group_by, "group": group}
        found = rows[np.logical_and.reduce([rows[name].to_numpy() == word for name, word in wanted.items()])]
        if len(found) != 1:
            raise InputError(f"There are {len(found)} rows for {metric}, {au}, {group_by}, {group}; one was expected.")
        return float(found["value"].iloc[0])

    def beside(self, other: "MetricTable") -> "MetricTable":
        """This table's rows and then the other's, to compare methods."""
        return MetricTable(pd.concat([self.rows, other.rows], ignore_index=True))


def summarise(predictions: PredictionTable) -> MetricTable:
    """Every metric of one method, per action unit and as their mean: across, for each participant, and within.

    Intensities give ICC(3,1), Pearson's correlation, MAE and MSE (in intensity steps, and their square) and the four occurrence
    scores at each unit's threshold; occurrence logits give the four scores (`csnviz.evaluation.cuts` says where is cut). Means over
    AUs are plain, as in the paper's tables (arXiv 2409.00240, section 4).
    # Differs from the paper: the authors' mean over participants is NaN as soon as one participant's ICC is; here that
    participant is left out, and n_undefined says how often that happened.
    """
    parts = pd.DataFrame(list(_measured(predictions)))
    people = parts[parts["group_by"] == PARTICIPANT]
    within = _averaged(people, ["metric", "au"]).assign(group_by=WITHIN, group="all")
    per_unit = pd.concat([parts, within], ignore_index=True)
    over_units = _averaged(per_unit, ["metric", "group_by", "group"]).assign(au=MEAN_AU)
    return MetricTable(pd.concat([per_unit, over_units], ignore_index=True).assign(method=predictions.method))


def _measured(predictions: PredictionTable) -> Iterator[dict[str, object]]:
    """One row per metric, action unit and set of frames: everybody's, then each participant's."""
    who = predictions.rows["participant"].to_numpy()
    estimate_cuts, label_cuts = cuts(predictions)
    above = predictions.estimate - estimate_cuts
    groups = [(ACROSS, "all", np.ones(len(who), dtype=bool))]
    groups += [(PARTICIPANT, name, who == name) for name in predictions.rows["participant"].unique()]
    for column, au in enumerate(predictions.aus.columns):
        for group_by, group, chosen in groups:
            pair = predictions.estimate[chosen, column], predictions.label[chosen, column]
            values, counts = _metrics_of(predictions.quantity, *pair, above[chosen, column], label_cuts[column])
            for metric, value in values.items():
                yield {"metric": metric, "au": au, "group_by": group_by, "group": group, "value": value, **counts}


def _metrics_of(
    quantity: str, estimate: Values, label: Values, above: Values, label_cut: float
) -> tuple[dict[str, float], dict[str, int]]:
    """The metrics of one unit over one set of frames, and what they stand on; `above` is how far estimates are above their cut."""
    values: dict[str, float] = {}
    if quantity == "intensity":
        values = {"icc31": icc31(estimate, label), "pcc": pcc(estimate, label)}
        values |= {"mae": mae(estimate, label), "mse": mse(estimate, label)}
    values |= occurrence_scores(above, label, 0.0, label_cut)._asdict()
    known = both_known(estimate, label)
    counts = {"n_frames": int(known.sum()), "n_positive": int((label[known] >= label_cut).sum()), "n_undefined": 0}
    return values, counts


def _averaged(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The plain mean of the defined values for each combination of the keys, with what it stands on and leaves out."""
    defined = rows["value"].notna()
    counted = rows.assign(
        n_frames=rows["n_frames"].where(defined, 0),
        n_positive=rows["n_positive"].where(defined, 0),
        n_undefined=(~defined).astype(int),
    )
    how = {"value": "mean", "n_frames": "sum", "n_positive": "sum", "n_undefined": "sum"}
    return counted.groupby(keys, sort=False).agg(how).reset_index()
