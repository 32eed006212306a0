"""Who is misread: one method's errors for each participant and action unit, and how much of them is between people.

A rate counts frames of one person among those in which that error could happen. The frames that serve as references are left out
of rates and of the variance for every method alike: a calibrated method was given them, and one that was not could not be held
against it there.

Fairlearn's MetricFrame was weighed and not taken: it groups rows, so that a person with many frames would count for many people,
and its intervals draw frames where people must be drawn.
"""

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float64

from csnviz.data.tables import PredictionTable, ReferenceTable
from csnviz.evaluation.error_kinds import FALSE_NEGATIVE, FALSE_POSITIVE, OVERESTIMATED
from csnviz.evaluation.error_runs import errors_of
from csnviz.facs import PAPER_CUT

NEUTRAL_OFFSET = "neutral offset"
"""What a method says about the reference itself, in intensity steps: above 0 it sees the unit in a resting face."""

MEASURES = (NEUTRAL_OFFSET, FALSE_POSITIVE, FALSE_NEGATIVE, OVERESTIMATED)
SIGNED = (NEUTRAL_OFFSET,)
"""The measures that may be below 0; all others are shares from 0 to 1."""

BIAS_KEYS = ("method", "measure", "au", "participant")

Mask = Bool[np.ndarray, "N A"]


def bias_by_person(
    predictions: PredictionTable, references: ReferenceTable | None = None, cut: float = PAPER_CUT
) -> pd.DataFrame:
    """One line for each measure, action unit ("AU01") and participant: BIAS_KEYS, value, errors, frames.

    neutral offset: the mean estimate over the participant's reference frames (one for each camera), in intensity steps; `frames`
    counts those with an estimate, `errors` is 0. The rates are shares of frames with a label and an estimate: false positives among
    those labelled below `cut`, false negatives among those from it upwards, overestimates among those labelled 0 (the kinds of
    `csnviz.evaluation.error_kinds`); `errors` of `frames`. NaN with 0 frames where there is none. InputError for occurrence.

    By hand: with labels 0, 0, 2 and estimates 1.5, 0, 2.5 one of two frames labelled 0 is an overestimate, 0.5.
    """
    wrong, possible = errors_of(predictions, cut), _possible(predictions, references, cut)
    lines = []
    for participant, rows in predictions.rows.groupby("participant", sort=False).indices.items():
        offset, known = _offsets(predictions, references, rows)
        for measure in MEASURES:
            for column, au in enumerate(predictions.aus.columns):
                if measure == NEUTRAL_OFFSET:
                    value, errors, frames = offset[column], 0, int(known[column])
                else:
                    among = possible[measure][rows, column]
                    errors, frames = int((wrong[measure][rows, column] & among).sum()), int(among.sum())
                    value = errors / frames if frames else np.nan
                lines.append((predictions.method, measure, au, participant, float(value), errors, frames))
    return pd.DataFrame(lines, columns=[*BIAS_KEYS, "value", "errors", "frames"])


def _offsets(
    predictions: PredictionTable, references: ReferenceTable | None, rows: np.ndarray
) -> tuple[Float64[np.ndarray, " A"], np.ndarray]:
    """The mean estimate of one participant's references, and over how many it was taken."""
    theirs = rows[is_reference(predictions, references)[rows]]
    estimate = predictions.estimate[theirs].astype(float)
    known = (~np.isnan(estimate)).sum(axis=0)
    with np.errstate(invalid="ignore"):
        return np.nansum(estimate, axis=0) / known, known


def is_reference(predictions: PredictionTable, references: ReferenceTable | None) -> Bool[np.ndarray, " N"]:
    """Which rows are somebody's reference; none where no references are given."""
    named: list[str] = [] if references is None else list(references.rows["frame_id"])
    return predictions.rows["frame_id"].isin(named).to_numpy()


def _possible(predictions: PredictionTable, references: ReferenceTable | None, cut: float) -> dict[str, Mask]:
    """Where each kind of error could happen."""
    label = predictions.label
    present = np.array([unit.present_from(cut) for unit in predictions.aus.units], float)
    known = ~np.isnan(label) & ~np.isnan(predictions.estimate)
    judged = known & ~is_reference(predictions, references)[:, None]
    return {
        FALSE_POSITIVE: judged & (label < present),
        FALSE_NEGATIVE: judged & (label >= present),
        OVERESTIMATED: judged & (label == 0),
    }


def variance_split(predictions: PredictionTable, references: ReferenceTable | None = None) -> pd.DataFrame:
    """How much of the errors (estimate less label) differs between people and how much within: method, au, between, within, share,
    people, frames.

    between and within: the variance components of one-way analysis of variance, in squared intensity steps, people as the groups
    (Searle, Casella and McCulloch 1992, section 3.6, for groups of unequal size; below 0 is 0). share: between / (between +
    within); 1 would mean that an error is all a matter of who is looked at. Frames of one video resemble each other, so that
    `within` is what the frames here show. NaN with fewer than two people, or with one frame for each.
    """
    error = (predictions.estimate - predictions.label).astype(float)
    error[is_reference(predictions, references)] = np.nan
    who, names = pd.factorize(predictions.rows["participant"])
    lines = []
    for column, au in enumerate(predictions.aus.columns):
        known = ~np.isnan(error[:, column])
        groups = [error[known & (who == person), column] for person in range(len(names))]
        groups = [group for group in groups if len(group)]
        between, within = _components(groups)
        total = between + within
        share = between / total if total > 0 else np.nan
        lines.append((predictions.method, au, between, within, share, len(groups), int(known.sum())))
    return pd.DataFrame(lines, columns=["method", "au", "between", "within", "share", "people", "frames"])


def _components(groups: list[np.ndarray]) -> tuple[float, float]:
    people, frames = len(groups), sum(len(group) for group in groups)
    if people < 2 or frames <= people:
        return np.nan, np.nan
    middle = np.concatenate(groups).mean()
    within = sum(float(((group - group.mean()) ** 2).sum()) for group in groups) / (frames - people)
    apart = sum(len(group) * float((group.mean() - middle) ** 2) for group in groups) / (people - 1)
    usual = (frames - sum(len(group) ** 2 for group in groups) / frames) / (people - 1)
    return max((apart - within) / usual, 0.0), within


def worst_frame(
    predictions: PredictionTable,
    measure: str,
    participant: str,
    au_number: int,
    references: ReferenceTable | None = None,
    cut: float = PAPER_CUT,
) -> int | None:
    """The row of a participant in which the method errs most in the direction of a measure; None where that could happen nowhere.

    False negatives: where the estimate is furthest below the label. A neutral offset: where it is furthest from the label on the
    offset's side. All others: where it is furthest above. Never a reference, which shows nothing beside itself. Where no frame errs
    it is the frame that comes nearest. InputError for an AU that is not estimated.
    """
    column = predictions.aus.column_of(au_number)
    theirs = (predictions.rows["participant"] == participant).to_numpy()
    excess = (predictions.estimate[:, column] - predictions.label[:, column]).astype(float)
    if measure == NEUTRAL_OFFSET:
        offset, _ = _offsets(predictions, references, np.flatnonzero(theirs))
        among, sign = ~is_reference(predictions, references), -1.0 if offset[column] < 0 else 1.0
    else:
        among, sign = _possible(predictions, references, cut)[measure][:, column], 1.0
        sign = -1.0 if measure == FALSE_NEGATIVE else sign
    candidates = np.where(theirs & among, sign * excess, np.nan)
    return None if np.isnan(candidates).all() else int(np.nanargmax(candidates))
