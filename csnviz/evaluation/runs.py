"""Where a method sees an action unit that the coder did not: single frames joined to runs, and methods held side by side."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Bool, Int, Shaped

from csnviz.data.tables import PredictionTable
from csnviz.errors import InputError
from csnviz.evaluation.error_kinds import OVERESTIMATE
from csnviz.evaluation.same_frames import check_same_frames

LONGEST_GAP = 5
"""How many frames may lie between two frames of one run."""

_RUN_COLUMNS = ["participant", "camera", "video", "au", "first", "last", "n", "peak", "highest"]
_PERSON_COLUMNS = ["participant", "camera", "au", "n", "one", "other"]


@dataclass(frozen=True)
class Filmed:
    """The rows of a table as they were filmed: by video, in order of appearance, and by frame_index within it.

    row: (N,) the rows in that order. video: (N,) which video each of them is of, from 0. number: (N,) their frame_index.
    """

    row: Int[np.ndarray, " N"]
    video: Int[np.ndarray, " N"]
    number: Int[np.ndarray, " N"]

    @classmethod
    def of(cls, predictions: PredictionTable) -> "Filmed":
        """A video is what one camera filmed of one participant in one go."""
        rows = predictions.rows
        video = rows.groupby(["participant", "camera", "video"], sort=False).ngroup().to_numpy()
        number = rows["frame_index"].to_numpy().astype(np.int64)
        order = np.lexsort((number, video))
        return cls(order, video[order], number[order])


@dataclass(frozen=True)
class Runs:
    """Frames that were found, joined: K of them in R runs, by action unit, then by video, then by time.

    row and column: (K,) where in the table each is. start: (R,) the first of each run among the K.
    """

    row: Int[np.ndarray, " K"]
    column: Int[np.ndarray, " K"]
    start: Int[np.ndarray, " R"]

    def __len__(self) -> int:
        return len(self.start)

    @property
    def count(self) -> Int[np.ndarray, " R"]:
        """How many frames were found in each run; those in its gaps are not counted."""
        return np.diff(np.append(self.start, len(self.row)))

    @property
    def end(self) -> Int[np.ndarray, " R"]:
        """The last frame of each run among the K."""
        return self.start + self.count - 1

    def total(self, values: Shaped[np.ndarray, " K"]) -> Int[np.ndarray, " R"]:
        """How many of a run's frames something is true of."""
        return np.add.reduceat(values.astype(np.int64), self.start) if len(self) else np.zeros(0, np.int64)

    def highest(self, values: Shaped[np.ndarray, " K"]) -> Int[np.ndarray, " R"]:
        """Which of the K has a run's highest value, the first of equals; no value is NaN."""
        if not len(self):
            return np.zeros(0, np.int64)
        run = np.repeat(np.arange(len(self)), self.count)
        places = np.flatnonzero(values == np.maximum.reduceat(values, self.start)[run])
        return places[np.unique(run[places], return_index=True)[1]]

    def only(self, keep: Bool[np.ndarray, " R"]) -> "Runs":
        """The runs that are kept."""
        of_frame, count = np.repeat(keep, self.count), self.count[keep]
        return Runs(self.row[of_frame], self.column[of_frame], np.cumsum(count) - count)


def joined(found: Bool[np.ndarray, "N A"], filmed: Filmed) -> Runs:
    """The runs of frames for which `found` is true: gaps of at most 5 frames are bridged, never across videos."""
    column, place = np.nonzero(found[filmed.row].T)
    # Within a video numbers only rise; a leap from one video or action unit to the next is a break whatever the numbers are.
    apart = np.diff(filmed.number[place]) > LONGEST_GAP + 1
    apart = apart | (np.diff(filmed.video[place]) != 0) | (np.diff(column) != 0)
    start = np.flatnonzero(np.append(True, apart)) if len(place) else np.zeros(0, np.int64)
    return Runs(filmed.row[place], column, start)


def overestimated(predictions: PredictionTable) -> Bool[np.ndarray, "N A"]:
    """True where the coder gave 0 and the method at least 1; False where either is unknown.

    InputError for a table of occurrence, whose logits are no intensities.
    """
    check_intensity(predictions)
    return (predictions.label == 0) & (predictions.estimate >= OVERESTIMATE)


def check_intensity(predictions: PredictionTable) -> None:
    """InputError for a table of occurrence, whose logits are no intensities."""
    if predictions.quantity != "intensity":
        raise InputError(
            f"{predictions.method}: overestimates are told from intensities; found {predictions.quantity}."
        )


def overestimates(predictions: PredictionTable) -> pd.DataFrame:
    """The runs of overestimates, longest first: frames with label 0 and estimate >= 1, gaps of at most 5 frames joined.

    participant, camera, video, au ("AU01"), first and last (frame_index), n (overestimates between them, gaps not counted),
    peak (the frame_index of the highest estimate) and highest (that estimate). A run never crosses from one video to another.
    """
    filmed = Filmed.of(predictions)
    runs = joined(overestimated(predictions), filmed)
    estimate = predictions.estimate[runs.row, runs.column]
    numbers = predictions.rows["frame_index"].to_numpy()[runs.row]
    peak = runs.highest(estimate)
    who = predictions.rows.loc[runs.row[runs.start], ["participant", "camera", "video"]].reset_index(drop=True)
    found = who.assign(
        au=np.array(predictions.aus.columns, object)[runs.column[runs.start]],
        first=numbers[runs.start],
        last=numbers[runs.end],
        n=runs.count,
        peak=numbers[peak],
        highest=estimate[peak].astype(np.float64),
    )
    # Of equally long ones the order of the videos counts first, then that of the action units.
    video = pd.Series(filmed.video[np.argsort(filmed.row)][runs.row[runs.start]])
    order = np.lexsort((runs.column[runs.start], video, -runs.count))
    return found.loc[order, _RUN_COLUMNS].reset_index(drop=True)


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
