"""Where a method sees an action unit that the coder did not: single frames joined to runs, and methods held side by side."""

import numpy as np
import pandas as pd
from jaxtyping import Bool

from csnviz.data.tables import PredictionTable
from csnviz.errors import InputError
from csnviz.evaluation.intervals import check_same_frames

OVERESTIMATE = 1.0
"""An overestimate: label 0 and an estimate of at least this (a trace, in FACS words)."""

LONGEST_GAP = 5
"""How many frames may lie between two overestimates of one run."""

_RUN_COLUMNS = ["participant", "camera", "video", "au", "first", "last", "n", "peak", "highest"]
_PERSON_COLUMNS = ["participant", "camera", "au", "n", "one", "other"]


def overestimated(predictions: PredictionTable) -> Bool[np.ndarray, "N A"]:
    """True where the coder gave 0 and the method at least 1; False where either is unknown.

    InputError for a table of occurrence, whose logits are no intensities.
    """
    if predictions.quantity != "intensity":
        raise InputError(
            f"{predictions.method}: overestimates are told from intensities; found {predictions.quantity}."
        )
    return (predictions.label == 0) & (predictions.estimate >= OVERESTIMATE)


def overestimates(predictions: PredictionTable) -> pd.DataFrame:
    """The runs of overestimates, longest first: frames with label 0 and estimate >= 1, gaps of at most 5 frames joined.

    participant, camera, video, au ("AU01"), first and last (frame_index), n (overestimates between them, gaps not counted),
    peak (the frame_index of the highest estimate) and highest (that estimate). A run never crosses from one video to another.
    """
    over = overestimated(predictions)
    rows = []
    for (participant, camera, video), part in predictions.rows.groupby(["participant", "camera", "video"], sort=False):
        for column, au in enumerate(predictions.aus.columns):
            chosen = part.index[over[part.index, column]].to_numpy()
            for run in _joined(chosen, part["frame_index"]):
                rows.append([participant, camera, video, au, *_run_words(predictions, run, column)])
    return pd.DataFrame(rows, columns=_RUN_COLUMNS).sort_values("n", ascending=False, kind="stable", ignore_index=True)


def overestimated_only_by(
    one: PredictionTable, other: PredictionTable, other_below: float = 0.5, at_least: int = 10
) -> pd.DataFrame:
    """People in whom one method sees an absent action unit and the other does not, most frames first.

    With NCG as `one` and CSN as `other` these are what the reference removed; swapped, what it added (calibration loses
    somewhere too). Counted are frames with label 0, at least 1 by `one` and less than `other_below` by `other`.
    participant, camera, au ("AU01"), n (such frames, at least `at_least`), one and other (mean estimates on them).
    InputError when the tables are not about the same frames.
    """
    check_same_frames(one, other)
    only = overestimated(one) & (other.estimate < other_below)
    rows = []
    for (participant, camera), part in one.rows.groupby(["participant", "camera"], sort=False):
        for column, au in enumerate(one.aus.columns):
            found = part.index[only[part.index, column]].to_numpy()
            if len(found) >= at_least:
                means = [float(table.estimate[found, column].mean()) for table in (one, other)]
                rows.append([participant, camera, au, len(found), *means])
    return pd.DataFrame(rows, columns=_PERSON_COLUMNS).sort_values(
        "n", ascending=False, kind="stable", ignore_index=True
    )


def _joined(rows: np.ndarray, frame_index: pd.Series) -> list[np.ndarray]:
    """These rows in order of their frames, cut wherever more than LONGEST_GAP frames lie between two."""
    if not len(rows):
        return []
    numbers = frame_index.loc[rows].to_numpy()
    order = np.argsort(numbers, kind="stable")
    breaks = np.flatnonzero(np.diff(numbers[order]) > LONGEST_GAP + 1) + 1
    return np.split(rows[order], breaks)


def _run_words(predictions: PredictionTable, run: np.ndarray, column: int) -> list[object]:
    numbers = predictions.rows["frame_index"].to_numpy()[run]
    estimates = predictions.estimate[run, column]
    return [int(numbers[0]), int(numbers[-1]), len(run), int(numbers[estimates.argmax()]), float(estimates.max())]
