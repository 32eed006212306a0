"""What a reader finds in a dataset's folder before any picture is decoded: one row per frame, and everything that is amiss."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float32

from csnviz.errors import InputError
from csnviz.facs import AUSet

LISTING_COLUMNS = ("frame_id", "participant", "camera", "video", "frame_index", "timestamp", "source", "place")
"""As in a FrameTable, and `place`: the frame's place in the video file `source`, counted from 0; -1 where `source` is a still."""


@dataclass(frozen=True)
class Finding:
    """One thing in a dataset's folder that is missing, superfluous, out of range or unreadable.

    kind: "missing", "extra", "out of range" or "unreadable". file: the path as it is or should be, relative to the dataset's
    folder. line: counted from 1 in a text file, 0 for the file as a whole. sentence: what was found there, what was expected and
    what to do next. participant: "" where it concerns nobody in particular.
    """

    kind: str
    participant: str
    file: str
    line: int
    sentence: str

    @property
    def text(self) -> str:
        """The finding on one line: where, then what."""
        return f"{self.file}{f', line {self.line}' if self.line else ''}: {self.sentence}"


@dataclass(frozen=True)
class Listing:
    """N frames of a dataset as its folder has them.

    rows: LISTING_COLUMNS. intensity: (N, A) float32, 0-5, NaN = not coded. root: the folder. findings: what is amiss; a frame that
    cannot be used (no picture, a label that is none) is either left out or NaN, never guessed, and a finding says so.
    """

    dataset: str
    root: Path
    rows: pd.DataFrame
    intensity: Float32[np.ndarray, "N A"]
    aus: AUSet
    findings: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        missing = [name for name in LISTING_COLUMNS if name not in self.rows]
        if missing or self.intensity.shape != (len(self.rows), len(self.aus)):
            raise InputError(f"A listing of {self.dataset} is not whole: {missing or self.intensity.shape}.")
        object.__setattr__(self, "rows", self.rows.loc[:, list(LISTING_COLUMNS)].reset_index(drop=True))

    def __len__(self) -> int:
        return len(self.rows)


def frame_id_of(dataset: str, participant: str, camera: str, video: str, frame_index: int) -> str:
    """The name of a frame in every table, whatever the dataset's own files are called; frame_index counts from 0.

    >>> frame_id_of("disfa", "SN001", "left", "SN001", 439)
    'disfa/SN001/left/SN001/0439'
    """
    return f"{dataset}/{participant}/{camera}/{video}/{frame_index:04d}"
