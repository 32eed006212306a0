"""The estimates that a training run left behind, given back wherever the network would say the same again.

A run of `csnviz train` ends by asking its network about the people that it held out. A page on the same frames need not ask again:
4,845 frames of IR50 are minutes on a CPU, and a second to read. What does not fit in every respect is passed over.
"""

import functools
import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float32

from csnviz.data.alignment import alignment_of
from csnviz.data.tables import FrameTable, PredictionTable, ReferenceTable
from csnviz.facs import AUSet
from csnviz.inference.predict import labels_for, referring
from csnviz.inference.references import needed_references

PRECISION = "float32"
"""What a page's networks compute in; estimates in another precision are others."""

TABLES = 4
"""Tables kept in memory: both networks of two folds. That of 9 people before two cameras takes 30 MB."""


def stored_without_reference(checkpoint: Path, folders: Sequence[Path], frames: FrameTable) -> PredictionTable | None:
    """What the network in this file said about these frames alone, from a table in one of these folders; None where none fits.

    It fits if it was made by this very file in float32, on crops of this alignment, and has an estimate for exactly those of these
    frames that have a usable face. Its provenance gains `read_from`, the table's place in its run. Labels are the frames'.
    """
    for table, rows in _holding(checkpoint, folders, frames):
        if table.words["protocol"] == "NCG":
            return table.of(frames, rows)
    return None


def stored_with_reference(
    checkpoint: Path, folders: Sequence[Path], frames: FrameTable, references: ReferenceTable
) -> PredictionTable | None:
    """As `stored_without_reference`, of a CSN: it fits if each frame was also compared with the reference that it has now.

    InputError when a participant has no reference.
    """
    for table, rows in _holding(checkpoint, folders, frames):
        needed = needed_references(frames, references)
        calibrated = table.words["provenance"]["network"].get("merge_before") is not None
        if calibrated and np.array_equal(table.reference_ids[rows], needed.per_row()):
            return referring(table.of(frames, rows), needed)
    return None


@dataclass(frozen=True)
class _Stored:
    """A table as it lies on disk, read without making rows of it. words: its side-car."""

    frame_ids: pd.Index
    reference_ids: np.ndarray
    estimate: Float32[np.ndarray, "N A"]
    words: Mapping[str, Any]
    name: str

    def of(self, frames: FrameTable, rows: np.ndarray) -> PredictionTable:
        """The table of these frames, which are at these rows here."""
        words, aus = self.words, AUSet(tuple(self.words["aus"]))
        provenance = {**words["provenance"], "read_from": self.name}
        return PredictionTable(
            frames.rows, labels_for(aus, words["quantity"], frames), self.estimate[rows], aus,
            words["quantity"], words["method"], words["protocol"], provenance,
        )  # fmt: skip


def _holding(checkpoint: Path, folders: Sequence[Path], frames: FrameTable) -> Iterator[tuple[_Stored, np.ndarray]]:
    """The tables of this network that have all these frames, each with where they are in it."""
    for path in _tables_of(checkpoint, folders, alignment_of(frames)):
        table = _read(path, _when(path))
        if table is None:
            continue
        rows = table.frame_ids.get_indexer(pd.Index(frames.rows["frame_id"], dtype=object))
        if (rows >= 0).all() and np.array_equal(~np.isnan(table.estimate[rows]).all(axis=1), frames.usable):
            yield table, rows


def _tables_of(checkpoint: Path, folders: Sequence[Path], alignment: str) -> Iterator[Path]:
    """The tables whose side-cars say that this network made them, by itself, from crops of this alignment."""
    for folder in folders:
        for path in sorted(folder.glob("*.json")):
            words = _words(path, _when(path))
            origin = words.get("provenance", {})
            # A subtraction is this network's too, but is made again in no time.
            made_here = words.get("protocol") == "NCG" or origin.get("network", {}).get("merge_before") is not None
            fits = (origin.get("precision"), origin.get("alignment")) == (PRECISION, alignment)
            if made_here and fits and origin["network"].get("sha256") == _sha256(checkpoint, _when(checkpoint)):
                yield path.with_suffix(".npz")


def _when(path: Path) -> int:
    """When a file was last written, 0 where there is none: what is kept in memory is of that time."""
    return path.stat().st_mtime_ns if path.is_file() else 0


@functools.lru_cache(maxsize=64)
def _sha256(path: Path, when: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@functools.lru_cache(maxsize=256)
def _words(path: Path, when: int) -> Mapping[str, Any]:
    try:
        words = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return words if isinstance(words, dict) and words.get("table") == "PredictionTable" else {}


@functools.lru_cache(maxsize=TABLES)
def _read(path: Path, when: int) -> _Stored | None:
    """The table in a file; None where it is damaged: the network can still be asked."""
    try:
        with np.load(path, allow_pickle=False) as file:
            ids = file["rows/frame_id"].astype(object)
            references = pd.Categorical(file["rows/ref_frame_id"])
            estimate = file["estimate"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    if not len(ids) == len(references) == len(estimate):
        return None
    name = "/".join(path.parts[-3:])
    sidecar = path.with_suffix(".json")
    return _Stored(pd.Index(ids), np.asarray(references), estimate, _words(sidecar, _when(sidecar)), name)
