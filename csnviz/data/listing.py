"""What a reader finds in a dataset's folder before any picture is decoded: one row per frame, and everything that is amiss."""

from collections.abc import Sequence
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


def frame_rows(
    named: tuple[str, str, str, str], indices: Sequence[int], sources: Sequence[str] | str, in_video: bool, rate: float
) -> pd.DataFrame:
    """The rows (LISTING_COLUMNS) of the frames of one video.

    named: dataset, participant, camera, video. indices: frame_index of every frame, from 0. sources: a still for each, or the
    video file that holds them all (in_video). rate: frames per second, NaN where the dataset does not state it.
    """
    _, participant, camera, video = named
    rows = {
        "frame_id": [frame_id_of(*named, index) for index in indices],
        "participant": participant,
        "camera": camera,
        "video": video,
        "frame_index": np.asarray(indices, dtype=np.int64),
        "timestamp": np.asarray(indices, dtype=np.float64) / rate,
        "source": sources,
        "place": np.asarray(indices, dtype=np.int64) if in_video else np.full(len(indices), -1, dtype=np.int64),
    }
    return pd.DataFrame(rows)


def join_listing(dataset: str, root: Path, aus: AUSet, parts: Sequence[tuple[pd.DataFrame, np.ndarray]]) -> Listing:
    """One listing, without findings yet, of the rows and labels of many videos, in order."""
    kept = [(rows, labels) for rows, labels in parts if len(rows)]
    if not kept:
        nothing = frame_rows((dataset, "", "", ""), [], [], False, float("nan"))
        return Listing(dataset, root, nothing, np.empty((0, len(aus)), dtype=np.float32), aus)
    rows = pd.concat([rows for rows, _ in kept], ignore_index=True)
    return Listing(dataset, root, rows, np.concatenate([labels for _, labels in kept]).astype(np.float32), aus)
