"""One participant before one camera, and what the methods say there: arrays for the figures, runs to go to, and marks."""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float32, Int

from csnviz.data.reference_fitness import Fitness, fit_frames, reference_fitness
from csnviz.data.tables import FrameTable, PredictionTable
from csnviz.evaluation.error_kinds import OVERESTIMATE
from csnviz.evaluation.runs import overestimates
from csnviz.facs import AUSet
from csnviz.views.figures import Bars, Curves
from csnviz.views.source import Calibrated, Standing
from csnviz.views.tracks import Tracks, make_tracks

LABELLED, OVER, NO_FACE = 1, 2, 3
"""What the timeline marks (see `FaceViewer.strip`)."""


@dataclass(frozen=True)
class Person:
    """frames: one participant, one camera. fit: which could be a reference. ncg and calibrated: None until they are there."""

    frames: FrameTable
    fit: Bool[np.ndarray, " N"]
    ncg: PredictionTable | None = None
    calibrated: Calibrated | None = None
    reference: str = ""
    standing: Standing = field(default_factory=Standing)

    @classmethod
    def of(cls, frames: FrameTable, reference: str, standing: Standing) -> "Person":
        """A person of whom nothing has been estimated yet; `reference` is a frame_id or ""."""
        return cls(frames, fit_frames(frames), reference=reference, standing=standing)

    @property
    def place(self) -> tuple[str, str]:
        """The participant and the camera."""
        first = self.frames.rows.iloc[0]
        return str(first["participant"]), str(first["camera"])

    def with_reference(self, frame_id: str) -> "Person":
        """The same person with another reference, not yet compared with it."""
        return replace(self, reference=frame_id, calibrated=None)

    def column(self, key: str, au: int) -> Float32[np.ndarray, " N"]:
        """A method's numbers ("label", "ncg", "bs", "csn") for one AU over all frames, NaN where there are none."""
        if key == "label":
            return self.frames.intensity[:, self.frames.aus.column_of(au)]
        table = self._table(key)
        if table is None or au not in table.aus.numbers:
            return np.full(len(self.frames), np.nan, np.float32)
        return table.estimate[:, table.aus.column_of(au)]

    def at(self, row: int, aus: AUSet) -> dict[str, Float32[np.ndarray, " A"]]:
        """Every method's numbers for these AUs in one frame."""
        keys = ("label", "ncg", "bs", "csn")
        return {key: np.array([self.column(key, au)[row] for au in aus], np.float32) for key in keys}

    def curves(self, au: int, title: str) -> Curves:
        """What the left half of the figure shows."""
        values = {key: self.column(key, au) for key in ("label", "ncg", "bs", "csn")}
        number = self.number(self.frames.row_of(self.reference)) if self.reference else None
        fitness = self.reference_fitness
        caution = "" if fitness is None or fitness.fit else "; ".join(fitness.faults)
        numbers = self.frames.rows["frame_index"].to_numpy()
        return Curves(title, numbers, values, number, caution, self.standing.in_sample)

    def bars(self, row: int, au: int) -> Bars:
        """What the right half of the figure shows."""
        aus = self.frames.aus
        return Bars(aus, self.number(row), self.at(row, aus), aus.column_of(au), self.standing.in_sample)

    def frame_id(self, row: int) -> str:
        """The id of a frame."""
        return str(self.frames.rows["frame_id"].iloc[row])

    def number(self, row: int) -> int:
        """The number of a frame, as in files."""
        return int(self.frames.rows["frame_index"].iloc[row])

    def row_numbered(self, number: int) -> int:
        """The frame whose number is nearest."""
        return int(np.abs(self.frames.rows["frame_index"].to_numpy() - number).argmin())

    def fitness(self, row: int) -> Fitness:
        """Whether a frame could be the reference."""
        return reference_fitness(self.frames, row)

    @property
    def reference_fitness(self) -> Fitness | None:
        """Whether the reference in use is fit; None without one."""
        return self.fitness(self.frames.row_of(self.reference)) if self.reference else None

    @property
    def labelled(self) -> bool:
        """True where a person has coded anything."""
        return bool((~np.isnan(self.frames.intensity)).any())

    def tracks(self, cut: float) -> Tracks:
        """All AUs over all frames, for the timeline; cut: from which intensity an AU counts as present."""
        aus = self.frames.aus
        keys = (
            "label",
            *(("ncg",) if self.ncg is not None else ()),
            *(("bs", "csn") if self.calibrated is not None else ()),
        )
        values = {key: np.column_stack([self.column(key, au) for au in aus]) for key in keys}
        present = np.array([unit.present_from(cut) for unit in aus.units], np.float64)
        return make_tracks(aus.numbers, values, self.frames.usable, present)

    def strip(self, au: int) -> bytes:
        """One byte a frame for the timeline."""
        label, ncg = self.column("label", au), self.column("ncg", au)
        marks = np.zeros(len(self.frames), np.uint8)
        marks[label > 0] = LABELLED
        marks[(label == 0) & (ncg >= OVERESTIMATE)] = OVER
        marks[~self.frames.usable] = NO_FACE
        return marks.tobytes()

    def runs(self) -> pd.DataFrame:
        """NCG's overestimates: au (a number), row (of the peak), n (frames) and gone (those that CSN does not share).

        First those that calibration ends, the longest ahead.
        """
        if self.ncg is None:
            return pd.DataFrame({"au": [], "row": [], "n": [], "gone": []})
        found = overestimates(self.ncg)
        found = found[[int(au.removeprefix("AU")) in self.frames.aus.numbers for au in found["au"]]]
        # A person may have thousands of frames and hundreds of runs: texts are compared once for each video, not for each run.
        within = self.frames.rows.groupby("video", sort=False).indices
        numbers = self.frames.rows["frame_index"].to_numpy()
        reference = self.frames.row_of(self.reference) if self.reference else -1
        rows = []
        for run in found.itertuples():
            au = int(run.au.removeprefix("AU"))
            theirs = within[run.video]
            inside = theirs[(numbers[theirs] >= run.first) & (numbers[theirs] <= run.last)]
            gone = int((self.column("csn", au)[inside] < OVERESTIMATE / 2).sum())
            rows.append((au, self._peak(au, inside, reference), int(run.n), gone))
        runs = pd.DataFrame(rows, columns=["au", "row", "n", "gone"])
        return runs.sort_values(["gone", "n"], ascending=False, kind="stable", ignore_index=True)

    def worst(self, au: int, first: int | None, last: int | None) -> int | None:
        """The row in a stretch of frames (numbers, None = open) where NCG is furthest above the label, or highest without one.

        None where there is no estimate in the stretch. Never the reference, unless there is nothing else.
        """
        numbers = self.frames.rows["frame_index"].to_numpy()
        inside = (numbers >= (-np.inf if first is None else first)) & (numbers <= (np.inf if last is None else last))
        excess = self.column("ncg", au) - np.nan_to_num(self.column("label", au))
        excess[~inside] = np.nan
        others = np.where(self.frames.rows["frame_id"] == self.reference, np.nan, excess)
        excess = excess if np.isnan(others).all() else others
        return None if np.isnan(excess).all() else int(np.nanargmax(excess))

    def _peak(self, au: int, rows: Int[np.ndarray, " K"], reference: int) -> int:
        """The row with NCG's highest estimate; not the reference, which shows nothing when it is compared with itself."""
        others = rows[rows != reference]
        rows = others if len(others) else rows
        return int(rows[np.nan_to_num(self.column("ncg", au)[rows], nan=-np.inf).argmax()])

    def _table(self, key: str) -> PredictionTable | None:
        if key == "ncg":
            return self.ncg
        return None if self.calibrated is None else getattr(self.calibrated, key)
